//! Server mode: the tenant dials connector servers that listen (`remoteConnectorServers`), from every node.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{CancellationToken, GuardedString};
use icf_wire::session::Role;
use serde_json::Value as Json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::candidate::PROTOCOL;
use super::node::OpenIcf;
use super::socket::NewSocket;
use crate::config::{HOSTS_ID, HostKind};
use crate::net::Peer;
use crate::state::State;

/// Connecting, TLS and upgrade together may take this long.
const DIAL_LIMIT: Duration = Duration::from_secs(30);

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A server to dial.
#[derive(Clone, PartialEq, Eq)]
struct Destination {
    name: String,
    host: String,
    port: u16,
    key: GuardedString,
    tls: bool,
    sockets: u64,
}

/// Why a socket could not be opened.
#[derive(Debug, thiserror::Error)]
enum DialError {
    #[error("cannot connect")]
    Connect(#[source] std::io::Error),
    #[error("cannot use TLS: {0}")]
    Tls(String),
    #[error("the upgrade was refused")]
    Upgrade(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    #[error("nothing came of it in time")]
    Timeout,
}

/// Keeps the configured servers dialled until the tenant stops.
pub(crate) async fn run(state: Arc<State>, openicf: Arc<OpenIcf>) {
    let mut changed = state.config.hosts_changed();
    let mut dialled: HashMap<String, (Destination, CancellationToken)> = HashMap::new();
    loop {
        changed.mark_unchanged();
        let wanted = destinations(&state);
        dialled.retain(|_, (destination, stop)| {
            let keep = wanted.contains(destination);
            if !keep {
                stop.cancel();
            }
            keep
        });
        for destination in wanted {
            if dialled.contains_key(&destination.name) {
                continue;
            }
            let stop = state.shutdown.child_token();
            for node in 0..state.options.nodes.max(1) {
                for _ in 0..destination.sockets {
                    let (state, openicf) = (Arc::clone(&state), Arc::clone(&openicf));
                    let (destination, stop) = (destination.clone(), stop.clone());
                    state.tasks.clone().spawn(async move {
                        keep(&state, &openicf, node, &destination, &stop).await;
                    });
                }
            }
            dialled.insert(destination.name.clone(), (destination, stop));
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            _ = changed.changed() => {}
        }
    }
}

/// The enabled servers, with their keys.
fn destinations(state: &State) -> Vec<Destination> {
    let hosts = state.config.hosts();
    let content = state.config.get(HOSTS_ID).unwrap_or_default();
    let entries = content.get("remoteConnectorServers").and_then(Json::as_array).cloned().unwrap_or_default();
    let servers = hosts.iter().filter(|host| host.kind == HostKind::Server && host.enabled);
    servers
        .filter_map(|server| {
            let is_own = |entry: &&Json| entry.get("name").and_then(Json::as_str) == Some(&server.name);
            let entry = entries.iter().find(is_own)?;
            let number = |name: &str| match entry.get(name) {
                Some(Json::String(text)) => text.parse().ok(),
                other => other.and_then(Json::as_u64),
            };
            let flag = |name: &str| entry.get(name).and_then(Json::as_bool).unwrap_or(false);
            let key = state.vault.text(entry.get("key")?)?;
            Some(Destination {
                name: server.name.clone(),
                host: entry.get("host").and_then(Json::as_str)?.to_owned(),
                port: number("port").and_then(|port| u16::try_from(port).ok()).unwrap_or(8759),
                key,
                tls: flag("useSSL") || flag("usessl"),
                sockets: number("webSocketConnections").unwrap_or(2).clamp(1, 10),
            })
        })
        .collect()
}

/// Keeps one socket open until told to stop.
async fn keep(
    state: &State,
    openicf: &Arc<OpenIcf>,
    node: usize,
    destination: &Destination,
    stop: &CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        let dialling = timeout(DIAL_LIMIT, Box::pin(dial(state, destination)));
        let Some(dialled) = stop.run_until_cancelled(dialling).await else { return };
        let server = destination.name.clone();
        match dialled.unwrap_or(Err(DialError::Timeout)) {
            Ok((stream, peer)) => {
                let (role, client, stop) = (Role::Dialer, None, stop.clone());
                openicf
                    .open(stream, NewSocket { role, node, server, client, peer, upgrade: None, stop })
                    .await;
                pause = FIRST_PAUSE;
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::info!(server, node, %error, source, "Cannot open a socket; trying again in {pause:?}.");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        stop.run_until_cancelled(state.clock.sleep(pause)).await;
    }
}

/// An upgraded connection.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn dial(state: &State, destination: &Destination) -> Result<(Box<dyn Stream>, Peer), DialError> {
    let Destination { host, port, tls, .. } = destination;
    let tcp = TcpStream::connect((host.as_str(), *port)).await.map_err(DialError::Connect)?;
    let addr = tcp.peer_addr().map_err(DialError::Connect)?;
    // Small frames must not wait for each other; a connection without the option still works.
    let _ = tcp.set_nodelay(true);
    let stream = state.wires.adopt(tcp);
    let peer = Peer::dialled(addr, stream.wire());
    let upgraded: Box<dyn Stream> = if *tls {
        let name = ServerName::try_from(host.clone()).map_err(|error| DialError::Tls(error.to_string()))?;
        let stream = connector(state)?.connect(name, stream).await.map_err(DialError::Connect)?;
        Box::new(upgrade(destination, stream).await?)
    } else {
        Box::new(upgrade(destination, stream).await?)
    };
    Ok((upgraded, peer))
}

/// Upgrades a connection. The server does not speak before the tenant has introduced itself, so nothing that was read
/// ahead is lost with the client's buffer.
async fn upgrade<S>(destination: &Destination, stream: S) -> Result<S, DialError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let refused = |error| DialError::Upgrade(Box::new(error));
    let url = format!("ws://{}:{}/openicf", destination.host, destination.port);
    let mut request = url.as_str().into_client_request().map_err(refused)?;
    let login = STANDARD.encode(format!("anonymous:{}", destination.key.reveal().as_str()));
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(PROTOCOL));
    if let Ok(login) = HeaderValue::from_str(&format!("Basic {login}")) {
        headers.insert("Authorization", login);
    }
    let (socket, _) = client_async(request, stream).await.map_err(refused)?;
    Ok(socket.into_inner())
}

/// Trusts the certificates of the options only.
fn connector(state: &State) -> Result<TlsConnector, DialError> {
    let fail = |error: &dyn std::fmt::Display| DialError::Tls(error.to_string());
    let pem = state.options.trusted_ca.as_deref().unwrap_or_default();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.map_err(|error| fail(&error))?).map_err(|error| fail(&error))?;
    }
    if roots.is_empty() {
        return Err(DialError::Tls("no certificate is trusted; give the server's authority".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| fail(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
