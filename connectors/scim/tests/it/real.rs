//! Against `scim2-server`, a service that others wrote, installed once into the build's folder. A server that cannot be
//! installed or started fails the tests.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use icf::{Attribute, AttributeSet, ErrorKind, Filter, ObjectClass, Value, ValueMap};
use icf_testkit::{Check, Contract, Sample};
use serde_json::json;

use crate::harness::{
    Scim, attributes, equals, kind, list, no_options, page, registration, secret, text, token_properties,
    uids,
};

/// What is installed, in exact versions.
const PACKAGES: [&str; 1] = ["scim2-server[cursor,precis]==0.8.3"];

/// The folder of the server's own Python.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/counterparts");
        std::fs::create_dir_all(&target).unwrap();
        let folder = target.join("scim2-0.8.3");
        let complete = folder.join("complete");
        // Another process may be at it; a lock file would outlive a killed one, a file lock does not.
        let lock = std::fs::File::create(target.join("scim2.lock")).unwrap();
        lock.lock().unwrap();
        if !complete.exists() {
            let _ = std::fs::remove_dir_all(&folder);
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
            run(Command::new(folder.join("bin/pip")).args(["install", "--quiet"]).args(PACKAGES));
            std::fs::write(&complete, "").unwrap();
        }
        folder
    })
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A running server; it ends when dropped.
struct Server {
    child: Child,
    endpoint: String,
}

impl Server {
    fn start(provider: Option<serde_json::Value>) -> Self {
        // One at a time, so that nobody takes the port in between.
        static STARTING: Mutex<u32> = Mutex::new(0);
        let mut number = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(installed().join("bin/scim2-server"));
        command.args(["--port", &port.to_string(), "--bearer-token", "tok"]);
        if let Some(provider) = provider {
            let file = installed().join(format!("provider-{}-{number}.json", std::process::id()));
            std::fs::write(&file, provider.to_string()).unwrap();
            command.arg("--service-provider-config").arg(file);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Self { child, endpoint: format!("http://127.0.0.1:{port}/v2") };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert_eq!(server.child.try_wait().unwrap(), None, "scim2-server ended at its start");
            assert!(begun.elapsed() < Duration::from_secs(60), "scim2-server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn scim(&self) -> Scim {
        Scim::at(&self.endpoint)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
    let server = Server::start(None);
    let sample =
        Sample::new(ObjectClass::ACCOUNT, person).change(Attribute::single("title", "second")).clear("title");
    let properties = token_properties(&server.endpoint);
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
    let server = Server::start(None);
    let scim = server.scim();
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
        let scim = Scim::with(&server.endpoint, &more);
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
    let server = Server::start(None);
    let scim = server.scim();
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
        let server = Server::start(Some(restricted(true, cursor)));
        let scim = server.scim();
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
        let server = Server::start(Some(restricted(patch, false)));
        let scim = server.scim();
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
