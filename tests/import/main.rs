//! `rcs import`: from an installation laid out like the Java server's to a server that is connected, and a page that says
//! what became of everything.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tenant::{KindFilter, NamePlace, Tenant, TenantOptions};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(30);

/// How long a new server may take, on the tenant's clock, from its first request to its first link.
const PROMPT: Duration = Duration::from_secs(5);

const SECRET: &str = "openidm";
const STORE_PASSWORD: &str = "s3cret-of-the-store";

/// An installation as the Java server's archive lays it out.
struct Installation {
    folder: TempDir,
}

impl Installation {
    fn new(properties: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["bin", "conf", "connectors", "lib/framework", "scripts", "security", "logs", "tmp"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        let installation = Self { folder };
        installation.file("conf/ConnectorServer.properties", properties);
        installation.file("conf/logback.xml", "<configuration/>");
        installation.file("bin/ConnectorServer.sh", "#!/bin/sh\n");
        installation.file("lib/ojdbc11.jar", "not looked into");
        installation.file("lib/framework/connector-framework.jar", "not looked into");
        installation.file("scripts/Search.groovy", "");
        installation.file("scripts/Test.groovy", "");
        installation
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A jar as a build makes it: packed, with a manifest of long lines.
    fn jar(&self, name: &str, manifest: &str) {
        self.file("tmp/manifest", manifest);
        self.file("tmp/some.class", "no class");
        let made = Command::new("jar")
            .args(["--create", "--file"])
            .arg(self.path("connectors").join(name))
            .arg("--manifest")
            .args([self.path("tmp/manifest"), self.path("tmp/some.class")])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn bundle(&self, name: &str, version: &str) {
        let manifest = format!(
            "ConnectorBundle-FrameworkVersion: 1.0\nConnectorBundle-Name: {name}\nConnectorBundle-Version: {version}\n"
        );
        let short = name.rsplit('.').next().unwrap();
        self.jar(&format!("{short}-{version}.jar"), &manifest);
    }

    /// A store that trusts this certificate.
    fn trust(&self, certificate: &str) {
        self.file("tmp/ca.pem", certificate);
        let made = Command::new("keytool")
            .args(["-importcert", "-noprompt", "-alias", "tenant", "-storetype", "PKCS12"])
            .args(["-storepass", STORE_PASSWORD, "-file"])
            .arg(self.path("tmp/ca.pem"))
            .arg("-keystore")
            .arg(self.path("security/truststore"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    }

    fn import(&self, to: &Path, more: &[&str]) -> Output {
        let mut command = rcs();
        command.arg("import").arg(self.folder.path()).arg("--to").arg(to).args(more);
        command.output().unwrap()
    }
}

fn rcs() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rcs"));
    command.env_clear().env("RCS_ADMIN_LISTEN", "off").stdin(Stdio::null());
    command
}

async fn tenant() -> Tenant {
    let options = TenantOptions {
        plain: false,
        nodes: 1,
        name_from: vec![NamePlace::Query("connectorServerName".into())],
        ..TenantOptions::default()
    };
    let tenant = Tenant::start(options).await.unwrap();
    let hosts = json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]});
    tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    tenant
}

fn properties(tenant: &Tenant) -> String {
    let escape = |url: String| url.replace(':', "\\:");
    format!(
        "#Connector server of the HR department\n#Thu Oct 09 19:43:15 CEST 2025\n\
         connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={}\n\
         connectorserver.tokenEndpoint={}\n\
         connectorserver.clientId=RCSClient\n\
         connectorserver.clientSecret={SECRET}\n\
         connectorserver.scope=fr\\:idm\\:*\n\
         connectorserver.trustStoreFile=security/truststore\n\
         connectorserver.trustStoreType=PKCS12\n\
         connectorserver.trustStorePass={STORE_PASSWORD}\n\
         connectorserver.newConnectionsInterval=1\n\
         connectorserver.webSocketConnections=2\n\
         connectorserver.useSSL=false\n\
         connectorserver.bundleDir=connectors\n\
         connectorserver.libDir=lib\n\
         connectorserver.loggerClass=org.forgerock.openicf.common.logging.slf4j.SLF4JLog\n\
         connectorserver.loggingConfigFile=lib/framework/logback.xml\n\
         connectorserver.colour=red\n",
        escape(tenant.socket_url(0)),
        escape(tenant.token_url()),
    )
}

const PAGE: &str = "\
FROM is taken over to TO. Nothing there was changed.

Written:
  TO/ConnectorServer.properties
  TO/secrets/client-secret  (for its owner alone)
  TO/security/truststore
  TO/secrets/trust-store-pass  (for its owner alone)

Properties, as they were:
  connectorserver.connectorServerName = rcs1
  connectorserver.url = wss://localhost:PORT/openicf/0
  connectorserver.tokenEndpoint = https://localhost:PORT/am/oauth2/realms/root/realms/alpha/access_token
  connectorserver.clientId = RCSClient
  connectorserver.scope = fr:idm:*
  connectorserver.trustStoreType = PKCS12
  connectorserver.newConnectionsInterval = 1
  connectorserver.webSocketConnections = 2

Properties that changed:
  connectorserver.clientSecret is now connectorserver.clientSecretFile = TO/secrets/client-secret
  connectorserver.trustStoreFile = TO/security/truststore
  connectorserver.trustStorePass is now connectorserver.trustStorePassFile = TO/secrets/trust-store-pass
  connectorserver.useSSL is now connectorserver.usessl = false (Java ignores that spelling; here it takes effect)

Properties that stay behind:
  connectorserver.bundleDir (line 15): connectors are compiled in; the jars are listed below
  connectorserver.libDir (line 16): for Java alone; it has no effect here
  connectorserver.loggerClass (line 17): for Java alone; it has no effect here
  connectorserver.loggingConfigFile (line 18): it has no effect here; logs go to standard error
  connectorserver.colour (line 19): no key of this server, and none of the Java server that is known

Connectors in FROM/connectors:
  csvfile-connector-1.5.20.33.jar: org.forgerock.openicf.connectors.csvfile-connector 1.5.20.33, served here under that name and version
  databasetable-connector-with-a-name-that-is-folded-in-its-manifest-1.5.20.33.jar: org.forgerock.openicf.connectors.databasetable-connector-with-a-name-that-is-folded-in-its-manifest 1.5.20.33 has NO COUNTERPART here; systems that use it need the Java server
  helper.jar: no bundle of connectors
  ldap-connector-1.5.20.30.jar: org.forgerock.openicf.connectors.ldap-connector 1.5.20.30, served here under that name and version
  torn.jar: cannot be read: it is no zip file

What else stays behind:
  lib (1 file): Java libraries; the connectors here need none
  scripts (2 files): scripts of scripted Groovy connectors, which have no counterpart here
  conf/logback.xml (1 file): logLevel, logFile and logFormat take its place

What `rcs check` says of it:
  warning: connectorserver.clientSecret (TO/secrets/client-secret, named by TO/ConnectorServer.properties:6): this is the secret of the vendor's sample; set a secret of your own on the tenant and here

Next:
  rcs doctor --config TO/ConnectorServer.properties
  stop the Java server, then: rcs run --config TO/ConnectorServer.properties
  Values given to Java as -Dconnectorserver.<key>=<value> work here as -D arguments, too, and in OPENICF_OPTS.
  Under systemd, so that the secrets stay readable by root alone (systemctl edit rcs):
    [Service]
    LoadCredential=client-secret:TO/secrets/client-secret
    Environment=RCS_CLIENT_SECRET_FILE=%d/client-secret
    LoadCredential=trust-store-pass:TO/secrets/trust-store-pass
    Environment=RCS_TRUST_STORE_PASS_FILE=%d/trust-store-pass
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_java_installation_to_a_connected_server() {
    let tenant = tenant().await;
    let java = Installation::new(&properties(&tenant));
    java.trust(tenant.ca_pem().unwrap());
    java.bundle("org.forgerock.openicf.connectors.csvfile-connector", "1.5.20.33");
    java.bundle("org.forgerock.openicf.connectors.ldap-connector", "1.5.20.30");
    let folded =
        "org.forgerock.openicf.connectors.databasetable-connector-with-a-name-that-is-folded-in-its-manifest";
    java.bundle(folded, "1.5.20.33");
    java.jar("helper.jar", "Created-By: somebody\n");
    java.file("connectors/torn.jar", "no zip file");
    let target = tempfile::tempdir().unwrap();
    let to = target.path().join("rcs");

    let output = java.import(&to, &[]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let page = String::from_utf8(output.stdout).unwrap();
    for secret in [SECRET, STORE_PASSWORD] {
        assert!(!page.contains(secret), "{secret} is shown");
    }
    let page = page
        .replace(to.to_str().unwrap(), "TO")
        .replace(java.folder.path().to_str().unwrap(), "FROM")
        .replace(&tenant.addr().port().to_string(), "PORT");
    assert_eq!(page, PAGE);
    assert_eq!(output.status.code(), Some(0));

    let mode = |name: &str| fs::metadata(to.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("secrets"), mode("secrets/client-secret")), (0o700, 0o600));
    let written = fs::read_to_string(to.join("ConnectorServer.properties")).unwrap();
    assert!(!written.contains(SECRET) && !written.contains(STORE_PASSWORD), "{written}");
    assert!(written.contains(
        "connectorserver.bundleVersion.org.forgerock.openicf.connectors.ldap-connector=1.5.20.30\n"
    ));

    let mut server =
        rcs().arg("run").arg("--config").arg(to.join("ConnectorServer.properties")).spawn().unwrap();
    let started = Instant::now();
    while !tenant.is_connected("rcs1") && started.elapsed() < HANG_GUARD {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let connected = tenant.is_connected("rcs1");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(connected, "no link within {HANG_GUARD:?}");
    let at = |kind: &str| tenant.events().since(0, &KindFilter::parse(kind))[0].data["ts"].clone();
    let took = moment(&at("group.up")) - moment(&at("token.issued"));
    assert!(took <= PROMPT, "{took} from the first request to the first link");
    tenant.shutdown().await;
}

fn moment(ts: &serde_json::Value) -> OffsetDateTime {
    OffsetDateTime::parse(ts.as_str().unwrap(), &Rfc3339).unwrap()
}

#[tokio::test]
async fn nothing_is_replaced_unless_that_is_wanted() {
    let java =
        Installation::new("connectorserver.port=8759\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=\n");
    let target = tempfile::tempdir().unwrap();
    let file = target.path().join("ConnectorServer.properties");
    fs::write(&file, "mine").unwrap();
    let output = java.import(target.path(), &[]);
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, format!("rcs: {} is there already; --force replaces it\n", file.display()));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(!target.path().join("secrets").exists(), "nothing is written");
    let output = java.import(target.path(), &["--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(fs::read_to_string(&file).unwrap().contains("connectorserver.keyFile="));
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_said() {
    let empty = tempfile::tempdir().unwrap();
    let target = tempfile::tempdir().unwrap();
    let output = rcs().arg("import").arg(empty.path()).arg("--to").arg(target.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("name the folder that holds conf/ConnectorServer.properties"), "{told}");
    assert_eq!(output.status.code(), Some(2));
    let java = Installation::new("connectorserver.trustStoreFile=security/absent\n");
    let told = String::from_utf8(java.import(target.path(), &[]).stderr).unwrap();
    assert!(told.starts_with("rcs: connectorserver.trustStoreFile names "), "{told}");
    assert!(fs::read_dir(target.path()).unwrap().next().is_none(), "nothing is written");
}
