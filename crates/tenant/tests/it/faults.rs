//! Faults at sockets, frames, handshakes and operations.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tenant::{Fault, FaultKind, KindFilter, Point};
use tokio::time::timeout;

use crate::harness::{Rig, o42, options};
use crate::live::{ALL, OBJECT, rig, running, until};
use crate::rcs::Rcs;

fn arm(rig: &Rig, fault: Json) {
    rig.tenant.arm(serde_json::from_value(fault).unwrap()).unwrap();
}

fn hits(rig: &Rig) -> usize {
    rig.tenant.events().since(0, &KindFilter::parse("fault.hit")).len()
}

#[tokio::test]
async fn frames_can_be_delayed_split_or_sent_another_way() {
    let (rig, _rcs) = running(2).await;
    arm(
        &rig,
        json!({"point": "frame", "kind": "delay", "delayMs": 200, "match": {"dir": "out", "frameType": "request"}}),
    );
    let before = Instant::now();
    assert_eq!(rig.get(OBJECT).await.body, o42());
    assert!(before.elapsed() >= Duration::from_millis(200));
    for fault in [
        json!({"point": "frame", "kind": "fragment", "params": {"bytes": 7}, "match": {"dir": "out", "frameType": "request"}}),
        json!({"point": "frame", "kind": "otherSocket", "match": {"dir": "out", "frameType": "request"}}),
        json!({"point": "frame", "kind": "otherSocket", "match": {"dir": "in", "frameType": "response"}}),
        json!({"point": "frame", "kind": "duplicate", "match": {"dir": "in", "frameType": "response"}}),
    ] {
        let hits_before = hits(&rig);
        arm(&rig, fault.clone());
        assert_eq!(rig.get(OBJECT).await.body, o42(), "{fault}");
        assert_eq!(hits(&rig), hits_before + 1, "{fault}");
    }
}

#[tokio::test]
async fn frames_can_be_lost_or_spoilt() {
    let (rig, rcs) = running(1).await;
    rig.put_system(json!({"operationTimeout": {"GET": 100}})).await;
    for kind in ["drop", "corrupt", "text"] {
        until(|| async { rig.get(OBJECT).await.status == 200 }, "it works").await;
        rcs.behaviour.take_log();
        arm(&rig, json!({"point": "frame", "kind": kind, "match": {"dir": "out", "frameType": "request"}}));
        rig.get(OBJECT).await.is_error(503, "Operation READ Timeout on system object: 42");
        assert!(rcs.behaviour.take_log().is_empty(), "{kind}: the request did not arrive");
    }
}

#[tokio::test]
async fn handshakes_can_go_wrong() {
    let rig = rig(options(), "failover").await;
    let dial = async |kind: FaultKind| {
        rig.tenant.arm(Fault::new(Point::Handshake, kind)).unwrap();
        let link = Rcs::new(&rig.tenant, "rcs1").dial(0).await.unwrap();
        timeout(Duration::from_millis(300), link.ready()).await
    };
    assert!(dial(FaultKind::NoAnswer).await.is_err(), "it waits for the answer");
    assert!(dial(FaultKind::BlankSession).await.unwrap().is_err(), "the dialler refuses it");
    assert!(dial(FaultKind::ChangeSession).await.unwrap().is_ok());
}

#[tokio::test]
async fn upgrades_can_go_wrong() {
    let rig = rig(options(), "failover").await;
    let rcs = Rcs::new(&rig.tenant, "rcs1");
    for kind in ["noSubprotocol", "wrongAccept", "drop"] {
        arm(
            &rig,
            json!({"point": "upgrade", "kind": kind, "match": {"server": "rcs1", "client": "RCSClient"}}),
        );
        assert!(rcs.dial(0).await.is_err(), "{kind}");
    }
    arm(&rig, json!({"point": "upgrade", "kind": "hang"}));
    assert!(timeout(Duration::from_millis(200), rcs.dial(0)).await.is_err());
    arm(
        &rig,
        json!({"point": "upgrade", "kind": "status", "params": {"status": 302, "headers": {"Location": "/x"}}}),
    );
    assert_eq!(rcs.dial(0).await.err(), Some(302));
    assert!(rcs.dial(0).await.is_ok());
}

#[tokio::test]
async fn sockets_can_die_in_many_ways() {
    let rig = rig(options(), "failover").await;
    let rcs = Rcs::new(&rig.tenant, "rcs1");
    arm(
        &rig,
        json!({"point": "socket", "kind": "close", "params": {"code": 1001, "reason": "away", "afterMs": 50}}),
    );
    let link = rcs.connect(0).await;
    let closed = timeout(Duration::from_secs(5), link.closed()).await.unwrap();
    assert_eq!(closed.to_string(), "closed by the peer with code 1001: away");
    arm(&rig, json!({"point": "socket", "kind": "reset", "params": {"afterFrames": 2}}));
    let link = rcs.dial(0).await.unwrap();
    let closed = timeout(Duration::from_secs(5), link.closed()).await.unwrap();
    assert!(closed.to_string().starts_with("broken"), "{closed}");
    arm(&rig, json!({"point": "socket", "kind": "slowRead", "params": {"bytesPerSec": 4000}}));
    let before = Instant::now();
    Rcs::new(&rig.tenant, "rcs2").connect(0).await;
    until(
        || async {
            let offered = rig.post("/openidm/system?_action=availableConnectors", json!({})).await.body;
            offered["connectorRef"].to_string().contains("rcs2")
        },
        "the connector list crawls in",
    )
    .await;
    assert!(before.elapsed() > Duration::from_millis(300), "{:?}", before.elapsed());
}

#[tokio::test]
async fn requests_can_be_spoilt() {
    let (rig, rcs) = running(1).await;
    arm(&rig, json!({"point": "op", "kind": "unknownOp", "match": {"op": "GET"}}));
    let got = rig.get(OBJECT).await;
    assert_eq!(got.status, 500, "{:?}", got.body);
    assert!(rcs.behaviour.take_log().is_empty());
    arm(&rig, json!({"point": "op", "kind": "dupRequest", "match": {"op": "GET"}}));
    rig.get(OBJECT).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(hits(&rig), 2);
    assert_eq!(rig.get(OBJECT).await.body, o42());
}

#[tokio::test]
async fn searches_can_be_cancelled_or_left_unread() {
    let (rig, rcs) = running(1).await;
    rcs.behaviour.objects.store(5_000, Ordering::Relaxed);
    arm(&rig, json!({"point": "op", "kind": "cancelMidSearch", "params": {"afterItems": 3}}));
    let got = rig.get(ALL).await;
    assert_eq!(got.status, 503, "{:?}", got.body);
    rig.put_system(json!({"operationTimeout": {"SEARCH": 100}})).await;
    arm(
        &rig,
        json!({"point": "op", "kind": "stopReading", "match": {"op": "SEARCH"}, "params": {"afterItems": 3}}),
    );
    let before = Instant::now();
    rig.get(ALL).await;
    assert!(before.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_caller_that_leaves_stops_its_search() {
    let (rig, rcs) = running(1).await;
    rcs.behaviour.objects.store(usize::MAX, Ordering::Relaxed);
    assert!(timeout(Duration::from_millis(300), rig.get(ALL)).await.is_err());
    let stopped = || rcs.behaviour.take_log().contains(&"stopped".to_owned());
    until(|| async { stopped() }, "the server is told to stop").await;
}

#[tokio::test]
async fn a_restarted_node_has_forgotten_everything() {
    let (rig, rcs) = running(1).await;
    let session = |rig: &Rig| {
        let shown = rig.tenant.state();
        shown["nodes"][0]["sessionId"].as_str().unwrap().to_owned()
    };
    let before = session(&rig);
    assert_eq!((before.len(), before.to_uppercase()), (40, before.clone()));
    crate::live::control(&rig, reqwest::Method::POST, "nodes/0?_action=restart", json!({})).await;
    assert_ne!(session(&rig), before);
    assert!(!rig.tenant.is_connected("rcs1"));
    rcs.connect(0).await;
    until(|| async { rig.get(OBJECT).await.status == 200 }, "it works again").await;
}

#[tokio::test]
async fn pings_can_stay_unanswered() {
    let rig = rig(options(), "failover").await;
    for (kind, honest) in [("noPong", false), ("delay", true)] {
        if kind == "noPong" {
            arm(&rig, json!({"point": "socket", "kind": kind}));
        }
        let rcs = Rcs::new(&rig.tenant, "rcs1");
        let link = rcs.connect(0).await;
        for _ in 0..3 {
            // Each ping and its pong must have passed before time goes on.
            tokio::time::sleep(Duration::from_millis(150)).await;
            rcs.advance(Duration::from_secs(25));
        }
        let alive = timeout(Duration::from_millis(200), link.closed()).await.is_err();
        assert_eq!(alive, honest, "{kind}");
    }
}
