//! Real sockets: upgrades, groups, faults, control.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::GuardedString;
use reqwest::Method;
use serde_json::{Value as Json, json};
use tenant::{Fault, FaultKind, NamePlace, Point, TenantOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Rig, o42, options};
use crate::live::{ALL, OBJECT, activate, control, rig, running, until};
use crate::rcs::Rcs;

/// An upgrade written by hand; answers the head of the response.
async fn upgrade(rig: &Rig, target: &str, lines: &str) -> String {
    let mut tcp = TcpStream::connect(rig.tenant.addr()).await.unwrap();
    let head = format!("GET {target} HTTP/1.1\r\n{lines}\r\n");
    tcp.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut buf = [0; 1024];
        let read = tcp.read(&mut buf).await.unwrap();
        assert!(read > 0, "the connection ended: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&buf[..read]);
    }
    String::from_utf8(answer).unwrap()
}

const UPGRADE: &str = "Host: localhost\r\nupgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn bearer(rig: &Rig, client: &str, secret: &str) -> String {
    let form = "grant_type=client_credentials&scope=fr:idm:*";
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .post(rig.tenant.token_url())
        .basic_auth(client, Some(secret))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    let answer: Json = answer.json().await.unwrap();
    format!("Authorization: Bearer {}\r\n", answer["access_token"].as_str().unwrap())
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn tenant_t05_an_upgrade_is_accepted_and_logged_in_full() {
    let rig = rig(options(), "failover").await;
    let token = bearer(&rig, "RCSClient", "openidm").await;
    let twice = "Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\n\
                 Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\nX-Custom: a\r\nx-custom: b\r\n";
    let head =
        upgrade(&rig, "/openicf/1?connectorServerName=rcs1", &format!("{UPGRADE}{token}{twice}")).await;
    assert_eq!(status(&head), 101);
    let lower = head.to_lowercase();
    assert!(lower.contains("sec-websocket-protocol: v1.openicf.forgerock.org"), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    assert!(!lower.contains("sec-websocket-extensions"));
    let logged = control(&rig, Method::GET, "upgrades", json!({})).await;
    let record = &logged[0];
    assert_eq!(record["requestLine"], "GET /openicf/1?connectorServerName=rcs1 HTTP/1.1");
    let names: Vec<&str> =
        record["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "Host",
            "upgrade",
            "Connection",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Key",
            "Authorization",
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol",
            "X-Custom",
            "x-custom",
        ]
    );
    assert_eq!(record["query"], json!([["connectorServerName", "rcs1"]]));
    assert_eq!((&record["name"], &record["nameFrom"]), (&json!("rcs1"), &json!("query:connectorServerName")));
    assert_eq!((&record["status"], &record["decision"]), (&json!(101), &json!("accepted")));
    let secret = token.trim().rsplit(' ').next().unwrap();
    assert!(!logged.to_string().contains(secret));
    assert!(record["headers"][5][1].as_str().unwrap().starts_with("Bearer sha256:"));
    assert_eq!(control(&rig, Method::GET, "upgrades/1", json!({})).await, *record);
}

#[tokio::test]
async fn tenant_t06_an_upgrade_without_a_live_token() {
    let rig = rig(options(), "failover").await;
    let target = "/openicf/0?connectorServerName=rcs1";
    let head = upgrade(&rig, target, UPGRADE).await;
    assert_eq!(status(&head), 401);
    let token = bearer(&rig, "RCSClient", "openidm").await;
    rig.tenant.advance_clock(Duration::from_secs(3601));
    assert_eq!(status(&upgrade(&rig, target, &format!("{UPGRADE}{token}")).await), 401);
}

#[tokio::test]
async fn tenant_t07_an_upgrade_of_a_server_that_is_unknown_or_disabled() {
    let rig = rig(options(), "failover").await;
    let token = bearer(&rig, "RCSClient", "openidm").await;
    for name in ["nope", "off"] {
        let target = format!("/openicf/0?connectorServerName={name}");
        assert_eq!(status(&upgrade(&rig, &target, &format!("{UPGRADE}{token}")).await), 403, "{name}");
    }
}

#[tokio::test]
async fn tenant_t08_an_upgrade_of_a_node_that_does_not_exist() {
    let rig = rig(options(), "failover").await;
    let token = bearer(&rig, "RCSClient", "openidm").await;
    let target = "/openicf/9?connectorServerName=rcs1";
    assert_eq!(status(&upgrade(&rig, target, &format!("{UPGRADE}{token}")).await), 404);
    control(&rig, Method::POST, "nodes/1?_action=down", json!({})).await;
    let target = "/openicf/1?connectorServerName=rcs1";
    assert_eq!(status(&upgrade(&rig, target, &format!("{UPGRADE}{token}")).await), 503);
    control(&rig, Method::POST, "nodes/1?_action=up", json!({})).await;
    assert_eq!(status(&upgrade(&rig, target, &format!("{UPGRADE}{token}")).await), 101);
    let target = "/openicf?connectorServerName=rcs1";
    assert_eq!(status(&upgrade(&rig, target, &format!("{UPGRADE}{token}")).await), 101, "node 0");
}

#[tokio::test]
async fn malformed_upgrades() {
    let rig = rig(options(), "failover").await;
    let token = bearer(&rig, "RCSClient", "openidm").await;
    let target = "/openicf/0?connectorServerName=rcs1";
    let with = async |from: &str, to: &str| {
        let lines = format!("{UPGRADE}{token}").replace(from, to);
        upgrade(&rig, target, &lines).await
    };
    assert_eq!(status(&with("upgrade: websocket", "upgrade: h2c").await), 400);
    assert_eq!(status(&with("dGhlIHNhbXBsZSBub25jZQ==", "short").await), 400);
    assert_eq!(status(&with("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=").await), 400);
    let version = with("Version: 13", "Version: 8").await;
    assert_eq!(status(&version), 400);
    assert!(version.to_lowercase().contains("sec-websocket-version: 13"));
    assert_eq!(status(&with("Host:", "Sec-WebSocket-Protocol: other\r\nHost:").await), 400);
    assert_eq!(status(&with("nothing", "").await), 101);
}

#[tokio::test]
async fn rules_decide_which_server_a_client_may_open() {
    let rig = rig(options(), "failover").await;
    let token = bearer(&rig, "RCSClient", "openidm").await;
    let admin = bearer(&rig, "idm-admin", "idm-admin").await;
    let open = async |name: &str, token: &str| {
        let target = format!("/openicf/0?connectorServerName={name}");
        status(&upgrade(&rig, &target, &format!("{UPGRADE}{token}")).await)
    };
    assert_eq!(open("rcs1", &admin).await, 403, "the role is missing");
    let rule = json!({"configs": [
        {"servlet": "openicf", "pattern": "rcs2", "roles": "rcsclient-authorized", "methods": "read"},
    ]});
    rig.tenant.put_configuration("access", rule).unwrap();
    assert_eq!(open("rcs1", &token).await, 403);
    assert_eq!(open("rcs2", &token).await, 101);
}

#[tokio::test]
async fn the_name_may_stand_in_other_places() {
    let place = NamePlace::Header("x-openicf-connector-server-name".to_owned());
    let basic = Some(("anonymous".to_owned(), GuardedString::new("geheim")));
    let rig = rig(TenantOptions { name_from: vec![place], basic, ..options() }, "failover").await;
    let login = format!("Authorization: Basic {}\r\n", STANDARD.encode("anonymous:geheim"));
    let named = format!("{UPGRADE}{login}X-OpenICF-Connector-Server-Name: rcs1\r\n");
    assert_eq!(status(&upgrade(&rig, "/openicf/0", &named).await), 101);
    let unnamed = format!("{UPGRADE}{login}");
    assert_eq!(status(&upgrade(&rig, "/openicf/0?connectorServerName=rcs1", &unnamed).await), 403);
}

#[tokio::test]
async fn tenant_t64_failover_over_real_sockets() {
    let rig = rig(options(), "failover").await;
    let second = Rcs::new(&rig.tenant, "rcs2");
    second.connect(0).await;
    activate(&rig, "g").await;
    let got = rig.get(OBJECT).await;
    assert_eq!((got.status, got.body), (200, o42()));
    let first = Rcs::new(&rig.tenant, "rcs1");
    first.connect(1).await;
    until(|| async { rig.tenant.is_connected("rcs1") }, "rcs1 is connected").await;
    first.behaviour.take_log();
    until(
        || async {
            rig.get(OBJECT).await;
            first.behaviour.take_log().iter().any(|line| line.starts_with("Get"))
        },
        "the first member is used again",
    )
    .await;
}

#[tokio::test]
async fn tenant_t65_round_robin_over_real_sockets() {
    let rig = rig(options(), "roundrobin").await;
    let servers = [Rcs::new(&rig.tenant, "rcs1"), Rcs::new(&rig.tenant, "rcs2")];
    for server in &servers {
        server.connect(0).await;
    }
    until(
        || async {
            let offered = rig.post("/openidm/system?_action=availableConnectors", json!({})).await.body;
            offered["connectorRef"].as_array().unwrap().len() == 3
        },
        "both offer the connector, and so does the group",
    )
    .await;
    activate(&rig, "g").await;
    servers.iter().for_each(|server| drop(server.behaviour.take_log()));
    for _ in 0..4 {
        assert_eq!(rig.get(OBJECT).await.status, 200);
    }
    for server in &servers {
        assert_eq!(server.behaviour.take_log().len(), 2);
    }
}

#[tokio::test]
async fn tenant_t66_all_sockets_are_gone() {
    let (rig, _rcs) = running(2).await;
    for socket in rig.tenant.sockets() {
        control(
            &rig,
            Method::POST,
            &format!("sockets/{}?_action=reset", socket["id"].as_str().unwrap()),
            json!({}),
        )
        .await;
    }
    until(|| async { rig.tenant.sockets().is_empty() }, "the sockets are gone").await;
    rig.get(OBJECT).await.is_error(503, "Connection failed during operation READ on system object: 42");
    let test = rig.post("/openidm/system?_action=testConnectorServers", json!({})).await.body;
    assert_eq!(test["openicf"][0]["ok"], false);
}

#[tokio::test]
async fn tenant_t68_a_silent_server() {
    let (rig, rcs) = running(1).await;
    rig.put_system(json!({"operationTimeout": {"GET": 200}})).await;
    rcs.behaviour.silent.store(true, Ordering::Relaxed);
    rig.get(OBJECT).await.is_error(503, "Operation READ Timeout on system object: 42");
}

#[tokio::test]
async fn tenant_t69_a_search_survives_the_loss_of_its_socket() {
    let (rig, rcs) = running(2).await;
    rcs.behaviour.objects.store(2000, Ordering::Relaxed);
    let params = json!({"afterItems": 2, "how": "reset"});
    rig.tenant.arm(Fault { params, ..Fault::new(Point::Op, FaultKind::KillMidSearch) }).unwrap();
    let got = rig.get(ALL).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    assert_in_order(&got.body, 2000);
    assert_eq!(rig.tenant.sockets().len(), 1, "one socket was cut");
}

#[tokio::test]
async fn tenant_t70_repeated_and_reordered_items() {
    let (rig, rcs) = running(1).await;
    rcs.behaviour.objects.store(100, Ordering::Relaxed);
    let arm = |kind, params: Json| {
        let fault: Fault = serde_json::from_value(json!({
            "point": "frame", "kind": kind, "times": 0, "probability": 0.5, "params": params,
            "match": {"dir": "in", "frameType": "searchItem"},
        }))
        .unwrap();
        rig.tenant.arm(fault).unwrap();
    };
    arm("duplicate", Json::Null);
    arm("reorder", json!({"window": 5}));
    let got = rig.get(ALL).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    assert_in_order(&got.body, 100);
    let hits = rig.tenant.events().since(0, &tenant::KindFilter::parse("fault.hit"));
    let kinds: Vec<&str> = hits.iter().filter_map(|hit| hit.data["faultKind"].as_str()).collect();
    assert!(kinds.contains(&"duplicate") && kinds.contains(&"reorder"));
    let node = &rig.tenant.state()["nodes"][0];
    assert!(node["itemsRepeated"].as_u64().unwrap() > 0, "the repeated items did arrive");
}

fn assert_in_order(body: &Json, count: usize) {
    let ids: Vec<&str> =
        body["result"].as_array().unwrap().iter().map(|object| object["_id"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..count).map(|number| format!("u{number}")).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn tenant_t71_a_half_open_socket() {
    let rig = rig(options(), "failover").await;
    let keeper = Rcs::new(&rig.tenant, "rcs1").keep(0);
    activate(&rig, "rcs1").await;
    rig.tenant.arm(Fault::new(Point::Socket, FaultKind::HalfOpen)).unwrap();
    let before = rig.tenant.upgrades().len();
    let downs = || rig.tenant.events().since(0, &tenant::KindFilter::parse("group.down")).len();
    assert_eq!(downs(), 0);
    let pass = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        rig.tenant.advance_clock(Duration::from_secs(12 * 60));
        tokio::time::sleep(Duration::from_millis(50)).await;
        rig.tenant.advance_clock(Duration::from_secs(60));
    };
    let (lost, ()) = tokio::join!(rig.get(OBJECT), pass);
    assert_eq!(lost.status, 503, "{:?}", lost.body);
    until(|| async { downs() > 0 }, "the group goes down").await;
    until(|| async { rig.tenant.upgrades().len() > before }, "a new socket is opened").await;
    until(|| async { rig.get(OBJECT).await.status == 200 }, "it works again").await;
    keeper.abort();
}

#[tokio::test]
async fn tenant_t72_an_expired_token_opens_nothing() {
    let (rig, rcs) = running(1).await;
    control(&rig, Method::POST, "tokens?_action=expire", json!({})).await;
    let id = rig.tenant.sockets()[0]["id"].as_str().unwrap().to_owned();
    let before = rig.tenant.upgrades().len();
    control(
        &rig,
        Method::POST,
        &format!("sockets/{id}?_action=close"),
        json!({"code": 1001, "reason": "away"}),
    )
    .await;
    until(|| async { rig.tenant.sockets().is_empty() }, "the socket closes").await;
    let keeper = rcs.keep(0);
    until(|| async { rig.get(OBJECT).await.status == 200 }, "it works again").await;
    keeper.abort();
    let statuses: Vec<Json> =
        rig.tenant.upgrades()[before..].iter().map(|record| record["status"].clone()).collect();
    assert_eq!(statuses, [json!(401), json!(101)]);
}

#[tokio::test]
async fn tenant_t73_refusals_are_logged_with_growing_distance() {
    let rig = rig(options(), "failover").await;
    let fault =
        Fault { times: 3, params: json!({"status": 403}), ..Fault::new(Point::Upgrade, FaultKind::Status) };
    rig.tenant.arm(fault).unwrap();
    let rcs = Rcs::new(&rig.tenant, "rcs1");
    let keeper = rcs.keep(0);
    until(|| async { rig.tenant.is_connected("rcs1") }, "the fourth attempt succeeds").await;
    keeper.abort();
    let upgrades = rig.tenant.upgrades();
    let statuses: Vec<&Json> = upgrades.iter().map(|record| &record["status"]).collect();
    assert_eq!(statuses, [403, 403, 403, 101]);
    let times: Vec<time::OffsetDateTime> = upgrades
        .iter()
        .map(|record| {
            let text = record["time"].as_str().unwrap();
            time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap()
        })
        .collect();
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps[0] < gaps[1] && gaps[1] < gaps[2], "{gaps:?}");
}

#[tokio::test]
async fn a_listening_server_is_dialled_by_every_node() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let rig = Rig::over_sockets(TenantOptions { nodes: 2, ..options() }).await;
    let rcs = Rcs::new(&rig.tenant, "listening");
    let accepting = rcs.clone();
    let acceptor = tokio::spawn(async move { accepting.accept(listener, "anonymous:geheim").await });
    let server = json!({"name": "listening", "host": "127.0.0.1", "port": port, "key": "geheim",
                        "webSocketConnections": 1});
    let hosts = json!({"remoteConnectorServers": [server]});
    rig.tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    activate(&rig, "listening").await;
    until(|| async { rig.tenant.sockets().len() == 2 }, "both nodes have dialled").await;
    for node in ["0", "1"] {
        until(
            || async { rig.send(Method::GET, OBJECT, &[("X-Tenant-Node", node)], None).await.status == 200 },
            "the node reaches it",
        )
        .await;
    }
    let shown = rig.get("/openidm/config/provisioner.openicf.connectorinfoprovider").await.body;
    assert!(!shown.to_string().contains("geheim"));
    rig.tenant.put_configuration("provisioner.openicf.connectorinfoprovider", json!({})).unwrap();
    until(|| async { rig.tenant.sockets().is_empty() }, "it is dialled no more").await;
    acceptor.abort();
}

#[tokio::test]
async fn everything_works_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("tenant-ca.pem");
    let rig =
        Rig::over_sockets(TenantOptions { plain: false, ca_file: Some(ca_file.clone()), ..options() }).await;
    let pem = std::fs::read_to_string(ca_file).unwrap();
    assert_eq!(Some(pem.as_str()), rig.tenant.ca_pem());
    assert!(rig.tenant.socket_url(2).starts_with("wss://localhost:"));
    let trusting = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
        .build()
        .unwrap();
    let url = format!("{}/openidm/info/ping", rig.tenant.base_url());
    assert_eq!(trusting.get(&url).send().await.unwrap().status(), 200);
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(&url).send().await.is_err());
    let target = format!("{}/openicf/0", rig.tenant.base_url());
    assert_eq!(trusting.get(&target).send().await.unwrap().status(), 400);
    let record = &rig.tenant.upgrades()[0];
    assert_eq!((&record["tls"]["version"], &record["tls"]["sni"]), (&json!("TLSv1_3"), &json!("localhost")));
}
