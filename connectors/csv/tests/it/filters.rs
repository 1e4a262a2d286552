//! Which rows a filter accepts.

use icf::{Attribute, ErrorKind, Filter, OperationOptions, Value};

use crate::harness::{Csv, H, failure, secret};

fn people() -> Csv {
    Csv::oip(format!("{H}viliam,vilo,repan,p1\nmichal,miso,,p2\nViliam,trl,zeman,\n"))
}

fn equals(name: &str, value: impl Into<Value>) -> Filter {
    Filter::Equals(Attribute::single(name, value))
}

#[tokio::test]
async fn csv_f01_names_know_no_case_and_values_do() {
    let csv = people();
    assert_eq!(csv.uids(equals("FIRSTNAME", "viliam")).await, ["vilo"]);
    assert!(csv.uids(equals("FIRSTNAME", "VILIAM")).await.is_empty());
}

#[tokio::test]
async fn csv_f02_a_row_without_the_attribute_fails_every_leaf() {
    let csv = people();
    let less = Filter::LessThan(Attribute::single("lastName", "zzz"));
    assert_eq!(csv.uids(less).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(equals("lastName", "repan").negated()).await, ["miso", "trl"]);
}

#[tokio::test]
async fn csv_f03_presence_is_evaluated() {
    let csv = people();
    assert_eq!(csv.uids(Filter::Presence("lastName".into())).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(Filter::Presence("lastName".into()).negated()).await, ["miso"]);
    assert_eq!(csv.uids(Filter::Presence("__PASSWORD__".into())).await, ["vilo", "miso"]);
    assert!(csv.uids(Filter::Presence("nothing".into())).await.is_empty());
    let found = csv.search(Some(Filter::Presence("uid".into())), &OperationOptions::default()).await.unwrap();
    assert!(found.exact);
    assert_eq!(found.objects.len(), 3);
}

#[tokio::test]
async fn csv_f04_passwords_can_be_compared_and_the_header_is_no_row() {
    let csv = people();
    assert_eq!(csv.uids(equals("__PASSWORD__", secret("p1"))).await, ["vilo"]);
    assert!(csv.uids(equals("__PASSWORD__", "p1")).await.is_empty());
    assert!(csv.uids(equals("__UID__", "uid")).await.is_empty());
    for name in ["__UID__", "__NAME__", "uid", "UID"] {
        assert_eq!(csv.uids(equals(name, "miso")).await, ["miso"], "{name}");
    }
}

#[tokio::test]
async fn every_other_leaf_has_its_meaning() {
    let csv = people();
    let leaf = |make: fn(Attribute) -> Filter, name: &str, value: &str| make(Attribute::single(name, value));
    assert_eq!(csv.uids(leaf(Filter::Contains, "firstName", "ilia")).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(leaf(Filter::StartsWith, "firstName", "V")).await, ["trl"]);
    assert_eq!(csv.uids(leaf(Filter::EndsWith, "lastName", "an")).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(leaf(Filter::EqualsIgnoreCase, "firstName", "VILIAM")).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(leaf(Filter::GreaterThan, "lastName", "repan")).await, ["trl"]);
    assert_eq!(csv.uids(leaf(Filter::GreaterThanOrEqual, "lastName", "repan")).await, ["vilo", "trl"]);
    assert_eq!(csv.uids(leaf(Filter::LessThanOrEqual, "lastName", "repan")).await, ["vilo"]);
    let list = |values: Vec<Value>| Filter::ContainsAllValues(Attribute::new("lastName", values));
    assert_eq!(csv.uids(list(vec!["repan".into()])).await, ["vilo"]);
    assert!(csv.uids(list(vec!["repan".into(), "zeman".into()])).await.is_empty());
    assert_eq!(csv.uids(list(vec![])).await, ["vilo", "trl"]);
    let extended = Filter::ExtendedMatch { operator: "x".into(), attribute: Attribute::null("a") };
    assert_eq!(csv.uids(extended).await.len(), 3);
    let both = equals("firstName", "viliam").and(equals("lastName", "repan"));
    assert_eq!(csv.uids(both).await, ["vilo"]);
    let either = equals("firstName", "michal").or(equals("lastName", "zeman"));
    assert_eq!(csv.uids(either).await, ["miso", "trl"]);
}

#[tokio::test]
async fn two_operands_and_none_match_nothing() {
    let csv = people();
    let two = Filter::Equals(Attribute::new("firstName", vec!["viliam".into(), "viliam".into()]));
    assert!(csv.uids(two).await.is_empty());
    assert!(csv.uids(Filter::Equals(Attribute::null("lastName"))).await.is_empty());
    assert!(csv.uids(equals("firstName", 5)).await.is_empty());
}

#[tokio::test]
async fn order_is_that_of_utf_16_units() {
    // U+FF5E is above U+1F600 in UTF-16 and below it as a code point.
    let csv = Csv::oip("uid,a\nu1,\u{FF5E}\nu2,\u{1F600}\n");
    let greater = Filter::GreaterThan(Attribute::single("a", "\u{1F600}"));
    assert_eq!(csv.uids(greater).await, ["u1"]);
}

#[tokio::test]
async fn wrong_operands_are_refused() {
    let csv = people();
    let options = OperationOptions::default();
    let less = Filter::LessThan(Attribute::single("lastName", 5));
    assert_eq!(failure(csv.search(Some(less), &options).await).0, ErrorKind::InvalidAttributeValue);
    let contains = Filter::Contains(Attribute::single("__UID__", "x"));
    assert_eq!(failure(csv.search(Some(contains), &options).await).0, ErrorKind::IllegalArgument);
}

#[tokio::test]
async fn a_caller_that_stops_gets_nothing_more_and_still_a_result() {
    let rows: String = (0..5000).map(|row| format!("u{row},x\n")).collect();
    let csv = Csv::oip(format!("uid,a\n{rows}"));
    let found = csv.search_at_most(3, None, &OperationOptions::default()).await.unwrap();
    assert_eq!(found.objects.len(), 3);
    assert_eq!(found.result.paged_results_cookie, None);
}
