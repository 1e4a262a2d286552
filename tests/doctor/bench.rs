//! What is examined: a folder with a properties file, a tenant beside it, and the report.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tenant::{NamePlace, Tenant, TenantOptions};
use tokio::process::Command;

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// What must never be printed: the secrets of all set-ups.
const SECRETS: [&str; 5] =
    ["openidm", "s3cret-of-the-store", "s3cret-of-the-proxy", "s3cret-key", "s3cret-header"];

/// A folder and the lines of its properties file.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    lines: Vec<String>,
    arguments: Vec<String>,
}

/// What `rcs doctor --json` said.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) exit: i32,
    pub(crate) report: Json,
    pub(crate) text: String,
}

impl Bench {
    /// A client-mode file for this URL and token endpoint, with short time limits.
    pub(crate) fn dialling(url: &str, token_url: &str) -> Self {
        Self::to(url)
            .line(&format!("tokenEndpoint={token_url}"))
            .line("clientId=RCSClient")
            .line("clientSecret=openidm")
    }

    /// The same with HTTP Basic.
    pub(crate) fn with_password(url: &str) -> Self {
        Self::to(url).line("principal=rcs1").line("password=s3cret-key")
    }

    fn to(url: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap(), lines: Vec::new(), arguments: Vec::new() };
        bench
            .line("connectorServerName=rcs1")
            .line(&format!("url={url}"))
            .line("upgradeHeaders=x-gate=s3cret-header")
            .line("connectTimeout=5")
            .line("tokenTimeout=2")
            .line("handshakeTimeout=2")
            .line("hostId=host-1")
            .line("adminListen=off")
    }

    /// The same for a tenant.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self::dialling(&tenant.socket_url(0), &tenant.token_url())
    }

    /// A server-mode file with this port; the key is `s3cret-key`.
    pub(crate) fn listening(port: u16) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap(), lines: Vec::new(), arguments: Vec::new() };
        bench
            .line(&format!("port={port}"))
            .line("ifaddress=127.0.0.1")
            .line("key=H1f3Ye09K9lB1eUgqkgeNqXmNSM\\=")
            .line("adminListen=off")
    }

    /// Adds a line; a later one for the same key wins.
    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(format!("connectorserver.{line}\n"));
        self
    }

    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Puts a file beside the properties; answers its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Trusts the authority of a tenant, or of a test.
    pub(crate) fn trusting(self, authority: &str) -> Self {
        self.file("trust.pem", authority);
        let path = self.folder.path().join("trust.pem");
        self.line(&format!("trustStoreFile={}", path.display())).line("trustStoreType=PEM")
    }

    /// Runs the doctor.
    pub(crate) async fn examine(&self) -> Examined {
        self.file("rcs.properties", self.lines.concat());
        let (exit, json) = self.run(&["--json"]).await;
        let report = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        let (same, text) = self.run(&[]).await;
        assert_eq!(exit, same, "{text}");
        for secret in SECRETS {
            assert!(!json.contains(secret) && !text.contains(secret), "{secret} is shown:\n{text}");
        }
        Examined { exit, report, text }
    }

    async fn run(&self, more: &[&str]) -> (i32, String) {
        let running = Command::new(env!("CARGO_BIN_EXE_rcs"))
            .args(["doctor", "--config", "rcs.properties"])
            .args(&self.arguments)
            .args(more)
            .env_clear()
            .current_dir(&self.folder)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(HANG_GUARD, running).await.expect("the doctor hangs").unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }
}

impl Examined {
    /// All steps, with their outcome and cause.
    fn steps(&self) -> Vec<(String, String, Option<String>)> {
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let parts = self.report["parts"].as_array().unwrap().iter();
        parts
            .flat_map(|part| part["steps"].as_array().unwrap())
            .map(|step| (text(&step["step"]).unwrap(), text(&step["outcome"]).unwrap(), text(&step["cause"])))
            .collect()
    }

    /// Asserts that the steps before this one passed, that it is the first that failed and for this cause, and that the
    /// text for people says so, too.
    #[track_caller]
    pub(crate) fn stops_at(&self, step: &str, cause: &str) -> &Self {
        let failures: Vec<_> =
            self.steps().into_iter().filter(|(_, outcome, _)| outcome == "failed").collect();
        let first = failures.first().unwrap_or_else(|| panic!("nothing failed:\n{}", self.text));
        assert_eq!((first.0.as_str(), first.2.as_deref()), (step, Some(cause)), "\n{}", self.text);
        assert_eq!(self.report["well"], false);
        assert!(self.text.contains(&format!("  FAIL  {step:14} ")), "{}", self.text);
        assert!(self.text.contains(&format!("[{cause}]\n        next:   ")), "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn exits_with(&self, code: i32) -> &Self {
        assert_eq!(self.exit, code, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "{text:?} is not in\n{}", self.text);
        self
    }
}

/// A tenant with one node that knows `rcs1`, and takes the name from one place only.
pub(crate) async fn tenant(options: TenantOptions) -> Tenant {
    let place = NamePlace::Query("connectorServerName".into());
    let tenant = Tenant::start(TenantOptions { nodes: 1, name_from: vec![place], ..options }).await.unwrap();
    let hosts = json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]});
    tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    tenant
}

/// The same with a fault that stays.
pub(crate) async fn tenant_with(fault: Json) -> Tenant {
    let tenant = tenant(TenantOptions::default()).await;
    tenant.arm(serde_json::from_value(fault).unwrap()).unwrap();
    tenant
}

/// A port of this machine where nobody listens.
pub(crate) fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
