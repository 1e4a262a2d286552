//! What signals do to a server, and with which code it ends.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::cluster::{Cluster, name, until};
use crate::load;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once() {
    let mut cluster = Cluster::start(600).await;
    let long = load::create_one(&cluster, "long", Duration::from_secs(600));
    until("the long operation runs", || cluster.runs().contains_key("long")).await;
    // The first of the group, as long as it is there.
    assert_eq!(cluster.runs()["long"].server, name(0));
    let server = cluster.server(0);
    server.signal(Signal::TERM);
    until("it waits", || server.log().contains("Stopping: waiting")).await;
    let second = Instant::now();
    server.signal(Signal::INT);
    assert_eq!(server.ended().await, Some(5));
    assert!(second.elapsed() < Duration::from_secs(5));
    // The tenant waits for a server that may come back.
    long.abort();
    cluster.tenant.shutdown().await;
}
