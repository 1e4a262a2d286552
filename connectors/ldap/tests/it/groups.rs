//! Memberships, of both kinds.

use icf::{Attribute, ErrorKind, OperationOptions, names};

use crate::harness::{Ldap, attributes, failure, group, named, newcomer, person, texts};
use crate::slapd::{SUFFIX, Slapd};

const NOBODY: &str = "cn=nobody";

fn groups<const N: usize>(names: [&str; N]) -> Attribute {
    Attribute::new("ldapGroups", names.map(|name| group(name).into()).to_vec())
}

async fn members(ldap: &Ldap, name: &str) -> Vec<String> {
    let mut members = ldap.texts(&group(name), "uniqueMember").await;
    members.retain(|member| member != NOBODY);
    members
}

#[tokio::test]
async fn ldap_021_a_group_named_twice_gets_one_member() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    ldap.create(newcomer("x").with(groups(["g1", "g1"]))).await.unwrap();
    assert_eq!(members(&ldap, "g1").await, [person(1), format!("uid=x,ou=People,{SUFFIX}")]);
}

#[tokio::test]
async fn ldap_022_a_posix_group_needs_a_uid() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let name = format!("cn=no uid,ou=People,{SUFFIX}");
    let posix = Attribute::single("posixGroups", group("p1"));
    let without = attributes([("__NAME__", &name), ("cn", "no uid"), ("sn", "x")]).with(posix);
    let (kind, text) = failure(ldap.create(without).await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(text.starts_with(&format!("Cannot add {name} to the POSIX groups")), "{text}");
}

#[tokio::test]
async fn ldap_028_a_rename_is_followed_in_groups_if_that_is_wanted() {
    for maintain in [true, false] {
        let server = Slapd::start();
        let ldap = Ldap::on(&server).with("maintainLdapGroupMembership", maintain);
        let new = format!("uid=renamed,ou=People,{SUFFIX}");
        ldap.update(&ldap.uid(&person(1)).await, attributes([(names::NAME, &new)])).await.unwrap();
        assert_eq!(members(&ldap, "g1").await, [if maintain { new } else { person(1) }]);
    }
}

#[tokio::test]
async fn ldap_029_groups_that_are_named_win_over_a_rename() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("maintainLdapGroupMembership", true);
    let uid = ldap.uid(&person(1)).await;
    ldap.add(&uid, groups(["g2"])).await.unwrap();
    let new = format!("uid=renamed,ou=People,{SUFFIX}");
    ldap.update(&uid, attributes([(names::NAME, &new)]).with(groups(["g3"]))).await.unwrap();
    assert_eq!(members(&ldap, "g1").await, [""; 0]);
    assert_eq!(members(&ldap, "g2").await, [person(2)]);
    assert_eq!(members(&ldap, "g3").await, [new, person(3)]);
}

#[tokio::test]
async fn ldap_030_another_spelling_of_a_group_is_the_same_group() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let before = ldap.texts(&group("g1"), "entryCSN").await;
    let spelled = Attribute::single("ldapGroups", format!("CN=G1, ou=groups,{SUFFIX}"));
    ldap.update(&ldap.uid(&person(1)).await, vec![spelled].into()).await.unwrap();
    assert_eq!(ldap.texts(&group("g1"), "entryCSN").await, before);
}

#[tokio::test]
async fn ldap_031_a_uid_that_a_group_lists_cannot_be_removed() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let name = format!("cn=Posix,ou=People,{SUFFIX}");
    let content = [("__NAME__", name.as_str()), ("cn", "Posix"), ("sn", "x"), ("uid", "posix")];
    let uid =
        ldap.create(attributes(content).with(Attribute::single("posixGroups", group("p1")))).await.unwrap();
    assert_eq!(ldap.texts(&group("p1"), "memberUid").await, ["posix", "u0001"]);
    let nothing = || vec![Attribute::new("uid", vec![])];
    for refused in [
        ldap.update(&uid, nothing().into()).await.map(drop),
        ldap.remove(&uid, Attribute::single("uid", "posix")).await.map(drop),
    ] {
        let (kind, text) = failure(refused);
        assert_eq!(kind, ErrorKind::Connector);
        assert!(text.starts_with("Cannot remove the attribute uid because 'posix' is a member"), "{text}");
    }
    let both = vec![Attribute::new("uid", vec![]), Attribute::new("posixGroups", vec![])];
    ldap.update(&uid, both.into()).await.unwrap();
    assert_eq!(ldap.texts(&group("p1"), "memberUid").await, ["u0001"]);
}

#[tokio::test]
async fn memberships_are_read_set_and_maintained() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server)
        .with("maintainLdapGroupMembership", true)
        .with("maintainPosixGroupMembership", true)
        .using(OperationOptions::default().with_attributes_to_get(["ldapGroups", "posixGroups"]));
    let read = async || {
        let object = ldap.found(named(&person(1))).await.remove(0);
        (texts(&object, "ldapGroups"), texts(&object, "posixGroups"))
    };
    assert_eq!(read().await, (vec![group("g1")], vec![group("p1")]));
    let uid = ldap.uid(&person(1)).await;
    let posix = Attribute::single("posixGroups", group("p2"));
    ldap.update(&uid, vec![groups(["g2", "g3"]), posix].into()).await.unwrap();
    assert_eq!(read().await, (vec![group("g2"), group("g3")], vec![group("p2")]));
    ldap.remove(&uid, groups(["g2"])).await.unwrap();
    assert_eq!(read().await.0, [group("g3")]);
    ldap.delete(&uid).await.unwrap();
    assert_eq!(members(&ldap, "g3").await, [person(3)]);
    assert_eq!(ldap.texts(&group("p2"), "memberUid").await, ["u0002"]);
}

#[tokio::test]
async fn the_identities_of_members_are_told() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("getGroupMemberId", true);
    let expected = ldap.uid(&person(1)).await;
    let ldap =
        ldap.of("__GROUP__").using(OperationOptions::default().with_attributes_to_get(["uniqueMember"]));
    let object = ldap.found(named(&group("g1"))).await.remove(0);
    assert_eq!(texts(&object, "_memberId"), [expected]);
    assert_eq!(texts(&object, "uniqueMember").len(), 2);
}
