//! The page at the listener for health, opened in a real browser: it shows the links, a target that fails, and what is
//! missing, and the browser has nothing to say against it. With `RCS_SCREENSHOT=FILE` it also takes the picture of
//! docs/monitoring.md.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

#[path = "../faults/connector.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod connector;

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use rcs::admin::{Admin, Metrics};
use rcs::config::{self, AdminListen, Inputs};
use rcs::serve::Server;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};
use tokio::process::Command;
use tokio::task::AbortHandle;

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// A server with two URLs, the second of which does not answer, and two systems, the second of which is not there.
struct Scene {
    tenant: Tenant,
    server: Server,
    admin: Admin,
    /// Somebody who searches without end.
    load: AbortHandle,
    _folder: TempDir,
}

impl Scene {
    async fn start() -> Self {
        let options = TenantOptions {
            nodes: 2,
            name_from: vec![NamePlace::Query("connectorServerName".into())],
            ..TenantOptions::default()
        };
        let tenant = Tenant::start(options).await.unwrap();
        send(&tenant, Method::POST, "/tenant/nodes/1?_action=down", &json!({})).await;
        let hosts = json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]});
        tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
        tenant.put_configuration("provisioner.openicf/made", connector::provisioner(100)).unwrap();
        tenant.put_configuration("provisioner.openicf/directory", directory()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ConnectorServer.properties");
        std::fs::write(&file, properties(&tenant)).unwrap();
        let mut inputs = Inputs::from_process(Some(file), Vec::new());
        inputs.environment.clear();
        let settings = config::load(&inputs).settings.unwrap();
        let mut connectors = rcs::bundled::connectors(&settings.bundles);
        connectors.push(connector::registration());
        let server = Server::start(settings, connectors).await.unwrap();
        let place = AdminListen::Tcp { host: "127.0.0.1".to_owned(), port: 0 };
        let admin = Admin::start(&place, server.view(), Metrics::install().unwrap()).await.unwrap().unwrap();
        let load = tokio::spawn(search_without_end(tenant.base_url())).abort_handle();
        Self { tenant, server, admin, load, _folder: folder }
    }

    fn address(&self) -> SocketAddr {
        self.admin.address().unwrap()
    }

    /// Waits until searches succeed and the directory has failed.
    async fn lively(&self) {
        let client = Client::builder().no_proxy().build().unwrap();
        let started = Instant::now();
        loop {
            let answer = client.get(format!("http://{}/status", self.address())).send().await.unwrap();
            let status: Json = answer.json().await.unwrap();
            let done =
                status["operations"].as_array().unwrap().iter().filter(|one| one["operation"] == "Search");
            let done: u64 = done.filter_map(|one| one["done"].as_u64()).sum();
            let both = status["urls"][0]["links"].as_array().is_some_and(|links| links.len() == 2);
            if done > 5 && both && status["lastErrors"] != json!([]) {
                return;
            }
            assert!(started.elapsed() < HANG_GUARD, "{status:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The page loads nothing from elsewhere, and the browser is told so.
    async fn forbids_the_browser_the_rest(&self) {
        let answer = reqwest::get(format!("http://{}/", self.address())).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(policy.contains("; connect-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("x-content-type-options"), "nosniff");
    }

    async fn end(self) {
        self.load.abort();
        self.server.stop().await;
        self.admin.stop().await;
        self.tenant.shutdown().await;
    }
}

/// A directory that nobody serves.
fn directory() -> Json {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    json!({
        "connectorRef": {
            "connectorHostRef": "rcs1", "bundleName": "org.forgerock.openicf.connectors.ldap-connector",
            "bundleVersion": "[1.5.0.0,1.6.0.0)", "connectorName": "org.identityconnectors.ldap.LdapConnector",
        },
        "configurationProperties": {
            "host": "127.0.0.1", "port": port, "principal": "cn=admin", "credentials": "s3cret-of-the-directory",
            "baseContexts": ["dc=example,dc=com"],
        },
        "objectTypes": {},
    })
}

fn properties(tenant: &Tenant) -> String {
    format!(
        "connectorserver.connectorServerName=rcs1\nconnectorserver.hostId=rcs-0\n\
         connectorserver.url={} {}\nconnectorserver.tokenEndpoint={}\n\
         connectorserver.clientSecret=openidm\nconnectorserver.newConnectionsInterval=1\n\
         connectorserver.pingPongInterval=1\n",
        tenant.socket_url(0),
        tenant.socket_url(1),
        tenant.token_url(),
    )
}

async fn send(tenant: &Tenant, method: Method, path: &str, body: &Json) {
    let request =
        Client::builder().no_proxy().build().unwrap().request(method, format!("{}{path}", tenant.base_url()));
    let request =
        request.header("X-OpenIDM-Username", "openidm-admin").header("X-OpenIDM-Password", "openidm-admin");
    let answer = request.json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

async fn search_without_end(base: String) {
    let client = Client::builder().no_proxy().build().unwrap();
    loop {
        for path in ["/openidm/system/made/account?_queryFilter=true", "/openidm/system/made/account/one"] {
            let request = client.get(format!("{base}{path}"));
            let request = request
                .header("X-OpenIDM-Username", "openidm-admin")
                .header("X-OpenIDM-Password", "openidm-admin");
            // Until the systems are up there are other answers.
            let _ = request.send().await;
        }
        let test = client.post(format!("{base}/openidm/system/directory?_action=test"));
        let test =
            test.header("X-OpenIDM-Username", "openidm-admin").header("X-OpenIDM-Password", "openidm-admin");
        let _ = test.send().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What a browser prints when it opens the page and looks at it for half a minute of its own time, and its log.
async fn browse(address: SocketAddr, arguments: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
        .args(["--no-first-run", "--disable-background-networking", "--disable-component-update"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=30000", "--window-size=1200,1000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("http://{address}/"))
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(HANG_GUARD, browser).await.expect("the browser hangs");
    let output = output.expect("start chromium: the tests of the status page need it");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The text of the element with this id, without tags.
fn text_of(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    let rest = rest.split_once('>').unwrap().1;
    // Far enough for all that is asked for here: the elements that follow have other words.
    let end = rest.find("</section>").or_else(|| rest.find("</header>")).unwrap_or(rest.len());
    let mut text = String::new();
    let mut inside = true;
    for character in rest[..end].chars() {
        match character {
            '<' => inside = false,
            '>' => {
                inside = true;
                text.push(' ');
            }
            other if inside => text.push(other),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_shows_links_operations_and_a_failing_target() {
    let scene = Scene::start().await;
    scene.lively().await;
    scene.forbids_the_browser_the_rest().await;
    let (page, log) = browse(scene.address(), &["--dump-dom"]).await;
    let said: Vec<_> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(said.is_empty(), "{said:#?}");
    assert!(text_of(&page, "state").starts_with("Not ready"), "{page}");
    let (first, second) = (scene.tenant.socket_url(0), scene.tenant.socket_url(1));
    let links = text_of(&page, "urls");
    assert!(links.contains(&format!("{first} ✓ 2 of 2 links, up for ")), "{links}");
    assert!(links.contains(&format!("{second} ✗ 0 of 2 links, ")) && links.contains("503"), "{links}");
    assert!(text_of(&page, "reasons").starts_with(&format!("{second}: no link; ")), "{page}");
    let operations = text_of(&page, "operations");
    assert!(operations.contains("org.example.MadeUp Search "), "{operations}");
    let errors = text_of(&page, "errors");
    assert!(errors.contains("org.identityconnectors.ldap.LdapConnector Test: ConnectionFailed"), "{errors}");
    assert!(text_of(&page, "connectors").contains("org.example.MadeUp"), "{page}");
    assert!(page.matches("role=\"img\" aria-label=\"").count() >= 5, "curves have words");
    assert!(!page.contains("s3cret") && !page.contains("openidm\""), "{page}");
    if let Some(file) = std::env::var_os("RCS_SCREENSHOT") {
        let file = std::path::absolute(file).unwrap();
        let picture = format!("--screenshot={}", file.display());
        let (_, log) = browse(scene.address(), &["--window-size=1100,900", &picture]).await;
        let size = std::fs::metadata(&file).unwrap_or_else(|error| panic!("{error}: {log}")).len();
        assert!((10_000..150_000).contains(&size), "{size} bytes");
    }
    scene.end().await;
}
