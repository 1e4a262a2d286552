//! One tenant, at which both servers are connected, for all cases; and one server as a case sees it.

use std::future::Future;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use icf::GuardedString;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::differences::Difference;
use crate::java::Driver;
use crate::our_server::OurServer;

/// A hang guard, far above what anything here takes.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// Who executes what the tenant asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Ours,
    Java,
}

impl Server {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Java => "java",
        }
    }
}

struct Stage {
    tenant: Tenant,
    client: Client,
    // They live as long as the stage.
    _ours: Option<OurServer>,
    _java: Option<Driver>,
}

/// Ours offers its connectors under the names of the Java ones.
const OUR_LINES: &str = "connectorserver.bundleNames=oip\n\
    connectorserver.bundleVersion.org.openidentityplatform.openicf.connectors.csvfile-connector=2.0.1";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime for all cases"));
static STAGE: OnceCell<Stage> = OnceCell::const_new();

/// Runs a case on one server.
pub(crate) fn run<F: Future<Output = ()>>(server: Server, case: &str, run: impl FnOnce(Side) -> F) {
    RUNTIME.block_on(async { run(side(server, case).await).await });
}

/// Runs a case that looks at both.
pub(crate) fn run_both<F: Future<Output = ()>>(case: &str, run: impl FnOnce(Side, Side) -> F) {
    RUNTIME.block_on(async { run(side(Server::Java, case).await, side(Server::Ours, case).await).await });
}

async fn side(server: Server, case: &str) -> Side {
    let stage = STAGE.get_or_init(|| set_up(&[Server::Java, Server::Ours])).await;
    // Names of systems are letters and digits.
    let system = format!("{}{}", case.replace('_', ""), server.name());
    Side { server, system, stage, folder: tempfile::tempdir().unwrap() }
}

/// A tenant with these servers.
async fn set_up(servers: &[Server]) -> Stage {
    let tenant = Tenant::start(TenantOptions {
        nodes: 1,
        // The Java server sends no name, but keeps the path.
        name_from: vec![NamePlace::Path],
        basic: Some(("rcs1".to_owned(), GuardedString::new("secret"))),
        ..TenantOptions::default()
    })
    .await
    .unwrap();
    let hosts = json!({"remoteConnectorClients": [
        {"name": "ours", "displayName": "ours", "enabled": true},
        {"name": "java", "displayName": "java", "enabled": true},
    ]});
    tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    let mut stage =
        Stage { tenant, client: Client::builder().no_proxy().build().unwrap(), _ours: None, _java: None };
    for server in servers {
        let url = format!("{}/{}", stage.tenant.socket_url(0), server.name());
        match server {
            Server::Java => {
                let driver = Driver::start().await;
                driver.agent(&url, "rcs1", "secret").await;
                stage._java = Some(driver);
            }
            Server::Ours => {
                let more = vec![icf_reference::registration()];
                stage._ours = Some(OurServer::dialling_with(more, &url, OUR_LINES).await);
            }
        }
    }
    stage.connected(servers).await;
    stage
}

impl Stage {
    /// Waits until they have said that they have the reference connector.
    async fn connected(&self, servers: &[Server]) {
        let started = Instant::now();
        loop {
            let got = self.send(Method::POST, "/openidm/system?_action=availableConnectors", &[], None).await;
            let offered = |server: &Server| {
                let all = got.body["connectorRef"].as_array().unwrap().iter();
                all.filter(|reference| reference["connectorHostRef"] == server.name())
                    .any(|reference| reference["bundleName"] == icf_reference::BUNDLE_NAME)
            };
            if servers.iter().all(offered) {
                return;
            }
            assert!(started.elapsed() < HANG_GUARD, "not all are connected: {}", self.tenant.state());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Json>) -> Got {
        let mut request = self.client.request(method, format!("{}{path}", self.tenant.base_url()));
        request = request.header("X-OpenIDM-Username", "openidm-admin");
        request = request.header("X-OpenIDM-Password", "openidm-admin");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = async {
            let response = request.send().await.unwrap();
            Got { status: response.status().as_u16(), body: response.json().await.unwrap() }
        };
        tokio::time::timeout(HANG_GUARD, answer).await.expect("a REST request hangs")
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Json,
}

impl Got {
    /// The body, where only success will do.
    #[track_caller]
    pub(crate) fn ok(self) -> Json {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// An error with this status and text.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, message: &str) {
        let told = self.body["message"].as_str().unwrap_or_default().replace("&#39;", "'");
        assert_eq!((self.status, told.as_str()), (status, message), "{}", self.body);
    }

    /// The ids that a query found, in order.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{}", self.body);
        let found = self.body["result"].as_array().unwrap().iter();
        found.map(|object| object["_id"].as_str().unwrap()).collect()
    }
}

/// One server, with a system of the case's own there.
pub(crate) struct Side {
    pub(crate) server: Server,
    /// Name of the system, and of its world where it has one.
    pub(crate) system: String,
    stage: &'static Stage,
    folder: TempDir,
}

impl Side {
    /// The same with a tenant and a server that no other case uses, for what would disturb them.
    pub(crate) async fn alone(self) -> Self {
        let stage = Box::leak(Box::new(set_up(&[self.server]).await));
        Self { stage, ..self }
    }

    /// A folder that is gone with this side.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn tenant(&self) -> &'static Tenant {
        &self.stage.tenant
    }

    /// What this server answers where the two differ.
    pub(crate) fn either<T>(&self, _: &Difference, java: T, ours: T) -> T {
        match self.server {
            Server::Java => java,
            Server::Ours => ours,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Json>) -> Got {
        self.stage.send(method, path, &[], body).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Got {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Stores the provisioner file of the case's system and waits until it works.
    pub(crate) async fn set_up(&self, provisioner: Json) {
        let path = format!("/openidm/config/provisioner.openicf/{}?waitForCompletion=true", self.system);
        self.send(Method::PUT, &path, Some(provisioner)).await.ok();
    }

    /// A request on the objects of the case's system: `account/1`, `group?_action=create`.
    pub(crate) async fn on(&self, method: Method, path: &str, body: Option<Json>) -> Got {
        self.send(method, &format!("/openidm/system/{}/{path}", self.system), body).await
    }

    /// The same with a header.
    pub(crate) async fn on_with(
        &self,
        method: Method,
        path: &str,
        header: (&str, &str),
        body: Option<Json>,
    ) -> Got {
        let path = format!("/openidm/system/{}/{path}", self.system);
        self.stage.send(method, &path, &[header], body).await
    }

    pub(crate) async fn read(&self, path: &str) -> Got {
        self.on(Method::GET, path, None).await
    }

    pub(crate) async fn create(&self, class: &str, object: Json) -> Got {
        self.on(Method::POST, &format!("{class}?_action=create"), Some(object)).await
    }

    pub(crate) async fn update(&self, path: &str, object: Json) -> Got {
        self.on_with(Method::PUT, path, ("If-Match", "*"), Some(object)).await
    }

    /// A query on accounts with these parameters.
    pub(crate) async fn query(&self, parameters: &[(&str, &str)]) -> Got {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.read(&format!("account?{query}")).await
    }

    pub(crate) async fn filter(&self, filter: &str) -> Got {
        self.query(&[("_queryFilter", filter)]).await
    }

    /// An operation without anything that IDM does around it.
    pub(crate) async fn icf(&self, op: &str, args: Json) -> Json {
        let call = json!({"system": self.system, "op": op, "objectClass": "__ACCOUNT__", "args": args});
        self.post("/tenant/icf", call).await.ok()
    }
}

/// A test of each row on each server; a row is a function that takes a [`Side`].
macro_rules! rows {
    ($($row:ident,)*) => {
        crate::scene::rows!(@server ours, Ours, $($row,)*);
        crate::scene::rows!(@server java, Java, $($row,)*);
    };
    (@server $module:ident, $server:ident, $($row:ident,)*) => {
        mod $module {
            $(#[test] fn $row() {
                crate::scene::run(crate::scene::Server::$server, stringify!($row), super::$row);
            })*
        }
    };
}
pub(crate) use rows;
