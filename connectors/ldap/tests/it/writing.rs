//! Entries created, changed, renamed and deleted.

use icf::{Attribute, ErrorKind, Filter, OperationOptions, Value, names, option_names};

use crate::harness::{Ldap, attributes, failure, newcomer, person, secret, texts};
use crate::servers::Branch;
use crate::slapd::{SUFFIX, Slapd};

fn people(rdn: &str) -> String {
    format!("{rdn},ou=People,{SUFFIX}")
}

#[tokio::test]
async fn ldap_013_an_account_has_its_classes_and_its_uid() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.create(newcomer("x").with(Attribute::new("givenName", vec![]))).await.unwrap();
    let object = ldap.at(&people("uid=x"), &["objectClass", "givenName", "entryUUID"]).await.unwrap();
    let classes = ["inetOrgPerson", "organizationalPerson", "person", "top"];
    assert_eq!(texts(&object, "objectClass"), classes);
    assert_eq!(texts(&object, "givenName"), [""; 0]);
    assert_eq!(texts(&object, "entryUUID"), [uid.as_str()]);
}

#[tokio::test]
async fn ldap_014_classes_that_are_given_are_the_classes() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let classes = vec!["inetOrgPerson".into(), "posixAccount".into()];
    let posix = attributes([("uidNumber", "7"), ("gidNumber", "7"), ("homeDirectory", "/x")]);
    let all = newcomer("x").into_iter().chain(posix).chain([Attribute::new("objectClass", classes)]);
    ldap.create(all.collect()).await.unwrap();
    assert_eq!(ldap.texts(&people("uid=x"), "objectClass").await, ["inetOrgPerson", "posixAccount"]);
}

#[tokio::test]
async fn ldap_015_an_entry_needs_a_name() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let nameless = attributes([("uid", "x"), ("cn", "x"), ("sn", "x")]);
    assert_eq!(failure(ldap.create(nameless).await).0, ErrorKind::InvalidAttributeValue);
    assert_eq!(ldap.found(crate::harness::equals("uid", "x")).await, []);
}

#[tokio::test]
async fn ldap_016_a_name_is_taken_once() {
    let server = Slapd::start();
    let (kind, text) = failure(Ldap::on(&server).create(newcomer("u0001")).await);
    assert_eq!(kind, ErrorKind::AlreadyExists);
    assert!(text.contains(&person(1)), "{text}");
}

#[tokio::test]
async fn ldap_017_a_missing_parent_is_named() {
    let server = Slapd::start();
    let parent = format!("ou=Nowhere,{SUFFIX}");
    let name = format!("uid=x,{parent}");
    let orphan = attributes([("__NAME__", &name), ("cn", "x"), ("sn", "x")]);
    let (kind, text) = failure(Ldap::on(&server).create(orphan).await);
    assert_eq!(kind, ErrorKind::InvalidAttributeValue);
    assert!(text.contains(&format!("The parent entry {parent} does not exist")), "{text}");
}

#[tokio::test]
async fn ldap_018_a_uid_that_is_the_name_is_spelled_by_the_server() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("uidAttribute", "dn");
    let name = "UID=X, ou=people,dc=example,dc=com";
    let uid = ldap.create(attributes([("__NAME__", name), ("cn", "x"), ("sn", "x")])).await.unwrap();
    assert_eq!(uid, ldap.at(name, &[]).await.unwrap().name);
    assert!(!uid.contains(", "), "{uid}");
}

#[tokio::test]
async fn ldap_023_an_attribute_without_values_is_removed() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    ldap.update(&uid, vec![Attribute::new("mail", vec![])].into()).await.unwrap();
    assert_eq!(ldap.texts(&person(2), "mail").await, [""; 0]);
}

#[tokio::test]
async fn ldap_024_a_new_rdn_renames() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    let new = people("uid=renamed");
    let changed =
        ldap.update(&uid, attributes([(names::NAME, &new), ("uid", "renamed"), ("title", "t")])).await;
    assert_eq!(changed.unwrap(), uid);
    assert_eq!(ldap.texts(&new, "uid").await, ["renamed"]);
    assert_eq!(ldap.texts(&new, "title").await, ["t"]);
    assert!(ldap.at(&person(2), &[]).await.is_none());
}

#[tokio::test]
async fn ldap_025_another_parent_moves() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    let new = format!("uid=u0002,ou=Partners,{SUFFIX}");
    assert_eq!(ldap.update(&uid, attributes([(names::NAME, &new)])).await.unwrap(), uid);
    assert_eq!(ldap.uid(&new).await, uid);
    let nowhere = format!("uid=u0002,ou=Nowhere,{SUFFIX}");
    let (kind, text) = failure(ldap.update(&uid, attributes([(names::NAME, &nowhere)])).await);
    assert_eq!(kind, ErrorKind::InvalidAttributeValue);
    assert!(text.contains(&format!("ou=Nowhere,{SUFFIX} does not exist")), "{text}");
}

#[tokio::test]
async fn ldap_026_a_name_that_is_taken_is_refused() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    let (kind, _) = failure(ldap.update(&uid, attributes([(names::NAME, &person(3))])).await);
    assert_eq!(kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn ldap_027_another_spelling_is_no_rename() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    let before = ldap.texts(&person(2), "entryCSN").await;
    let spelled = format!("UID=U0002 , OU=people,  {SUFFIX}");
    ldap.update(&uid, attributes([(names::NAME, &spelled)])).await.unwrap();
    // Every change gives an entry another number.
    assert_eq!(ldap.texts(&person(2), "entryCSN").await, before);
}

#[tokio::test]
async fn ldap_032_adding_what_is_there_succeeds() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    for _ in 0..2 {
        ldap.add(&uid, Attribute::single("description", "a")).await.unwrap();
    }
    assert_eq!(ldap.texts(&person(2), "description").await, ["a"]);
}

#[tokio::test]
async fn ldap_033_removing_what_is_not_there_succeeds_if_that_is_permitted() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(2)).await;
    ldap.remove(&uid, Attribute::single("description", "absent")).await.unwrap();
    let ldap = ldap.with("rs.permissiveModify", false);
    let removed = ldap.remove(&uid, Attribute::single("description", "absent")).await;
    assert_eq!(failure(removed).0, ErrorKind::InvalidAttributeValue);
}

#[tokio::test]
async fn ldap_035_an_unknown_uid_is_told() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let unknown = "00000000-0000-0000-0000-000000000000";
    let updated = ldap.update(unknown, attributes([("title", "t")])).await;
    assert_eq!(failure(updated).0, ErrorKind::UnknownUid);
    assert_eq!(failure(ldap.delete(unknown).await).0, ErrorKind::UnknownUid);
}

#[tokio::test]
async fn ldap_036_an_entry_of_another_class_is_unknown() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let acme = format!("o=Acme,{SUFFIX}");
    let uid = ldap.uid(&acme).await;
    assert_eq!(failure(ldap.delete(&uid).await).0, ErrorKind::UnknownUid);
    assert!(ldap.at(&acme, &[]).await.is_some());
    ldap.of("organization").delete(&uid).await.unwrap();
}

#[tokio::test]
async fn ldap_037_an_entry_with_others_below_is_deleted_only_if_that_is_allowed() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).of("organizationalUnit");
    let partners = format!("ou=Partners,{SUFFIX}");
    let uid = ldap.uid(&partners).await;
    assert_eq!(failure(ldap.delete(&uid).await).0, ErrorKind::Connector);
    let ldap = ldap.with("allowTreeDelete", true);
    ldap.delete(&uid).await.unwrap();
    assert!(ldap.at(&partners, &[]).await.is_none());
}

#[tokio::test]
async fn ldap_063_changes_are_made_as_the_user_who_asks() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(1)).await;
    let run_as = |password: &str| {
        OperationOptions::default()
            .with(option_names::RUN_AS_USER, "u0001")
            .with(option_names::RUN_WITH_PASSWORD, secret(password))
    };
    let ldap = ldap.using(run_as("secret-0001"));
    ldap.update(&uid, attributes([("mail", "own@example.com")])).await.unwrap();
    assert_eq!(ldap.texts(&person(1), "modifiersName").await, [person(1)]);
    // Another's entry is not theirs to change.
    let other = ldap.uid(&person(2)).await;
    let refused = ldap.update(&other, attributes([("mail", "x@example.com")])).await;
    assert_eq!(failure(refused).0, ErrorKind::PermissionDenied);
    let ldap = ldap.using(run_as("wrong"));
    let refused = ldap.update(&uid, attributes([("mail", "y@example.com")])).await;
    // A kind of InvalidCredentialException.
    assert_eq!(failure(refused).0, ErrorKind::InvalidPassword);
    assert_eq!(ldap.texts(&person(1), "mail").await, ["own@example.com"]);
}

#[tokio::test]
async fn a_password_without_value_is_removed() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(1)).await;
    let nothing = Attribute::new(names::PASSWORD, vec![Value::Null]);
    ldap.update(&uid, vec![nothing].into()).await.unwrap();
    let object = ldap.at(&person(1), &["userPassword"]).await.unwrap();
    assert!(object.attribute("userPassword").unwrap().values().is_empty());
}

#[tokio::test]
async fn the_current_password_is_checked_where_the_server_does_not() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(1)).await;
    let change = |current: &str| {
        [(names::PASSWORD, "fresh"), (names::CURRENT_PASSWORD, current)]
            .into_iter()
            .map(|(name, clear)| Attribute::single(name, secret(clear)))
            .collect()
    };
    assert_eq!(failure(ldap.update(&uid, change("wrong")).await).0, ErrorKind::InvalidPassword);
    ldap.update(&uid, change("secret-0001")).await.unwrap();
    assert_eq!(ldap.authenticate("u0001", "fresh").await.unwrap(), uid);
}

#[tokio::test]
async fn ldap_034_bytes_are_kept_and_found() {
    let photo: Vec<u8> = (0..=255).rev().chain([0, 0x28, 0x29, 0x2a, 0x5c]).collect();
    let value = || Attribute::single("jpegPhoto", Value::Bytes(photo.clone()));
    let server = Slapd::start();
    let slapd = Ldap::on(&server);
    let uid = slapd.uid(&person(1)).await;
    // OpenLDAP compares no photos, but keeps them.
    let branch = Branch::ds389("t34").await;
    let new = branch.ldap.create(branch.person("t34")).await.unwrap();
    for (ldap, uid) in [(&slapd, uid), (&branch.ldap, new)] {
        ldap.update(&uid, vec![value()].into()).await.unwrap();
        let found = ldap.found(Filter::Equals(Attribute::single(names::UID, uid.as_str()))).await;
        assert_eq!(found[0].attribute("jpegPhoto").unwrap().values(), [Value::Bytes(photo.clone())]);
    }
    assert_eq!(branch.ldap.rdns(Filter::Equals(value())).await, ["uid=t34"]);
}
