//! Filters against real entries.

use icf::{Attribute, Filter};

use crate::harness::{Ldap, equals, named, person};
use crate::slapd::{SUFFIX, Slapd};

fn text(name: &str, value: &str) -> Attribute {
    Attribute::single(name, value)
}

#[tokio::test]
async fn ldap_040_a_name_finds_its_entry_or_nothing() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    assert_eq!(ldap.rdns(named(&person(1))).await, ["uid=u0001"]);
    assert_eq!(ldap.found(named(&format!("uid=nobody,{SUFFIX}"))).await, []);
    assert_eq!(ldap.found(named("dc=foo,,")).await, []);
}

#[tokio::test]
async fn ldap_041_a_name_and_another_condition_are_both_needed() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    assert_eq!(ldap.found(named(&person(1)).and(equals("sn", "Name 2"))).await, []);
    assert_eq!(ldap.rdns(named(&person(1)).and(equals("sn", "Name 1"))).await, ["uid=u0001"]);
}

#[tokio::test]
async fn ldap_042_special_characters_are_values() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let value = "a*b(c)d\\e";
    let entry = [r"cn=a*b(c)d\5Ce"];
    assert_eq!(ldap.rdns(equals("cn", value)).await, entry);
    assert_eq!(ldap.rdns(Filter::Contains(text("cn", "*b(c)d\\"))).await, entry);
    assert_eq!(ldap.rdns(Filter::StartsWith(text("cn", "a*b("))).await, entry);
    assert_eq!(ldap.rdns(Filter::EndsWith(text("cn", ")d\\e"))).await, entry);
    assert_eq!(ldap.rdns(Filter::ContainsAllValues(text("cn", value))).await, entry);
    // Neither of these is a pattern or another filter.
    for value in ["a*", "*", "a*b(c)d\\e)(uid=*", "a*b(c)d"] {
        assert_eq!(ldap.rdns(equals("cn", value)).await, [""; 0], "{value}");
    }
    assert_eq!(ldap.rdns(equals("cn", "Jürgen Groß")).await.len(), 1);
    assert_eq!(ldap.rdns(equals("cn", "sharp #+\\\"/")).await.len(), 1);
}

#[tokio::test]
async fn ldap_043_presence_finds_entries_with_a_value() {
    let server = Slapd::start();
    assert_eq!(Ldap::on(&server).found(Filter::Presence("mail".into())).await.len(), 150);
}

#[tokio::test]
async fn ldap_044_the_negation_of_equality_finds_entries_without_the_attribute() {
    let server = Slapd::start();
    let found = Ldap::on(&server).found(equals("mail", "u0002@example.com").negated()).await;
    assert_eq!(found.len(), 304);
    assert!(found.iter().any(|object| object.name == person(1)));
}

#[tokio::test]
async fn ldap_045_the_negation_of_a_name_finds_all_others() {
    let server = Slapd::start();
    let spelled = format!("UID=U0001, OU=people, {SUFFIX}");
    let found = Ldap::on(&server).found(named(&spelled).negated()).await;
    assert_eq!(found.len(), 304);
    assert!(!found.iter().any(|object| object.name == person(1)));
}

#[tokio::test]
async fn ldap_046_two_names_find_two_entries_once_each() {
    let server = Slapd::start();
    let filter = named(&person(1)).or(named(&person(2))).or(named(&person(1)));
    assert_eq!(Ldap::on(&server).rdns(filter).await, ["uid=u0001", "uid=u0002"]);
}

#[tokio::test]
async fn parts_of_names_are_judged_by_the_connector() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    assert_eq!(ldap.rdns(Filter::StartsWith(text("__NAME__", "uid=u012"))).await.len(), 10);
    let partners = Filter::EndsWith(text("__NAME__", "ou=Partners,dc=example,dc=com"));
    assert_eq!(ldap.found(partners.clone()).await.len(), 100);
    assert_eq!(ldap.found(partners.clone().negated()).await.len(), 205);
    assert_eq!(ldap.found(partners.and(equals("uid", "u0300"))).await.len(), 1);
}

#[tokio::test]
async fn order_does_not_find_entries_without_the_attribute() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let late = Filter::GreaterThan(text("createTimestamp", "20990101000000Z"));
    assert_eq!(ldap.found(late.clone()).await, []);
    assert_eq!(ldap.found(late.negated()).await.len(), 305);
    let early = Filter::LessThan(text("createTimestamp", "20000101000000Z"));
    assert_eq!(ldap.found(early).await, []);
}
