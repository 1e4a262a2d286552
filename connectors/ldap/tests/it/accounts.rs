//! Passwords and logins.

use icf::{Attribute, ErrorKind, OperationOptions, Value, names};

use crate::harness::{Ldap, failure, list, newcomer, person, secret};
use crate::slapd::{SUFFIX, Slapd};

fn with_password(clear: &str) -> icf::AttributeSet {
    newcomer("x").with(Attribute::single(names::PASSWORD, secret(clear)))
}

async fn stored(ldap: &Ldap) -> String {
    let object = ldap.at(&format!("uid=x,ou=People,{SUFFIX}"), &["userPassword"]).await.unwrap();
    match object.attribute("userPassword").unwrap().values() {
        [Value::Bytes(bytes)] => String::from_utf8(bytes.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ldap_007_a_wrong_password_of_the_connector_is_told() {
    let server = Slapd::start();
    let (kind, text) = failure(Ldap::on(&server).with("credentials", secret("wrong")).test().await);
    assert_eq!(kind, ErrorKind::InvalidCredential);
    assert!(text.contains("Check the properties principal and credentials"), "{text}");
    assert!(!text.contains("wrong"));
}

#[tokio::test]
async fn ldap_019_a_new_account_can_log_in() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.create(with_password("Pässw0rd")).await.unwrap();
    assert_eq!(stored(&ldap).await, "Pässw0rd");
    assert_eq!(ldap.authenticate("x", "Pässw0rd").await.unwrap(), uid);
    assert_eq!(ldap.resolve("x").await.unwrap(), uid);
}

#[tokio::test]
async fn ldap_020_a_hashed_password_can_log_in() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("passwordHashAlgorithm", "SSHA");
    let uid = ldap.create(with_password("Pässw0rd")).await.unwrap();
    assert!(stored(&ldap).await.starts_with("{SSHA}"));
    assert_eq!(ldap.authenticate("x", "Pässw0rd").await.unwrap(), uid);
}

#[tokio::test]
async fn ldap_060_a_login_is_right_or_says_why_not() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(1)).await;
    assert_eq!(ldap.authenticate("u0001", "secret-0001").await.unwrap(), uid);
    // The second of the attributes that hold login names.
    assert_eq!(ldap.authenticate("User 1", "secret-0001").await.unwrap(), uid);
    let refused = async |name: &str, password: &str| failure(ldap.authenticate(name, password).await).0;
    assert_eq!(refused("u0001", "wrong").await, ErrorKind::InvalidPassword);
    assert_eq!(refused("nobody", "x").await, ErrorKind::InvalidCredential);
    assert_eq!(refused("twins", "x").await, ErrorKind::ConnectorSecurity);
    assert_eq!(refused("*", "secret-0001").await, ErrorKind::InvalidCredential);
    // Nothing listens here: an empty password must not even get so far.
    let nowhere = Ldap::nowhere().with("port", 1);
    assert_eq!(failure(nowhere.authenticate("u0001", "").await).0, ErrorKind::InvalidPassword);
}

#[tokio::test]
async fn ldap_061_a_login_name_may_be_a_dn() {
    let server = Slapd::start();
    let options = OperationOptions::default().with("ldap_uid_attributes", list(["entryDN"]));
    let ldap = Ldap::on(&server).using(options);
    let uid = ldap.uid(&person(1)).await;
    assert_eq!(ldap.authenticate(&person(1), "secret-0001").await.unwrap(), uid);
    assert_eq!(failure(ldap.authenticate("u0001", "secret-0001").await).0, ErrorKind::InvalidCredential);
}

#[tokio::test]
async fn ldap_062_a_password_that_must_be_changed_is_refused_if_that_is_wanted() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&format!("uid=reset,ou=Strange,{SUFFIX}")).await;
    assert_eq!(ldap.authenticate("reset", "reset-secret").await.unwrap(), uid);
    let ldap = ldap.with("respectResourcePasswordPolicyChangeAfterReset", true);
    let error = ldap.authenticate("reset", "reset-secret").await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::PasswordExpired);
    assert_eq!(error.uid().unwrap().value(), uid);
    assert_eq!(failure(ldap.authenticate("reset", "wrong").await).0, ErrorKind::InvalidPassword);
}
