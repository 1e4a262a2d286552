//! `rcs check` as an operator runs it: sound files are called sound, and each of the broken ones is explained in one
//! line with the key, where its value comes from, and what to do.
#![allow(clippy::unwrap_used)]

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
fn broken_01_no_name() {
    Case::new(cloud_without("connectorServerName")).explained_by(&[
        "error: connectorserver.connectorServerName (not set): the name is required in client mode; set it to the name \
         under which the tenant lists this server",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_02_nothing_to_do() {
    Case::new("connectorserver.connectorServerName=rcs1").explained_by(&[
        "error: connectorserver.url (not set): neither a URL to dial nor a port to listen on is set; set \
         connectorserver.url to the tenant's endpoints, or connectorserver.port for server mode",
    ]);
}

#[test]
fn broken_03_a_scheme_that_is_no_web_socket() {
    cloud_and("connectorserver.url=ftp://tenant.example.com/openicf/0").explained_by(&[
        "error: connectorserver.url (rcs.properties:13): `ftp://tenant.example.com/openicf/0`: the scheme `ftp` is none of \
         wss, ws, https, http; write it like wss://tenant.example.com/openicf/0",
        "warning: connectorserver.url (rcs.properties:13): the key stands in line 2 too; this later line counts; remove \
         one of the two",
    ]);
}

#[test]
fn broken_04_a_url_twice() {
    Case::new(cloud_without("loggerClass"))
        .argument("-Dconnectorserver.url=wss://h/openicf/0,wss://h:443/openicf/0")
        .explained_by(&["error: connectorserver.url (-Dconnectorserver.url on the command line): \
            `wss://h:443/openicf/0` stands in the list twice; remove one of the two"]);
}

#[test]
fn broken_05_numbers_with_and_without_sense() {
    Case::new(cloud_without("loggerClass"))
        .environment("RCS_CONNECTION_TTL", "5m")
        .environment("RCS_WS_CONNECTIONS", "0")
        .environment("RCS_SEND_WAIT", "-1")
        .explained_by(&[
            "error: connectorserver.webSocketConnections (environment variable RCS_WS_CONNECTIONS): `0` is out of range; \
             use a whole number of links, 1 to 1000",
            "error: connectorserver.connectionTtl (environment variable RCS_CONNECTION_TTL): `5m` is not a whole number; \
             use a whole number of seconds, 0 or more",
            "error: connectorserver.sendWait (environment variable RCS_SEND_WAIT): `-1` is out of range; use a whole number of seconds, 1 \
             or more",
        ]);
}

#[test]
fn broken_06_no_secret() {
    Case::new(cloud_without("clientSecret")).explained_by(&[
        "error: connectorserver.clientSecret (not set): the secret is required with connectorserver.tokenEndpoint; set \
         it, or connectorserver.clientSecretFile, to the secret of the OAuth 2.0 client",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_07_a_secret_in_both_forms() {
    cloud_and("connectorserver.clientSecretFile=secret").with_file("secret", "s").explained_by(&[
        "error: connectorserver.clientSecret (rcs.properties:5): both connectorserver.clientSecret and \
         connectorserver.clientSecretFile are set (rcs.properties:13); remove one of the two",
    ]);
}

#[test]
fn broken_08_a_secret_file_that_is_not_there() {
    Case::new(cloud_without("clientSecret")).environment("RCS_CLIENT_SECRET_FILE", "/run/secrets/none").explained_by(&[
        "error: connectorserver.clientSecretFile (environment variable RCS_CLIENT_SECRET_FILE): /run/secrets/none cannot \
         be read: No such file or directory (os error 2); name a file that this user can read",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_09_half_of_the_proxy_credentials() {
    cloud_and(
        "connectorserver.proxyHost=proxy\nconnectorserver.proxyPort=3128\nconnectorserver.proxyPrincipal=me",
    )
    .explained_by(&[
        "error: connectorserver.proxyPrincipal (rcs.properties:15): there is no proxyPassword to go with \
            it; set both or none",
    ]);
}

#[test]
fn broken_10_a_proxy_port_without_a_proxy() {
    cloud_and("connectorserver.proxyPort=3128").explained_by(&[
        "error: connectorserver.proxyPort (rcs.properties:13): there is no proxyHost that it could belong to; set \
         connectorserver.proxyHost or remove it",
    ]);
}

#[test]
fn broken_11_fewer_links_at_most_than_are_kept() {
    cloud_and("connectorserver.maxWebSocketConnections=2").explained_by(&[
        "error: connectorserver.maxWebSocketConnections (rcs.properties:13): `2` is less than \
         connectorserver.webSocketConnections (3); set it to 4 or remove it",
    ]);
}

#[test]
fn broken_12_a_trust_store_that_is_not_there() {
    cloud_and("connectorserver.trustStoreFile=security/truststore").explained_by(&[
        "error: connectorserver.trustStoreFile (rcs.properties:13): security/truststore cannot be read: No such file or \
         directory (os error 2); name a file that this user can read, as an absolute path",
    ]);
}

#[test]
fn broken_13_an_escape_that_java_refuses() {
    Case::new("a=b\nconnectorserver.trustStoreFile=C:\\users\\rcs\\truststore\n").explained_by(&[
        "error: rcs.properties:2: `\\u` is not followed by four hexadecimal digits; write four hexadecimal digits after \
         `\\u`, or `\\\\u` for a backslash and a u",
    ]);
}

#[test]
fn broken_14_a_windows_path() {
    cloud_and("connectorserver.trustStoreFile=C:\\openicf\\new").explained_by(&[
        "error: connectorserver.trustStoreFile (rcs.properties:13): C:openicf\\new cannot be read: No such file or \
         directory (os error 2); name a file that this user can read, as an absolute path",
        "warning: connectorserver.trustStoreFile (rcs.properties:13): single backslashes vanish from the value; write \
         `\\\\` for each, or use `/`",
    ]);
}

#[test]
fn broken_15_a_byte_order_mark_before_a_key() {
    Case::new([b"\xEF\xBB\xBF".as_slice(), cloud_without("loggerClass").as_bytes()].concat()).explained_by(&[
        "error: connectorserver.connectorServerName (rcs.properties:1): the file starts with a byte order mark, which \
         becomes part of this key; save the file without byte order mark",
    ]);
}

#[test]
fn broken_16_a_file_in_utf_16() {
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(CLOUD.bytes().flat_map(|byte| [byte, 0])).collect();
    Case::new(utf_16).explained_by(&[
        "error: rcs.properties: the file is UTF-16; save it as ISO-8859-1 (plain ASCII is best)",
    ]);
}

#[test]
fn broken_17_keys_that_are_no_hashes() {
    let server = |key: &str| {
        Case::new(SERVER.replace("LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=", key))
            .with_file("keyStore.pem", certificate())
    };
    server("my secret key").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value is not the Base64 form of a 20-byte hash; the key itself \
         does not belong here; run `rcs set-key`",
    ]);
    server("BzE/DjIPIsv6Nc/CIFCOs/9FfH4\\=").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value is the hash of a well-known key, made over UTF-8 instead \
         of UTF-16; run `rcs set-key`",
    ]);
    // echo own | sha1sum | base64
    server("N2VjZTkzMDFmNTM3NjkxYTg4YWUxMGRhMWM2ODFiMTlhNWIyMjAzMSAgLQo=").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value was made from the hexadecimal output of `sha1sum`; run \
         `rcs set-key`",
    ]);
    Case::new(SERVER.replace("connectorserver.key=", "#")).with_file("keyStore.pem", certificate()).explained_by(&[
        "error: connectorserver.key (not set): the hash of the shared key is required in server mode; run `rcs set-key`",
    ]);
}

#[test]
fn broken_18_a_boolean_that_java_takes_for_false() {
    Case::new(SERVER.replace("=true", "=yes")).with_file("keyStore.pem", certificate()).explained_by(&[
        "error: connectorserver.usessl (rcs.properties:3): `yes` is neither true nor false; a Java server takes it for \
         false; write `true` or `false`",
    ]);
}

#[test]
fn broken_19_words_and_places() {
    cloud_and(
        "connectorserver.namePlacement=cookie:x\nconnectorserver.tokenEndpointAuthMethod=basic\n\
         connectorserver.upgradeHeaders=Authorization=x\nconnectorserver.upgradeParameters=a=${b}\n\
         connectorserver.adminListen=8760\nconnectorserver.bundleVersion.org.x=latest",
    )
    .explained_by(&[
        "error: connectorserver.tokenEndpointAuthMethod (rcs.properties:14): `basic` is not one of the choices; use one of \
         `auto`, `client_secret_basic`, `client_secret_post`",
        "error: connectorserver.namePlacement (rcs.properties:13): `cookie:x` is not a place in the upgrade request; use \
         `auto`, `query:<name>`, `header:<name>`, `path` or `none`",
        "error: connectorserver.upgradeHeaders (rcs.properties:15): the header `Authorization` is set by the server itself; \
         use another header",
        "error: connectorserver.upgradeParameters (rcs.properties:16): `${b}` is not a placeholder; use \
         ${connectorServerName} or ${hostId}",
        "error: connectorserver.bundleVersion.org.x (rcs.properties:18): `latest` is not a version; write it like 1.5.20.31",
        "error: connectorserver.adminListen (rcs.properties:17): `8760` is not an address to listen on; use `<host>:<port>`, \
         `unix:<path>` or `off`",
    ]);
}

#[test]
fn broken_20_a_file_that_is_not_there() {
    let case = Case::new("");
    std::fs::remove_file(case.path("rcs.properties")).unwrap();
    let (status, output) = case.check();
    assert_eq!(status, 2);
    assert!(
        output.starts_with(
            "error: rcs.properties: the file cannot be read: No such file or directory (os error 2); name a readable file \
             with --config\n"
        ),
        "{output}"
    );
}

#[test]
fn what_was_probably_not_meant_is_a_warning() {
    for (line, warning) in [
        (
            "connectorserver.conectionTtl=1",
            "connectorserver.conectionTtl (rcs.properties:13): this key is unknown and ignored; did you mean \
             connectorserver.connectionTtl?",
        ),
        ("colour=red", "colour (rcs.properties:13): this key is unknown and ignored; remove it"),
        (
            "hostId=x",
            "hostId (rcs.properties:13): this key is unknown and ignored; did you mean connectorserver.hostId?",
        ),
        (
            "connectorserver.loggingConfigFile=lib/logback.xml",
            "connectorserver.loggingConfigFile (rcs.properties:13): the key has no effect; remove it; logs go to standard \
             error",
        ),
        (
            "ClientConnectionManagerFactoryClass=x",
            "ClientConnectionManagerFactoryClass (rcs.properties:13): the key has no effect; remove it; links are managed by \
             this server itself",
        ),
        (
            "connectorserver.principal=anonymous",
            "connectorserver.principal (rcs.properties:13): it has no effect, because connectorserver.tokenEndpoint is set; \
             remove it, or remove tokenEndpoint",
        ),
        (
            "connectorserver.trustStorePass=changeit ",
            "connectorserver.trustStorePass (rcs.properties:13): the value ends in blanks, which belong to it; remove them, \
             or write the last one as `\\u0020` if they are meant",
        ),
        (
            "connectorserver.pingPongInterval=350",
            "connectorserver.pingPongInterval (rcs.properties:13): `350` is not below the idle time-out of common load \
             balancers (350 s), which cut silent links; set it to 60",
        ),
        (
            "connectorserver.maxWebSocketConnections=3",
            "connectorserver.maxWebSocketConnections (rcs.properties:13): `3` leaves no room to open a link before the \
             expired one closes; 4 is used; set it to 4 or remove it",
        ),
        (
            "connectorserver.proxyHost=proxy",
            "connectorserver.proxyHost (rcs.properties:13): there is no proxyPort; port 80 is used; set \
             connectorserver.proxyPort",
        ),
    ] {
        // A key that stands in the file already is replaced, not doubled.
        let file = cloud_without("loggerClass");
        let key = line.split('=').next().unwrap();
        let file: String = file
            .lines()
            .map(|l| if l.starts_with(key) { "#\n".to_owned() } else { format!("{l}\n") })
            .collect();
        let output = Case::new(format!("{file}{line}\n")).is_sound_with(&[&format!("warning: {warning}")]);
        assert!(output.ends_with("; 1 warning.\n"), "{output}");
    }
}

#[test]
fn numbers_that_do_not_go_together_are_warnings() {
    let file = |connections: &str, ttl: &str| {
        Case::new(
            cloud_without("loggerClass")
                .replace("webSocketConnections=3", &format!("webSocketConnections={connections}"))
                .replace("connectionTtl=300", &format!("connectionTtl={ttl}")),
        )
    };
    file("1", "300").is_sound_with(&[
        "warning: connectorserver.webSocketConnections (rcs.properties:10): with a single link, requests wait while it is \
         being replaced after connectionTtl; set it to 2, or connectorserver.connectionTtl to 0",
    ]);
    file("1", "0").is_sound_with(&[]);
    file("3", "51").is_sound_with(&[]);
    file("3", "50").is_sound_with(&[
        "warning: connectorserver.connectionTtl (rcs.properties:11): `50` is not more than newConnectionsInterval * \
         webSocketConnections + housekeepingInterval (50 s): links expire before all are open; set it to more than 50",
    ]);
}

#[test]
fn names_and_unprotected_endpoints_are_warnings() {
    Case::new(
        cloud_without("loggerClass")
            .replace("=rcs1", "=rcs-0")
            .replace("wss://tenant.example.com/openicf/0", "ws://tenant.example.com/openicf/0")
            .replace("https://tenant", "http://tenant")
            .replace("clientSecret=secret", "clientSecret=openidm"),
    )
    .is_sound_with(&[
        "warning: connectorserver.connectorServerName (rcs.properties:1): `rcs-0` is outside the documented pattern \
         ^[a-z0-9]*$; use lower-case letters and digits unless the tenant has exactly this name",
        "warning: connectorserver.url (rcs.properties:2): ws://tenant.example.com:80/openicf/0 has no TLS: passwords travel \
         in the clear; use wss",
        "warning: connectorserver.tokenEndpoint (rcs.properties:3): the token endpoint has no TLS: the client secret travels \
         in the clear; use https",
        "warning: connectorserver.clientSecret (rcs.properties:5): this is the secret of the vendor's sample; set a secret \
         of your own on the tenant and here",
    ]);
}

#[test]
fn well_known_keys_and_spellings_that_java_ignores_are_warnings() {
    let file = SERVER
        .replace("LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=", "lmA6bMfENJGlIDbfrVtklXFK32s\\=")
        .replace("usessl", "useSSL");
    Case::new(file).with_file("keyStore.pem", certificate()).is_sound_with(&[
        "warning: connectorserver.useSSL (rcs.properties:3): Java servers ignore this spelling; it is accepted here; write \
         connectorserver.usessl",
        "warning: connectorserver.key (rcs.properties:2): this is the hash of the well-known key `changeit`; run `rcs \
         set-key`",
        KEY_STORE,
    ]);
}

#[test]
fn the_environment_is_watched_for_slips_and_intruders() {
    Case::new(cloud_without("loggerClass"))
        .environment("RCS_CLIENTSECRET", "x")
        .environment("RCS_PORT", "tcp://10.0.0.1:8759")
        .environment("RCS_SERVICE_HOST", "10.0.0.1")
        .environment("RCS_NAME", "rcs1")
        .environment("CONNECTORSERVER_CONNECTOR_SERVER_NAME", "rcs2")
        .is_sound_with(&[
            "warning: connectorserver.connectorServerName (environment variable RCS_NAME): the environment variable \
             CONNECTORSERVER_CONNECTOR_SERVER_NAME gives another value; this one counts; remove one of the two",
            "warning: connectorserver.port (environment variable RCS_PORT): the value is a Kubernetes service link, not a \
             setting; it is ignored; set enableServiceLinks: false in the pod, or rename the service",
            "warning: environment variable RCS_CLIENTSECRET: the variable stands for no key and is ignored; did you mean \
             RCS_CLIENT_SECRET?",
        ]);
}

#[test]
fn arguments_of_the_java_server_are_understood() {
    let output = Case::new(cloud_without("clientSecret=").replace("loggerClass", "libDir"))
        .environment("OPENICF_OPTS", "-Xmx512m -Djavax.net.ssl.trustStore=x -Dconnectorserver.hostId=h9 -Dfile.encoding=UTF-8")
        .argument("-Dconnectorserver.clientSecret=own")
        .argument("-D")
        .argument("connectorserver.sendWait=5")
        .is_sound_with(&[
            "warning: -Djavax.net.ssl.trustStore in OPENICF_OPTS: system properties of the JVM are not read; set \
             connectorserver.trustStoreFile",
            "warning: connectorserver.clientSecret (-Dconnectorserver.clientSecret on the command line): every user of this \
             machine can see it in the list of processes; use connectorserver.clientSecretFile",
            "note: connectorserver.libDir (rcs.properties:12): the key is for Java servers; it has no effect here; nothing \
             needs to be done",
        ]);
    assert!(output.contains("(-Dconnectorserver.sendWait on the command line)"), "{output}");
    assert!(output.contains("(-Dconnectorserver.hostId in OPENICF_OPTS)"), "{output}");
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
