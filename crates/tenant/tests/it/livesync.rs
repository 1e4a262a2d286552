//! liveSync.

use icf::{ErrorKind, ObjectClass, SyncDelta, SyncDeltaType, SyncToken, Uid};
use icf_wire::rpc::{Answer, Item};
use reqwest::Method;
use serde_json::{Value as Json, json};
use tenant::{Fault, FaultKind, Point};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{Got, Rig, object};
use crate::scripted::Play;

fn token(value: i32) -> SyncToken {
    SyncToken::try_new(value).unwrap()
}

fn delta(kind: SyncDeltaType, at: i32, uid: &str) -> Item {
    let present = kind != SyncDeltaType::Delete;
    Item::Delta(SyncDelta {
        token: token(at),
        delta_type: kind,
        previous_uid: None,
        object_class: Some(ObjectClass::ACCOUNT),
        uid: Uid::try_new(uid).unwrap(),
        object: present.then(|| object(uid, "jd")),
    })
}

fn deltas(items: Vec<Item>, last: Option<i32>) -> Play {
    Play::Stream(items, Ok(Answer::SyncEnd(last.map(token))))
}

async fn sync(rig: &Rig) -> Got {
    rig.on_type(Method::POST, "?_action=liveSync", &[], None).await
}

/// A rig that has stored token 5 and scripted three changes.
async fn with_three(extra: Json) -> Rig {
    let rig = Rig::ready_with(extra).await;
    sync(&rig).await;
    rig.log();
    let three = vec![
        delta(SyncDeltaType::Create, 6, "1"),
        delta(SyncDeltaType::Update, 7, "2"),
        delta(SyncDeltaType::Update, 8, "3"),
    ];
    rig.backend.on("Sync", deltas(three, Some(9)));
    rig
}

fn fail_second(rig: &Rig) {
    let fault = Fault {
        params: json!({"uid": "2", "message": "sink full"}),
        ..Fault::new(Point::Sync, FaultKind::Fail)
    };
    rig.tenant.arm(fault).unwrap();
}

#[tokio::test]
async fn tenant_t60_the_first_run_only_looks_where_it_is() {
    let rig = Rig::ready().await;
    let got = sync(&rig).await;
    assert_eq!(
        (got.status, got.body),
        (
            200,
            json!({
                "_id": "SYSTEMT1ACCOUNT", "_rev": "0",
                "connectorData": {"nativeType": "integer", "syncToken": 5},
            })
        )
    );
    assert_eq!(rig.log(), ["LatestSyncToken(__ACCOUNT__)"]);
    assert!(rig.tenant.deltas().is_empty());
}

/// A Java connector server cannot execute a sync without a token, so none is ever asked for.
#[tokio::test]
async fn wire_c57_the_latest_token_is_fetched_before_any_sync() {
    let rig = Rig::ready().await;
    sync(&rig).await;
    sync(&rig).await;
    let calls = rig.log();
    assert_eq!(calls[0], "LatestSyncToken(__ACCOUNT__)");
    assert!(calls[1].starts_with("Sync(") && calls[1].contains('5'), "{calls:?}");
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn tenant_t61_changes_are_told() {
    let rig = Rig::ready().await;
    sync(&rig).await;
    rig.log();
    let changes = vec![delta(SyncDeltaType::Create, 6, "1"), delta(SyncDeltaType::Delete, 7, "2")];
    rig.backend.on("Sync", deltas(changes, Some(9)));
    let got = sync(&rig).await;
    assert_eq!(got.body["connectorData"], json!({"nativeType": "integer", "syncToken": 9}));
    assert_eq!(rig.log(), ["Sync(__ACCOUNT__, Integer 5, {A:D})"]);
    assert_eq!(
        rig.tenant.deltas(),
        [
            json!({
                "action": "notifyCreate", "resourceContainer": "system/t1/account", "resourceId": "1",
                "content": {"oldValue": null, "newValue": {"_id": "1", "name": "jd"}},
            }),
            json!({
                "action": "notifyDelete", "resourceContainer": "system/t1/account", "resourceId": "2",
                "content": {"oldValue": null},
            }),
        ]
    );
}

#[tokio::test]
async fn without_a_final_token_the_last_delta_counts() {
    let rig = with_three(json!({})).await;
    let mut renamed = match delta(SyncDeltaType::Update, 7, "2") {
        Item::Delta(delta) => delta,
        other => panic!("{other:?}"),
    };
    renamed.previous_uid = Some(Uid::try_new("old").unwrap());
    sync(&rig).await;
    rig.backend.on("Sync", deltas(vec![Item::Delta(renamed)], None));
    let got = sync(&rig).await;
    assert_eq!(got.body["connectorData"]["syncToken"], 7);
    let last = rig.tenant.deltas().pop().unwrap();
    assert_eq!(last["content"]["newValue"]["_previous-id"], "old");
    assert_eq!(last["action"], "notifyUpdate");
}

#[tokio::test]
async fn tenant_t62_a_failure_stops_the_run_without_a_handler() {
    let rig = with_three(json!({})).await;
    fail_second(&rig);
    let got = sync(&rig).await;
    assert_eq!((got.status, &got.body["connectorData"]["syncToken"]), (200, &json!(6)));
    let exception = &got.body["lastException"];
    assert_eq!(exception["throwable"], "Failed to synchronize 2 object on t1: sink full");
    assert!(exception.get("syncDelta").is_none());
    rig.backend.wait_for_log("CancelOp").await;
    assert_eq!(rig.log(), ["Sync(__ACCOUNT__, Integer 5, {A:D})", "CancelOp"]);
    rig.backend.on("Sync", deltas(vec![delta(SyncDeltaType::Update, 7, "2")], Some(9)));
    let got = sync(&rig).await;
    assert_eq!(rig.log(), ["Sync(__ACCOUNT__, Integer 6, {A:D})"]);
    assert!(got.body.get("lastException").is_none());
}

#[tokio::test]
async fn the_failed_change_is_shown_on_demand() {
    let rig = with_three(json!({"syncFailureHandler": {"maxRetries": 3}})).await;
    fail_second(&rig);
    let got = rig.on_type(Method::POST, "?_action=liveSync&detailedFailure=true", &[], None).await;
    let exception = &got.body["lastException"];
    assert_eq!(exception["throwable"], "Failed to synchronize 2 object on t1, retries (3) not exhausted.");
    assert_eq!(exception["syncDelta"]["uid"], "2");
    assert_eq!(exception["syncDelta"]["deltaType"], "UPDATE");
}

#[tokio::test]
async fn tenant_t63_dead_letters() {
    let handler = json!({"maxRetries": 0, "postRetryAction": "dead-letter-queue"});
    let rig = with_three(json!({"syncFailureHandler": handler})).await;
    fail_second(&rig);
    let got = sync(&rig).await;
    assert_eq!((got.status, &got.body["connectorData"]["syncToken"]), (200, &json!(9)));
    assert_eq!(rig.log(), ["Sync(__ACCOUNT__, Integer 5, {A:D})"]);
    assert_eq!(rig.tenant.deltas().len(), 2);
    let path = "/openidm/repo/synchronisation/deadLetterQueue/t1";
    let all = rig.get(&format!("{path}?_queryId=query-all-ids")).await.body;
    assert_eq!(all["resultCount"], 1);
    let letter = rig.get(&format!("{path}/7")).await.body;
    assert_eq!(letter["_id"], "7");
    assert_eq!((&letter["uid"], &letter["failureCause"]), (&json!("2"), &json!("sink full")));
    assert_eq!(letter["failedRecord"], json!({"_id": "2", "name": "jd"}));
}

#[tokio::test]
async fn a_connector_failure_leaves_the_position_as_it_was() {
    let rig = Rig::ready().await;
    sync(&rig).await;
    let items = vec![delta(SyncDeltaType::Create, 6, "1")];
    rig.backend.on("Sync", Play::Stream(items, Err((ErrorKind::ConnectorIo, "broken"))));
    sync(&rig).await.is_error(500, "Failed to get OperationOptionsBuilder: broken");
    let stage = rig.get("/openidm/repo/synchronisation/pooledSyncStage/SYSTEMT1ACCOUNT").await.body;
    assert_eq!(stage["connectorData"]["syncToken"], 5);
    assert_eq!(stage["_rev"], "0");
}

#[tokio::test]
async fn sources_that_do_not_exist() {
    let rig = Rig::ready().await;
    let act = async |query: &str| rig.post(&format!("/openidm/system?_action={query}"), json!({})).await;
    act("liveSync").await.is_error(400, "Missing required parameter: source");
    act("liveSync&source=system/x/y").await.is_error(503, "System: system/x/y is not available.");
    act("liveSync&source=t1/nope").await.is_error(400, "Unsupported object type: nope");
    assert_eq!(act("activeSync&source=system/t1/account").await.body["_id"], "SYSTEMT1ACCOUNT");
    rig.log();
    let all = rig.post("/openidm/system/t1?_action=liveSync", json!({})).await;
    assert_eq!(all.body["_id"], "SYSTEMT1__ALL__");
    assert_eq!(rig.log(), ["LatestSyncToken(__ALL__)"]);
    rig.backend.on("Sync", deltas(vec![delta(SyncDeltaType::Create, 6, "1")], Some(9)));
    rig.post("/openidm/system/t1?_action=liveSync", json!({})).await;
    assert_eq!(rig.log(), ["Sync(__ALL__, Integer 5, {A:[]})"]);
    assert_eq!(rig.tenant.deltas()[0]["resourceContainer"], "system/t1/account");
}

#[tokio::test]
async fn one_run_at_a_time() {
    let rig = Rig::ready().await;
    rig.backend.on("LatestSyncToken", Play::Silence);
    let first = sync(&rig);
    tokio::pin!(first);
    tokio::select! {
        _ = &mut first => panic!("it cannot end"),
        () = rig.backend.wait_for_log("LatestSyncToken") => {}
    }
    assert_eq!(sync(&rig).await.status, 409);
}

#[tokio::test]
async fn a_position_can_be_set() {
    let rig = Rig::ready().await;
    let path = "/openidm/repo/synchronisation/pooledSyncStage/SYSTEMT1ACCOUNT";
    let body = json!({"connectorData": {"nativeType": "JAVA_TYPE_LONG", "syncToken": 77}});
    assert_eq!(rig.send(Method::PUT, path, &[], Some(body)).await.status, 201);
    sync(&rig).await;
    assert_eq!(rig.log(), ["Sync(__ACCOUNT__, Long 77, {A:D})"]);
    assert_eq!(rig.send(Method::DELETE, path, &[], None).await.status, 200);
    assert_eq!(rig.get(path).await.status, 404);
}

#[tokio::test]
async fn changes_can_be_posted_elsewhere() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sink", listener.local_addr().unwrap());
    let sink = tenant::SinkTarget::Http(url);
    let rig = Rig::connected(tenant::TenantOptions { sink, ..crate::harness::options() }).await;
    rig.put_system(json!({})).await;
    sync(&rig).await;
    let taken = tokio::spawn(async move {
        let mut bodies = Vec::new();
        for status in ["204 No Content", "500 Oops"] {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            while !text.ends_with('}') {
                let mut buf = [0; 2048];
                let read = tcp.read(&mut buf).await.unwrap();
                text.push_str(std::str::from_utf8(&buf[..read]).unwrap());
            }
            let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            tcp.write_all(answer.as_bytes()).await.unwrap();
            bodies.push(text.split("\r\n\r\n").nth(1).unwrap().to_owned());
        }
        bodies
    });
    let two = vec![delta(SyncDeltaType::Create, 6, "1"), delta(SyncDeltaType::Create, 7, "2")];
    rig.backend.on("Sync", deltas(two, Some(9)));
    let got = sync(&rig).await;
    assert_eq!(got.body["connectorData"]["syncToken"], 6, "the second was refused");
    assert!(got.body["lastException"]["throwable"].as_str().unwrap().contains("answered 500"));
    let bodies = taken.await.unwrap();
    assert!(bodies[0].contains("notifyCreate") && bodies[1].contains("\"2\""), "{bodies:?}");
}

#[tokio::test]
async fn a_connector_without_sync() {
    let mut poor = crate::harness::info("1.5.20.11");
    let all = crate::harness::all_operations().into_iter();
    poor.configuration.supported_operations = Some(all.filter(|op| *op != icf::ApiOperation::Sync).collect());
    let rig = Rig::connected(crate::harness::options()).await;
    rig.backend.connect(0, "rcs1", vec![poor]);
    rig.put_system(json!({})).await;
    let got = sync(&rig).await;
    got.is_error(404, "Failed to get latest sync token");
    assert!(got.body["detail"].as_str().unwrap().contains("SyncApiOp is not supported"));
}
