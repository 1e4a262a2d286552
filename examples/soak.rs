//! Links that come and go under load: a tenant and a server with TLS, links that live for two seconds, and 64 operations
//! at any time.
//!
//! `cargo run --release --example soak -- 60` runs for 60 seconds, prints what it counted and ends with 0 only if every
//! answer was right: no object lost, none sent twice, no operation failed.

#[path = "demo/rest.rs"]
mod rest;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rcs::config::{self, Inputs};
use rcs::serve::Server;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tenant::{Dispatch, NamePlace, Tenant, TenantOptions};

use crate::rest::Rest;

const PROVISIONER: &str = include_str!("data/provisioner.openicf-hr.json");
const NODES: usize = 3;
const LINKS_PER_URL: usize = 2;
/// People in the file.
const ROWS: usize = 3000;
/// Operations at any time; every fourth worker searches, the others read.
const WORKERS: usize = 64;
/// How long the links may take to come up; many times what they need.
const LINKS_LIMIT: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let seconds = match std::env::args().nth(1).map(|text| text.parse()) {
        None => 60,
        Some(Ok(seconds)) => seconds,
        Some(Err(_)) => {
            eprintln!("usage: cargo run --release --example soak -- [SECONDS]");
            return ExitCode::from(2);
        }
    };
    match soak(Duration::from_secs(seconds)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the workers saw.
#[derive(Default)]
struct Tally {
    searches: AtomicU64,
    reads: AtomicU64,
    /// Objects in the answers to searches.
    objects: AtomicU64,
    lost: AtomicU64,
    doubled: AtomicU64,
    failed: AtomicU64,
}

async fn soak(time: Duration) -> anyhow::Result<bool> {
    let folder = tempfile::tempdir()?;
    let (tenant, server) = start(&folder).await?;
    let rest = Arc::new(Rest::new(&tenant)?);
    wait_for_links(&server, &rest).await?;
    let (links, before) = (tenant.upgrades().len(), tenant.counters());
    let tally = Arc::new(Tally::default());
    let until = Instant::now() + time;
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| tokio::spawn(work(number, Arc::clone(&rest), Arc::clone(&tally), until)))
        .collect();
    for worker in workers {
        worker.await.context("a worker broke")?;
    }
    let counters = tenant.counters();
    let received = counters.items_received - before.items_received;
    let repeated = counters.items_repeated - before.items_repeated;
    let rotations = tenant.upgrades().len() - links;
    server.stop().await;
    tenant.shutdown().await;
    Ok(tally.tell(time, received, repeated, rotations))
}

impl Tally {
    /// Prints everything; whether all was right.
    fn tell(&self, time: Duration, received: u64, repeated: u64, rotations: usize) -> bool {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (searches, reads, objects) = (count(&self.searches), count(&self.reads), count(&self.objects));
        let (lost, doubled, failed) = (count(&self.lost), count(&self.doubled), count(&self.failed));
        println!(
            "{WORKERS} operations at any time for {} s over TLS, links replaced every 2 s",
            time.as_secs()
        );
        println!(
            "operations                             {} ({searches} searches of {ROWS}, {reads} reads)",
            searches + reads
        );
        println!("items received before the filter       {received}");
        println!("objects in the answers to searches     {objects}");
        println!("repeats                                {repeated}");
        println!("lost                                   {lost}");
        println!("doubled                                {doubled}");
        println!("failed operations                      {failed}");
        println!("rotations                              {rotations}");
        // Without rotations nothing was tried.
        let turned = rotations >= usize::try_from(time.as_secs() / 2).unwrap_or(usize::MAX);
        let right = repeated + lost + doubled + failed == 0 && received == objects && searches > 0 && turned;
        println!("\n{}", if right { "All was right." } else { "NOT ALL WAS RIGHT." });
        right
    }
}

async fn work(number: usize, rest: Arc<Rest>, tally: Arc<Tally>, until: Instant) {
    let mut turn = number;
    while Instant::now() < until {
        turn += 1;
        let outcome = if number.is_multiple_of(4) {
            search(&rest, &tally).await
        } else {
            // Spreads the workers over the file.
            read(&rest, &tally, turn * 7919 % ROWS).await
        };
        if let Err(error) = outcome
            && tally.failed.fetch_add(1, Ordering::Relaxed) < 5
        {
            eprintln!("soak: {error:#}");
        }
    }
}

async fn search(rest: &Rest, tally: &Tally) -> anyhow::Result<()> {
    let answer = rest.get("/system/hr/account?_queryFilter=true&_fields=_id").await?;
    let found = answer["result"].as_array().context("no list of results")?;
    let mut seen = vec![0_u64; ROWS];
    for object in found {
        let row = object["_id"].as_str().and_then(row_of).context("an object that is not in the file")?;
        *seen.get_mut(row).context("an object that is not in the file")? += 1;
    }
    tally.searches.fetch_add(1, Ordering::Relaxed);
    tally.objects.fetch_add(found.len() as u64, Ordering::Relaxed);
    tally.lost.fetch_add(seen.iter().filter(|times| **times == 0).count() as u64, Ordering::Relaxed);
    tally.doubled.fetch_add(seen.iter().map(|times| times.saturating_sub(1)).sum(), Ordering::Relaxed);
    Ok(())
}

async fn read(rest: &Rest, tally: &Tally, row: usize) -> anyhow::Result<()> {
    let answer = rest.get(&format!("/system/hr/account/{}", uid(row))).await?;
    ensure!(answer["lastName"] == json!(format!("Last{row}")), "row {row} is answered with {answer}");
    tally.reads.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn uid(row: usize) -> String {
    format!("person{row:06}")
}

fn row_of(uid: &str) -> Option<usize> {
    uid.strip_prefix("person")?.parse().ok()
}

async fn start(folder: &TempDir) -> anyhow::Result<(Tenant, Server)> {
    let people = folder.path().join("people.csv");
    let mut text = String::from("uid,firstName,lastName,email,department,phone,password\n");
    for row in 0..ROWS {
        let uid = uid(row);
        writeln!(text, "{uid},First{row},Last{row},{uid}@example.com,Research,+49 30 {row:06},")?;
    }
    std::fs::write(&people, text)?;
    let ca_file = folder.path().join("tenant-ca.pem");
    let mut properties = Map::new();
    properties.insert("hr.file".into(), json!(people));
    let tenant = Tenant::start(TenantOptions {
        plain: false,
        ca_file: Some(ca_file.clone()),
        nodes: NODES,
        dispatch: Dispatch::RoundRobin,
        name_from: vec![NamePlace::Query("connectorServerName".into())],
        properties,
        ..TenantOptions::default()
    })
    .await?;
    let mut provisioner: Value = serde_json::from_str(PROVISIONER)?;
    // What is measured is loss, not speed: a slow machine shall not look like a faulty one.
    provisioner["operationTimeout"] = json!({"GET": 60_000, "SEARCH": 60_000});
    let hosts = json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]});
    for (id, content) in
        [("provisioner.openicf.connectorinfoprovider", hosts), ("provisioner.openicf/hr", provisioner)]
    {
        let put = tenant.put_configuration(id, content);
        put.map_err(|error| anyhow::anyhow!("configuration {id}: {error:?}"))?;
    }
    let file = folder.path().join("ConnectorServer.properties");
    std::fs::write(&file, server_properties(&tenant, &ca_file))?;
    let mut inputs = Inputs::from_process(Some(file), Vec::new());
    // Variables meant for a real server must not lead this one elsewhere.
    inputs.environment.clear();
    let loaded = config::load(&inputs);
    let settings = loaded.settings.with_context(|| format!("{:?}", loaded.problems))?;
    let connectors = rcs::bundled::connectors(&settings.bundles);
    Ok((tenant, Server::start(settings, connectors).await?))
}

fn server_properties(tenant: &Tenant, ca_file: &Path) -> String {
    let urls: Vec<_> = (0..NODES).map(|node| tenant.socket_url(node)).collect();
    format!(
        "connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={}\n\
         connectorserver.tokenEndpoint={}\n\
         connectorserver.clientSecret=openidm\n\
         connectorserver.webSocketConnections={LINKS_PER_URL}\n\
         connectorserver.connectionTtl=2\n\
         connectorserver.newConnectionsInterval=1\n\
         connectorserver.housekeepingInterval=1\n\
         connectorserver.trustStoreFile={}\n\
         connectorserver.trustStoreType=PEM\n",
        urls.join(" "),
        tenant.token_url(),
        ca_file.display(),
    )
}

async fn wait_for_links(server: &Server, rest: &Rest) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let groups = server.session().groups();
        let up = groups.len() == NODES && groups.iter().all(|group| group.usable_links > 0);
        if up && rest.post("/system/hr?_action=test", None).await.is_ok_and(|answer| answer["ok"] == true) {
            return Ok(());
        }
        if started.elapsed() > LINKS_LIMIT {
            bail!("the links do not come up: {groups:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
