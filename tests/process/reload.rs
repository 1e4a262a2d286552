//! A new configuration for a server that has 64 operations under way: it goes over to it and drops nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;
use tenant::Client;

use crate::cluster::{Cluster, Setup, until};
use crate::load::Load;
use crate::support::certificates::Authority;

const REFUSED: &str = "The new configuration is refused and the one before stays in force";

/// The tenant's names for the sockets that are open.
fn sockets(cluster: &Cluster) -> BTreeSet<String> {
    cluster.tenant.sockets().iter().map(|socket| socket["id"].to_string()).collect()
}

/// The nodes to which there are sockets, with their number.
fn sockets_to(cluster: &Cluster, node: usize) -> usize {
    cluster.tenant.sockets().iter().filter(|socket| socket["node"] == node).count()
}

/// Sends SIGHUP and waits for the outcome, which begins like this.
async fn reload(cluster: &mut Cluster, outcome: &str) {
    let before = cluster.log(0).matches(outcome).count();
    cluster.server(0).signal(Signal::HUP);
    until(outcome, || cluster.log(0).matches(outcome).count() > before).await;
}

async fn one_server(lines: &str) -> Cluster {
    let lines = format!("connectorserver.watchInterval=0\n{lines}");
    let cluster =
        Cluster::start_with(Setup { servers: 1, nodes: 2, secure: true, lines, ..Setup::default() }).await;
    until("there are two links", || sockets_to(&cluster, 0) == 2).await;
    cluster
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_certificate_urls_and_level_change_and_nothing_is_dropped() {
    let mut cluster = one_server("").await;
    let load = Load::begin(&cluster, Duration::from_millis(200));

    // A new secret: only with it there are new tokens, and only with these new links.
    let before = sockets(&cluster);
    cluster.tenant.put_client(Client::new("RCSClient", "another"));
    cluster.write("secret", "another");
    reload(&mut cluster, "Reloaded. Changed: how links are made").await;
    until("all links are new", || {
        let now = sockets(&cluster);
        now.len() == 2 && now.is_disjoint(&before)
    })
    .await;

    // Other trusted certificates, in the same file.
    let before = sockets(&cluster);
    let trust = cluster.tenant.ca_pem().unwrap().to_owned() + &Authority::new().pem();
    cluster.write("trust.pem", &trust);
    reload(&mut cluster, "Reloaded. Changed: how links are made").await;
    until("all links are new", || {
        let now = sockets(&cluster);
        now.len() == 2 && now.is_disjoint(&before)
    })
    .await;

    // Another node besides, then in place of the first.
    let (first, second) = (cluster.tenant.socket_url(0), cluster.tenant.socket_url(1));
    cluster.edit(0, &format!("url={first}"), &format!("url={first} {second}"));
    reload(&mut cluster, "Reloaded. Changed: links to").await;
    until("there are links to both", || (0..2).all(|node| sockets_to(&cluster, node) == 2)).await;
    cluster.edit(0, &format!("url={first} {second}"), &format!("url={second}"));
    reload(&mut cluster, "Reloaded. Changed: no more links to").await;
    until("there are links to the second alone", || sockets_to(&cluster, 0) == 0).await;

    assert!(!cluster.log(0).contains("DEBUG"));
    cluster.edit(0, "adminListen=off", "adminListen=off\nconnectorserver.logLevel=info,rcs::pool=debug");
    reload(&mut cluster, "Reloaded. Changed: the log level (info,rcs::pool=debug)").await;
    reload(&mut cluster, "Reloaded. Changed: nothing").await;

    tokio::time::sleep(Duration::from_millis(300)).await;
    let tally = load.end().await;
    assert!(tally.failed().is_empty(), "{:#?}", tally.failed());
    tally.is_whole();
    assert_eq!(cluster.tenant.counters().items_repeated, 0);
    let runs = cluster.runs();
    assert!(runs.values().all(|run| (run.begun, run.ended) == (1, 1)));
    assert_eq!(runs.len(), tally.creations().count());
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_configuration_is_refused_and_changes_nothing() {
    let mut cluster = one_server("connectorserver.drainTimeout=20\n").await;
    let load = Load::begin(&cluster, Duration::from_millis(100));
    let links = sockets(&cluster);

    cluster.edit(0, "drainTimeout=20", "drainTimeout=soon");
    reload(&mut cluster, REFUSED).await;
    assert!(cluster.log(0).contains("connectorserver.drainTimeout"), "{}", cluster.log(0));
    cluster.edit(0, "drainTimeout=soon", "drainTimeout=20");

    let trust = cluster.tenant.ca_pem().unwrap().to_owned();
    cluster.write("trust.pem", "no certificate at all");
    reload(&mut cluster, REFUSED).await;
    assert!(cluster.log(0).contains("trust.pem"), "{}", cluster.log(0));
    cluster.write("trust.pem", &trust);

    cluster.edit(
        0,
        "adminListen=off",
        "adminListen=127.0.0.1:1\nconnectorserver.sendWait=3\nconnectorserver.pongTimeout=7",
    );
    reload(&mut cluster, "Takes effect at the next start only: pongTimeout, adminListen").await;

    let tally = load.end().await;
    assert!(tally.failed().is_empty(), "{:#?}", tally.failed());
    assert_eq!(sockets(&cluster), links, "the links are the same");
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_the_tenant_does_not_know_leaves_the_links_in_use() {
    let mut cluster = one_server("connectorserver.reconnectMaxDelay=1\n").await;
    let load = Load::begin(&cluster, Duration::from_millis(100));
    let links = sockets(&cluster);
    cluster.write("secret", "wrong");
    reload(&mut cluster, "Reloaded. Changed: how links are made").await;
    until("it is told", || cluster.log(0).contains("No access token")).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(sockets(&cluster), links);
    cluster.write("secret", "openidm");
    reload(&mut cluster, "Reloaded. Changed: how links are made").await;
    until("all links are new", || {
        let now = sockets(&cluster);
        now.len() == 2 && now.is_disjoint(&links)
    })
    .await;
    let tally = load.end().await;
    assert!(tally.failed().is_empty(), "{:#?}", tally.failed());
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_needs_no_signal() {
    let lines = "connectorserver.watchInterval=1\n".to_owned();
    let cluster = Cluster::start_with(Setup { servers: 1, lines, ..Setup::default() }).await;
    cluster.edit(0, "watchInterval=1", "watchInterval=1\nconnectorserver.logLevel=debug");
    until("it is read", || cluster.log(0).contains("Reading the configuration again on a changed file"))
        .await;
    until("it counts", || cluster.log(0).contains("Reloaded. Changed: the log level (debug)")).await;
    cluster.write("secret", "wrong");
    until("secrets count, too", || cluster.log(0).contains("Reloaded. Changed: how links are made")).await;
    cluster.end().await;
}
