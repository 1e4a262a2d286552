//! Pages, cookies and totals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{Attribute, CountPolicy, ErrorKind, Filter, OperationOptions, option_names};

use crate::harness::{Csv, cookie, failure, page, uids};

fn six() -> Csv {
    Csv::oip("uid,a\nu1,x\nu2,y\nu3,x\nu4,y\nu5,x\nu6,y\n")
}

fn offset(options: OperationOptions, offset: i32) -> OperationOptions {
    options.with(option_names::PAGED_RESULTS_OFFSET, offset)
}

#[tokio::test]
async fn csv_p01_a_page_ends_with_a_cookie_that_continues() {
    let csv = six();
    let first = csv.search(None, &page(4)).await.unwrap();
    assert_eq!(uids(&first.objects), ["u1", "u2", "u3", "u4"]);
    let text = first.result.paged_results_cookie.clone().unwrap();
    assert!(STANDARD.decode(&text).unwrap().starts_with(b"4;"));
    assert_eq!(first.result.count_policy, CountPolicy::Exact);
    assert_eq!((first.result.total_paged_results, first.result.remaining_paged_results), (6, 2));
    let second = csv.search(None, &cookie(page(4), &text)).await.unwrap();
    assert_eq!(uids(&second.objects), ["u5", "u6"]);
    assert_eq!(second.result.paged_results_cookie, None);
    assert_eq!((second.result.total_paged_results, second.result.remaining_paged_results), (6, 0));
}

#[tokio::test]
async fn csv_p02_the_last_page_has_no_cookie() {
    let csv = six();
    let text = csv.search(None, &page(3)).await.unwrap().result.paged_results_cookie.unwrap();
    let second = csv.search(None, &cookie(page(3), &text)).await.unwrap();
    assert_eq!(uids(&second.objects), ["u4", "u5", "u6"]);
    assert_eq!(second.result.paged_results_cookie, None);
    for options in [page(0), page(-1), OperationOptions::default()] {
        let all = csv.search(None, &options).await.unwrap();
        assert_eq!(all.objects.len(), 6);
        assert_eq!(all.result.paged_results_cookie, None);
    }
}

#[tokio::test]
async fn csv_p03_offsets_count_and_a_cookie_wins() {
    let csv = six();
    let skipped = csv.search(None, &offset(OperationOptions::default(), 2)).await.unwrap();
    assert_eq!(uids(&skipped.objects), ["u3", "u4", "u5", "u6"]);
    let both = csv.search(None, &cookie(offset(page(2), 1), "Mg==")).await.unwrap();
    assert_eq!(uids(&both.objects), ["u3", "u4"]);
}

#[tokio::test]
async fn csv_p04_a_bad_cookie_is_refused() {
    let csv = six();
    let text = |text: &str| STANDARD.encode(text);
    let bad =
        ["zzz".to_owned(), String::new(), text("x"), text("-1"), text("1;2"), text("1;a;2;-;0"), text("")];
    for bad in bad {
        let outcome = csv.search(None, &cookie(page(2), &bad)).await;
        assert_eq!(
            failure(outcome),
            (ErrorKind::Connector, "PagedResultsCookie is invalid".to_owned()),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn csv_p05_pages_of_a_filter_end_with_its_last_match() {
    let csv = six();
    let filter = || Some(Filter::Equals(Attribute::single("a", "x")));
    let first = csv.search(filter(), &page(2)).await.unwrap();
    assert_eq!(uids(&first.objects), ["u1", "u3"]);
    assert_eq!(first.result.count_policy, CountPolicy::None);
    assert_eq!((first.result.total_paged_results, first.result.remaining_paged_results), (-1, -1));
    let text = first.result.paged_results_cookie.unwrap();
    let second = csv.search(filter(), &cookie(page(2), &text)).await.unwrap();
    assert_eq!(uids(&second.objects), ["u5"]);
    assert_eq!(second.result.paged_results_cookie, None);
    let exact = page(2).with(option_names::TOTAL_PAGED_RESULTS_POLICY, "EXACT");
    let counted = csv.search(filter(), &exact).await.unwrap();
    assert_eq!((counted.result.total_paged_results, counted.result.remaining_paged_results), (3, 1));
}

#[tokio::test]
async fn csv_p06_the_total_follows_the_file() {
    let csv = six();
    assert_eq!(csv.search(None, &page(2)).await.unwrap().result.total_paged_results, 6);
    csv.set_text(format!("{}u7,z\n", csv.text()));
    assert_eq!(csv.search(None, &page(2)).await.unwrap().result.total_paged_results, 7);
    csv.create(crate::harness::texts([("__NAME__", "u8")])).await.unwrap();
    assert_eq!(csv.search(None, &page(2)).await.unwrap().result.total_paged_results, 8);
    csv.delete("u1").await.unwrap();
    assert_eq!(csv.search(None, &page(2)).await.unwrap().result.total_paged_results, 7);
}

#[tokio::test]
async fn a_cookie_of_another_version_or_a_forged_one_skips_by_number() {
    let csv = six();
    let text = csv.search(None, &page(2)).await.unwrap().result.paged_results_cookie.unwrap();
    csv.set_text("uid,a\nv1,x\nv2,y\nv3,x\n");
    let next = csv.search(None, &cookie(page(2), &text)).await.unwrap();
    assert_eq!(uids(&next.objects), ["v3"]);
    let forged = STANDARD.encode("1;9;2;-;0");
    let next = csv.search(None, &cookie(page(2), &forged)).await.unwrap();
    assert_eq!(uids(&next.objects), ["v2", "v3"]);
    let beyond = csv.search(None, &cookie(page(2), &STANDARD.encode("99"))).await.unwrap();
    assert!(beyond.objects.is_empty());
    assert_eq!(beyond.result.paged_results_cookie, None);
    assert_eq!(beyond.result.total_paged_results, 3);
}

#[tokio::test]
async fn a_page_walk_sees_every_row_once() {
    let rows: String = (0..1000).map(|row| format!("\"u\n{row}\",x\n\n")).collect();
    let csv = Csv::oip(format!("uid,a\n{rows}"));
    let (mut options, mut seen) = (page(7), Vec::new());
    loop {
        let found = csv.search(None, &options).await.unwrap();
        seen.extend(uids(&found.objects));
        assert_eq!(found.result.total_paged_results, 1000);
        let Some(text) = found.result.paged_results_cookie else { break };
        options = cookie(page(7), &text);
    }
    let expected: Vec<_> = (0..1000).map(|row| format!("u\n{row}")).collect();
    assert_eq!(seen, expected);
}
