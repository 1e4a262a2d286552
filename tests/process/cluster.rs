//! A tenant with a failover group of two servers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use tenant::{Client, NamePlace, Tenant, TenantOptions};

use crate::connector;
use crate::load::works;
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

/// What differs between tests.
pub(crate) struct Setup {
    pub(crate) servers: usize,
    /// Nodes of the tenant; the servers dial the first.
    pub(crate) nodes: usize,
    pub(crate) secure: bool,
    /// Of the OAuth client.
    pub(crate) secret: &'static str,
    /// In the connector's configuration.
    pub(crate) password: &'static str,
    /// Further lines of the properties files.
    pub(crate) lines: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            servers: 2,
            nodes: 1,
            secure: false,
            secret: "openidm",
            password: "none",
            lines: String::new(),
        }
    }
}

/// Everything that runs.
pub(crate) struct Cluster {
    pub(crate) tenant: Tenant,
    servers: Vec<Process>,
    folder: TempDir,
}

impl Cluster {
    /// Starts a tenant and two servers with this drain time in seconds, and waits for their links.
    pub(crate) async fn start(drain: u64) -> Self {
        let lines = format!("connectorserver.drainTimeout={drain}\n");
        Self::start_with(Setup { lines, ..Setup::default() }).await
    }

    /// Starts tenant and servers and waits for their links.
    pub(crate) async fn start_with(setup: Setup) -> Self {
        let options = TenantOptions {
            nodes: setup.nodes,
            plain: !setup.secure,
            log_secrets: true,
            name_from: vec![NamePlace::Query("connectorServerName".into())],
            ..TenantOptions::default()
        };
        let tenant = Tenant::start(options).await.unwrap();
        let members: Vec<_> = (0..setup.servers).map(|server| json!({"name": name(server)})).collect();
        let hosts = json!({
            "remoteConnectorClients": members,
            "remoteConnectorClientsGroups": [{"name": "cluster", "algorithm": "failover", "serversList": members}],
        });
        tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let system = connector::provisioner("cluster", journal.to_str().unwrap(), setup.password);
        tenant.put_configuration("provisioner.openicf/counted", system).unwrap();
        let mut cluster = Self { tenant, servers: Vec::new(), folder };
        cluster.tenant.put_client(Client::new("RCSClient", setup.secret));
        cluster.write("secret", setup.secret);
        if let Some(authority) = cluster.tenant.ca_pem() {
            cluster.write("trust.pem", authority);
        }
        for server in 0..setup.servers {
            let properties = cluster.properties(server) + &setup.lines;
            cluster.write(&format!("{}.properties", name(server)), &properties);
            cluster.servers.push(Process::start(&name(server), &cluster.config(server)));
        }
        cluster.connected().await;
        tokio::time::timeout(HANG_GUARD, works(&cluster)).await.expect("the system works");
        cluster
    }

    /// Writes a file of the configuration, as editors do: all at once.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.folder.path().join(file);
        let new = file.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    /// Changes the properties of a server.
    pub(crate) fn edit(&self, server: usize, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.config(server)).unwrap();
        assert!(text.contains(old), "{old} is not in {text}");
        self.write(&format!("{}.properties", name(server)), &text.replace(old, new));
    }

    pub(crate) fn server(&mut self, server: usize) -> &mut Process {
        &mut self.servers[server]
    }

    fn config(&self, server: usize) -> PathBuf {
        self.folder.path().join(format!("{}.properties", name(server)))
    }

    fn properties(&self, server: usize) -> String {
        let folder = self.folder.path().display();
        let trust = if self.tenant.ca_pem().is_some() {
            format!("connectorserver.trustStoreFile={folder}/trust.pem\nconnectorserver.trustStoreType=PEM\n")
        } else {
            String::new()
        };
        format!(
            "connectorserver.connectorServerName={}\n\
             connectorserver.url={}\n\
             connectorserver.tokenEndpoint={}\n\
             connectorserver.clientSecretFile={folder}/secret\n\
             connectorserver.newConnectionsInterval=1\n\
             connectorserver.adminListen=off\n\
             {trust}",
            name(server),
            self.tenant.socket_url(0),
            self.tenant.token_url(),
        )
    }

    /// Waits until the tenant has all servers.
    async fn connected(&self) {
        let names = (0..self.servers.len()).map(name);
        until("all servers are connected", || names.clone().all(|name| self.tenant.is_connected(&name)))
            .await;
    }

    /// Stops a server with SIGTERM, starts it again and waits until the tenant has it back. Answers its exit code.
    pub(crate) async fn restart(&mut self, server: usize) -> Option<i32> {
        self.server(server).signal(Signal::TERM);
        let code = self.server(server).ended().await;
        // A busy tenant has it for a moment longer, and would be taken to have it back already.
        until("the tenant knows that it is gone", || !self.tenant.is_connected(&name(server))).await;
        self.servers[server] = Process::start(&name(server), &self.config(server));
        self.connected().await;
        code
    }

    pub(crate) fn log(&self, server: usize) -> String {
        self.servers[server].log()
    }

    /// The access tokens that servers have shown.
    pub(crate) fn tokens(&self) -> BTreeSet<String> {
        let upgrades = serde_json::to_string(&self.tenant.upgrades()).unwrap();
        let shown = upgrades.split("Bearer ").skip(1);
        shown
            .map(|rest| {
                rest.split(|end: char| !end.is_ascii_alphanumeric() && end != '-').next().unwrap().to_owned()
            })
            .collect()
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

/// The name of a server.
pub(crate) fn name(server: usize) -> String {
    format!("rcs{}", server + 1)
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < HANG_GUARD, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
