//! Why the server cannot listen.

use std::io::{self, ErrorKind};

use crate::tls::TlsError;

/// Why the server cannot listen. Each message names the setting to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The certificate or its key cannot be used.
    #[error("cannot listen with TLS")]
    Tls(#[from] TlsError),
    /// The interface is a name without an address.
    #[error("cannot resolve {interface:?}, the address to listen on: check ifaddress")]
    Resolve {
        /// The value of `ifaddress`.
        interface: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The system refuses the address.
    #[error("cannot listen on {address}: {}", advice(source))]
    Bind {
        /// Address and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "another process has this port: stop it, or set another port",
        ErrorKind::AddrNotAvailable => "this machine does not have that address: check ifaddress",
        ErrorKind::PermissionDenied => {
            "this user may not use that port: set one above 1023, or grant the process CAP_NET_BIND_SERVICE"
        }
        _ => "check ifaddress and port",
    }
}
