//! Searching and reading.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use icf::{Attribute, ErrorKind, Filter, OperationOptions, option_names};
use icf_testkit::http::Reply;
use serde_json::json;

use crate::fake::{PingOne, error};
use crate::harness::{Connector, equals, failure, kind, map, uids};

fn everything() -> OperationOptions {
    OperationOptions::default()
}

async fn crowd(count: usize) -> PingOne {
    let pingone = PingOne::start().await;
    for number in 0..count {
        pingone.user(&format!("u{number:04}"), &format!("user{number}"));
    }
    pingone
}

#[tokio::test]
async fn pingone_p24_memberships_come_when_asked_for() {
    let pingone = PingOne::start().await;
    pingone.user("u1", "ann");
    pingone.group("g1", "Ops");
    pingone.state().memberships.entry("u1".into()).or_default().insert("g1".into(), "DIRECT".into());
    let connector = Connector::on(&pingone);
    let options = everything().with_attributes_to_get(["__NAME__", "memberOfGroupNames"]);
    let found = connector.search("__ACCOUNT__", Some(equals("__UID__", "u1")), &options).await.unwrap();
    assert_eq!(found.objects[0].attribute("memberOfGroupNames").unwrap().values(), ["Ops".into()]);
    let asked = pingone.asked();
    assert_eq!(
        (asked[0].path.as_str(), asked[0].query.as_str()),
        ("/users/u1", "include=memberOfGroupNames")
    );
    let user = connector.get("__ACCOUNT__", "u1", &["title"]).await.unwrap();
    assert!(user.attribute("memberOfGroupNames").is_none());
    assert_eq!(pingone.asked()[1].query, "");
    assert!(connector.get("__ACCOUNT__", "nobody", &[]).await.is_none());
    let with = Connector::with(&pingone, &[("includeMemberships", true.into())]);
    let all = with.search("__ACCOUNT__", None, &options).await.unwrap();
    assert_eq!(all.objects[0].attribute("memberOfGroupNames").unwrap().values(), ["Ops".into()]);
}

#[tokio::test]
async fn pingone_p25_every_page_is_followed() {
    let pingone = crowd(450).await;
    let found = Connector::on(&pingone).search("__ACCOUNT__", None, &everything()).await.unwrap();
    assert_eq!(found.objects.len(), 450);
    let queries: Vec<_> = pingone.asked().into_iter().map(|request| request.query).collect();
    assert_eq!(queries, ["limit=200", "limit=200&cursor=200", "limit=200&cursor=400"]);
}

#[tokio::test]
async fn pingone_p26_pages_by_cursor() {
    let pingone = crowd(150).await;
    let connector = Connector::on(&pingone);
    let options = everything().with(option_names::PAGE_SIZE, 100);
    let first = connector.search("__ACCOUNT__", None, &options).await.unwrap();
    assert_eq!((first.objects.len(), first.result.total_paged_results), (100, 150));
    assert_eq!(first.result.remaining_paged_results, 50);
    let cookie = first.result.paged_results_cookie.unwrap();
    let options = options.with(option_names::PAGED_RESULTS_COOKIE, cookie.as_str());
    let second = connector.search("__ACCOUNT__", None, &options).await.unwrap();
    assert_eq!((second.objects.len(), second.result.paged_results_cookie), (50, None));
    assert_eq!(pingone.asked()[1].parameter("cursor").unwrap(), "100");
    let foreign = everything().with(option_names::PAGE_SIZE, 1).with(option_names::PAGED_RESULTS_COOKIE, "x");
    assert_eq!(kind(connector.search("__ACCOUNT__", None, &foreign).await), ErrorKind::InvalidAttributeValue);
}

#[tokio::test]
async fn pingone_p27_a_page_on_another_host_is_not_asked_for() {
    let pingone = PingOne::with(|request| {
        request.path.ends_with("/users").then(|| {
            Reply::json(
                200,
                &json!({"_embedded": {"users": [{"id": "u1", "username": "ann"}]},
                "_links": {"next": {"href": "https://evil.example/v1/users?cursor=1"}}}),
            )
        })
    })
    .await;
    let (kind, message) = failure(Connector::on(&pingone).search("__ACCOUNT__", None, &everything()).await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.contains("another host"), "{message}");
    assert_eq!(pingone.asked().len(), 1);
}

#[tokio::test]
async fn pingone_p28_filters_are_quoted_and_encoded() {
    let pingone = crowd(3).await;
    pingone.state().users.get_mut("u0001").unwrap()["name"] = json!({"family": "O'Brien Jr"});
    let connector = Connector::on(&pingone);
    assert_eq!(connector.find("__ACCOUNT__", equals("name.family", "O'Brien Jr")).await, ["u0001"]);
    let asked = pingone.asked().pop().unwrap();
    assert_eq!(asked.parameter("filter").unwrap(), "name.family eq \"O'Brien Jr\"");
    assert!(asked.query.contains("filter=name.family%20eq%20%22O%27Brien%20Jr%22"), "{}", asked.query);
}

#[tokio::test]
async fn pingone_p29_what_pingone_cannot_judge_is_judged_here() {
    let pingone = crowd(12).await;
    let connector = Connector::on(&pingone);
    let filter = Filter::EndsWith(Attribute::single("__NAME__", "1"));
    assert_eq!(connector.find("__ACCOUNT__", filter).await, ["u0001", "u0011"]);
    assert_eq!(pingone.asked()[0].parameter("filter"), None);
}

#[tokio::test]
async fn pingone_p30_a_population_by_name() {
    let pingone = PingOne::start().await;
    for (id, name) in [("p1", "Staff"), ("p2", "Staff abroad")] {
        pingone.state().populations.insert(id.into(), json!({"id": id, "name": name}));
    }
    let connector = Connector::on(&pingone);
    assert_eq!(connector.find("population", equals("__NAME__", "Staff")).await, ["p1"]);
    assert_eq!(pingone.asked()[0].parameter("filter").unwrap(), "name sw \"Staff\"");
}

#[tokio::test]
async fn pingone_p31_a_refused_filter_is_dropped_once() {
    let pingone = crowd(3).await;
    pingone.state().users.get_mut("u0002").unwrap()["locale"] = "de".into();
    let connector = Connector::on(&pingone);
    assert_eq!(connector.find("__ACCOUNT__", equals("locale", "de")).await, ["u0002"]);
    let filters: Vec<_> = pingone.asked().iter().map(|request| request.parameter("filter")).collect();
    assert_eq!(filters, [Some("locale eq \"de\"".to_owned()), None]);
}

#[tokio::test]
async fn pingone_p32_limits_are_waited_for_or_told() {
    let count = AtomicUsize::new(0);
    let limited = |seconds: &str| error(429, "REQUEST_LIMITED", &json!([])).header("retry-after", seconds);
    let pingone = PingOne::with(move |request| {
        let first = request.path.ends_with("/users") && count.fetch_add(1, Ordering::SeqCst) == 0;
        first.then(|| limited("1"))
    })
    .await;
    let begun = Instant::now();
    Connector::on(&pingone).search("__ACCOUNT__", None, &everything()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let pingone =
        PingOne::with(move |request| request.path.ends_with("/users").then(|| limited("300"))).await;
    let begun = Instant::now();
    let (kind, message) = failure(Connector::on(&pingone).search("__ACCOUNT__", None, &everything()).await);
    assert_eq!(kind, ErrorKind::Retryable);
    assert!(message.contains("300") && begun.elapsed() < Duration::from_secs(3), "{message}");
}

#[tokio::test]
async fn pingone_p37_older_class_names_are_understood() {
    let pingone = PingOne::start().await;
    pingone.state().populations.insert("p1".into(), json!({"id": "p1", "name": "Staff"}));
    let connector = Connector::on(&pingone);
    for class in ["POPULATION", "populations", "__POPULATION__", "population"] {
        let found = connector.search(class, None, &everything()).await.unwrap();
        assert_eq!(uids(&found.objects), ["p1"], "{class}");
    }
    assert!(pingone.lines().iter().all(|line| line == "GET /populations"));
    let roles = connector.search("availableRoles", None, &everything()).await.unwrap();
    assert_eq!(roles.objects[0].name, "Identity Data Admin");
}

#[tokio::test]
async fn pingone_p38_the_seven_fields_come_in_one_list() {
    let pingone = crowd(1).await;
    {
        let mut state = pingone.state();
        let user = state.users.get_mut("u0000").unwrap();
        user["address"] = json!({"locality": "Bern", "region": "BE"});
        user["type"] = "employee".into();
    }
    let fields = [
        "account.canAuthenticate",
        "address.locality",
        "mfaEnabled",
        "address.region",
        "account.status",
        "type",
        "verifyStatus",
    ];
    let options = everything().with_attributes_to_get(fields);
    let found = Connector::on(&pingone).search("__ACCOUNT__", None, &options).await.unwrap();
    let values: Vec<_> =
        fields.iter().map(|name| found.objects[0].attribute(name).unwrap().values()[0].clone()).collect();
    let expected: Vec<icf::Value> = vec![
        "true".into(),
        "Bern".into(),
        false.into(),
        "BE".into(),
        "OK".into(),
        "employee".into(),
        "NOT_INITIATED".into(),
    ];
    assert_eq!(values, expected);
    assert_eq!(pingone.lines(), ["GET /users"]);
    let all = Connector::on(&pingone).search("__ACCOUNT__", None, &everything()).await.unwrap();
    let address = map(&[("locality", "Bern".into()), ("region", "BE".into())]);
    assert_eq!(all.objects[0].attribute("address").unwrap().values(), [address]);
    assert!(
        all.objects[0].attribute("address.locality").is_none()
            && all.objects[0].attribute("_links").is_none()
    );
}

#[tokio::test]
async fn members_of_a_group_come_when_asked_for() {
    let pingone = crowd(3).await;
    pingone.group("g1", "Ops");
    for user in ["u0000", "u0002"] {
        pingone.state().memberships.entry(user.into()).or_default().insert("g1".into(), "DIRECT".into());
    }
    let group = Connector::on(&pingone).get("__GROUP__", "g1", &["members"]).await.unwrap();
    assert_eq!(group.attribute("members").unwrap().values(), ["u0000".into(), "u0002".into()]);
    assert_eq!(pingone.asked()[1].parameter("filter").unwrap(), "memberOfGroups[id eq \"g1\"]");
}

#[tokio::test]
async fn the_schema_has_the_environments_own_attributes() {
    let pingone = PingOne::start().await;
    let instance = Connector::on(&pingone).instance().await;
    let schema = instance.schema_op().unwrap().schema(&crate::harness::cx()).await.unwrap().unwrap();
    let user = schema.object_class("__ACCOUNT__").unwrap();
    for name in ["shoeSize", "address.locality", "memberOfGroupIDs", "__PASSWORD__", "__ENABLE__"] {
        assert!(user.attribute(name).is_some(), "{name}");
    }
    for class in ["__GROUP__", "population", "role"] {
        assert!(schema.object_class(class).is_some(), "{class}");
    }
    let creating = &schema.classes_by_operation[&icf::ApiOperation::Create];
    assert!(!creating.iter().any(|class| class.as_str() == "role"));
}

#[tokio::test]
async fn pingone_p34_a_missing_role_is_named() {
    let pingone = PingOne::with(|request| {
        request.path.ends_with("/users").then(|| error(403, "ACCESS_FAILED", &json!([])))
    })
    .await;
    let connector = Connector::on(&pingone);
    let (kind, message) = failure(connector.search("__ACCOUNT__", None, &everything()).await);
    assert_eq!(kind, ErrorKind::PermissionDenied);
    assert!(message.contains("err-1") && message.contains("Identity Data Admin"), "{message}");
    assert!(pingone.asked()[0].header("x-ping-external-transaction-id") == Some("request-1"));
}
