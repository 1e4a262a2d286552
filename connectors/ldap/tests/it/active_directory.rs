//! Active Directory, as Samba speaks it: flags, passwords, identifiers, groups.

use directories::samba;
use icf::{Attribute, ConnectorObject, ErrorKind, GuardedString, Value, names};

use crate::harness::{Ldap, attributes, equals, failure, list, named, secret, texts};
use crate::servers::{Branch, PASSWORD};

fn set(name: &str, value: impl Into<Value>) -> icf::AttributeSet {
    vec![Attribute::single(name, value)].into()
}

fn flag(object: &ConnectorObject, name: &str) -> Option<bool> {
    match object.attribute(name)?.values() {
        [Value::Boolean(truth)] => Some(*truth),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn ldap_080_a_domain_controller_is_known_by_any_port() {
    let kind = async |port: i32, ssl: bool| {
        let ldap = Ldap::samba().with("port", port).with("ssl", ssl).of("__SERVER_INFO__");
        let found = ldap.search(None).await.unwrap();
        found.ended.unwrap();
        found.objects[0].uid.value().to_owned()
    };
    assert_eq!(kind(389, false).await, "MSAD");
    assert_eq!(kind(636, true).await, "MSAD");
    assert_eq!(kind(3268, false).await, "MSAD_GC");
}

#[tokio::test]
async fn ldap_081_a_new_user_is_enabled_once_the_password_is_set() {
    let branch = Branch::samba("t81").await;
    let uid = branch.enabled("ann").await;
    assert_eq!(branch.ldap.texts(&branch.at("CN=ann"), "userAccountControl").await, ["512"]);
    assert_eq!(branch.ldap.authenticate("t81-ann", PASSWORD).await.unwrap(), uid);
    // Without flags the domain controller decides: disabled, and no password needed.
    branch.ldap.create(branch.user("bob")).await.unwrap();
    assert_eq!(branch.ldap.texts(&branch.at("CN=bob"), "userAccountControl").await, ["546"]);
}

#[tokio::test]
async fn ldap_082_a_weak_password_leaves_nobody_behind() {
    let branch = Branch::samba("t82").await;
    let user = branch.user("ann").with(Attribute::single(names::PASSWORD, secret("weak")));
    let user = user.with(Attribute::single(names::ENABLE, true));
    let (kind, text) = failure(branch.ldap.create(user).await);
    assert_eq!(kind, ErrorKind::InvalidAttributeValue, "{text}");
    assert!(branch.ldap.at(&branch.at("CN=ann"), &[]).await.is_none());
}

#[tokio::test]
async fn ldap_083_a_user_can_be_disabled_whatever_the_identifier_is() {
    let branch = Branch::samba("t83").await.with("uidAttribute", "sAMAccountName");
    let uid = branch.enabled("ann").await;
    assert_eq!(uid, "t83-ann");
    branch.ldap.update(&uid, set(names::ENABLE, false)).await.unwrap();
    assert_eq!(branch.ldap.texts(&branch.at("CN=ann"), "userAccountControl").await, ["514"]);
    let (kind, text) = branch.refused("ann", PASSWORD).await;
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    assert!(text.contains("data 533"), "{text}");
}

#[tokio::test]
async fn ldap_084_an_expired_password_is_told_as_configured() {
    let branch = Branch::samba("t84").await;
    let uid = branch.enabled("ann").await;
    branch.ldap.update(&uid, set(names::PASSWORD_EXPIRED, true)).await.unwrap();
    let user = branch.ldap.at(&branch.at("CN=ann"), &["pwdLastSet", names::PASSWORD_EXPIRED]).await.unwrap();
    assert_eq!(texts(&user, "pwdLastSet"), ["0"]);
    assert_eq!(flag(&user, names::PASSWORD_EXPIRED), Some(true));
    let (kind, text) = branch.refused("ann", PASSWORD).await;
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    assert!(text.contains("data 773"), "{text}");
    let branch = branch.with("respectResourcePasswordPolicyChangeAfterReset", true);
    assert_eq!(branch.refused("ann", PASSWORD).await.0, ErrorKind::PasswordExpired);
    branch.ldap.update(&uid, set(names::PASSWORD_EXPIRED, false)).await.unwrap();
    assert_eq!(branch.ldap.authenticate("t84-ann", PASSWORD).await.unwrap(), uid);
}

#[tokio::test]
async fn ldap_085_a_user_changes_a_password_with_the_old_one() {
    let branch = Branch::samba("t85").await;
    let uid = branch.enabled("ann").await;
    let change = |current: &str| -> icf::AttributeSet {
        set(names::PASSWORD, GuardedString::new("An0ther-Horse!"))
            .with(Attribute::single(names::CURRENT_PASSWORD, secret(current)))
    };
    let (kind, text) = failure(branch.ldap.update(&uid, change("Wr0ng-Horse!")).await);
    assert_eq!(kind, ErrorKind::InvalidPassword, "{text}");
    assert!(text.contains("00000056"), "{text}");
    branch.ldap.update(&uid, change(PASSWORD)).await.unwrap();
    assert_eq!(branch.ldap.authenticate("t85-ann", "An0ther-Horse!").await.unwrap(), uid);
    assert_eq!(branch.refused("ann", "Wr0ng-Horse!").await.0, ErrorKind::InvalidPassword);
}

#[tokio::test]
async fn ldap_086_an_object_is_found_by_every_spelling_of_its_identifier() {
    let branch = Branch::samba("t86").await;
    let dashed = branch.enabled("ann").await;
    assert_eq!(dashed.len(), 36, "{dashed}");
    let branch = branch.with("useOldADGUIDFormat", true);
    let old = branch.ldap.uid(&branch.at("CN=ann")).await;
    assert!(old.starts_with("<GUID=") && old.len() == 39, "{old}");
    let bare = old.trim_start_matches("<GUID=").trim_end_matches('>').to_owned();
    for spelling in [&dashed, &old, &bare, &format!("<GUID={dashed}>")] {
        let found = branch.ldap.found(equals(names::UID, spelling.as_str())).await;
        assert_eq!(found.len(), 1, "{spelling}");
        assert_eq!((found[0].uid.value(), found[0].name.as_str()), (old.as_str(), &*branch.at("CN=ann")));
        assert_eq!(branch.ldap.found(equals("objectGUID", spelling.as_str())).await.len(), 1, "{spelling}");
    }
    let branch = branch.with("useOldADGUIDFormat", false);
    assert_eq!(branch.ldap.found(equals(names::UID, old.as_str())).await[0].uid.value(), dashed);
}

#[tokio::test]
async fn ldap_087_members_that_are_there_or_absent_are_no_error() {
    let branch = Branch::samba("t87").await;
    branch.enabled("ann").await;
    branch.enabled("bob").await;
    let Branch { dn, ldap, .. } = branch;
    let ldap = ldap.of("__GROUP__");
    let name = format!("CN=staff,{dn}");
    let group = attributes([("__NAME__", name.as_str()), ("sAMAccountName", "t87-staff")]);
    let uid = ldap.create(group).await.unwrap();
    let member = |name: &str| Attribute::single("member", format!("CN={name},{dn}"));
    for _ in 0..2 {
        ldap.add(&uid, member("ann")).await.unwrap();
        assert_eq!(ldap.texts(&name, "member").await.len(), 1);
    }
    ldap.remove(&uid, member("bob")).await.unwrap();
    // By the groups of a user, too, with the name of the group spelled in another way.
    let ldap = ldap.of("__ACCOUNT__");
    let ann = ldap.uid(&format!("CN=ann,{dn}")).await;
    let spelled = Attribute::single("ldapGroups", name.replace("CN=staff,OU=", "cn=Staff, ou="));
    ldap.add(&ann, spelled.clone()).await.unwrap();
    ldap.remove(&ann, spelled.clone()).await.unwrap();
    ldap.remove(&ann, spelled).await.unwrap();
    assert_eq!(ldap.texts(&name, "member").await, [""; 0]);
}

#[tokio::test]
async fn ldap_089_a_large_group_is_read_whole() {
    let many = format!("OU=Many,{}", samba::DOMAIN);
    let ldap = Ldap::samba().with("getGroupMemberId", true).with("baseContexts", list([many.as_str()]));
    let ldap = ldap.of("__GROUP__");
    let found = ldap.found(named(&format!("CN=everybody,{many}"))).await;
    let count = |name: &str| found[0].attribute(name).map(|attribute| attribute.values().len());
    assert_eq!((count("member"), count("_memberId")), (Some(samba::MEMBERS), Some(samba::MEMBERS)));
}

#[tokio::test]
async fn ldap_094_references_to_other_parts_of_the_forest_are_treated_as_configured() {
    let search = async |referrals: &str| {
        let ldap = Ldap::samba().with("referralsHandling", referrals).with("connectionTimeout", 3000);
        ldap.search(Some(equals("sAMAccountName", "Administrator"))).await.unwrap()
    };
    let ignored = search("ignore").await;
    assert_eq!((ignored.objects.len(), ignored.ended.is_ok()), (1, true));
    let (kind, text) = failure(search("throw").await.ended);
    assert_eq!(kind, ErrorKind::Connector, "{text}");
    assert!(text.contains("example.test/"), "{text}");
    // Nobody knows the name example.test here.
    let followed = tokio::time::timeout(std::time::Duration::from_secs(60), search("follow")).await.unwrap();
    assert_eq!((followed.objects.len(), followed.ended.is_ok()), (1, true), "{:?}", followed.ended);
}

#[tokio::test]
async fn ldap_095_disabled_users_can_be_asked_for() {
    let branch = Branch::samba("t95").await;
    branch.enabled("ann").await;
    branch.ldap.create(branch.user("bob").with(Attribute::single(names::ENABLE, false))).await.unwrap();
    assert_eq!(branch.ldap.rdns(equals(names::ENABLE, false)).await, ["CN=bob"]);
    assert_eq!(branch.ldap.rdns(equals(names::ENABLE, true)).await, ["CN=ann"]);
}

#[tokio::test]
async fn ldap_096_words_for_the_kind_of_a_group_become_its_type() {
    let branch = Branch::samba("t96").await;
    let ldap = branch.ldap.of("__GROUP__");
    let group = |name: &str| {
        attributes([
            ("__NAME__", &format!("CN={name},{}", branch.dn)),
            ("sAMAccountName", &format!("t96-{name}")),
        ])
    };
    let words = group("lists")
        .with(Attribute::single("__GROUP_SCOPE__", "universal"))
        .with(Attribute::single("__GROUP_TYPE__", "distribution"));
    let uid = ldap.create(words).await.unwrap();
    let name = format!("CN=lists,{}", branch.dn);
    assert_eq!(ldap.texts(&name, "groupType").await, ["8"]);
    ldap.update(&uid, set("__GROUP_TYPE__", "security")).await.unwrap();
    assert_eq!(ldap.texts(&name, "groupType").await, ["-2147483640"]);
    ldap.create(group("plain")).await.unwrap();
    assert_eq!(ldap.texts(&format!("CN=plain,{}", branch.dn), "groupType").await, ["-2147483646"]);
}

#[tokio::test]
async fn a_locked_account_is_told_and_can_be_unlocked() {
    let branch = Branch::samba("locked").await;
    let uid = branch.enabled("ann").await;
    for _ in 0..samba::LOCKED_AFTER {
        assert_eq!(branch.refused("ann", "Wr0ng-Horse!").await.0, ErrorKind::InvalidPassword);
    }
    let (kind, text) = branch.refused("ann", PASSWORD).await;
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    assert!(text.contains("data 775"), "{text}");
    let locked = async || {
        let user = branch.ldap.at(&branch.at("CN=ann"), &[names::LOCK_OUT]).await.unwrap();
        flag(&user, names::LOCK_OUT)
    };
    assert_eq!(locked().await, Some(true));
    branch.ldap.update(&uid, set(names::LOCK_OUT, false)).await.unwrap();
    assert_eq!(locked().await, Some(false));
    assert_eq!(branch.ldap.authenticate("locked-ann", PASSWORD).await.unwrap(), uid);
}

#[tokio::test]
async fn ldap_093_the_end_of_an_account_is_a_date_or_zero() {
    let branch = Branch::samba("t93").await;
    let ends = [
        ("never", "9223372036854775807", "0"),
        ("zero", "0", "0"),
        ("ended", "132000000000000000", "2019-04-17T18:40:00Z"),
    ];
    for (name, stored, shown) in ends {
        let user = branch.user(name).with(Attribute::single("accountExpires", stored));
        let uid = branch.ldap.create(user).await.unwrap();
        let dn = branch.at(&format!("CN={name}"));
        assert_eq!(branch.ldap.texts(&dn, "accountExpires").await, [shown], "{name}");
        // The directory has the number that was given, and no other.
        let found = branch.ldap.found(equals("accountExpires", stored)).await;
        assert_eq!(found.iter().map(|object| object.uid.value()).collect::<Vec<_>>(), [uid], "{name}");
    }
    // A date goes back as the number that it stands for.
    let zero = branch.ldap.uid(&branch.at("CN=zero")).await;
    branch.ldap.update(&zero, set("accountExpires", "2019-04-17T18:40:00Z")).await.unwrap();
    assert_eq!(branch.ldap.found(equals("accountExpires", "132000000000000000")).await.len(), 2);
    assert_eq!(branch.ldap.found(equals("accountExpires", "0")).await.len(), 0);
}

#[tokio::test]
async fn an_account_that_has_ended_is_told() {
    let branch = Branch::samba("ended").await;
    let uid = branch.enabled("ann").await;
    branch.ldap.update(&uid, set("__ACCOUNT_EXPIRES__", "2019-04-17T18:40:00Z")).await.unwrap();
    assert_eq!(branch.ldap.texts(&branch.at("CN=ann"), "accountExpires").await, ["2019-04-17T18:40:00Z"]);
    let (kind, text) = branch.refused("ann", PASSWORD).await;
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    assert!(text.contains("data 701"), "{text}");
    branch.ldap.update(&uid, set("__ACCOUNT_EXPIRES__", "0")).await.unwrap();
    assert_eq!(branch.ldap.authenticate("ended-ann", PASSWORD).await.unwrap(), uid);
}

#[tokio::test]
async fn a_login_name_that_is_taken_is_told() {
    let branch = Branch::samba("taken").await;
    branch.enabled("ann").await;
    let again = attributes([("__NAME__", &branch.at("CN=other")), ("sAMAccountName", "taken-ann")]);
    let (kind, text) = failure(branch.ldap.create(again).await);
    assert_eq!(kind, ErrorKind::AlreadyExists, "{text}");
    let uid = branch.ldap.uid(&branch.at("CN=ann")).await;
    let moved = attributes([("__NAME__", &branch.at("CN=ann lee"))]);
    assert_eq!(branch.ldap.update(&uid, moved).await.unwrap(), uid);
    assert_eq!(branch.ldap.at(&branch.at("CN=ann lee"), &[]).await.unwrap().uid.value(), uid);
}

#[tokio::test]
async fn the_schema_of_a_domain_controller_is_read() {
    let ldap = Ldap::samba().with("readSchema", true);
    ldap.test().await.unwrap();
    let schema = ldap.schema().await;
    let account = schema.object_class("__ACCOUNT__").unwrap();
    let has = |name: &str| account.attribute(name).is_some();
    assert!(has("sn") && has("title") && has(names::ENABLE) && has(names::LOCK_OUT));
}
