//! How a tenant is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use icf::GuardedString;
use serde_json::{Map, Value as Json};

/// How a tenant is set up. `Default` suits tests: plain HTTP on a free loopback port, nothing on disk.
#[derive(Clone, Debug)]
pub struct TenantOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// HTTP and `ws` instead of HTTPS and `wss`.
    pub plain: bool,
    /// Further host names or addresses in the server certificate.
    pub tls_names: Vec<String>,
    /// Certificates (PEM) that are trusted when the tenant dials a connector server that listens with TLS.
    pub trusted_ca: Option<String>,
    /// Where the certificate authority is written; nowhere when absent.
    pub ca_file: Option<PathBuf>,
    /// Folder of `*.json` configuration files, read at start and watched; written by `PUT` of a configuration.
    pub conf_dir: Option<PathBuf>,
    /// How often that folder is looked at.
    pub watch_interval: Duration,
    /// Number of nodes (pods); node n is `/openicf/n`. At least 1.
    pub nodes: usize,
    /// Which node a REST request is served by.
    pub dispatch: Dispatch,
    /// Where an upgrade request may carry the name of the connector server, first match wins.
    pub name_from: Vec<NamePlace>,
    /// Principal and password that may upgrade with HTTP Basic instead of a token.
    pub basic: Option<(String, GuardedString)>,
    /// Time between WebSocket pings; zero sends none.
    pub ping_interval: Duration,
    /// Time between group checks.
    pub group_check_interval: Duration,
    /// Who may use the REST interface.
    pub rest_auth: RestAuth,
    /// User of the `X-OpenIDM-Username` header.
    pub rest_username: String,
    /// Password of the `X-OpenIDM-Password` header.
    pub rest_password: GuardedString,
    /// Escape messages of errors for HTML, as AIC does.
    pub html_escape: bool,
    /// Life of a token.
    pub token_life: Duration,
    /// Revoke a client's tokens when its secret changes.
    pub revoke_on_secret_change: bool,
    /// How long a request waits for a server that takes it.
    pub send_wait: Duration,
    /// Keep the pages of one search on the session that issued the cookie.
    pub pin_pages: bool,
    /// Send a cancel when a search or sync takes too long.
    pub cancel_on_timeout: bool,
    /// Send `CAUD_TRANSACTION_ID` with every operation that has options.
    pub send_transaction_id: bool,
    /// Refuse a provisioner configuration while its server is away, as the real one does.
    pub strict_meta_data: bool,
    /// Show `Authorization` headers in the upgrade log instead of hashing them.
    pub log_secrets: bool,
    /// Value of `X-Tenant-Key` that opens `/tenant` to other than loopback peers.
    pub control_key: Option<GuardedString>,
    /// Seed of every random choice of faults.
    pub seed: u64,
    /// Values of `&{…}` placeholders, after the environment.
    pub properties: Map<String, Json>,
    /// Where changes found by liveSync go.
    pub sink: SinkTarget,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            plain: true,
            tls_names: Vec::new(),
            trusted_ca: None,
            ca_file: None,
            conf_dir: None,
            watch_interval: Duration::from_secs(1),
            nodes: 3,
            dispatch: Dispatch::Any,
            name_from: NamePlace::defaults(),
            basic: None,
            ping_interval: Duration::from_secs(60),
            group_check_interval: Duration::from_secs(60),
            rest_auth: RestAuth::Required,
            rest_username: "openidm-admin".to_owned(),
            rest_password: GuardedString::new("openidm-admin"),
            html_escape: true,
            token_life: Duration::from_secs(3600),
            revoke_on_secret_change: false,
            send_wait: Duration::from_secs(5),
            pin_pages: true,
            cancel_on_timeout: true,
            send_transaction_id: true,
            strict_meta_data: false,
            log_secrets: false,
            control_key: None,
            seed: 0,
            properties: Map::new(),
            sink: SinkTarget::Record,
        }
    }
}

/// A setting that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{value}' is not {expected}.")]
pub struct OptionError {
    value: String,
    expected: &'static str,
}

/// Which node serves a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// The lowest node on which the server is connected.
    #[default]
    Any,
    /// The next node each time, connected or not.
    RoundRobin,
    /// Always this node.
    Sticky(usize),
}

impl FromStr for Dispatch {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let sticky = || text.strip_prefix("sticky:")?.parse().ok().map(Self::Sticky);
        match text {
            "any" => Ok(Self::Any),
            "roundrobin" => Ok(Self::RoundRobin),
            _ => sticky().ok_or_else(|| OptionError {
                value: text.to_owned(),
                expected: "a dispatch: write any, roundrobin or sticky:<node>",
            }),
        }
    }
}

/// Where an upgrade request may carry the name of the connector server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePlace {
    /// A query parameter.
    Query(String),
    /// A header.
    Header(String),
    /// The path segment behind the node.
    Path,
    /// The entry whose `clientId` is the client of the token.
    ClientId,
    /// The only enabled entry.
    Single,
}

impl NamePlace {
    /// The order in which places are tried when a tenant says nothing else.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::Query("connectorServerName".to_owned()),
            Self::Query("name".to_owned()),
            Self::Header("connectorServerName".to_owned()),
            Self::Header("x-openicf-connector-server-name".to_owned()),
            Self::Path,
            Self::ClientId,
            Self::Single,
        ]
    }
}

impl FromStr for NamePlace {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let named = |prefix| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        match text {
            "path" => Ok(Self::Path),
            "clientId" => Ok(Self::ClientId),
            "single" => Ok(Self::Single),
            _ => named("query:").map(Self::Query).or_else(|| named("header:").map(Self::Header)).ok_or_else(|| {
                OptionError {
                    value: text.to_owned(),
                    expected: "a place of the server name: write query:<p>, header:<h>, path, clientId or single",
                }
            }),
        }
    }
}

impl std::fmt::Display for NamePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Query(name) => write!(f, "query:{name}"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Path => f.write_str("path"),
            Self::ClientId => f.write_str("clientId"),
            Self::Single => f.write_str("single"),
        }
    }
}

/// Who may use the REST interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestAuth {
    /// Whoever shows a token or user and password.
    #[default]
    Required,
    /// Everyone.
    None,
}

/// Where changes found by liveSync go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SinkTarget {
    /// They are kept for `GET /tenant/deltas`.
    #[default]
    Record,
    /// They are posted to this URL.
    Http(String),
}

impl FromStr for SinkTarget {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        match text {
            "record" => Ok(Self::Record),
            _ => match text.strip_prefix("http:") {
                Some(url) => Ok(Self::Http(url.to_owned())),
                None => Err(OptionError {
                    value: text.to_owned(),
                    expected: "a sink: write record or http:<url>",
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_written() {
        assert_eq!("sticky:2".parse(), Ok(Dispatch::Sticky(2)));
        assert!("sticky:x".parse::<Dispatch>().is_err());
        for place in NamePlace::defaults() {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert!("query:".parse::<NamePlace>().is_err());
        assert_eq!("http:http://h/x".parse(), Ok(SinkTarget::Http("http://h/x".to_owned())));
    }
}
