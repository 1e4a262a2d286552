//! Members of groups: only differences, in portions, and never fewer than meant.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use icf::{Attribute, AttributeSet, ErrorKind, Value};
use icf_testkit::http::{FakeService, Received, Reply};
use serde_json::{Value as Json, json};

use crate::harness::{Scim, kind, list};
use crate::service::{Described, GROUP, asked, error, lines, list_of, standard, user};

fn group(members: impl IntoIterator<Item = impl AsRef<str>>) -> Json {
    let members: Vec<_> = members.into_iter().map(|id| json!({"value": id.as_ref()})).collect();
    json!({"schemas": [GROUP], "id": "g", "displayName": "G", "members": members})
}

fn patches(service: &FakeService) -> Vec<Json> {
    asked(service)
        .iter()
        .filter(|request| request.method == "PATCH")
        .map(|request| request.json()["Operations"].clone())
        .collect()
}

fn numbered(range: std::ops::Range<usize>) -> AttributeSet {
    AttributeSet::new().with(Attribute::new("members", range.map(|n| Value::from(format!("u{n}"))).collect()))
}

/// A group of so many that does what RFC 7644 says, and nothing else.
struct Group {
    members: Arc<Mutex<BTreeSet<String>>>,
    service: FakeService,
}

impl Group {
    async fn of(
        count: usize,
        patch: bool,
        refuse: impl Fn(usize, &Received) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let members: Arc<Mutex<BTreeSet<String>>> =
            Arc::new(Mutex::new((0..count).map(|n| format!("u{n}")).collect()));
        let state = Arc::clone(&members);
        let number = AtomicUsize::new(0);
        let described = Described::standard()
            .provider(&json!({"patch": {"supported": patch}, "etag": {"supported": true}}));
        let service = described
            .start(move |request| {
                let mut members = state.lock().unwrap();
                if request.method != "GET"
                    && let Some(reply) = refuse(number.fetch_add(1, Ordering::SeqCst), request)
                {
                    return reply;
                }
                match request.method.as_str() {
                    "GET" => Reply::scim(200, &group(members.iter())).header("etag", "\"1\""),
                    "PATCH" => patch_group(&mut members, &request.json()),
                    "PUT" => {
                        assert_eq!(request.header("if-match"), Some("\"1\""));
                        let list = request.json()["members"].as_array().unwrap().clone();
                        *members = list.iter().map(|m| m["value"].as_str().unwrap().to_owned()).collect();
                        Reply::scim(200, &json!({"id": "g"}))
                    }
                    _ => error(405, "", ""),
                }
            })
            .await;
        Self { members, service }
    }

    fn now(&self) -> BTreeSet<String> {
        self.members.lock().unwrap().clone()
    }
}

fn patch_group(members: &mut BTreeSet<String>, body: &Json) -> Reply {
    for operation in body["Operations"].as_array().unwrap() {
        match operation["op"].as_str().unwrap() {
            "add" => {
                assert_eq!(operation["path"], "members");
                for member in operation["value"].as_array().unwrap() {
                    members.insert(member["value"].as_str().unwrap().to_owned());
                }
            }
            "remove" => {
                assert!(
                    operation.get("value").is_none(),
                    "a list of values means all members to some services"
                );
                let path = operation["path"].as_str().unwrap();
                if path == "members" {
                    members.clear();
                } else {
                    let id = path
                        .strip_prefix("members[value eq \"")
                        .and_then(|rest| rest.strip_suffix("\"]"))
                        .unwrap();
                    if !members.remove(id) {
                        return error(400, "noTarget", "no such member");
                    }
                }
            }
            other => panic!("{other}"),
        }
    }
    Reply::status(204)
}

#[tokio::test]
async fn scim_g01_a_replacement_becomes_a_difference() {
    let service = standard(|request| match request.method.as_str() {
        "GET" => Reply::scim(200, &group(["a", "b", "c"])),
        _ => Reply::status(204),
    })
    .await;
    Scim::at(&service.url("/s")).update("__GROUP__", "g", list("members", &["b", "c", "d"])).await.unwrap();
    assert_eq!(asked(&service)[0].line(), "GET /s/Groups/g?attributes=members");
    assert_eq!(
        patches(&service),
        [
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            json!([{"op": "add", "path": "members", "value": [{"value": "d"}]}]),
        ]
    );
}

#[tokio::test]
async fn scim_g02_many_are_added_in_portions_without_reading() {
    let service = standard(|_| Reply::status(204)).await;
    Scim::at(&service.url("/s")).add("__GROUP__", "g", numbered(0..1200)).await.unwrap();
    assert_eq!(lines(&service), ["PATCH /s/Groups/g"; 3]);
    let sizes: Vec<_> = patches(&service).iter().map(|o| o[0]["value"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [500, 500, 200]);
}

#[tokio::test]
async fn scim_g03_a_profile_makes_portions_smaller() {
    let service = standard(|_| Reply::status(204)).await;
    let profile = [("providerProfile", "aws-iam-ic".into())];
    Scim::with(&service.url("/s"), &profile).remove("__GROUP__", "g", numbered(0..250)).await.unwrap();
    let sizes: Vec<_> =
        patches(&service).iter().map(|operations| operations.as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
}

#[tokio::test]
async fn scim_g04_a_portion_that_is_too_large_is_halved() {
    let service = standard(|request| {
        let count = request.json()["Operations"][0]["value"].as_array().unwrap().len();
        if count > 250 { error(413, "", "too large") } else { Reply::status(204) }
    })
    .await;
    Scim::at(&service.url("/s")).add("__GROUP__", "g", numbered(0..500)).await.unwrap();
    let sizes: Vec<_> = patches(&service).iter().map(|o| o[0]["value"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [500, 250, 250]);
}

#[tokio::test]
async fn scim_g05_all_members_are_removed_as_the_service_allows() {
    for (profile, expected) in [
        ("rfc", json!([{"op": "remove", "path": "members"}])),
        (
            "aws-iam-ic",
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}, {"op": "remove", "path": "members[value eq \"b\"]"}]),
        ),
    ] {
        let service = standard(|request| match request.method.as_str() {
            "GET" => Reply::scim(200, &group(["a", "b"])),
            _ => Reply::status(204),
        })
        .await;
        let scim = Scim::with(&service.url("/s"), &[("providerProfile", profile.into())]);
        let nothing = AttributeSet::new().with(Attribute::null("members"));
        scim.update("__GROUP__", "g", nothing).await.unwrap();
        assert_eq!(patches(&service), [expected]);
    }
}

#[tokio::test]
async fn scim_g06_a_refused_removal_is_not_tried_in_a_form_that_may_mean_all() {
    let service = standard(|_| error(400, "invalidPath", "cannot")).await;
    let outcome = Scim::at(&service.url("/s")).remove("__GROUP__", "g", list("members", &["a"])).await;
    assert_eq!(kind(outcome), ErrorKind::InvalidAttributeValue);
    assert_eq!(patches(&service), [json!([{"op": "remove", "path": "members[value eq \"a\"]"}])]);
}

#[tokio::test]
async fn scim_g07_a_series_that_breaks_off_is_taken_up_again() {
    let group =
        Group::of(0, true, |number, _| (1..=3).contains(&number).then(|| error(503, "", "busy"))).await;
    let scim = Scim::at(&group.service.url("/s"));
    assert_eq!(kind(scim.update("__GROUP__", "g", numbered(0..1200)).await), ErrorKind::Retryable);
    assert_eq!(group.now().len(), 500);
    scim.update("__GROUP__", "g", numbered(0..1200)).await.unwrap();
    assert_eq!(group.now().len(), 1200);
}

#[tokio::test]
async fn scim_g08_groups_are_changed_from_the_side_of_the_user() {
    let service = standard(|request| match request.line().as_str() {
        "GET /s/Users/u?attributes=groups" => {
            let mut user = user("u", "ann");
            user["groups"] = json!([{"value": "g1"}, {"value": "g3", "type": "indirect"}]);
            Reply::scim(200, &user)
        }
        _ => Reply::status(204),
    })
    .await;
    Scim::at(&service.url("/s")).update("__ACCOUNT__", "u", list("groups", &["g2"])).await.unwrap();
    assert_eq!(lines(&service), ["GET /s/Users/u", "PATCH /s/Groups/g2", "PATCH /s/Groups/g1"]);
    assert_eq!(
        patches(&service),
        [
            json!([{"op": "add", "path": "members", "value": [{"value": "u"}]}]),
            json!([{"op": "remove", "path": "members[value eq \"u\"]"}]),
        ]
    );
}

#[tokio::test]
async fn groups_that_the_user_does_not_list_are_looked_up() {
    let service = standard(|request| match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/s/Groups") => {
            assert_eq!(request.parameter("filter").unwrap(), "members.value eq \"u\"");
            Reply::scim(
                200,
                &list_of(&[json!({"id": "g1", "displayName": "G1", "members": [{"value": "u"}]})]),
            )
        }
        ("GET", _) => Reply::scim(200, &user("u", "ann")),
        _ => Reply::status(204),
    })
    .await;
    let nothing = AttributeSet::new().with(Attribute::new("groups", vec![]));
    Scim::at(&service.url("/s")).update("__ACCOUNT__", "u", nothing).await.unwrap();
    assert_eq!(lines(&service).pop().unwrap(), "PATCH /s/Groups/g1");
}

#[tokio::test]
async fn a_member_that_is_gone_already_does_not_keep_the_others() {
    let group = Group::of(8, true, |_, _| None).await;
    let scim = Scim::at(&group.service.url("/s"));
    let mut gone = numbered(2..6).into_vec();
    gone[0].values.as_mut().unwrap().push("nobody".into());
    scim.remove("__GROUP__", "g", gone.into()).await.unwrap();
    assert_eq!(group.now(), ["u0", "u1", "u6", "u7"].map(String::from).into());
}

/// 500 of 20,000 go and 500 come.
fn turned_over() -> (AttributeSet, BTreeSet<String>) {
    let wanted: Vec<_> = (500..20_500).map(|n| format!("u{n}")).collect();
    let set = AttributeSet::new()
        .with(Attribute::new("members", wanted.iter().map(|id| Value::from(id.as_str())).collect()));
    (set, wanted.into_iter().collect())
}

#[tokio::test]
async fn a_thousand_changes_among_twenty_thousand_take_three_requests() {
    let group = Group::of(20_000, true, |_, _| None).await;
    let (set, wanted) = turned_over();
    Scim::at(&group.service.url("/s")).update("__GROUP__", "g", set).await.unwrap();
    assert_eq!(group.now(), wanted);
    assert_eq!(lines(&group.service), ["GET /s/Groups/g", "PATCH /s/Groups/g", "PATCH /s/Groups/g"]);
    let bytes: usize = asked(&group.service).iter().map(|request| request.body.len()).sum();
    assert!(bytes < 100_000, "{bytes} bytes for 1,000 changes");
}

#[tokio::test]
async fn without_patch_the_whole_list_is_put_back_and_never_a_part() {
    let group = Group::of(20_000, false, |number, _| (number == 0).then(|| error(412, "", "changed"))).await;
    let (set, wanted) = turned_over();
    Scim::at(&group.service.url("/s")).update("__GROUP__", "g", set).await.unwrap();
    assert_eq!(group.now(), wanted);
    for put in asked(&group.service).iter().filter(|request| request.method == "PUT") {
        assert_eq!(put.json()["members"].as_array().unwrap().len(), 20_000);
    }
    let scim = Scim::at(&group.service.url("/s"));
    scim.add("__GROUP__", "g", list("members", &["new"])).await.unwrap();
    assert_eq!(group.now().len(), 20_001);
    scim.remove("__GROUP__", "g", list("members", &["new", "nobody"])).await.unwrap();
    assert_eq!(group.now(), wanted);
}

#[tokio::test]
async fn an_interrupted_turnover_converges() {
    let group =
        Group::of(20_000, true, |number, _| (1..=3).contains(&number).then(|| error(503, "", "busy"))).await;
    let (set, wanted) = turned_over();
    let scim = Scim::at(&group.service.url("/s"));
    assert_eq!(kind(scim.update("__GROUP__", "g", set.clone()).await), ErrorKind::Retryable);
    assert_eq!(group.now().len(), 19_500, "the removals are done");
    scim.update("__GROUP__", "g", set).await.unwrap();
    assert_eq!(group.now(), wanted);
}

/// Somebody else adds a member while the connection of our PUT breaks, before or after it was carried out.
#[tokio::test]
async fn a_put_whose_connection_breaks_is_repeated_on_what_is_there_then() {
    for carried_out in [false, true] {
        let members = ["a", "b"].map(str::to_owned).into_iter().collect::<BTreeSet<_>>();
        let state = Arc::new(Mutex::new((1, members, false)));
        let held = Arc::clone(&state);
        let described = Described::standard()
            .provider(&json!({"patch": {"supported": false}, "etag": {"supported": true}}));
        let service = described
            .start(move |request| {
                let (version, members, broken) = &mut *held.lock().unwrap();
                let etag = format!("\"{version}\"");
                if request.method == "GET" {
                    return Reply::scim(200, &group(members.iter())).header("etag", &etag);
                }
                if request.header("if-match") != Some(&etag) {
                    return error(412, "", "changed");
                }
                let breaks = !std::mem::replace(broken, true);
                if !breaks || carried_out {
                    let list = request.json()["members"].as_array().unwrap().clone();
                    *members = list.iter().map(|m| m["value"].as_str().unwrap().to_owned()).collect();
                }
                *version += 1;
                if breaks {
                    members.insert("other".to_owned());
                    return Reply::hang_up();
                }
                Reply::scim(200, &json!({"id": "g"}))
            })
            .await;
        Scim::at(&service.url("/s")).add("__GROUP__", "g", list("members", &["new"])).await.unwrap();
        let members = state.lock().unwrap().1.clone();
        assert_eq!(members.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "b", "new", "other"]);
        for put in asked(&service).iter().filter(|request| request.method == "PUT") {
            let list = put.json()["members"].clone();
            assert!(list.as_array().unwrap().len() >= 3, "no request lists fewer than meant: {list}");
        }
    }
}

#[tokio::test]
async fn renaming_a_group_by_put_keeps_members_that_were_left_out() {
    let described = Described::standard().provider(&json!({"patch": {"supported": false}}));
    let service = described
        .start(|request| match (request.method.as_str(), request.query.as_str()) {
            ("GET", "") => Reply::scim(200, &json!({"id": "g", "displayName": "G"})),
            ("GET", _) => Reply::scim(200, &json!({"id": "g", "members": [{"value": "a"}]})),
            _ => Reply::scim(200, &json!({"id": "g"})),
        })
        .await;
    let name = AttributeSet::new().with(Attribute::single("__NAME__", "H"));
    Scim::at(&service.url("/s")).update("__GROUP__", "g", name).await.unwrap();
    let put = asked(&service).pop().unwrap().json();
    assert_eq!((&put["displayName"], &put["members"]), (&json!("H"), &json!([{"value": "a"}])));
}

#[tokio::test]
async fn a_list_that_may_be_cut_short_is_not_trusted() {
    for (profile, expected) in [("fusionauth", Some(ErrorKind::Unsupported)), ("rfc", None)] {
        let service = standard(|request| match request.method.as_str() {
            "GET" => Reply::scim(200, &group((0..100).map(|n| format!("u{n}")))),
            _ => Reply::status(204),
        })
        .await;
        let mut more = vec![("providerProfile", Value::from(profile))];
        if expected.is_none() {
            more.push(("providerOverrides", r#"{"membersTruncatedAt":100}"#.into()));
        }
        let outcome = Scim::with(&service.url("/s"), &more).update("__GROUP__", "g", numbered(0..120)).await;
        match expected {
            Some(expected) => assert_eq!(kind(outcome), expected),
            None => {
                outcome.unwrap();
                let sent = patches(&service);
                assert_eq!(sent[0][0]["op"], "replace");
                assert_eq!(sent[0][0]["value"].as_array().unwrap().len(), 120, "all that are meant");
            }
        }
    }
}
