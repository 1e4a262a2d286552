//! Why no TLS configuration can be made.

use std::path::PathBuf;

use tokio_rustls::rustls;

/// Why no TLS configuration can be made. Each message names the file and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file cannot be read.
    #[error("cannot read the store {}: check trustStoreFile or keyStoreFile and its permissions", path.display())]
    Read {
        /// The store file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is read but not understood.
    #[error("cannot open the store {}", path.display())]
    Store {
        /// The store file.
        path: PathBuf,
        /// What is wrong with it.
        source: keystore::Error,
    },
    /// A trust store without certificates that can be trusted.
    #[error("the trust store {} holds no usable certificate: import the authority with keytool -importcert", path.display())]
    NoAnchors {
        /// The store file.
        path: PathBuf,
    },
    /// A key store without a key that has a certificate.
    #[error("the key store {} holds no private key with a certificate", path.display())]
    NoKey {
        /// The store file.
        path: PathBuf,
    },
    /// The key and its certificate do not fit, or are of a kind TLS has no use for.
    #[error("the key and certificate in {} cannot be used", path.display())]
    Identity {
        /// The store file.
        path: PathBuf,
        /// What rustls found wrong.
        source: rustls::Error,
    },
    /// The operating system has no trusted authorities.
    #[error(
        "this system has no trusted authorities: install its ca-certificates package or set trustStoreFile"
    )]
    NoSystemRoots,
    /// The trusted certificates cannot be used together.
    #[error("the trusted certificates cannot be used")]
    Trust(#[source] rustls::client::VerifierBuilderError),
    /// The protocol versions do not fit the cryptography compiled in.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
    /// The process is stopping.
    #[error("reading the stores was interrupted because the process is stopping")]
    Interrupted,
}
