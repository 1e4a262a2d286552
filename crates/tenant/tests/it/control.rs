//! `/tenant`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Rig, options};
use crate::live::{OBJECT, control, running, until};

#[tokio::test]
async fn only_this_machine_and_its_own_pages_may_steer() {
    let rig = Rig::bare(options()).await;
    let get = async |headers: &[(&str, &str)]| {
        rig.send_raw(Method::GET, "/tenant/state", headers, None).await.status
    };
    assert_eq!(get(&[]).await, 200);
    assert_eq!(get(&[("Origin", "https://evil.example")]).await, 403);
    assert_eq!(get(&[("Host", "evil.example")]).await, 403);
    let origin = rig.tenant.base_url();
    assert_eq!(get(&[("Origin", &origin)]).await, 200);
    let page = rig.send_raw(Method::GET, "/tenant", &[], None).await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(rig.send_raw(Method::GET, "/tenant/nonsense", &[], None).await.status, 404);
}

#[tokio::test]
async fn faults_are_listed_and_disarmed() {
    let rig = Rig::bare(options()).await;
    let arm = async |fault: Json| rig.send_raw(Method::POST, "/tenant/faults", &[], Some(fault)).await;
    let armed = arm(json!({"id": "x", "point": "token", "kind": "status", "times": 0})).await;
    assert_eq!((armed.status, armed.body), (201, json!({"id": "x"})));
    assert_eq!(arm(json!({"id": "x", "point": "token", "kind": "status"})).await.status, 400);
    assert_eq!(arm(json!({"point": "token", "kind": "reset"})).await.status, 400);
    assert_eq!(arm(json!({"point": "token", "kind": "status", "surprise": 1})).await.status, 400);
    let list = control(&rig, Method::GET, "faults", json!({})).await;
    assert_eq!((&list[0]["id"], &list[0]["hits"]), (&json!("x"), &json!(0)));
    control(&rig, Method::DELETE, "faults/x", json!({})).await;
    assert_eq!(rig.send_raw(Method::DELETE, "/tenant/faults/x", &[], None).await.status, 404);
}

#[tokio::test]
async fn events_are_listed_waited_for_and_streamed() {
    let rig = Rig::bare(options()).await;
    let json_list = [("Accept", "application/json")];
    control(&rig, Method::POST, "clock?_action=advance", json!({"ms": 1500})).await;
    let list = rig.send_raw(Method::GET, "/tenant/events?kinds=clock", &json_list, None).await.body;
    assert_eq!((&list[0]["kind"], &list[0]["advancedMs"]), (&json!("clock"), &json!(1500)));
    let since = list[0]["seq"].as_u64().unwrap();
    let path = format!("/tenant/events?kinds=fault.*&since={since}&wait=10");
    let wait = rig.send_raw(Method::GET, &path, &json_list, None);
    let arm = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        control(&rig, Method::POST, "faults", json!({"point": "token", "kind": "hang"})).await;
    };
    let (waited, ()) = tokio::join!(wait, arm);
    assert_eq!(waited.body[0]["kind"], "fault.armed");

    let mut tcp = TcpStream::connect(rig.tenant.addr()).await.unwrap();
    tcp.write_all(b"GET /tenant/events?kinds=clock HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut text = String::new();
    while !text.contains("advancedMs") {
        let mut buf = [0; 1024];
        let read = tcp.read(&mut buf).await.unwrap();
        text.push_str(std::str::from_utf8(&buf[..read]).unwrap());
    }
    assert!(text.contains("text/event-stream") && text.contains("event: clock"), "{text}");
    assert!(text.contains(&format!("id: {since}")), "{text}");
}

#[tokio::test]
async fn frames_are_captured_while_asked_for() {
    let (rig, _rcs) = running(1).await;
    control(&rig, Method::POST, "capture?_action=start", json!({})).await;
    rig.get(OBJECT).await;
    control(&rig, Method::POST, "capture?_action=stop", json!({})).await;
    rig.get(OBJECT).await;
    let lines = rig.send_raw(Method::GET, "/tenant/capture", &[], None).await;
    let Json::String(lines) = lines.body else { panic!("not lines") };
    let frames: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown: Vec<_> = frames
        .iter()
        .map(|frame| (frame["dir"].as_str().unwrap(), frame["summary"]["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("out", "request"), ("in", "response")]);
    assert_eq!(frames[0]["summary"]["messageId"], frames[1]["summary"]["messageId"]);
}

#[tokio::test]
async fn the_state_and_the_sockets_are_shown() {
    let (rig, _rcs) = running(2).await;
    let state = control(&rig, Method::GET, "state", json!({})).await;
    assert_eq!(state["nodes"].as_array().unwrap().len(), 3);
    let group = &state["nodes"][0]["groups"][0];
    assert_eq!((&group["server"], &group["sockets"]), (&json!("rcs1"), &json!(2)));
    assert_eq!(state["systems"][0]["state"], "active");
    assert_eq!(state["systems"][0]["facadeSha256"].as_str().unwrap().len(), 64);
    assert_eq!(state["tokens"][0]["client"], "RCSClient");
    let id = group["id"].as_str().unwrap();
    let check = format!("groups/{id}?_action=check");
    control(&rig, Method::POST, &check, json!({})).await;
    control(&rig, Method::POST, &check, json!({"local": [77], "remote": []})).await;
    let sockets = control(&rig, Method::GET, "sockets", json!({})).await;
    assert_eq!(sockets[0]["server"], "rcs1");
    let first = sockets[0]["id"].as_str().unwrap().to_owned();
    for action in ["freeze", "thaw", "ping"] {
        control(&rig, Method::POST, &format!("sockets/{first}?_action={action}"), json!({})).await;
    }
    assert_eq!(rig.get(OBJECT).await.status, 200);
    control(&rig, Method::POST, &format!("sockets/{first}?_action=announceClosing"), json!({})).await;
    until(|| async { rig.tenant.sockets().len() == 1 }, "the announced socket closes").await;
    assert_eq!(rig.get(OBJECT).await.status, 200);
    assert_eq!(rig.send_raw(Method::POST, "/tenant/sockets/x?_action=reset", &[], None).await.status, 404);
}

#[tokio::test]
async fn raw_operations_tell_the_whole_exception() {
    let (rig, rcs) = running(1).await;
    rcs.behaviour.objects.store(2, std::sync::atomic::Ordering::Relaxed);
    let run = async |op: &str| {
        control(&rig, Method::POST, "icf", json!({"system": "t1", "op": op, "objectClass": "__ACCOUNT__"}))
            .await
    };
    let search = run("search").await;
    assert_eq!(search["items"][1]["uid"], "u1");
    control(&rig, Method::POST, "faults", json!({"point": "op", "kind": "unknownOp"})).await;
    let failed = run("test").await;
    let class = failed["exception"]["class"].as_str().unwrap();
    assert_eq!(class, "org.identityconnectors.framework.common.exceptions.ConnectorException");
    assert!(failed["exception"]["message"].is_string());
    let unknown =
        rig.send_raw(Method::POST, "/tenant/icf", &[], Some(json!({"system": "t1", "op": "x"}))).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn everything_can_be_set_back() {
    let rig = Rig::ready().await;
    control(&rig, Method::POST, "faults", json!({"point": "token", "kind": "hang"})).await;
    let body = json!({"faults": true, "events": true, "sync": true, "config": true, "seed": 7});
    control(&rig, Method::POST, "reset", body).await;
    let state = control(&rig, Method::GET, "state", json!({})).await;
    assert_eq!((&state["faults"], &state["systems"], &state["seed"]), (&json!([]), &json!([]), &json!(7)));
    assert_eq!(rig.get("/openidm/config/authentication").await.status, 200, "the seed is back");
    assert_eq!(rig.get("/openidm/config/provisioner.openicf/t1").await.status, 404);
}
