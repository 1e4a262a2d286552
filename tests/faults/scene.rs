//! A tenant and a whole server, as `rcs run` starts it, and an administrator at the tenant.

use std::time::{Duration, Instant};

use rcs::config::{self, Inputs, Settings};
use rcs::serve::Server;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tenant::{KindFilter, NamePlace, Tenant, TenantOptions};

use crate::connector;

/// Longer than anything here takes on a busy machine; only there so that a hang is a failure and not silence.
pub(crate) const HANG_GUARD: Duration = Duration::from_secs(120);

/// Within this time of the loss of its link, what is lost has failed as retryable: 2 s, and room for a busy machine.
pub(crate) const PROMPT: Duration = Duration::from_secs(10);

/// What differs between tests.
pub(crate) struct Setup {
    pub(crate) tenant: TenantOptions,
    /// Objects of system `made`.
    pub(crate) objects: usize,
    /// Links to the node.
    pub(crate) links: usize,
    /// Changes settings after they were read from the file.
    pub(crate) adjust: fn(&mut Settings),
    /// Armed before the server starts.
    pub(crate) faults: Vec<Json>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { tenant: one_node(), objects: 1000, links: 2, adjust: |_| {}, faults: Vec::new() }
    }
}

pub(crate) fn one_node() -> TenantOptions {
    TenantOptions {
        nodes: 1,
        name_from: vec![NamePlace::Query("connectorServerName".into())],
        ..TenantOptions::default()
    }
}

/// Everything that runs.
pub(crate) struct Scene {
    pub(crate) tenant: Tenant,
    pub(crate) server: Server,
    pub(crate) client: Admin,
    folder: TempDir,
}

impl Scene {
    /// Starts both and waits until system `made` works.
    pub(crate) async fn ready(setup: Setup) -> Self {
        let links = setup.links;
        let scene = Self::start(setup).await;
        scene.usable_links(links).await;
        scene.client.system_works().await;
        scene
    }

    /// Starts both.
    pub(crate) async fn start(setup: Setup) -> Self {
        let tenant = start_tenant(setup.tenant.clone(), setup.objects).await;
        for fault in &setup.faults {
            arm(&tenant, fault.clone());
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ConnectorServer.properties");
        std::fs::write(&file, properties(&tenant, setup.links)).unwrap();
        let mut inputs = Inputs::from_process(Some(file), Vec::new());
        inputs.environment.clear();
        let loaded = config::load(&inputs);
        let mut settings = loaded.settings.unwrap_or_else(|| panic!("{:?}", loaded.problems));
        let pool = &mut settings.client.as_mut().unwrap().pool;
        pool.new_connections_interval = Duration::from_millis(100);
        pool.reconnect_min_delay = Duration::from_millis(200);
        pool.reconnect_max_delay = Duration::from_secs(2);
        (setup.adjust)(&mut settings);
        let server = Server::start(settings, vec![connector::registration()]).await.unwrap();
        let client = Admin::of(&tenant);
        Self { tenant, server, client, folder }
    }

    /// Links that can carry messages, as the server sees them.
    pub(crate) fn links(&self) -> usize {
        self.server.session().groups().iter().map(|group| group.usable_links).sum()
    }

    /// Waits until the server and the tenant both count so many links.
    pub(crate) async fn usable_links(&self, count: usize) {
        until("the links", || self.links() == count && self.tenant.sockets().len() == count).await;
    }

    /// Kills the tenant, its sockets without a close frame, and after a while starts another one in its place.
    pub(crate) async fn replace_tenant(self, away: Duration, objects: usize) -> Self {
        let Self { tenant, server, client, folder } = self;
        let options = TenantOptions { listen: tenant.addr(), ..one_node() };
        client.control("/tenant/nodes/0?_action=down").await;
        tenant.shutdown().await;
        tokio::time::sleep(away).await;
        let tenant = start_tenant(options, objects).await;
        Self { client: Admin::of(&tenant), tenant, server, folder }
    }

    /// Ends both.
    pub(crate) async fn end(self) {
        self.server.stop().await;
        self.tenant.shutdown().await;
        drop(self.folder);
    }
}

pub(crate) async fn start_tenant(options: TenantOptions, objects: usize) -> Tenant {
    let tenant = Tenant::start(options).await.unwrap();
    let hosts = json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]});
    tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    tenant.put_configuration("provisioner.openicf/made", connector::provisioner(objects)).unwrap();
    tenant
}

fn properties(tenant: &Tenant, links: usize) -> String {
    format!(
        "connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={}\n\
         connectorserver.tokenEndpoint={}\n\
         connectorserver.clientSecret=openidm\n\
         connectorserver.webSocketConnections={links}\n",
        tenant.socket_url(0),
        tenant.token_url(),
    )
}

/// Arms a fault, written as for the control interface; answers its id.
pub(crate) fn arm(tenant: &Tenant, fault: Json) -> String {
    tenant.arm(serde_json::from_value(fault).unwrap()).unwrap()
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < HANG_GUARD, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How often a fault took effect.
pub(crate) fn hits(tenant: &Tenant, fault: &str) -> u64 {
    let faults = tenant.faults().list();
    let found = faults.iter().find(|armed| armed["id"] == fault).expect("the fault is armed");
    found["hits"].as_u64().unwrap()
}

/// How many events of these kinds there were.
pub(crate) fn count(tenant: &Tenant, kinds: &str) -> usize {
    tenant.events().since(0, &KindFilter::parse(kinds)).len()
}

/// Waits until a search is in full swing: at least `items` objects came.
pub(crate) async fn mid_search(tenant: &Tenant, items: u64) {
    let filter = KindFilter::parse("op.item");
    let come = || {
        let events = tenant.events().since(0, &filter);
        events.iter().filter_map(|event| event.data.get("items")?.as_u64()).max().unwrap_or(0)
    };
    until("the first objects", || come() >= items).await;
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Json,
}

/// Whoever uses the tenant's REST interface.
#[derive(Clone)]
pub(crate) struct Admin {
    client: Client,
    base: String,
}

impl Admin {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self { client: Client::builder().no_proxy().build().unwrap(), base: tenant.base_url() }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Json>) -> Got {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header("X-OpenIDM-Username", "openidm-admin")
            .header("X-OpenIDM-Password", "openidm-admin");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = async {
            let response = request.send().await.unwrap();
            Got { status: response.status().as_u16(), body: response.json().await.unwrap() }
        };
        tokio::time::timeout(HANG_GUARD, answer).await.expect("a REST request hangs")
    }

    /// Does something through the control interface.
    pub(crate) async fn control(&self, path: &str) {
        self.control_with(path, json!({})).await;
    }

    pub(crate) async fn control_with(&self, path: &str, body: Json) {
        let got = self.send(Method::POST, path, Some(body)).await;
        assert_eq!(got.status, 200, "{path}: {:?}", got.body);
    }

    /// All objects of system `made`.
    pub(crate) async fn search(&self) -> Got {
        self.send(Method::GET, "/openidm/system/made/account?_queryFilter=true", None).await
    }

    pub(crate) async fn read(&self, id: &str) -> Got {
        self.send(Method::GET, &format!("/openidm/system/made/account/{id}"), None).await
    }

    pub(crate) async fn create(&self, blob: String) -> Got {
        let person = json!({"name": "new", "blob": blob});
        self.send(Method::POST, "/openidm/system/made/account?_action=create", Some(person)).await
    }

    /// Asks for an object that makes a call hang.
    pub(crate) async fn search_for(&self, id: &str) -> Got {
        let path = format!("/openidm/system/made/account?_queryFilter=_id+eq+%22{id}%22");
        self.send(Method::GET, &path, None).await
    }

    /// Waits until an object can be read.
    pub(crate) async fn system_works(&self) {
        let started = Instant::now();
        loop {
            let got = self.read("one").await;
            if got.status == 200 {
                assert_eq!(got.body["_id"], "one");
                return;
            }
            assert!(started.elapsed() < HANG_GUARD, "the system does not come up: {got:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Got {
    /// An error that tells the caller to try again.
    #[track_caller]
    pub(crate) fn is_retryable(&self) {
        assert_eq!(self.status, 503, "{:.300}", self.body.to_string());
    }

    /// Every object once and in order.
    #[track_caller]
    pub(crate) fn is_whole(&self, objects: usize) {
        assert_eq!(self.status, 200, "{}", self.body);
        let ids =
            self.body["result"].as_array().unwrap().iter().map(|object| object["_id"].as_str().unwrap());
        let mut seen = 0;
        for id in ids {
            assert_eq!(id, connector::uid(seen), "object {seen} of {objects}");
            seen += 1;
        }
        assert_eq!(seen, objects);
    }
}
