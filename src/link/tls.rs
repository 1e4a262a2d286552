//! TLS over an open connection, and what its failures mean.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{AlertDescription, CertificateError, ClientConfig, Error};

use super::error::DialFailure;

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
    cause(error).is_some()
}

/// What to do about a failed handshake.
pub(super) fn advice(error: &io::Error) -> &'static str {
    match cause(error) {
        Some(Error::InvalidCertificate(certificate)) => about_certificate(certificate),
        Some(Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::HandshakeFailure,
        )) => {
            "it refused this server: if it asks for a client certificate, set keyStoreFile to one it trusts"
        }
        Some(Error::InvalidMessage(_)) => {
            "what answered does not speak TLS: check scheme and port of the URL"
        }
        Some(Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion)) => {
            "it has no TLS version or algorithm in common with this server, which speaks 1.2 and 1.3"
        }
        _ => "check that the URL leads to the tenant and nothing on the way breaks TLS",
    }
}

fn about_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate is from an authority that is not trusted: import that authority into trustStoreFile"
        }
        CertificateError::BadSignature => {
            "its authority is called like a trusted one but has another key: import the present one into trustStoreFile"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name: use a name it holds in the URL"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired: renew it, or correct this machine's clock"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: correct this machine's clock"
        }
        _ => "its certificate cannot be verified: to trust it as it is, import it itself into trustStoreFile",
    }
}

fn cause(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
