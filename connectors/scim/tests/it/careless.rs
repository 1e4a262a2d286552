//! Against SCIMMY with handlers as someone writes them in an afternoon: filters and pages are not looked at, and members
//! stand in a group as often as they are added.

use icf::{Attribute, AttributeSet, ErrorKind, Filter, Value};

use crate::counterparts::Counterpart;
use crate::harness::{Scim, attributes, equals, kind, list, no_options, page, text, texts, uids};

fn start() -> (Counterpart, Scim) {
    let (server, _) = Counterpart::script("careless", include_str!("../counterparts/careless.js"), &[]);
    let scim = Scim::at(&server.endpoint());
    (server, scim)
}

#[tokio::test]
async fn what_nobody_filtered_is_filtered_here() {
    let (_server, scim) = start();
    scim.test().await.unwrap();
    let mut all = Vec::new();
    for number in 0..20 {
        let name = format!("user{number}");
        let set =
            texts([("__NAME__", name.as_str()), ("department", if number % 2 == 0 { "D0" } else { "D1" })]);
        all.push(scim.create("__ACCOUNT__", set).await.unwrap());
    }
    let taken = scim.create("__ACCOUNT__", texts([("__NAME__", "user3")])).await;
    assert_eq!(kind(taken), ErrorKind::AlreadyExists);
    assert_eq!(uids(&scim.users().await.unwrap()), all);
    assert_eq!(scim.find(equals("__NAME__", "USER7")).await, [all[7].clone()]);
    assert_eq!(scim.find(equals("department", "D1")).await.len(), 10);
    assert_eq!(scim.find(Filter::EndsWith(Attribute::single("userName", "4"))).await.len(), 2);
    assert!(scim.find(equals("__NAME__", "nobody")).await.is_empty());
    // A page of five of a list that has no pages: never somebody twice, never without end.
    let first = scim.search("__ACCOUNT__", None, &page(5)).await.unwrap();
    assert_eq!(uids(&first.objects)[..5], all[..5]);
    let sorted = no_options().with_attributes_to_get(["department"]);
    let found = scim.search("__ACCOUNT__", None, &sorted).await.unwrap().objects;
    assert_eq!(text(&found[1], "department"), Some("D1"));
    // It counts more than it ever shows: an error, as those that are missing would be taken for deleted.
    scim.create("__ACCOUNT__", texts([("__NAME__", "one too many")])).await.unwrap();
    assert_eq!(kind(scim.users().await), ErrorKind::ConnectorIo);
}

#[tokio::test]
async fn an_account_and_a_group_at_a_careless_service() {
    let (_server, scim) = start();
    let mut users = Vec::new();
    for number in 0..6 {
        let name = format!("user{number}");
        let set =
            attributes([("__NAME__", name.as_str().into()), ("active", true.into()), ("title", "T".into())]);
        users.push(scim.create("__ACCOUNT__", set).await.unwrap());
    }
    for more in [vec![], vec![("usePathForPatchV2", Value::Boolean(true))]] {
        let scim = Scim::with(&_server.endpoint(), &more);
        let title = if more.is_empty() { "one" } else { "two" };
        let mut set = attributes([("active", "false".into()), ("department", title.into())]);
        set.push(Attribute::null("title"));
        scim.update("__ACCOUNT__", &users[0], set).await.unwrap();
        let user = scim.get("__ACCOUNT__", &users[0]).await.unwrap().unwrap();
        assert_eq!((text(&user, "department"), text(&user, "title")), (Some(title), None));
        assert_eq!(user.attribute("active").unwrap().values(), [false.into()]);
        assert_eq!(user.name.as_str(), "user0", "what was not named stays");
    }
    let group = scim.create("__GROUP__", texts([("__NAME__", "ops")])).await.unwrap();
    let ids = |range: std::ops::Range<usize>| users[range].iter().map(String::as_str).collect::<Vec<_>>();
    for range in [0..3, 1..5, 1..5, 4..6] {
        scim.update("__GROUP__", &group, list("members", &ids(range.clone()))).await.unwrap();
        assert_eq!(members(&scim, &group).await, ids(range), "each once");
    }
    scim.remove("__GROUP__", &group, list("members", &ids(4..5))).await.unwrap();
    assert_eq!(members(&scim, &group).await, ids(5..6), "only who was meant");
    scim.update("__GROUP__", &group, AttributeSet::new().with(Attribute::new("members", vec![])))
        .await
        .unwrap();
    assert!(members(&scim, &group).await.is_empty());
    scim.delete("__ACCOUNT__", &users[0]).await.unwrap();
    assert_eq!(kind(scim.delete("__ACCOUNT__", &users[0]).await), ErrorKind::UnknownUid);
}

async fn members(scim: &Scim, group: &str) -> Vec<String> {
    let group = scim.get("__GROUP__", group).await.unwrap().unwrap();
    let values = group.attribute("members").map(Attribute::values).unwrap_or_default().to_vec();
    let id = |value: &Value| match value {
        Value::Map(map) => map.get("value").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let mut ids: Vec<_> = values.iter().filter_map(id).collect();
    ids.sort();
    ids
}
