//! A tenant with a failover group of two servers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};

use crate::connector;
use crate::process::Process;

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(60);

/// What the journal says of one operation.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) begun: u32,
    pub(crate) ended: u32,
    pub(crate) server: String,
}

/// Everything that runs.
pub(crate) struct Cluster {
    pub(crate) tenant: Tenant,
    servers: Vec<Process>,
    folder: TempDir,
}

impl Cluster {
    /// Starts tenant and servers with this drain time in seconds, and waits for their links.
    pub(crate) async fn start(drain: u64) -> Self {
        let options = TenantOptions {
            nodes: 1,
            name_from: vec![NamePlace::Query("connectorServerName".into())],
            ..TenantOptions::default()
        };
        let tenant = Tenant::start(options).await.unwrap();
        let members = [json!({"name": "rcs1"}), json!({"name": "rcs2"})];
        let hosts = json!({
            "remoteConnectorClients": members,
            "remoteConnectorClientsGroups": [{"name": "cluster", "algorithm": "failover", "serversList": members}],
        });
        tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let system = connector::provisioner("cluster", journal.to_str().unwrap());
        tenant.put_configuration("provisioner.openicf/counted", system).unwrap();
        let mut cluster = Self { tenant, servers: Vec::new(), folder };
        for server in 0..2 {
            std::fs::write(cluster.config(server), cluster.properties(server, drain)).unwrap();
            cluster.servers.push(Process::start(&cluster.name(server), &cluster.config(server)));
        }
        cluster.connected().await;
        cluster
    }

    pub(crate) fn name(&self, server: usize) -> String {
        format!("rcs{}", server + 1)
    }

    pub(crate) fn server(&mut self, server: usize) -> &mut Process {
        &mut self.servers[server]
    }

    fn config(&self, server: usize) -> PathBuf {
        self.folder.path().join(format!("{}.properties", self.name(server)))
    }

    fn properties(&self, server: usize, drain: u64) -> String {
        format!(
            "connectorserver.connectorServerName={}\n\
             connectorserver.url={}\n\
             connectorserver.tokenEndpoint={}\n\
             connectorserver.clientSecret=openidm\n\
             connectorserver.newConnectionsInterval=1\n\
             connectorserver.adminListen=off\n\
             connectorserver.drainTimeout={drain}\n",
            self.name(server),
            self.tenant.socket_url(0),
            self.tenant.token_url(),
        )
    }

    /// Waits until the tenant has both servers.
    async fn connected(&self) {
        until("both servers are connected", || {
            (0..2).all(|server| self.tenant.is_connected(&self.name(server)))
        })
        .await;
    }

    /// Stops a server with SIGTERM, starts it again and waits until the tenant has it back. Answers its exit code.
    pub(crate) async fn restart(&mut self, server: usize) -> Option<i32> {
        self.server(server).signal(Signal::TERM);
        let code = self.server(server).ended().await;
        self.servers[server] = Process::start(&self.name(server), &self.config(server));
        self.connected().await;
        code
    }

    pub(crate) fn log(&self, server: usize) -> String {
        self.servers[server].log()
    }

    /// What was done, by name of the object.
    pub(crate) fn runs(&self) -> BTreeMap<String, Run> {
        let mut runs: BTreeMap<String, Run> = BTreeMap::new();
        let journal = std::fs::read_to_string(self.folder.path().join("journal")).unwrap_or_default();
        for line in journal.lines() {
            let mut words = line.split(' ');
            let (what, name, server) = (words.next(), words.next().unwrap(), words.next().unwrap());
            let run = runs.entry(name.to_owned()).or_default();
            run.server = server.to_owned();
            match what {
                Some("begin") => run.begun += 1,
                _ => run.ended += 1,
            }
        }
        runs
    }

    /// Ends everything.
    pub(crate) async fn end(mut self) {
        for server in &self.servers {
            server.signal(Signal::TERM);
        }
        for server in &mut self.servers {
            assert_eq!(server.ended().await, Some(0), "{}", server.log());
        }
        self.tenant.shutdown().await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < HANG_GUARD, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
