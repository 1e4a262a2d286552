//! What an attempt to open a socket sends and gets, told while it happens to whoever examines it. The server itself
//! needs nobody to watch: `()` looks away.

use std::net::SocketAddr;

use tokio_rustls::rustls::ProtocolVersion;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// Is told what happens. No secret is among it.
pub trait Witness: Send + Sync {
    /// Something happened.
    fn saw(&self, seen: Seen<'_>);
}

impl Witness for () {
    fn saw(&self, _: Seen<'_>) {}
}

/// Something that happened in an attempt.
#[derive(Debug)]
#[non_exhaustive]
pub enum Seen<'a> {
    /// A name, of the URL's host or the proxy's, has these addresses.
    Addresses {
        /// The name.
        host: &'a str,
        /// In the order in which they are tried.
        addresses: &'a [SocketAddr],
    },
    /// A connection is there.
    Connected {
        /// The address that accepted; `None` if the system does not say.
        to: Option<SocketAddr>,
    },
    /// The proxy was asked for a tunnel.
    TunnelRequested {
        /// The request, credentials masked.
        request: &'a str,
    },
    /// The proxy has opened it.
    TunnelOpen,
    /// The TLS handshake is done.
    Secured {
        /// Which TLS.
        version: Option<ProtocolVersion>,
        /// What the server showed, its own certificate first.
        chain: &'a [CertificateDer<'static>],
    },
    /// The upgrade was asked for.
    UpgradeRequested {
        /// The request, credentials and configured values masked.
        request: &'a str,
    },
    /// The upgrade was granted.
    Upgraded,
}
