//! A local tenant as a program.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use icf::GuardedString;
use tenant::{Dispatch, NamePlace, RestAuth, SinkTarget, Tenant, TenantOptions};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A stand-in for the identity cloud on this machine: tokens, /openicf end points, IDM's REST interface, faults.
///
/// The environment variable TENANT_KEY opens /tenant to peers other than this machine that send it as X-Tenant-Key.
#[derive(Debug, Parser)]
#[command(name = "tenant", version)]
struct Arguments {
    /// Address to listen on [default: 127.0.0.1:8443, with --plain 127.0.0.1:8080]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// HTTP and ws instead of HTTPS and wss
    #[arg(long)]
    plain: bool,
    /// Further name or address in the server certificate; may be repeated
    #[arg(long = "tls-name", value_name = "NAME")]
    tls_names: Vec<String>,
    /// Certificates (PEM) to trust when dialling connector servers that listen with TLS
    #[arg(long, value_name = "FILE")]
    trusted_ca: Option<PathBuf>,
    /// Where the certificate authority is written
    #[arg(long, default_value = "tenant-ca.pem")]
    ca_file: PathBuf,
    /// Folder of configuration files, read at start and watched
    #[arg(long, value_name = "FOLDER")]
    conf: Option<PathBuf>,
    /// Number of nodes (pods)
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Which node serves a request: any, roundrobin or sticky:<node>
    #[arg(long, default_value = "any")]
    dispatch: Dispatch,
    /// Where an upgrade carries the server's name, first match wins: query:<p>, header:<h>, path, clientId, single
    #[arg(long = "name-from", value_name = "PLACE", value_delimiter = ',')]
    name_from: Vec<NamePlace>,
    /// Seconds between pings, 0 for none
    #[arg(long, default_value_t = 60)]
    ping_interval: u64,
    /// Seconds between group checks
    #[arg(long, default_value_t = 60)]
    group_check_interval: u64,
    /// REST without authentication
    #[arg(long)]
    open_rest: bool,
    /// Do not escape messages of errors for HTML
    #[arg(long)]
    no_html_escape: bool,
    /// Refuse a provisioner file while its server is away
    #[arg(long)]
    strict_meta_data: bool,
    /// Show Authorization headers in the upgrade log
    #[arg(long)]
    log_secrets: bool,
    /// Seed of random faults
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where liveSync puts changes: record or http:<url>
    #[arg(long, default_value = "record")]
    sink: SinkTarget,
}

impl Arguments {
    fn options(self) -> anyhow::Result<TenantOptions> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).with_context(|| format!("Cannot read {}", path.display()))
        };
        let trusted_ca = self.trusted_ca.as_ref().map(read).transpose()?;
        let port = if self.plain { 8080 } else { 8443 };
        let defaults = TenantOptions::default();
        Ok(TenantOptions {
            trusted_ca,
            listen: self.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            plain: self.plain,
            tls_names: self.tls_names,
            ca_file: (!self.plain).then_some(self.ca_file),
            conf_dir: self.conf,
            nodes: self.nodes,
            dispatch: self.dispatch,
            name_from: if self.name_from.is_empty() { NamePlace::defaults() } else { self.name_from },
            ping_interval: Duration::from_secs(self.ping_interval),
            group_check_interval: Duration::from_secs(self.group_check_interval),
            rest_auth: if self.open_rest { RestAuth::None } else { RestAuth::Required },
            html_escape: !self.no_html_escape,
            strict_meta_data: self.strict_meta_data,
            log_secrets: self.log_secrets,
            // By environment only: an argument would show in the list of processes.
            control_key: std::env::var("TENANT_KEY").ok().as_deref().map(GuardedString::new),
            seed: self.seed,
            sink: self.sink,
            ..defaults
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Arguments::parse().options()?;
    let ca_file = options.ca_file.clone();
    let nodes = options.nodes.max(1);
    let tenant = Tenant::start(options).await.context("The tenant cannot start")?;
    tracing::info!(
        rest = format!("{}/openidm", tenant.base_url()),
        token = tenant.token_url(),
        sockets = format!("{} (0 to {})", tenant.socket_url(0), nodes - 1),
        console = format!("{}/tenant", tenant.base_url()),
        ca = ca_file.map(|path| path.display().to_string()),
        "The tenant is ready."
    );
    let mut terminate = signal(SignalKind::terminate()).context("Cannot wait for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("Cannot wait for Ctrl-C")?,
        _ = terminate.recv() => {}
    }
    tenant.shutdown().await;
    Ok(())
}
