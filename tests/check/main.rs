//! `rcs check` as an operator runs it: sound files are called sound, and each of the broken ones is explained in one
//! line with the key, where its value comes from, and what to do.
#![allow(clippy::unwrap_used)]

mod broken;
mod warnings;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A properties file and what surrounds it.
struct Case {
    directory: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Case {
    fn new(file: impl AsRef<[u8]>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("rcs.properties"), file).unwrap();
        Self { directory, arguments: Vec::new(), environment: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    /// Exit status and what was printed, without the directory's name.
    fn check(&self) -> (i32, String) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_rcs"))
            .args(["check", "--config", "rcs.properties"])
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(&self.directory)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(stderr).unwrap(), "");
        (status.code().unwrap(), String::from_utf8(stdout).unwrap())
    }

    /// Asserts that the configuration is unsound and that exactly these lines say why.
    #[track_caller]
    fn explained_by(&self, lines: &[&str]) {
        let (status, output) = self.check();
        let found: Vec<&str> = output.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(found, lines);
        assert_eq!(status, 2);
        assert!(output.lines().last().unwrap().starts_with("Not sound: "), "{output}");
    }

    /// Asserts that the configuration is sound, with exactly these remarks, and answers what was printed.
    #[track_caller]
    fn is_sound_with(&self, lines: &[&str]) -> String {
        let (status, output) = self.check();
        let found: Vec<&str> =
            output.lines().take_while(|line| !line.is_empty() && *line != "Effective values:").collect();
        assert_eq!(found, lines);
        assert_eq!(status, 0);
        output
    }
}

/// The file of an administrator of PingOne Advanced Identity Cloud.
const CLOUD: &str = "\
connectorserver.connectorServerName=rcs1
connectorserver.url=wss://tenant.example.com/openicf/0 wss://tenant.example.com/openicf/1 wss://tenant.example.com/openicf/2
connectorserver.tokenEndpoint=https://tenant.example.com/am/oauth2/realms/root/realms/alpha/access_token
connectorserver.clientId=RCSClient
connectorserver.clientSecret=secret
connectorserver.scope=fr:idm:*
connectorserver.pingPongInterval=60
connectorserver.housekeepingInterval=20
connectorserver.groupCheckInterval=60
connectorserver.webSocketConnections=3
connectorserver.connectionTtl=300
connectorserver.newConnectionsInterval=10
connectorserver.loggerClass=org.forgerock.openicf.common.logging.slf4j.SLF4JLog
";

const LOGGER_CLASS: &str = "note: connectorserver.loggerClass (rcs.properties:13): the key is for Java servers; it has no \
    effect here; nothing needs to be done";

/// A server-mode file; the key is `own`.
const SERVER: &str = "\
connectorserver.port=8759
connectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=
connectorserver.usessl=true
connectorserver.keyStoreFile=keyStore.pem
connectorserver.keyStoreType=PEM
";

const KEY_STORE: &str = "note: connectorserver.keyStoreFile (rcs.properties:4): shows `key`, CN=rcgen self signed cert, \
    valid from Jan  1 00:00:00 1975 +00:00 to Jan  1 00:00:00 4096 +00:00; nothing needs to be done";

fn certificate() -> String {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["rcs.example.com".to_owned()]).unwrap();
    cert.pem() + &signing_key.serialize_pem()
}

fn cloud_without(key: &str) -> String {
    CLOUD.lines().filter(|line| !line.contains(key)).map(|line| format!("{line}\n")).collect()
}

fn cloud_and(line: &str) -> Case {
    Case::new(format!("{}{line}\n", cloud_without("loggerClass")))
}

#[test]
fn the_cloud_administrators_file_is_sound() {
    let output = Case::new(CLOUD).is_sound_with(&[LOGGER_CLASS]);
    assert!(
        output.ends_with(
            "\nSound: client mode as rcs1, 9 links to 3 URLs, authenticated with OAuth 2.0; 0 warnings.\n"
        ),
        "{output}"
    );
    let values: Vec<Vec<&str>> = output.lines().map(|line| line.split_whitespace().collect()).collect();
    for expected in [
        "connectorserver.clientSecret = *** (rcs.properties:5)",
        "connectorserver.connectionTtl = 300 (rcs.properties:11)",
        "connectorserver.maxWebSocketConnections = 4 (default)",
        "connectorserver.sendWait = 30 (default)",
    ] {
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert!(values.contains(&expected), "{expected:?} in {output}");
    }
    assert!(!output.contains("= secret"), "{output}");
    for idle in ["port", "principal", "proxyPort", "trustStorePass"] {
        assert!(!output.contains(&format!("connectorserver.{idle} ")), "{idle} has no effect: {output}");
    }
}

#[test]
fn a_server_mode_file_is_sound() {
    let output = Case::new(SERVER).with_file("keyStore.pem", certificate()).is_sound_with(&[KEY_STORE]);
    assert!(
        output.ends_with("\nSound: server mode on port 8759 of every interface, with TLS; 0 warnings.\n"),
        "{output}"
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let status = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_rcs")).args(arguments).output().unwrap().status.code()
    };
    assert_eq!(status(&["check", "--colour"]), Some(2));
    assert_eq!(status(&[]), Some(2));
    assert_eq!(status(&["--help"]), Some(0));
}

#[test]
fn help_lists_the_keys() {
    let output = Command::new(env!("CARGO_BIN_EXE_rcs")).args(["check", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for part in [
        "connectorserver.webSocketConnections",
        "RCS_WEB_SOCKET_CONNECTIONS",
        "--config <FILE>",
        "-D <KEY=VALUE>",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md").exists(),
        "the help refers to it"
    );
}
