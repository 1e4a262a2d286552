//! A tenant, a server, and a folder with what they read.

use std::path::PathBuf;

use anyhow::Context as _;
use rcs::config::{self, Inputs};
use rcs::serve::Server;
use serde_json::{Map, json};
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};

use crate::rest::Rest;

/// Rows of invented people.
const PEOPLE: &str = include_str!("../data/people.csv");
/// As an administrator of the cloud has it.
const PROVISIONER: &str = include_str!("../data/provisioner.openicf-hr.json");
/// How many links the server keeps to each URL.
pub(crate) const LINKS_PER_URL: usize = 2;
/// How many end points the tenant has.
pub(crate) const NODES: usize = 3;

/// Everything that runs.
pub(crate) struct Scene {
    pub(crate) tenant: Tenant,
    pub(crate) server: Server,
    pub(crate) rest: Rest,
    folder: TempDir,
}

impl Scene {
    /// Starts the tenant, then the server as `rcs run` would: from a properties file.
    pub(crate) async fn start(once: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let people = folder.path().join("people.csv");
        std::fs::write(&people, PEOPLE)?;
        let mut properties = Map::new();
        properties.insert("hr.file".into(), json!(people));
        let tenant = Tenant::start(TenantOptions {
            plain: false,
            // A run that stays up has an address that can be typed.
            listen: if once { "127.0.0.1:0" } else { "127.0.0.1:8443" }.parse()?,
            ca_file: Some(folder.path().join("tenant-ca.pem")),
            nodes: NODES,
            name_from: vec![NamePlace::Query("connectorServerName".into())],
            properties,
            ..TenantOptions::default()
        })
        .await
        .context("cannot start the tenant (is another demo running?)")?;
        let hosts =
            json!({"remoteConnectorClients": [{"name": "rcs1", "displayName": "rcs1", "enabled": true}]});
        put(&tenant, "provisioner.openicf.connectorinfoprovider", hosts)?;
        put(&tenant, "provisioner.openicf/hr", serde_json::from_str(PROVISIONER)?)?;
        println!("tenant  {}  end points /openicf/0 /openicf/1 /openicf/2", tenant.base_url());
        let file = folder.path().join("ConnectorServer.properties");
        std::fs::write(&file, server_properties(&tenant, &folder))?;
        println!(
            "server  {}  (connectorServerName rcs1, {LINKS_PER_URL} links to each end point)",
            file.display()
        );
        let server = start_server(file).await?;
        let rest = Rest::new(&tenant)?;
        Ok(Self { tenant, server, rest, folder })
    }

    /// Says what to try.
    pub(crate) fn invite(&self) {
        let (url, ca) = (self.tenant.base_url(), self.folder.path().join("tenant-ca.pem"));
        let curl = format!(
            "curl --cacert {} -H 'X-OpenIDM-Username: openidm-admin' -H 'X-OpenIDM-Password: openidm-admin'",
            ca.display()
        );
        println!("\nBoth stay up until Ctrl-C. Worth trying:\n");
        println!(
            "  {curl} '{url}/openidm/system/hr/account?_queryFilter=lastName+sw+%22K%22&_pageSize=3&_prettyPrint=true'\n"
        );
        println!("  {curl} -X POST '{url}/openidm/system?_action=testConnectorServers'\n");
        println!("  {curl} '{url}/tenant/upgrades'\n");
    }

    /// Stops the server in order, then the tenant.
    pub(crate) async fn end(self) {
        self.server.stop().await;
        self.tenant.shutdown().await;
    }
}

fn put(tenant: &Tenant, id: &str, content: serde_json::Value) -> anyhow::Result<()> {
    tenant.put_configuration(id, content).map_err(|error| anyhow::anyhow!("configuration {id}: {error:?}"))
}

fn server_properties(tenant: &Tenant, folder: &TempDir) -> String {
    let urls: Vec<_> = (0..NODES).map(|node| tenant.socket_url(node)).collect();
    format!(
        "connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={}\n\
         connectorserver.tokenEndpoint={}\n\
         connectorserver.clientId=RCSClient\n\
         connectorserver.clientSecret=openidm\n\
         connectorserver.scope=fr:idm:*\n\
         connectorserver.webSocketConnections={LINKS_PER_URL}\n\
         connectorserver.newConnectionsInterval=1\n\
         connectorserver.trustStoreFile={}\n\
         connectorserver.trustStoreType=PEM\n",
        urls.join(" "),
        tenant.token_url(),
        folder.path().join("tenant-ca.pem").display(),
    )
}

async fn start_server(file: PathBuf) -> anyhow::Result<Server> {
    let mut inputs = Inputs::from_process(Some(file), Vec::new());
    // Variables meant for a real server must not lead the demo elsewhere.
    inputs.environment.clear();
    let loaded = config::load(&inputs);
    let settings = loaded.settings.with_context(|| {
        let problems: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
        problems.join("\n")
    })?;
    let connectors = rcs::bundled::connectors(&settings.bundles);
    Ok(Server::start(settings, connectors).await?)
}
