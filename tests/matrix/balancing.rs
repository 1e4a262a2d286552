//! Two of our servers, each a process, behind the framework's own distributors; one is killed while it is in use.
//!
//! What is being done on the killed server ends with its own time-out, for Java never gives up a request whose sockets
//! are gone; an operation that Java hands to a socket of which it has not yet noticed the end does too.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Duration, Instant, sleep};

use crate::java::{Exception, Peer};
use crate::ways::{driver, on_the_runtime};

const ROWS: usize = 20_000;

/// One server. Its file, at a path relative to where it runs, tells its name.
struct Server {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Server {
    /// In server mode, on a port that was free a moment ago.
    fn listening(name: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("the port").port();
        drop(free);
        let properties = format!(
            "connectorserver.port={port}\nconnectorserver.ifaddress=127.0.0.1\n\
             connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=\n"
        );
        Self::start(name, port, &properties)
    }

    /// In client mode.
    fn dialling(name: &str, port: u16) -> Self {
        let properties = format!(
            "connectorserver.connectorServerName={name}\nconnectorserver.url=ws://127.0.0.1:{port}/openicf/0\n\
             connectorserver.principal=rcs1\nconnectorserver.password=secret\n\
             connectorserver.newConnectionsInterval=1\n"
        );
        Self::start(name, port, &properties)
    }

    fn start(name: &str, port: u16, properties: &str) -> Self {
        let folder = tempfile::tempdir().expect("create a temporary folder");
        let mut rows = "uid,sn\n".to_owned();
        for number in 0..ROWS {
            writeln!(rows, "{name}-{number},x").expect("a string grows");
        }
        fs::write(folder.path().join("people.csv"), rows).expect("write the file");
        fs::write(folder.path().join("rcs.properties"), properties).expect("write the properties");
        Self { process: run(&folder), folder, port }
    }

    fn kill(&mut self) {
        self.process.start_kill().expect("kill the server");
    }

    async fn restart(&mut self) {
        self.process.wait().await.expect("it was killed");
        self.process = run(&self.folder);
    }

    /// The framework dials it, as soon as it listens.
    async fn dialled(&self) -> Value {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let arguments = json!({"host": "127.0.0.1", "port": self.port, "password": "changeit"});
            match driver().await.call("connect", arguments).await {
                Ok(answer) => return answer["peer"].clone(),
                Err(exception) => assert!(Instant::now() < until, "not up: {exception}"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

fn run(folder: &TempDir) -> Child {
    Command::new(env!("CARGO_BIN_EXE_rcs"))
        .args(["run", "--config", "rcs.properties"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("start rcs")
}

fn search(handler: Value) -> Value {
    json!({
        "op": "search", "objectClass": "__ACCOUNT__",
        "connectorKey": {
            "bundleName": "org.forgerock.openicf.connectors.csvfile-connector",
            "bundleVersion": "1.5.20.31",
            "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
        },
        "configuration": {"csvFile": {"file": "people.csv"}},
        "options": {"PAGE_SIZE": {"int": 1}},
        "timeouts": {"SearchApiOp": 2000},
        "handler": handler,
    })
}

/// Which server answers now.
async fn who(peer: &Peer<'static>) -> Result<String, Exception> {
    let found = peer.operate(search(json!({}))).await?;
    let uid = found["items"][0]["uid"]["value"].as_str().unwrap_or_default();
    Ok(uid.split('-').next().unwrap_or_default().to_owned())
}

/// Two servers, `first` and `second`, and the distributor before them.
async fn behind(kind: &str) -> (Server, Server, Peer<'static>) {
    let (first, second) = (Server::listening("first"), Server::listening("second"));
    let peers = [first.dialled().await, second.dialled().await];
    let balance = driver().await.call("balance", json!({"kind": kind, "peers": peers})).await;
    let peer = driver().await.peer(&balance.expect("the distributor"));
    peer.connectors().await;
    (first, second, peer)
}

/// Kills the server in the middle of a search of all its rows, and goes on asking; prints how long nobody answered.
async fn kill_and_go_on(kind: &str, first: &mut Server, other: &str, peer: &Peer<'static>) {
    let mut long = search(json!({"delayMillis": 1, "reportEvery": 500, "keep": 0}));
    long["options"] = json!({});
    let mut running = driver().await.begin("operate", peer.arguments(long)).await;
    assert_eq!(running.next().await["count"], 500);
    first.kill();
    let killed = Instant::now();
    let mut failed = 0;
    let name = loop {
        match who(peer).await {
            Ok(name) => break name,
            Err(_) => failed += 1,
        }
        assert!(killed.elapsed() < Duration::from_secs(60), "nobody answers");
    };
    let answered = killed.elapsed();
    assert_eq!(name, other);
    let lost = running.answer().await.expect_err("its server is gone");
    println!(
        "{kind}: the other server answered {answered:?} after the kill, {failed} operations failed before; the search \
         on the killed server ended with {} after {:?}",
        lost.simple_class(),
        killed.elapsed(),
    );
    for _ in 0..10 {
        assert_eq!(who(peer).await.expect("the other server"), other);
    }
}

#[test]
fn a_failover_goes_on_with_the_second_server() {
    on_the_runtime(async {
        let (mut first, _second, peer) = behind("failover").await;
        for _ in 0..5 {
            assert_eq!(who(&peer).await.expect("a search"), "first");
        }
        kill_and_go_on("failover", &mut first, "second", &peer).await;
    });
}

#[test]
fn a_round_robin_uses_both_servers_and_goes_on_with_the_one_that_is_left() {
    on_the_runtime(async {
        let (mut first, _second, peer) = behind("roundRobin").await;
        let mut names = Vec::new();
        for _ in 0..6 {
            names.push(who(&peer).await.expect("a search"));
        }
        assert_eq!(names.iter().filter(|name| *name == "first").count(), 3, "{names:?}");
        // So that the long search is the first server's.
        if names.last().is_some_and(|name| name == "first") {
            who(&peer).await.expect("a search");
        }
        kill_and_go_on("round robin", &mut first, "second", &peer).await;
    });
}

/// Two servers in client mode under one name: Java uses the one that came first, and the other when that is gone.
#[test]
fn b_servers_that_dial_take_over_from_each_other() {
    on_the_runtime(async {
        let opened = driver().await.listen(json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})).await;
        let port = opened["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        let peer = driver().await.peer(&opened);
        let mut first = Server::dialling("first", port);
        peer.connectors().await;
        let mut second = Server::dialling("second", port);
        has_groups(&peer, 2).await;
        assert_eq!(who(&peer).await.expect("a search"), "first");
        kill_and_go_on("one principal", &mut first, "second", &peer).await;
        first.restart().await;
        // Java keeps the group of the killed process for 12 minutes.
        has_groups(&peer, 3).await;
        kill_and_go_on("one principal, back again", &mut second, "first", &peer).await;
    });
}

async fn has_groups(peer: &Peer<'static>, many: u64) {
    let until = Instant::now() + Duration::from_secs(60);
    while peer.state().await["groups"] != many {
        assert!(Instant::now() < until, "{}", peer.state().await);
        sleep(Duration::from_millis(50)).await;
    }
    // A group is there before its connectors are known.
    sleep(Duration::from_secs(1)).await;
}
