//! A tenant and a server with the connectors that are compiled in.

use rcs::config::{self, Inputs};
use rcs::serve::Server;
use reqwest::{Certificate, Client, Method};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};

use crate::directory::Directory;

/// Everything that runs.
pub(crate) struct Scene {
    tenant: Tenant,
    server: Server,
    client: Client,
    folder: TempDir,
}

const PROPERTIES: &str = "ConnectorServer.properties";

async fn server(folder: &TempDir) -> Server {
    let mut inputs = Inputs::from_process(Some(folder.path().join(PROPERTIES)), Vec::new());
    inputs.environment.clear();
    let settings = config::load(&inputs).settings.unwrap();
    let connectors = rcs::bundled::connectors(&settings.bundles);
    Server::start(settings, connectors).await.unwrap()
}

impl Scene {
    /// Starts a tenant with a provisioner file and its variables, and a server for it.
    pub(crate) async fn start(name: &str, provisioner: Value, variables: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("tenant-ca.pem");
        let properties: Map<String, Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let tenant = Tenant::start(TenantOptions {
            plain: false,
            listen: "127.0.0.1:0".parse().unwrap(),
            ca_file: Some(ca.clone()),
            nodes: 1,
            name_from: vec![NamePlace::Query("connectorServerName".into())],
            properties,
            ..TenantOptions::default()
        })
        .await
        .unwrap();
        let hosts =
            json!({"remoteConnectorClients": [{"name": "rcs1", "displayName": "rcs1", "enabled": true}]});
        tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
        tenant.put_configuration(&format!("provisioner.openicf/{name}"), provisioner).unwrap();
        let text = format!(
            "connectorserver.connectorServerName=rcs1\n\
             connectorserver.url={}\n\
             connectorserver.tokenEndpoint={}\n\
             connectorserver.clientId=RCSClient\n\
             connectorserver.clientSecret=openidm\n\
             connectorserver.scope=fr:idm:*\n\
             connectorserver.trustStoreFile={}\n\
             connectorserver.trustStoreType=PEM\n",
            tenant.socket_url(0),
            tenant.token_url(),
            ca.display(),
        );
        std::fs::write(folder.path().join(PROPERTIES), text).unwrap();
        let server = server(&folder).await;
        let root = Certificate::from_pem(tenant.ca_pem().unwrap().as_bytes()).unwrap();
        let _ = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder().tls_certs_only([root]).no_proxy().build().unwrap();
        let scene = Self { tenant, server, client, folder };
        scene.connected(name).await;
        scene
    }

    /// Waits until the tenant has the connector of the system.
    async fn connected(&self, name: &str) {
        for _ in 0..300 {
            let (_, body) = self.send(Method::POST, &format!("/system/{name}?_action=test"), None).await;
            if body.get("ok").is_some() && body["error"] != "connector not available" {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the server does not connect");
    }

    /// A request to the REST interface; answers status and body.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}/openidm{path}", self.tenant.base_url()))
            .header("X-OpenIDM-Username", "openidm-admin")
            .header("X-OpenIDM-Password", "openidm-admin");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    /// The same where only success will do. A system whose configuration changed is away for a moment.
    pub(crate) async fn done(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (mut status, mut answer) = self.send(method.clone(), path, body.clone()).await;
        for _ in 0..100 {
            if answer["message"] != "Service Unavailable" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            (status, answer) = self.send(method.clone(), path, body.clone()).await;
        }
        let body = answer;
        assert!((200..300).contains(&status), "{method} {path}: {status} {body}");
        body
    }

    /// The changes that liveSync has handed on so far.
    pub(crate) fn changes(&self) -> Vec<Value> {
        self.tenant.deltas()
    }

    /// Ends the server and starts another one for the same tenant.
    pub(crate) async fn with_another_server(self, name: &str) -> Self {
        self.server.stop().await;
        let scene = Self { server: server(&self.folder).await, ..self };
        scene.connected(name).await;
        scene
    }

    pub(crate) async fn end(self) {
        self.server.stop().await;
        self.tenant.shutdown().await;
    }
}

/// Puts a resource into a service, as another administrator would.
pub(crate) fn holds(directory: &mut Directory, endpoint: &str, resource: Value) {
    let id = resource["id"].as_str().unwrap().to_owned();
    directory.resources.get_mut(endpoint).unwrap().insert(id, resource);
}

/// The patch that replaces one field.
pub(crate) fn field(name: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    json!([{"operation": "replace", "field": name, "value": value}])
}

/// A provisioner file of the repository.
pub(crate) fn file(name: &str) -> Value {
    let path = format!("{}/examples/data/provisioner.openicf-{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
