//! The settings as the server uses them: typed, checked, complete. They hold no text that still needs parsing,
//! and nothing here knows where a value came from.
//!
//! Intervals that may be switched off are `Option<Duration>`: `None` is the `0` of the file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::choices::{BundleNames, LegacyProfile, LogFormat, StoreType, TokenEndpointAuthMethod};
use super::key_hash::KeyHash;
use super::secret::Secret;
use super::server_url::ServerUrl;

/// Everything that can be configured. At least one of `client` and `server` is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Dialling the tenant; `None` in pure server mode.
    pub client: Option<ClientSettings>,
    /// Listening for the tenant; `None` in pure client mode.
    pub server: Option<ServerSettings>,
    /// Trust and client certificate of outgoing connections: links, token requests, connectors.
    pub tls: TlsSettings,
    /// What holds for every link, dialled or accepted.
    pub link: LinkSettings,
    /// Limits of operations.
    pub dispatch: DispatchSettings,
    /// What the compiled-in connectors are called.
    pub bundles: BundleSettings,
    /// Where health, metrics and status are served.
    pub admin: AdminListen,
    /// From the signal to stop to the end at the latest.
    pub drain_timeout: Duration,
    /// Between two looks at the files of the configuration; `None` does not look.
    pub watch_interval: Option<Duration>,
    /// What the process writes about itself.
    pub log: LogSettings,
}

/// What the process writes about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// How much, by module; sound directives.
    pub level: String,
    /// In which form.
    pub format: LogFormat,
    /// Where to, in place of standard error; the date is added.
    pub file: Option<PathBuf>,
    /// How many files are kept; 0 for all.
    pub keep: usize,
    /// Warnings and errors of one place in the program that are written in a minute; 0 for all.
    pub repeat_limit: u32,
}

impl LogSettings {
    /// The level as the log takes it.
    #[must_use]
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.level)
    }
}

/// How to reach the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The name under which the tenant knows this server; not empty.
    pub name: String,
    /// Tells this process from others of the same name. Without a setting it is the host's name.
    pub host_id: String,
    /// Each gets a pool of links of its own; at least one, no two alike.
    pub urls: Vec<ServerUrl>,
    /// Proxy for links and token requests.
    pub proxy: Option<ProxySettings>,
    /// How the server proves who it is.
    pub authentication: Authentication,
    /// What the upgrade request carries.
    pub upgrade: UpgradeSettings,
    /// How many links there are and when they come and go.
    pub pool: PoolSettings,
}

/// An HTTP proxy that understands `CONNECT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxySettings {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// For the `Proxy-Authorization` header.
    pub credentials: Option<BasicCredentials>,
}

/// Credentials of HTTP Basic authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// User name.
    pub principal: String,
    /// Password.
    pub password: Secret,
}

/// How the server proves to the tenant who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// With a bearer token of the OAuth 2.0 client credentials grant.
    OAuth(OAuthSettings),
    /// With a name and a password.
    Basic(BasicCredentials),
}

/// The token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthSettings {
    /// `https`, or `http` for a tenant without TLS; its query string belongs to it.
    pub token_endpoint: url::Url,
    /// Name of the OAuth 2.0 client.
    pub client_id: String,
    /// Its secret; not empty.
    pub client_secret: Secret,
    /// Requested scope; not empty.
    pub scope: String,
    /// How the secret is sent.
    pub auth_method: TokenEndpointAuthMethod,
    /// For the whole token request.
    pub timeout: Duration,
}

/// Where the upgrade request carries the server's name, and what else it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeSettings {
    /// Place of the name.
    pub name_placement: Placement,
    /// Place of the host id.
    pub host_id_placement: Placement,
    /// Further headers, in the order of the file; placeholders are replaced already.
    pub headers: Vec<(String, String)>,
    /// Further query parameters, not yet percent-encoded; placeholders are replaced already.
    pub parameters: Vec<(String, String)>,
}

/// A place in the upgrade request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Walk the known places, one per attempt, when the answer is 403.
    Auto,
    /// A query parameter of this name.
    Query(String),
    /// A header of this name.
    Header(String),
    /// The last segment of the path.
    Path,
    /// Nowhere.
    None,
}

/// The life of the links to one URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// Links kept open for each URL; at least 1.
    pub connections: usize,
    /// Upper bound while a link is being replaced. More than `connections` whenever there is a `ttl`.
    pub max_connections: usize,
    /// Age at which a link is replaced.
    pub ttl: Option<Duration>,
    /// Between the opening of one link and the next to the same URL.
    pub new_connections_interval: Duration,
    /// Between two inspections of the links.
    pub housekeeping_interval: Duration,
    /// From the name look-up to the answer to the upgrade request.
    pub connect_timeout: Duration,
    /// First delay after a failure that follows a failure; not above `reconnect_max_delay`.
    pub reconnect_min_delay: Duration,
    /// Longest delay after failures.
    pub reconnect_max_delay: Duration,
}

/// Listening for the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Host name or address to bind to; `None` is every interface.
    pub interface: Option<String>,
    /// TCP port for WebSocket and legacy clients.
    pub port: u16,
    /// The listener's certificate and key; `None` listens without TLS.
    pub tls: Option<KeyStoreSettings>,
    /// Hash of the key that peers have to show.
    pub key: KeyHash,
    /// Dialect for clients of the legacy protocol.
    pub legacy_profile: LegacyProfile,
    /// A port for legacy clients alone; differs from `port`.
    pub legacy_port: Option<u16>,
}

/// Trust and identity of outgoing connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// Trust exactly the certificates in this store; `None` trusts those of the system.
    pub trust: Option<StoreSettings>,
    /// Certificate to show when the peer asks for one.
    pub identity: Option<KeyStoreSettings>,
}

/// A file of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// Where it is; relative paths are resolved already.
    pub path: PathBuf,
    /// Its format; `None` is to be told from the content.
    pub kind: Option<StoreType>,
    /// Opens the store. PEM needs none.
    pub password: Secret,
}

/// A file with a private key and its certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStoreSettings {
    /// The file.
    pub store: StoreSettings,
    /// Opens the private key; the store's password unless set.
    pub key_password: Secret,
}

/// What holds for every link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// Between two pings.
    pub ping_interval: Option<Duration>,
    /// From a ping to the declaration that the link is dead.
    pub pong_timeout: Duration,
    /// From the accepted upgrade to the answered handshake.
    pub handshake_timeout: Duration,
    /// Between two checks of the groups.
    pub group_check_interval: Option<Duration>,
    /// How long a message waits for a usable link.
    pub send_wait: Duration,
    /// Largest frame or message accepted, in bytes.
    pub max_message_size: usize,
}

/// Limits of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchSettings {
    /// Cap for operations without a limit of their own.
    pub max_operation_time: Option<Duration>,
    /// How long an unused facade is kept; `None` is for ever.
    pub max_facade_life_time: Option<Duration>,
    /// Limits for the targets of connectors, by bundle name; `*` stands for those that are not named.
    pub protection: BTreeMap<String, ProtectionSettings>,
}

/// Limits for the targets of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtectionSettings {
    /// Operations at a time; at least 1.
    pub concurrency: Option<usize>,
    /// Operations in a second; at least 1.
    pub rate: Option<u32>,
    /// How long an operation waits for one of these.
    pub wait: Duration,
    /// Failures in a row after which a target is left alone; at least 1.
    pub failures: Option<u32>,
    /// For how long.
    pub pause: Duration,
}

/// What the compiled-in connectors are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleSettings {
    /// Which family of names is advertised.
    pub names: BundleNames,
    /// Version to advertise, by bundle name; bundles that are absent keep their own.
    pub versions: BTreeMap<String, String>,
}

/// Where health, metrics and status are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminListen {
    /// Nowhere.
    Off,
    /// TCP.
    Tcp {
        /// Host name or address, without brackets.
        host: String,
        /// TCP port; 0 lets the system choose.
        port: u16,
    },
    /// A Unix domain socket.
    Unix(PathBuf),
}

impl Default for AdminListen {
    fn default() -> Self {
        Self::Tcp { host: "127.0.0.1".to_owned(), port: 8760 }
    }
}

impl fmt::Display for AdminListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
