//! The 389 Directory Server: its change log, list views, and what it says of logins.

use directories::ds389;
use icf::{Attribute, ErrorKind, Filter, OperationOptions, SortKey, SyncDeltaType, Value, names};

use crate::harness::{Changes, Ldap, attributes, equals, failure, list, secret};
use crate::servers::Branch;

fn kinds(changes: &Changes) -> Vec<(SyncDeltaType, &str)> {
    changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect()
}

fn number(token: &Value) -> i32 {
    match token {
        Value::Integer(number) => *number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ldap_058_list_views_show_every_entry_once() {
    let ldap = Ldap::ds389().with("useBlocks", true).with("blockSize", 100);
    let ldap = ldap.with("baseContexts", list([format!("ou=People,{}", ds389::SUFFIX).as_str()]));
    let found = ldap.search(None).await.unwrap();
    found.ended.unwrap();
    let mut uids: Vec<_> = found.objects.iter().map(|object| object.uid.value()).collect();
    uids.sort_unstable();
    uids.dedup();
    assert_eq!((uids.len(), found.objects.len()), (ds389::USERS, ds389::USERS));
}

#[tokio::test]
async fn ldap_059_a_caller_who_has_enough_gets_no_more() {
    let people = format!("ou=People,{}", ds389::SUFFIX);
    for (blocks, paged) in [(false, false), (true, true), (true, false)] {
        let ldap = Ldap::ds389().with("useBlocks", blocks).with("usePagedResultControl", paged);
        let ldap = ldap.with("baseContexts", list([people.as_str()]));
        let found = ldap.search_at_most(1, None).await.unwrap();
        found.ended.unwrap();
        assert_eq!(found.objects.len(), 1);
        // The connection serves what comes next.
        assert_eq!(ldap.found(equals("uid", "u0007")).await.len(), 1);
    }
}

#[tokio::test]
async fn ldap_068_the_log_tells_what_happened_to_whom() {
    use SyncDeltaType::{Create, Delete, Update};
    let branch = Branch::ds389("t68").await;
    let start = branch.ldap.latest_token().await;
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    let created = branch.ldap.sync(start.clone()).await.unwrap();
    assert_eq!(kinds(&created), [(Create, uid.as_str())]);
    assert!(number(&created.token) > number(&start));
    branch.ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    let changed = branch.ldap.sync(created.token).await.unwrap();
    assert_eq!(kinds(&changed), [(Update, uid.as_str())]);
    branch.ldap.update(&uid, attributes([("__NAME__", &branch.at("uid=anna"))])).await.unwrap();
    let renamed = branch.ldap.sync(changed.token).await.unwrap();
    assert_eq!(kinds(&renamed), [(Update, uid.as_str())]);
    assert_eq!(
        renamed.deltas[0].object.as_ref().unwrap().name.to_lowercase(),
        branch.at("uid=anna").to_lowercase()
    );
    branch.ldap.delete(&uid).await.unwrap();
    let deleted = branch.ldap.sync(renamed.token).await.unwrap();
    assert_eq!(kinds(&deleted), [(Delete, uid.as_str())]);
    assert_eq!(kinds(&branch.ldap.sync(deleted.token).await.unwrap()), []);
}

#[tokio::test]
async fn ldap_069_a_change_in_base64_is_read() {
    let branch = Branch::ds389("t69").await.with("attributesToSynchronize", list(["description"]));
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    let start = branch.ldap.latest_token().await;
    branch.ldap.update(&uid, attributes([("description", "Größe")])).await.unwrap();
    let changes = branch.ldap.sync(start).await.unwrap();
    assert_eq!(kinds(&changes), [(SyncDeltaType::Update, uid.as_str())]);
}

#[tokio::test]
async fn ldap_070_a_change_of_other_attributes_only_moves_the_token() {
    let branch = Branch::ds389("t70").await.with("attributesToSynchronize", list(["mail"]));
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    let start = branch.ldap.latest_token().await;
    branch.ldap.update(&uid, attributes([("cn", "Other")])).await.unwrap();
    let changes = branch.ldap.sync(start.clone()).await.unwrap();
    assert_eq!(kinds(&changes), []);
    assert!(number(&changes.token) > number(&start));
    branch.ldap.update(&uid, attributes([("mail", "a@example.com")])).await.unwrap();
    assert_eq!(
        kinds(&branch.ldap.sync(changes.token).await.unwrap()),
        [(SyncDeltaType::Update, uid.as_str())]
    );
}

#[tokio::test]
async fn ldap_071_changes_of_the_connector_itself_are_left_out() {
    let branch = Branch::ds389("t71").await;
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    let start = branch.ldap.latest_token().await;
    branch.ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    let filtering = |name: &str| branch.ldap.copy().with("modifiersNamesToFilterOut", list([name]));
    let own = filtering("CN=directory manager").sync(start.clone()).await.unwrap();
    assert_eq!(kinds(&own), []);
    assert!(number(&own.token) > number(&start));
    let other = filtering("cn=somebody else").sync(start).await.unwrap();
    assert_eq!(kinds(&other), [(SyncDeltaType::Update, uid.as_str())]);
}

#[tokio::test]
async fn ldap_072_many_changes_elsewhere_hide_none_here() {
    let (here, elsewhere) = (Branch::ds389("t72a").await, Branch::ds389("t72b").await);
    let uid = here.ldap.create(here.person("ann")).await.unwrap();
    let other = elsewhere.ldap.create(elsewhere.person("bob")).await.unwrap();
    let start = here.ldap.latest_token().await;
    for number in 0..500 {
        elsewhere.ldap.update(&other, attributes([("title", &format!("t{number}"))])).await.unwrap();
    }
    here.ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    let changes = here.ldap.sync(start).await.unwrap();
    assert_eq!(kinds(&changes), [(SyncDeltaType::Update, uid.as_str())]);
}

#[tokio::test]
async fn ldap_074_a_token_beyond_the_log_is_treated_as_configured() {
    let branch = Branch::ds389("t74").await;
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    let reset = |policy: &str| branch.ldap.copy().with("resetSyncToken", policy);
    let never = reset("never").sync(1_000_000).await.unwrap();
    assert_eq!((kinds(&never), &never.token), (vec![], &Value::Null));
    let first = reset("first").sync(1_000_000).await.unwrap();
    assert_eq!(kinds(&first), [(SyncDeltaType::Create, uid.as_str())]);
    assert!(number(&first.token) < 1_000_000);
    let last = reset("last").sync(1_000_000).await.unwrap();
    assert_eq!(last.deltas.len(), 0);
    assert!((1..1_000_000).contains(&number(&last.token)));
}

#[tokio::test]
async fn ldap_075_a_token_is_taken_in_every_type() {
    let branch = Branch::ds389("t75").await;
    let start = number(&branch.ldap.latest_token().await);
    let uid = branch.ldap.create(branch.person("ann")).await.unwrap();
    for token in [Value::Integer(start), Value::Long(start.into()), start.to_string().into()] {
        let changes = branch.ldap.sync(token.clone()).await.unwrap();
        assert_eq!(kinds(&changes), [(SyncDeltaType::Create, uid.as_str())]);
        assert_eq!(changes.token.value_type(), token.value_type());
    }
}

#[tokio::test]
async fn an_account_is_enabled_by_the_attribute_of_the_server() {
    let branch = Branch::ds389("lock").await.with("rs.statusAttribute", "nsAccountLock");
    let password = Attribute::single(names::PASSWORD, secret("a-good-password"));
    let uid = branch.ldap.create(branch.person("lock-ann").with(password)).await.unwrap();
    assert_eq!(branch.ldap.authenticate("lock-ann", "a-good-password").await.unwrap(), uid);
    let enable = |truth: bool| -> icf::AttributeSet { vec![Attribute::single(names::ENABLE, truth)].into() };
    branch.ldap.update(&uid, enable(false)).await.unwrap();
    assert_eq!(branch.ldap.texts(&branch.at("uid=lock-ann"), "nsAccountLock").await, ["true"]);
    let (kind, text) = failure(branch.ldap.authenticate("lock-ann", "a-good-password").await);
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    assert!(text.contains("is locked"), "{text}");
    branch.ldap.update(&uid, enable(true)).await.unwrap();
    assert_eq!(branch.ldap.authenticate("lock-ann", "a-good-password").await.unwrap(), uid);
}

#[tokio::test]
async fn a_password_policy_locks_and_demands_a_new_password() {
    let branch = Branch::ds389("policy").await;
    let with = |name: &str| {
        let password = Attribute::single(names::PASSWORD, secret("a-good-password"));
        branch.person(name).with(password)
    };
    let uid = branch.ldap.create(with("policy-ann")).await.unwrap();
    for _ in 0..ds389::LOCKED_AFTER {
        let (kind, text) = failure(branch.ldap.authenticate("policy-ann", "wrong").await);
        assert_eq!(kind, ErrorKind::InvalidPassword, "{text}");
    }
    let (kind, text) = failure(branch.ldap.authenticate("policy-ann", "a-good-password").await);
    assert_eq!(kind, ErrorKind::InvalidCredential, "{text}");
    let again: icf::AttributeSet =
        vec![Attribute::single(names::PASSWORD, secret("another-password"))].into();
    branch.ldap.update(&uid, again).await.unwrap();
    let kept = branch.ldap.create(with("policy-bob")).await.unwrap();
    assert_eq!(branch.ldap.authenticate("policy-bob", "a-good-password").await.unwrap(), kept);
    let policy = Attribute::single("pwdpolicysubentry", ds389::MUST_CHANGE);
    branch.ldap.update(&kept, vec![policy].into()).await.unwrap();
    let reset: icf::AttributeSet = vec![Attribute::single(names::PASSWORD, secret("reset-password"))].into();
    branch.ldap.update(&kept, reset).await.unwrap();
    let respecting = branch.ldap.copy().with("respectResourcePasswordPolicyChangeAfterReset", true);
    let (kind, text) = failure(respecting.authenticate("policy-bob", "reset-password").await);
    assert_eq!(kind, ErrorKind::PasswordExpired, "{text}");
    assert_eq!(branch.ldap.authenticate("policy-bob", "reset-password").await.unwrap(), kept);
}

#[tokio::test]
async fn a_result_is_sorted_without_ordering_rules() {
    let people = format!("ou=People,{}", ds389::SUFFIX);
    let options =
        OperationOptions::default().with_sort_keys([SortKey { field: "uid".to_owned(), ascending: false }]);
    let ldap = Ldap::ds389().with("baseContexts", list([people.as_str()])).using(options);
    ldap.test().await.unwrap();
    let info = ldap.copy().of("__SERVER_INFO__").search(None).await.unwrap();
    assert_eq!(info.objects[0].uid.value(), "RHDS");
    let found = ldap.found(Filter::StartsWith(Attribute::single("uid", "u000"))).await;
    let names: Vec<_> = found.iter().map(|object| object.name.split(',').next().unwrap()).collect();
    assert_eq!(names.first().zip(names.last()), Some((&"uid=u0009", &"uid=u0001")));
}
