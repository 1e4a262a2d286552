//! What comes behind the upgrade.

use serde_json::json;

use crate::bench::{Bench, tenant_with};
use crate::support::acceptor::{Acceptor, Answer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_accepts_and_never_introduces_itself() {
    let tenant = tenant_with(json!({"point": "handshake", "kind": "noAnswer", "times": 0})).await;
    let examined = Bench::of(&tenant).examine().await;
    examined.stops_at("handshake", "handshake-silent").exits_with(4);
    examined.says("no handshake within 2 s (handshakeTimeout)").says("  -     connectors     not reached");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_closes_instead() {
    let close = vec![0x88, 0x02, 0x03, 0xe9];
    let mut peer = Acceptor::start(None, move |_, _| Answer::AcceptThen(close.clone())).await;
    let bench = Bench::with_password(&peer.url("/openicf/0"));
    // Each connection ends behind the close frame.
    tokio::spawn(async move {
        loop {
            drop(peer.next().await);
        }
    });
    let examined = bench.examine().await;
    examined.stops_at("handshake", "handshake-ended").exits_with(4).says("with code 1001");
}
