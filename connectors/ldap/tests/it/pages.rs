//! Pages that a caller turns, and sorting.

use icf::{ErrorKind, OperationOptions, SortKey, option_names};

use crate::harness::{Found, Ldap, failure, list};
use crate::slapd::{SUFFIX, Slapd};

fn page(size: i32) -> OperationOptions {
    OperationOptions::default().with(option_names::PAGE_SIZE, size)
}

fn two_bases(server: &Slapd) -> Ldap {
    let (people, partners) = (format!("ou=People,{SUFFIX}"), format!("ou=Partners,{SUFFIX}"));
    Ldap::on(server).with("baseContexts", list([&people, &partners]))
}

async fn turn(ldap: Ldap, found: &Found, size: i32) -> (Ldap, Found) {
    let options = page(size).with(option_names::PAGED_RESULTS_COOKIE, found.cookie().unwrap());
    let ldap = ldap.using(options);
    let found = ldap.search(None).await.unwrap();
    (ldap, found)
}

#[tokio::test]
async fn ldap_052_pages_over_two_bases_bring_every_object_once() {
    let server = Slapd::start();
    let mut ldap = two_bases(&server).using(page(20));
    let mut found = ldap.search(None).await.unwrap();
    let mut names = Vec::new();
    loop {
        found.ended.as_ref().unwrap();
        names.extend(found.objects.iter().map(|object| object.name.clone()));
        let Some(cookie) = found.cookie() else { break };
        assert_eq!(found.objects.len(), 20);
        assert_eq!(found.result.as_ref().unwrap().remaining_paged_results, -1);
        let parts: Vec<_> = cookie.split(':').collect();
        assert!((2..=3).contains(&parts.len()) && parts[1].parse::<usize>().unwrap() < 2, "{cookie}");
        (ldap, found) = turn(ldap, &found, 20).await;
    }
    assert_eq!(names.len(), 300);
    assert_eq!(names.first().unwrap(), &crate::harness::person(1));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 300);
}

#[tokio::test]
async fn ldap_053_an_offset_leaves_out_what_is_before_it() {
    let server = Slapd::start();
    let options = page(20).with(option_names::PAGED_RESULTS_OFFSET, 45);
    let ldap = two_bases(&server).using(options);
    let found = ldap.search(None).await.unwrap();
    assert_eq!(
        (found.objects.len(), found.objects[0].name.as_str()),
        (20, crate::harness::person(46).as_str())
    );
    let (_, next) = turn(ldap, &found, 20).await;
    assert_eq!(next.objects[0].name, crate::harness::person(66));
}

#[tokio::test]
async fn ldap_054_other_searches_between_pages_do_no_harm() {
    let server = Slapd::start();
    let ldap = two_bases(&server).using(page(20));
    let first = ldap.search(None).await.unwrap();
    for size in [5, 10, 20] {
        let other = ldap.search_at_most(size, None).await.unwrap();
        assert_eq!(other.objects.len(), size);
    }
    let (_, second) = turn(ldap, &first, 20).await;
    assert_eq!(second.objects[0].name, crate::harness::person(21));
    assert_eq!(second.objects.len(), 20);
}

#[tokio::test]
async fn a_page_whose_connection_is_gone_is_found_again() {
    let mut server = Slapd::start();
    let ldap = two_bases(&server).using(page(20));
    let first = ldap.search(None).await.unwrap();
    let (ldap, second) = turn(ldap, &first, 20).await;
    server.kill();
    server.restart();
    let (_, third) = turn(ldap, &second, 20).await;
    assert_eq!(third.objects[0].name, crate::harness::person(41));
    assert_eq!(third.objects.len(), 20);
}

#[tokio::test]
async fn ldap_055_a_cookie_that_makes_no_sense_is_an_error() {
    let server = Slapd::start();
    // The last one has the form of a real one, and a connection that nobody knows.
    for cookie in ["abc", "!!:0", "AQIDBAUGBwg=:0:0000000000000000"] {
        let options = page(20).with(option_names::PAGED_RESULTS_COOKIE, cookie);
        let ldap = two_bases(&server).using(options);
        let guard = std::time::Duration::from_secs(20);
        let ended = tokio::time::timeout(guard, ldap.search(None)).await.unwrap().unwrap().ended;
        let (kind, text) = failure(ended);
        assert_eq!(kind, ErrorKind::Connector, "{cookie}");
        assert!(text.contains("Bad cookie"), "{text}");
    }
}

fn sorted_by(field: &str, ascending: bool) -> OperationOptions {
    OperationOptions::default().with_sort_keys([SortKey { field: field.to_owned(), ascending }])
}

#[tokio::test]
async fn ldap_056_sorting_works_without_a_rule_in_the_schema() {
    let server = Slapd::start();
    let ldap = two_bases(&server).using(sorted_by("uid", false));
    let found = ldap.search(None).await.unwrap();
    found.ended.unwrap();
    let names: Vec<_> = found.objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names.len(), 300);
    // Each base context by itself.
    assert!(names[..200].is_sorted_by(|left, right| left > right), "{names:?}");
    assert!(names[0].starts_with("uid=u0200"));
}

#[tokio::test]
async fn ldap_057_what_cannot_be_sorted_comes_unsorted() {
    let server = Slapd::start();
    let found = two_bases(&server).using(sorted_by("jpegPhoto", true)).search(None).await.unwrap();
    found.ended.unwrap();
    assert_eq!(found.objects.len(), 300);
}

#[tokio::test]
async fn list_views_bring_every_object_once() {
    let server = Slapd::start();
    let ldap = two_bases(&server).with("useBlocks", true).with("blockSize", 70);
    let found = ldap.search(None).await.unwrap();
    found.ended.unwrap();
    let mut names: Vec<_> = found.objects.iter().map(|object| object.name.as_str()).collect();
    assert!(names[..200].is_sorted());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 300);
}
