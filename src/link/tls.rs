//! TLS over an open connection, and what its failures mean.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::error::DialFailure;
use crate::tls::TlsTrouble;

/// Performs the handshake as a client that expects the server to be `host`.
pub(super) async fn secure(
    tcp: TcpStream,
    host: &str,
    config: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, DialFailure> {
    let failed = |source| DialFailure::Tls { host: host.to_owned(), source };
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare)
        .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    TlsConnector::from(Arc::clone(config)).connect(name, tcp).await.map_err(failed)
}

/// Whether an I/O error is one of TLS. With TLS 1.3 a server refuses a client certificate only after the
/// client has finished its handshake, so such errors appear later too.
pub(super) fn is_tls(error: &io::Error) -> bool {
    TlsTrouble::of(error).is_some()
}

/// What to do about a failed handshake.
pub(super) fn advice(error: &io::Error) -> &'static str {
    TlsTrouble::of(error).unwrap_or(TlsTrouble::Other).advice()
}
