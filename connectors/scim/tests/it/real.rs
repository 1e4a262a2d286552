//! Against `scim2-server`, a strict service that others wrote.

use icf::{Attribute, AttributeSet, ErrorKind, Filter, ObjectClass, Value, ValueMap};
use icf_testkit::{Check, Contract, Sample};
use serde_json::json;

use crate::counterparts::Counterpart;
use crate::harness::{
    Scim, attributes, equals, kind, list, no_options, page, registration, secret, text, token_properties,
    uids,
};
use crate::privileged::privileged;

const PROVIDER: &str = "--service-provider-config";

fn person(number: usize) -> AttributeSet {
    let name = ValueMap::default().with("familyName", format!("Family{number}")).with("givenName", "G");
    attributes([
        ("__NAME__", format!("user{number}").into()),
        ("name", Value::Map(name)),
        ("title", "first".into()),
        ("department", "D1".into()),
        ("active", true.into()),
    ])
}

#[tokio::test]
async fn the_contract_of_all_connectors_is_kept() {
    let server = Counterpart::scim2_server(&[]);
    let sample =
        Sample::new(ObjectClass::ACCOUNT, person).change(Attribute::single("title", "second")).clear("title");
    let properties = token_properties(&server.endpoint());
    let properties = properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Contract::new(registration(), properties, sample)
        .exempt(Check::UpdateChanges, "meta says when and to which version, and follows every change")
        .exempt(Check::NotUpdateable, "as in the original, id, meta and schemas in an update are ignored")
        .run()
        .await
        .assert_kept();
}

#[tokio::test]
async fn an_account_lives_at_a_real_service() {
    let server = Counterpart::scim2_server(&[]);
    let scim = Scim::at(&server.endpoint());
    scim.test().await.unwrap();
    let schema = scim.schema().await.unwrap();
    assert!(schema.object_class("__ACCOUNT__").unwrap().attribute("department").is_some());
    let mut set = person(1);
    set.push(Attribute::single("__PASSWORD__", secret("Hush-1234")));
    set.push(Attribute::single(
        "emails",
        Value::Map(ValueMap::default().with("value", "a@example.com").with("type", "work")),
    ));
    let uid = scim.create("__ACCOUNT__", set).await.unwrap();
    assert_eq!(kind(scim.create("__ACCOUNT__", person(1)).await), ErrorKind::AlreadyExists);
    for more in [vec![], vec![("usePathForPatchV2", Value::Boolean(true))]] {
        let scim = Scim::with(&server.endpoint(), &more);
        let title = if more.is_empty() { "one" } else { "two" };
        let mut change =
            attributes([("title", title.into()), ("department", title.into()), ("active", "false".into())]);
        change.push(Attribute::null("nickName"));
        scim.update("__ACCOUNT__", &uid, change).await.unwrap();
        let user = scim.get("__ACCOUNT__", &uid).await.unwrap().unwrap();
        assert_eq!((text(&user, "title"), text(&user, "department")), (Some(title), Some(title)));
        assert_eq!(user.attribute("active").unwrap().values(), [false.into()]);
        assert_eq!(user.attribute("emails").unwrap().values().len(), 1, "what was not named stays");
    }
    let email = || Value::Map(ValueMap::default().with("value", "b@example.com").with("type", "home"));
    scim.add("__ACCOUNT__", &uid, attributes([("emails", email())])).await.unwrap();
    let emails = |user: &icf::ConnectorObject| user.attribute("emails").unwrap().values().len();
    assert_eq!(emails(&scim.get("__ACCOUNT__", &uid).await.unwrap().unwrap()), 2);
    scim.remove("__ACCOUNT__", &uid, attributes([("emails", email())])).await.unwrap();
    assert_eq!(emails(&scim.get("__ACCOUNT__", &uid).await.unwrap().unwrap()), 1);
    scim.delete("__ACCOUNT__", &uid).await.unwrap();
    assert_eq!(kind(scim.delete("__ACCOUNT__", &uid).await), ErrorKind::UnknownUid);
    assert!(scim.get("__ACCOUNT__", &uid).await.unwrap().is_none());
}

#[tokio::test]
async fn a_real_service_judges_filters_as_we_do() {
    let server = Counterpart::scim2_server(&[]);
    let scim = Scim::at(&server.endpoint());
    let mut created = Vec::new();
    for number in 0..12 {
        created.push(scim.create("__ACCOUNT__", person(number)).await.unwrap());
    }
    let found = |filter: Filter| async { scim.find(filter).await.len() };
    assert_eq!(found(equals("__NAME__", "USER3")).await, 1);
    assert_eq!(found(equals("department", "d1")).await, 12);
    assert_eq!(found(Filter::EndsWith(Attribute::single("userName", "1"))).await, 2);
    assert_eq!(found(equals("name.familyName", "Family7")).await, 1);
    assert_eq!(found(equals("__NAME__", "user1").or(equals("__NAME__", "user2")).negated()).await, 10);
    assert_eq!(found(Filter::Presence("nickName".into())).await, 0);
    let sorted =
        no_options().with_sort_keys(vec![icf::SortKey { field: "__NAME__".to_owned(), ascending: true }]);
    let users = scim.search("__ACCOUNT__", None, &sorted).await.unwrap().objects;
    assert_eq!((users.len(), users[0].name.as_str(), users[11].name.as_str()), (12, "user0", "user9"));
    let (deltas, _) = scim.sync("__ACCOUNT__", "2020-01-01T00:00:00Z").await.unwrap();
    assert_eq!(deltas.len(), 12);
}

/// A server that caps pages at five, has cursors and no PATCH.
fn restricted(patch: bool, cursor: bool) -> serde_json::Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": patch}, "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 5}, "changePassword": {"supported": true},
        "sort": {"supported": false}, "etag": {"supported": true}, "authenticationSchemes": [],
        "pagination": {"cursor": cursor, "index": true, "defaultPaginationMethod": if cursor { "cursor" } else { "index" },
            "defaultPageSize": 3, "maxPageSize": 5, "cursorTimeout": 60}})
}

#[tokio::test]
async fn pages_of_a_real_service_by_index_and_by_cursor() {
    for cursor in [false, true] {
        let server = Counterpart::scim2_server(&[(PROVIDER, restricted(true, cursor))]);
        let scim = Scim::at(&server.endpoint());
        for number in 0..13 {
            scim.create("__ACCOUNT__", person(number)).await.unwrap();
        }
        assert_eq!(scim.users().await.unwrap().len(), 13);
        let mut all = Vec::new();
        let mut options = page(4);
        loop {
            let found = scim.search("__ACCOUNT__", None, &options).await.unwrap();
            all.extend(uids(&found.objects));
            let Some(cookie) = found.result.paged_results_cookie else { break };
            options = page(4).with(icf::option_names::PAGED_RESULTS_COOKIE, cookie.as_str());
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 13, "cursor {cursor}");
    }
}

#[tokio::test]
async fn members_of_a_real_group_with_and_without_patch() {
    for patch in [true, false] {
        let server = Counterpart::scim2_server(&[(PROVIDER, restricted(patch, false))]);
        let scim = Scim::at(&server.endpoint());
        let mut users = Vec::new();
        for number in 0..6 {
            users.push(scim.create("__ACCOUNT__", person(number)).await.unwrap());
        }
        let ids = |range: std::ops::Range<usize>| users[range].iter().map(String::as_str).collect::<Vec<_>>();
        let mut set = list("members", &ids(0..3));
        set.push(Attribute::single("__NAME__", "ops"));
        let group = scim.create("__GROUP__", set).await.unwrap();
        scim.update("__GROUP__", &group, list("members", &ids(1..5))).await.unwrap();
        assert_eq!(members(&scim, &group).await, sorted(&users[1..5]), "patch {patch}");
        scim.update("__ACCOUNT__", &users[5], list("groups", &[&group])).await.unwrap();
        assert_eq!(members(&scim, &group).await, sorted(&users[1..6]));
        scim.remove("__GROUP__", &group, list("members", &ids(1..2))).await.unwrap();
        scim.update("__GROUP__", &group, attributes([("displayName", "operators".into())])).await.unwrap();
        assert_eq!(members(&scim, &group).await, sorted(&users[2..6]));
        scim.update("__GROUP__", &group, AttributeSet::new().with(Attribute::new("members", vec![])))
            .await
            .unwrap();
        assert!(members(&scim, &group).await.is_empty());
    }
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

async fn members(scim: &Scim, group: &str) -> Vec<String> {
    let group = scim.get("__GROUP__", group).await.unwrap().unwrap();
    let values = group.attribute("members").map(Attribute::values).unwrap_or_default();
    let ids: Vec<_> = values
        .iter()
        .filter_map(|value| match value {
            Value::Map(map) => map.get("value").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        })
        .collect();
    sorted(&ids)
}

#[tokio::test]
async fn privileged_data_at_a_real_service() {
    let described = privileged();
    let server = Counterpart::scim2_server(&[
        ("--schema", described.schemas["Resources"].clone()),
        ("--resource-type", described.types["Resources"].clone()),
    ]);
    let scim = Scim::at(&server.endpoint());
    let schema = scim.schema().await.unwrap();
    for class in ["Container", "PrivilegedData", "ContainerPermission"] {
        assert!(schema.object_class(class).is_some(), "{class}");
    }
    let mut ann = person(1);
    ann.push(Attribute::single("nativeIdentifier", "CN=Ann,DC=example"));
    ann.push(Attribute::single("source", "AD"));
    let ann = scim.create("__ACCOUNT__", ann).await.unwrap();
    let found = scim.find(equals("nativeIdentifier", "cn=ann,dc=example")).await;
    assert_eq!(found, [ann]);
    let group = scim.create("__GROUP__", attributes([("__NAME__", "Operators".into())])).await.unwrap();
    let rule = attributes([("name", "Servers".into()), ("type", "Smart Rule".into())]);
    let rule = scim.create("Container", rule).await.unwrap();
    let reference = |id: &str| Value::Map(ValueMap::default().with("value", id));
    let mut permission = attributes([("container", reference(&rule)), ("group", reference(&group))]);
    permission.push(Attribute::new("rights", vec!["Read".into()]));
    let permission = scim.create("ContainerPermission", permission).await.unwrap();
    let more = Attribute::new("rights", vec!["Read".into(), "Requester".into()]);
    scim.update("ContainerPermission", &permission, AttributeSet::new().with(more)).await.unwrap();
    let of_group = scim
        .search("ContainerPermission", Some(equals("group.value", group.as_str())), &no_options())
        .await
        .unwrap()
        .objects;
    assert_eq!(uids(&of_group), [permission.as_str()]);
    assert_eq!(of_group[0].attribute("rights").unwrap().values().len(), 2);
    scim.delete("ContainerPermission", &permission).await.unwrap();
    assert!(scim.get("ContainerPermission", &permission).await.unwrap().is_none());
}
