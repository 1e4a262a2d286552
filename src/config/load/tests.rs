//! Sources, precedence and typed values, through the front door.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::config::*;

/// A place with a properties file.
struct Place {
    directory: tempfile::TempDir,
    inputs: Inputs,
}

impl Place {
    fn new(file: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rcs.properties");
        std::fs::write(&path, file).unwrap();
        let inputs = Inputs {
            home: directory.path().to_owned(),
            file: Some(path),
            environment: BTreeMap::new(),
            defines: Vec::new(),
            host_name: "pod-7".to_owned(),
        };
        Self { directory, inputs }
    }

    fn environment(mut self, name: &str, value: &str) -> Self {
        self.inputs.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn define(mut self, define: &str) -> Self {
        self.inputs.defines.push(define.to_owned());
        self
    }

    fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self) -> Loaded {
        load(&self.inputs)
    }

    /// The settings, of which nothing is wrong.
    #[track_caller]
    fn settings(&self) -> Settings {
        let loaded = self.load();
        let errors: Vec<String> = loaded
            .problems
            .iter()
            .filter(|p| p.severity == Severity::Error)
            .map(Problem::to_string)
            .collect();
        loaded.settings.unwrap_or_else(|| panic!("{errors:?}"))
    }

    /// All findings about one key, one a line, without the directory's name.
    fn findings(&self, key: &str) -> String {
        let prefix = format!("{}/", self.directory.path().display());
        let about = |problem: &&Problem| problem.key.as_deref() == Some(key);
        self.load()
            .problems
            .iter()
            .filter(about)
            .map(|problem| problem.to_string().replace(&prefix, "") + "\n")
            .collect()
    }
}

const CLIENT: &str = "\
connectorserver.connectorServerName=rcs1
connectorserver.url=wss://tenant.example.com/openicf/0
connectorserver.tokenEndpoint=https://tenant.example.com/am/oauth2/access_token?realm=alpha
connectorserver.clientSecret=own
";

fn client(more: &str) -> Place {
    Place::new(&format!("{CLIENT}{more}"))
}

fn server(more: &str) -> Place {
    Place::new(&format!(
        "connectorserver.port=8759\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=\n{more}"
    ))
}

#[test]
fn client_settings_and_their_defaults() {
    let settings = client("").settings();
    let client = settings.client.unwrap();
    assert_eq!(client.name, "rcs1");
    assert_eq!(client.host_id, "pod-7");
    assert_eq!(client.urls, [ServerUrl::parse("wss://tenant.example.com:443/openicf/0").unwrap()]);
    assert_eq!(client.proxy, None);
    let Authentication::OAuth(oauth) = client.authentication else { panic!("OAuth expected") };
    assert_eq!(
        oauth.token_endpoint.as_str(),
        "https://tenant.example.com/am/oauth2/access_token?realm=alpha"
    );
    assert_eq!((oauth.client_id.as_str(), oauth.client_secret.expose()), ("RCSClient", "own"));
    assert_eq!(oauth.scope, "fr:idm:*");
    assert_eq!(oauth.auth_method, TokenEndpointAuthMethod::Auto);
    assert_eq!(
        client.pool,
        PoolSettings {
            connections: 2,
            max_connections: 3,
            ttl: Some(Duration::from_secs(300)),
            new_connections_interval: Duration::from_secs(10),
            housekeeping_interval: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(30),
            reconnect_min_delay: Duration::from_secs(1),
            reconnect_max_delay: Duration::from_secs(60),
        }
    );
    assert_eq!(
        settings.link,
        LinkSettings {
            ping_interval: Some(Duration::from_secs(60)),
            pong_timeout: Duration::from_secs(20),
            handshake_timeout: Duration::from_secs(30),
            group_check_interval: Some(Duration::from_secs(60)),
            send_wait: Duration::from_secs(30),
            max_message_size: 67_108_864,
        }
    );
    assert_eq!(
        settings.dispatch,
        DispatchSettings {
            max_operation_time: Some(Duration::from_secs(3600)),
            max_facade_life_time: Some(Duration::from_secs(7200)),
            protection: BTreeMap::new(),
        }
    );
    assert_eq!(settings.bundles, BundleSettings { names: BundleNames::Ping, versions: BTreeMap::new() });
    assert_eq!(settings.admin, AdminListen::Tcp { host: "127.0.0.1".to_owned(), port: 8760 });
    assert_eq!(settings.admin, AdminListen::default());
    assert_eq!(settings.tls, TlsSettings { trust: None, identity: None });
    assert_eq!(settings.drain_timeout, Duration::from_secs(30));
    assert!(settings.server.is_none());
}

#[test]
fn a_sound_client_has_no_findings() {
    assert_eq!(client("").load().problems, []);
}

#[test]
fn zero_turns_intervals_off() {
    let settings = client(
        "connectorserver.connectionTtl=0\nconnectorserver.pingPongInterval=0\nconnectorserver.groupCheckInterval=0\n\
         connectorserver.maxOperationTime=0\nconnectorserver.maxFacadeLifeTime=0\n",
    )
    .settings();
    assert_eq!(settings.client.unwrap().pool.ttl, None);
    assert_eq!((settings.link.ping_interval, settings.link.group_check_interval), (None, None));
    assert_eq!(
        settings.dispatch,
        DispatchSettings {
            max_operation_time: None,
            max_facade_life_time: None,
            protection: BTreeMap::new()
        }
    );
}

#[test]
fn precedence_is_default_file_environment_java_options_command_line() {
    let port = |place: &Place| {
        let loaded = place.load();
        let effective = loaded.effective.iter().find(|e| e.key == "connectorserver.port").unwrap().clone();
        let origin =
            effective.origin.to_string().replace(&format!("{}/", place.directory.path().display()), "");
        (effective.value, origin)
    };
    let place = Place::new("connectorserver.mode=server");
    assert_eq!(port(&place), ("8759".to_owned(), "default".to_owned()));
    let place = server("connectorserver.port=1");
    assert_eq!(port(&place), ("1".to_owned(), "rcs.properties:3".to_owned()));
    let place = place.environment("CONNECTORSERVER_PORT", "2");
    assert_eq!(port(&place), ("2".to_owned(), "environment variable CONNECTORSERVER_PORT".to_owned()));
    let place = place.environment("RCS_PORT", "3");
    assert_eq!(port(&place), ("3".to_owned(), "environment variable RCS_PORT".to_owned()));
    let place = place.environment("OPENICF_OPTS", "-Xmx512m -Dconnectorserver.port=4 -Dx=y");
    assert_eq!(port(&place), ("4".to_owned(), "-Dconnectorserver.port in OPENICF_OPTS".to_owned()));
    let place = place.define("connectorserver.port=5").define("connectorserver.port=6");
    assert_eq!(port(&place), ("6".to_owned(), "-Dconnectorserver.port on the command line".to_owned()));
}

#[test]
fn short_environment_names() {
    let place = Place::new("")
        .environment("RCS_URL", "wss://a/openicf/0,wss://b/openicf/1")
        .environment("RCS_NAME", "rcs2")
        .environment("RCS_TOKEN_ENDPOINT", "https://t/token")
        .environment("RCS_CLIENT_ID", "id")
        .environment("RCS_CLIENT_SECRET_FILE", "secret")
        .environment("RCS_SCOPE", "some:scope")
        .environment("RCS_WS_CONNECTIONS", "4")
        .environment("RCS_WS_MAX_CONNECTIONS", "7")
        .environment("RCS_TRUSTSTORE_PASSWORD", "trust")
        .environment("RCS_TRUST_STORE_FILE", "store")
        .with_file("secret", "s3cret\n")
        .with_file("store", "");
    let settings = place.settings();
    let client = settings.client.unwrap();
    assert_eq!((client.name.as_str(), client.urls.len()), ("rcs2", 2));
    assert_eq!((client.pool.connections, client.pool.max_connections), (4, 7));
    let Authentication::OAuth(oauth) = client.authentication else { panic!("OAuth expected") };
    assert_eq!((oauth.client_id.as_str(), oauth.client_secret.expose()), ("id", "s3cret"));
    assert_eq!((oauth.scope.as_str(), oauth.token_endpoint.as_str()), ("some:scope", "https://t/token"));
    let trust = settings.tls.trust.unwrap();
    assert_eq!((trust.path, trust.password.expose()), (place.path("store"), "trust"));
    let secret = place.load().origin_of("connectorserver.clientSecret").unwrap().to_string();
    assert!(secret.ends_with("/secret, named by environment variable RCS_CLIENT_SECRET_FILE"), "{secret}");
}

#[test]
fn a_file_is_not_needed_unless_it_is_named() {
    let mut place = Place::new("");
    place.inputs.file = None;
    let place = place
        .define("connectorserver.mode=server")
        .define("connectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA=");
    assert!(!place.load().has_errors());
    std::fs::create_dir(place.path("conf")).unwrap();
    let place = place.with_file("conf/ConnectorServer.properties", "connectorserver.port=1234");
    assert_eq!(place.settings().server.unwrap().port, 1234);

    let mut place = client("");
    place.inputs.file = Some(place.path("absent.properties"));
    let loaded = place.load();
    assert!(loaded.has_errors() && loaded.settings.is_none());
    assert!(loaded.problems[0].to_string().contains("absent.properties: the file cannot be read"));
}

#[test]
fn blank_values_count_as_none() {
    let place = client("connectorserver.proxyHost=\nconnectorserver.connectionTtl=\n")
        .environment("RCS_URL", "")
        .environment("RCS_CLIENT_SECRET", " ")
        .define("connectorserver.clientId");
    let loaded = place.load();
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.settings.unwrap().client.unwrap().pool.ttl, Some(Duration::from_secs(300)));
}

#[test]
fn values_of_both_separators_and_continuation_lines() {
    for list in [
        "wss://a/0 wss://b/1",
        "wss://a/0,wss://b/1",
        "wss://a/0, wss://b/1",
        "wss\\://a/0,\\\n  wss\\://b/1 ",
    ] {
        let place = client(&format!("connectorserver.url={list}\n"));
        let urls = place.settings().client.unwrap().urls;
        assert_eq!(
            urls.iter().map(ServerUrl::to_string).collect::<Vec<_>>(),
            ["wss://a:443/0", "wss://b:443/1"]
        );
    }
}

#[test]
fn an_argument_file_carries_a_secret() {
    let place = client("")
        .with_file("rcs.args", "-Dconnectorserver.clientSecret='two words'\n")
        .environment("OPENICF_OPTS", "-Xmx1g @rcs.args");
    let Authentication::OAuth(oauth) = place.settings().client.unwrap().authentication else {
        panic!("OAuth")
    };
    assert_eq!(oauth.client_secret.expose(), "two words");
}

#[test]
fn basic_authentication_and_proxy() {
    let settings = Place::new(
        "connectorserver.connectorServerName=rcs1\nconnectorserver.url=wss://idm/openicf\n\
         connectorserver.principal=icf\nconnectorserver.password=pa:ss\n\
         connectorserver.proxyHost=proxy\nconnectorserver.proxyPort=3128\n\
         connectorserver.proxyPrincipal=me\nconnectorserver.proxyPassword=too\n",
    )
    .settings();
    let client = settings.client.unwrap();
    let Authentication::Basic(credentials) = client.authentication else { panic!("Basic expected") };
    assert_eq!((credentials.principal.as_str(), credentials.password.expose()), ("icf", "pa:ss"));
    assert_eq!(
        client.proxy,
        Some(ProxySettings {
            host: "proxy".to_owned(),
            port: 3128,
            credentials: Some(BasicCredentials { principal: "me".to_owned(), password: Secret::from("too") }),
        })
    );
}

#[test]
fn upgrade_settings() {
    let settings = client(
        "connectorserver.namePlacement=query:name\nconnectorserver.hostIdPlacement=header:x-host\n\
         connectorserver.upgradeHeaders=x-a=1; x-b = ${connectorServerName}/${hostId}\n\
         connectorserver.upgradeParameters=p=a=b\\nq=${hostId}\nconnectorserver.hostId=h1\n",
    )
    .settings();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        settings.client.unwrap().upgrade,
        UpgradeSettings {
            name_placement: Placement::Query("name".to_owned()),
            host_id_placement: Placement::Header("x-host".to_owned()),
            headers: vec![pair("x-a", "1"), pair("x-b", "rcs1/h1")],
            parameters: vec![pair("p", "a=b"), pair("q", "h1")],
        }
    );
}

#[test]
fn server_settings() {
    let place = server(
        "connectorserver.usessl=TRUE\nconnectorserver.ifaddress=192.0.2.1\nconnectorserver.keyStoreFile=ks\n\
         connectorserver.keyStoreType=jks\nconnectorserver.keyStorePass=sp\nconnectorserver.legacyProfile=connid-1.5\n\
         connectorserver.legacyPort=8758\nconnectorserver.bundleNames=both\n\
         connectorserver.bundleVersion.org.example.Csv=1.5.20.31\nconnectorserver.adminListen=unix:run/rcs.sock\n",
    )
    .with_file("ks", "");
    let settings = place.settings();
    let server = settings.server.unwrap();
    assert!(server.key.matches("own"));
    assert_eq!(
        (server.interface.as_deref(), server.port, server.legacy_port),
        (Some("192.0.2.1"), 8759, Some(8758))
    );
    assert_eq!(server.legacy_profile, LegacyProfile::ConnId15);
    let store =
        StoreSettings { path: place.path("ks"), kind: Some(StoreType::Jks), password: Secret::from("sp") };
    assert_eq!(server.tls, Some(KeyStoreSettings { store, key_password: Secret::from("sp") }));
    assert_eq!(settings.bundles.names, BundleNames::Both);
    assert_eq!(settings.bundles.versions["org.example.Csv"], "1.5.20.31");
    assert_eq!(settings.admin, AdminListen::Unix(place.path("run/rcs.sock")));
    assert!(settings.client.is_none());
}

#[test]
fn the_listener_finds_the_key_store_where_java_has_it() {
    let place = server("connectorserver.usessl=true\n");
    assert_eq!(
        place.findings("connectorserver.keyStoreFile"),
        "error: connectorserver.keyStoreFile (default): security/keyStore.pkcs12 cannot be read: No such file or \
         directory (os error 2); name a file that this user can read, as an absolute path\n"
    );
    std::fs::create_dir(place.path("security")).unwrap();
    let place = place.with_file("security/keyStore.pkcs12", "");
    let identity = place.settings().server.unwrap().tls.unwrap();
    assert_eq!(identity.store.path, place.path("security/keyStore.pkcs12"));
    assert_eq!((identity.store.password.expose(), identity.key_password.expose()), ("changeit", "changeit"));
}

#[test]
fn modes() {
    let both =
        format!("{CLIENT}connectorserver.port=8759\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA=\n");
    let modes = |more: &str| {
        let settings = Place::new(&format!("{both}{more}")).settings();
        (settings.client.is_some(), settings.server.is_some())
    };
    assert_eq!(modes(""), (true, false));
    assert_eq!(modes("connectorserver.mode=both"), (true, true));
    assert_eq!(modes("connectorserver.mode=server"), (false, true));
    assert_eq!(modes("connectorserver.mode=client"), (true, false));
}

#[test]
fn secrets_stay_unseen() {
    let place = client("connectorserver.trustStorePass=hidden1\nconnectorserver.proxyPassword=hidden2\n")
        .environment("RCS_CLIENT_SECRET", "hidden3 ");
    let loaded = place.load();
    let seen = format!("{loaded:?}{:?}{:?}", loaded.problems, loaded.effective);
    assert!(!seen.contains("hidden"), "{seen}");
    let loaded = client("connectorserver.trustStorePass=hidden1\n").load();
    assert!(!loaded.has_errors());
    assert!(!format!("{loaded:?}").contains("hidden"));
}

#[test]
fn every_default_suits_its_key() {
    let everything: String = keys::all()
        .filter_map(|key| Some(format!("{}={}\n", key.full_name(), key.default?)))
        .filter(|line| !line.starts_with("connectorserver.p")) // no password beside the token endpoint
        .collect();
    let place =
        Place::new(&format!("{everything}{CLIENT}connectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA=\n"))
            .define("connectorserver.mode=both")
            .define("connectorserver.usessl=false");
    let errors: Vec<_> =
        place.load().problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(errors, []);
}

#[test]
fn relative_paths_start_at_home() {
    let place = client("connectorserver.trustStoreFile=security/truststore\n");
    std::fs::create_dir(place.path("security")).unwrap();
    let place = place.with_file("security/truststore", "");
    assert_eq!(place.settings().tls.trust.unwrap().path, place.path("security/truststore"));
    assert!(Path::new(&place.path("x")).is_absolute());
}
