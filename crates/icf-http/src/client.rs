//! One HTTP client as configured: connections, proxy, whom it trusts, what it shows of itself.

use std::path::PathBuf;
use std::time::Duration;

use icf::GuardedString;
use reqwest::{Client, Proxy, redirect};

use crate::fault::{Fault, reasons};
use crate::trust;

/// How connections are made.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// Connections at most, and requests under way.
    pub connections: usize,
    /// For connecting, and for the wait for each answer.
    pub timeout: Duration,
    /// Whether compressed answers are asked for.
    pub compression: bool,
    /// A forward proxy.
    pub proxy: Option<ProxySettings>,
    /// Which servers are trusted.
    pub trust: TrustSettings,
    /// What is shown to a server that asks for a client certificate.
    pub identity: Option<IdentitySettings>,
    /// Sent with every request.
    pub user_agent: String,
}

/// A forward proxy. Those of the environment are never used.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// Name or address.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// User and password of Basic proxy authentication.
    pub credentials: Option<(String, GuardedString)>,
}

/// Which servers are trusted besides those that the system's roots vouch for.
#[derive(Clone, Debug, Default)]
pub struct TrustSettings {
    /// PEM, PKCS#12 or JKS files with more roots.
    pub more_roots: Vec<PathBuf>,
    /// Accept a chain whose only fault is that it ends in an unknown self-signed certificate.
    pub self_signed: bool,
    /// Do not compare the name.
    pub any_name: bool,
}

/// A client certificate with its key.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// A PEM, PKCS#12 or JKS file.
    pub path: PathBuf,
    /// The name of the entry in the file, where it holds several keys.
    pub alias: Option<String>,
    /// Of the file and its keys.
    pub password: Option<GuardedString>,
}

/// Makes the client; reads files off the runtime. Without `tls` there are no roots to read: every address is `http`.
pub(crate) async fn build(settings: &ConnectionSettings, tls: bool) -> Result<Client, Fault> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(settings.timeout)
        .pool_max_idle_per_host(settings.connections)
        // Shorter than what servers and the devices before them keep: a kept connection should not be a stale one.
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .gzip(settings.compression)
        .deflate(settings.compression)
        .user_agent(&settings.user_agent);
    builder = match &settings.proxy {
        None => builder.no_proxy(),
        Some(proxy) => builder.proxy(through(proxy)?),
    };
    // A client without roots still speaks TLS and trusts nobody.
    let configuration = trust::client_config(settings, tls).await?;
    builder
        .tls_backend_preconfigured(configuration)
        .build()
        .map_err(|error| Fault::Configuration(format!("No HTTP client can be made: {}", reasons(&error))))
}

fn through(settings: &ProxySettings) -> Result<Proxy, Fault> {
    let (host, port) = (&settings.host, settings.port);
    let authority = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let proxy = Proxy::all(format!("http://{authority}"))
        .map_err(|_| Fault::Configuration(format!("Property httpProxyHost: '{host}' is no host name")))?;
    Ok(match &settings.credentials {
        None => proxy,
        Some((user, password)) => proxy.basic_auth(user, &password.reveal()),
    })
}
