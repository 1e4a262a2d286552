//! Creating, changing and deleting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use icf::{Attribute, AttributeSet, ErrorKind, OperationOptions, Value};
use icf_testkit::http::Received;
use serde_json::{Value as Json, json};

use crate::fake::{PingOne, error};
use crate::harness::{Connector, attributes, cx, failure, kind, list, map, secret, texts};

fn ann() -> AttributeSet {
    texts([("__NAME__", "ann"), ("email", "ann@example.com")])
}

fn body(request: &Received) -> Json {
    request.json()
}

async fn with_user() -> PingOne {
    let pingone = PingOne::start().await;
    pingone.user("u1", "ann");
    pingone
}

#[tokio::test]
async fn pingone_p08_a_user_without_password() {
    let pingone = PingOne::start().await;
    let mut set = ann();
    set.push(Attribute::single(
        "name",
        map(&[("given", "Ann"), ("family", "O'Brien")].map(|(k, v)| (k, Value::from(v)))),
    ));
    set.push(Attribute::single("address.locality", "Bern"));
    set.push(Attribute::null("title"));
    let uid = Connector::on(&pingone).create("__ACCOUNT__", set).await.unwrap();
    assert_eq!(uid, "user-1");
    let asked = pingone.asked();
    assert_eq!(asked[0].header("content-type"), Some("application/json"));
    assert_eq!(
        body(&asked[0]),
        json!({"username": "ann", "email": "ann@example.com", "name": {"given": "Ann", "family": "O'Brien"},
            "address": {"locality": "Bern"}})
    );
}

#[tokio::test]
async fn pingone_p09_a_user_with_password_is_imported() {
    let pingone = PingOne::start().await;
    let mut set = ann();
    set.push(Attribute::single("__PASSWORD__", secret("pw")));
    set.push(Attribute::single("forceChange", true));
    Connector::on(&pingone).create("__ACCOUNT__", set).await.unwrap();
    let asked = pingone.asked();
    assert_eq!(pingone.lines(), ["POST /users"]);
    assert_eq!(asked[0].header("content-type"), Some("application/vnd.pingidentity.user.import+json"));
    assert_eq!(body(&asked[0])["password"], json!({"value": "pw", "forceChange": true}));
}

#[tokio::test]
async fn pingone_p10_a_disabled_user_takes_a_second_request() {
    let pingone = PingOne::start().await;
    let mut set = ann();
    set.push(Attribute::single("__ENABLE__", false));
    Connector::on(&pingone).create("__ACCOUNT__", set).await.unwrap();
    assert_eq!(pingone.lines(), ["POST /users", "PUT /users/user-1/enabled"]);
    assert_eq!(body(&pingone.asked()[1]), json!({"enabled": false}));
    assert_eq!(pingone.state().users["user-1"]["enabled"], false);
}

#[tokio::test]
async fn pingone_p11_a_name_that_is_taken() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    assert_eq!(kind(connector.create("__ACCOUNT__", ann()).await), ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn pingone_p12_a_group_that_fails_leaves_the_identity() {
    let count = AtomicUsize::new(0);
    let pingone = PingOne::with(move |request| {
        let second = request.path.ends_with("/memberOfGroups") && count.fetch_add(1, Ordering::SeqCst) == 1;
        second.then(|| error(500, "UNEXPECTED_ERROR", &json!([])))
    })
    .await;
    let mut set = ann();
    set.push(Attribute::new("memberOfGroupIDs", vec!["g1".into(), "g2".into()]));
    let connector = Connector::on(&pingone);
    let instance = connector.instance().await;
    let create = instance.create_op().unwrap();
    let error =
        create.create(&cx(), &"__ACCOUNT__".into(), set, &OperationOptions::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.uid().unwrap().value()), (&ErrorKind::Retryable, "user-1"));
    let posts = ["POST /users", "POST /users/user-1/memberOfGroups", "POST /users/user-1/memberOfGroups"];
    assert_eq!(pingone.lines(), posts);
}

#[tokio::test]
async fn pingone_p13_a_population_is_sent_only_if_there_is_one() {
    let pingone = PingOne::start().await;
    Connector::on(&pingone).create("__ACCOUNT__", ann()).await.unwrap();
    assert!(body(&pingone.asked()[0]).get("population").is_none());
    let connector = Connector::with(&pingone, &[("defaultPopulationId", "p9".into())]);
    connector.create("__ACCOUNT__", texts([("__NAME__", "bob"), ("email", "b@x")])).await.unwrap();
    assert_eq!(body(&pingone.asked()[1])["population"], json!({"id": "p9"}));
}

#[tokio::test]
async fn pingone_p14_null_unsets() {
    let pingone = with_user().await;
    let set = AttributeSet::new().with(Attribute::null("title"));
    Connector::on(&pingone).update("__ACCOUNT__", "u1", set).await.unwrap();
    assert_eq!(pingone.lines(), ["PATCH /users/u1"]);
    assert_eq!(body(&pingone.asked()[0]), json!({"title": null}));
}

#[tokio::test]
async fn pingone_p15_enabled_has_its_own_place() {
    let pingone = with_user().await;
    let set = attributes([("enabled", false.into()), ("title", "T".into())]);
    Connector::on(&pingone).update("__ACCOUNT__", "u1", set).await.unwrap();
    assert_eq!(pingone.lines(), ["PATCH /users/u1", "PUT /users/u1/enabled"]);
    assert_eq!(body(&pingone.asked()[0]), json!({"title": "T"}));
    assert_eq!(body(&pingone.asked()[1]), json!({"enabled": false}));
}

#[tokio::test]
async fn pingone_p16_a_population_by_its_bare_identity() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    connector.update("__ACCOUNT__", "u1", texts([("population", "p2")])).await.unwrap();
    connector
        .update("__ACCOUNT__", "u1", attributes([("population", map(&[("id", "p3".into())]))]))
        .await
        .unwrap();
    assert_eq!(pingone.lines(), ["PUT /users/u1/population"; 2]);
    assert_eq!(body(&pingone.asked()[0]), json!({"id": "p2"}));
    assert_eq!(body(&pingone.asked()[1]), json!({"id": "p3"}));
}

#[tokio::test]
async fn pingone_p17_mfa_has_its_own_place() {
    let pingone = with_user().await;
    Connector::on(&pingone).update("__ACCOUNT__", "u1", texts([("mfaEnabled", "true")])).await.unwrap();
    assert_eq!(pingone.lines(), ["PUT /users/u1/mfaEnabled"]);
    assert_eq!(body(&pingone.asked()[0]), json!({"mfaEnabled": true}));
}

#[tokio::test]
async fn pingone_p18_a_password_is_set() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    let set = attributes([("__PASSWORD__", secret("new")), ("forceChange", true.into())]);
    connector.update("__ACCOUNT__", "u1", set).await.unwrap();
    assert_eq!(pingone.lines(), ["PUT /users/u1/password"]);
    let asked = &pingone.asked()[0];
    assert_eq!(asked.header("content-type"), Some("application/vnd.pingidentity.password.set+json"));
    assert_eq!(body(asked), json!({"value": "new", "forceChange": true}));
    let weak = attributes([("__PASSWORD__", secret("weak"))]);
    let (kind, message) = failure(connector.update("__ACCOUNT__", "u1", weak).await);
    assert_eq!(kind, ErrorKind::InvalidPassword);
    assert!(message.contains("'password'") && message.contains("too weak"), "{message}");
}

#[tokio::test]
async fn pingone_p19_an_account_is_locked_and_unlocked() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    let kinds = [
        "application/vnd.pingidentity.account.lock+json",
        "application/vnd.pingidentity.account.unlock+json",
    ];
    for (status, kind) in ["LOCKED", "OK"].into_iter().zip(kinds) {
        connector.update("__ACCOUNT__", "u1", texts([("account.status", status)])).await.unwrap();
        let last = pingone.asked().pop().unwrap();
        assert_eq!((last.method.as_str(), last.path.as_str()), ("POST", "/users/u1"));
        assert_eq!(last.header("content-type"), Some(kind));
        assert_eq!(pingone.state().users["u1"]["account"]["status"], status);
    }
}

#[tokio::test]
async fn pingone_p20_only_direct_memberships_change() {
    let pingone = with_user().await;
    for (group, kind) in [("g1", "DIRECT"), ("g3", "INDIRECT")] {
        pingone.state().memberships.entry("u1".into()).or_default().insert(group.into(), kind.into());
    }
    let connector = Connector::on(&pingone);
    connector.update("__ACCOUNT__", "u1", list("memberOfGroupIDs", &["g2"])).await.unwrap();
    let path = "/users/u1/memberOfGroups";
    assert_eq!(pingone.lines(), [format!("GET {path}"), format!("POST {path}"), format!("DELETE {path}/g1")]);
    assert_eq!(body(&pingone.asked()[1]), json!({"id": "g2"}));
    let groups: Vec<_> = pingone.state().memberships["u1"].keys().cloned().collect();
    assert_eq!(groups, ["g2", "g3"]);
    pingone.group("g4", "Ops");
    connector.add("__ACCOUNT__", "u1", list("memberOfGroupNames", &["Ops"])).await.unwrap();
    assert!(pingone.state().memberships["u1"].contains_key("g4"));
    let unknown = connector.add("__ACCOUNT__", "u1", list("memberOfGroupNames", &["Nobody"])).await;
    assert_eq!(kind(unknown), ErrorKind::InvalidAttributeValue);
}

#[tokio::test]
async fn pingone_p21_roles_that_are_read_only_stay() {
    let pingone = with_user().await;
    let assignment = |id: &str, role: &str, read_only: bool| json!({"id": id, "role": {"id": role}, "scope": {"id": "e", "type": "ENVIRONMENT"}, "readOnly": read_only});
    pingone
        .state()
        .assignments
        .insert("u1".into(), vec![assignment("a1", "r1", false), assignment("a2", "r2", true)]);
    let scope = map(&[("id", "e".into()), ("type", "ENVIRONMENT".into())]);
    let wanted = map(&[("role", map(&[("id", "r3".into())])), ("scope", scope)]);
    let set = AttributeSet::new().with(Attribute::new("roleAssignments", vec![wanted]));
    Connector::on(&pingone).update("__ACCOUNT__", "u1", set).await.unwrap();
    let path = "/users/u1/roleAssignments";
    assert_eq!(pingone.lines(), [format!("GET {path}"), format!("POST {path}"), format!("DELETE {path}/a1")]);
    assert_eq!(
        body(&pingone.asked()[1]),
        json!({"role": {"id": "r3"}, "scope": {"id": "e", "type": "ENVIRONMENT"}})
    );
    assert_eq!(pingone.state().assignments["u1"][0]["id"], "a2");
}

#[tokio::test]
async fn pingone_p22_a_group_is_renamed_with_everything_else_kept() {
    let pingone = PingOne::start().await;
    pingone.group("g1", "Ops");
    let connector = Connector::on(&pingone);
    connector.update("__GROUP__", "g1", texts([("__NAME__", "Operators")])).await.unwrap();
    assert_eq!(pingone.lines(), ["GET /groups/g1", "PUT /groups/g1"]);
    assert_eq!(body(&pingone.asked()[1]), json!({"name": "Operators", "description": "old"}));
    let population =
        connector.create("population", texts([("__NAME__", "Staff"), ("description", "d")])).await.unwrap();
    connector.update("population", &population, texts([("__NAME__", "All")])).await.unwrap();
    assert_eq!(pingone.state().populations[&population]["description"], "d");
    connector.delete("population", &population).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pingone_p23_a_thousand_members_at_most_eight_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (Arc::clone(&now), Arc::clone(&most));
    let pingone = PingOne::with(move |request| {
        if !request.path.ends_with("/memberOfGroups") {
            return None;
        }
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_micros(300));
        counted.fetch_sub(1, Ordering::SeqCst);
        None
    })
    .await;
    let ids: Vec<_> = (0..1000).map(|number| format!("u{number}")).collect();
    for id in &ids {
        pingone.user(id, id);
    }
    pingone.group("g1", "Ops");
    let values = ids.iter().map(|id| Value::from(id.as_str())).collect();
    let set = AttributeSet::new().with(Attribute::new("members", values));
    let limited = [("rateLimit", "400/sec".into())];
    Connector::with(&pingone, &limited).add("__GROUP__", "g1", set).await.unwrap();
    assert_eq!(pingone.lines().iter().filter(|line| line.starts_with("POST /users/")).count(), 1000);
    assert_eq!(pingone.state().memberships.len(), 1000);
    assert!((2..=8).contains(&most.load(Ordering::SeqCst)), "{most:?} at once");
    let times: Vec<_> =
        pingone.asked().iter().filter(|r| r.method == "POST").map(|request| request.at).collect();
    // 400, 400 and 200, each a second after the ones before; some slack for a busy machine.
    assert!(times[999] - times[0] > std::time::Duration::from_millis(1_900), "the limit is kept");
}

#[tokio::test]
async fn pingone_p35_an_object_is_deleted_or_unknown() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    connector.delete("__ACCOUNT__", "u1").await.unwrap();
    assert_eq!(kind(connector.delete("__ACCOUNT__", "u1").await), ErrorKind::UnknownUid);
}

#[tokio::test]
async fn pingone_p36_roles_cannot_be_made() {
    let pingone = PingOne::start().await;
    let connector = Connector::on(&pingone);
    assert_eq!(kind(connector.create("role", texts([("__NAME__", "r")])).await), ErrorKind::Unsupported);
    assert_eq!(kind(connector.delete("role", "r1").await), ErrorKind::Unsupported);
    assert!(pingone.asked().is_empty());
}

#[tokio::test]
async fn pingone_p39_a_custom_attribute_is_sent() {
    let pingone = with_user().await;
    Connector::on(&pingone).update("__ACCOUNT__", "u1", texts([("shoeSize", "44")])).await.unwrap();
    assert_eq!(body(&pingone.asked()[0]), json!({"shoeSize": "44"}));
}

#[tokio::test]
async fn pingone_p40_an_unknown_attribute_is_refused() {
    let pingone = with_user().await;
    let connector = Connector::on(&pingone);
    for name in ["hatSize", "createdAt", "lifecycle"] {
        let outcome = connector.update("__ACCOUNT__", "u1", texts([(name, "x")])).await;
        assert_eq!(kind(outcome), ErrorKind::InvalidAttributeValue, "{name}");
    }
    assert!(pingone.asked().is_empty());
}

#[tokio::test]
async fn pingone_p41_a_password_that_lives_elsewhere() {
    let pingone = with_user().await;
    let gateway = map(&[
        ("id", "gw".into()),
        ("type", "LDAP".into()),
        ("userType", map(&[("id", "ut".into())])),
        ("correlationAttributes", map(&[("uid", "ann".into())])),
    ]);
    let set = attributes([("password", map(&[("external", map(&[("gateway", gateway)]))]))]);
    Connector::on(&pingone).update("__ACCOUNT__", "u1", set).await.unwrap();
    let asked = &pingone.asked()[0];
    assert_eq!(pingone.lines(), ["PUT /users/u1/password"]);
    assert_eq!(asked.header("content-type"), Some("application/vnd.pingidentity.password.set+json"));
    assert_eq!(
        body(asked),
        json!({"external": {"gateway": {"id": "gw", "type": "LDAP", "userType": {"id": "ut"},
            "correlationAttributes": {"uid": "ann"}}}})
    );
}
