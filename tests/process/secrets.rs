//! A busy server whose log is at its most talkative: no planted secret comes out of it anywhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use rustix::process::Signal;

use crate::cluster::{Cluster, Setup, until};
use crate::load::{Load, create_one};

/// What must not be seen: the client's secret, the password of a store, a secret that the tenant does not know, a
/// password in a connector's configuration.
const PLANTED: [&str; 4] =
    ["Planted-client-5ecret", "planted-5tore-pass", "planted-wr0ng-one", "planted-c0nfiguration"];

/// Where the secrets or the tokens are in a text.
fn leaks(text: &str, tokens: &BTreeSet<String>) -> Vec<String> {
    let planted = PLANTED.iter().map(|secret| (*secret).to_owned());
    let encoded = PLANTED.iter().flat_map(|secret| {
        // Basic credentials, at each of the three positions in Base64.
        (0..3).map(|shift| {
            let padded = [&b"xx"[..shift], secret.as_bytes()].concat();
            let text = base64::Engine::encode(&base64::prelude::BASE64_STANDARD_NO_PAD, padded);
            text[4..text.len() - 4].to_owned()
        })
    });
    planted.chain(encoded).chain(tokens.iter().cloned()).filter(|secret| text.contains(secret)).collect()
}

/// What any process of the same user can read of a process, if it can.
fn visible_of(process: &str) -> String {
    let mut text = String::new();
    for name in ["cmdline", "environ", "status", "maps", "limits", "mountinfo", "comm", "wchan", "stack"] {
        let bytes = std::fs::read(Path::new(process).join(name)).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_planted_secret_shows_anywhere() {
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let lines = format!(
        "connectorserver.logLevel=trace,tungstenite::protocol=trace,hyper=trace\n\
         connectorserver.watchInterval=0\n\
         connectorserver.trustStorePass={}\n\
         connectorserver.reconnectMaxDelay=1\n",
        PLANTED[1],
    );
    let setup = Setup { servers: 1, secure: true, lines, secret: PLANTED[0], password: PLANTED[3], nodes: 1 };
    let mut cluster = Cluster::start_with(setup).await;
    cluster.edit(0, "adminListen=off", &format!("adminListen={place}"));
    cluster.restart(0).await;
    crate::load::works(&cluster).await;

    let load = Load::begin(&cluster, Duration::from_millis(100));
    let mut seen = String::new();
    let rest = Client::builder().no_proxy().build().unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    // Failures are where secrets come out: a secret that is wrong, and a configuration that is.
    cluster.write("secret", PLANTED[2]);
    cluster.server(0).signal(Signal::HUP);
    until("the wrong secret is refused", || cluster.log(0).contains("No access token")).await;
    cluster.write("trust.pem", PLANTED[1]);
    cluster.server(0).signal(Signal::HUP);
    until("a broken store is refused", || cluster.log(0).contains("is refused and the one before")).await;
    for path in ["/status", "/metrics", "/readyz", "/livez", "/"] {
        let answer = rest.get(format!("http://{place}{path}")).send().await.unwrap();
        seen.push_str(&answer.text().await.unwrap());
    }
    seen.push_str(&visible_of(&format!("/proc/{}", cluster.server(0).id())));
    let failing = create_one(&cluster, "fail", Duration::ZERO).await.unwrap();
    seen.push_str(&failing.body.to_string());
    let tally = load.end().await;
    assert!(tally.failed().is_empty(), "{:#?}", tally.failed());
    cluster.server(0).signal(Signal::TERM);
    assert_eq!(cluster.server(0).ended().await, Some(0));
    let log = cluster.log(0);
    // Nothing of the server itself writes at TRACE, and the libraries that do are held back.
    assert!(log.contains("DEBUG") && !log.contains("TRACE"), "the log is talkative");
    assert!(log.len() > 100_000 && seen.contains("rcs_operations_total") && seen.contains("rcs1.properties"));
    let tokens = cluster.tokens();
    assert!(!tokens.is_empty());
    seen.push_str(&log);
    assert_eq!(leaks(&seen, &tokens), Vec::<String>::new());
    // The search finds what is there, as it is and in Basic credentials.
    assert_eq!(leaks(&format!("a {} b", PLANTED[1]), &tokens).len(), 1);
    let credentials =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("user:{}", PLANTED[0]));
    assert_eq!(leaks(&credentials, &tokens).len(), 1);
    cluster.tenant.shutdown().await;
}
