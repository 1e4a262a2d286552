//! What a failed TLS handshake means, and what to do about it.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// What a TLS handshake failed at, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsTrouble {
    /// The certificate's authority is not trusted.
    UnknownAuthority,
    /// The authority is called like a trusted one and has another key.
    OtherAuthority,
    /// The certificate is for other names.
    OtherName,
    /// The certificate holds no names at all: its common name does not count.
    NoName,
    /// The certificate has ended, or this machine's clock is ahead.
    Expired,
    /// The certificate has not begun, which is this machine's clock running late.
    NotValidYet,
    /// Something else is wrong with the certificate.
    Certificate,
    /// The server refuses the client, as one does that wants a certificate.
    RefusesUs,
    /// What answered speaks something else.
    NotTls,
    /// No version or algorithm in common.
    Incompatible,
    /// Anything else.
    Other,
}

impl TlsTrouble {
    /// What kind of trouble an I/O error is; `None` if it is none of TLS.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        Some(match error.get_ref()?.downcast_ref()? {
            Error::InvalidCertificate(certificate) => Self::with_certificate(certificate),
            Error::AlertReceived(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::HandshakeFailure,
            ) => Self::RefusesUs,
            Error::InvalidMessage(_) => Self::NotTls,
            Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
                Self::Incompatible
            }
            _ => Self::Other,
        })
    }

    fn with_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            CertificateError::BadSignature => Self::OtherAuthority,
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                Self::NoName
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotValidYet,
            _ => Self::Certificate,
        }
    }

    /// Whether it is about the certificate that the server showed.
    #[must_use]
    pub const fn concerns_certificate(self) -> bool {
        matches!(
            self,
            Self::UnknownAuthority
                | Self::OtherAuthority
                | Self::OtherName
                | Self::NoName
                | Self::Expired
                | Self::NotValidYet
                | Self::Certificate
        )
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::UnknownAuthority => {
                "its certificate is from an authority that is not trusted: import that authority into trustStoreFile"
            }
            Self::OtherAuthority => {
                "its authority is called like a trusted one but has another key: import the present one into trustStoreFile"
            }
            Self::OtherName => "its certificate is for another name: use a name it holds in the URL",
            Self::NoName => {
                "its certificate names no host in its subject alternative names: have it issued with the name in the URL"
            }
            Self::Expired => "its certificate has expired: renew it, or correct this machine's clock",
            Self::NotValidYet => "its certificate is not valid yet: correct this machine's clock",
            Self::Certificate => {
                "its certificate cannot be verified: to trust it as it is, import it itself into trustStoreFile"
            }
            Self::RefusesUs => {
                "it refused this server: if it asks for a client certificate, set keyStoreFile to one it trusts"
            }
            Self::NotTls => "what answered does not speak TLS: check scheme and port of the URL",
            Self::Incompatible => {
                "it has no TLS version or algorithm in common with this server, which speaks 1.2 and 1.3"
            }
            Self::Other => "check that the URL leads to the tenant and nothing on the way breaks TLS",
        }
    }
}
