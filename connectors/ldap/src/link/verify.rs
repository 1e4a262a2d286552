//! How a directory's certificate is judged: by whom it was issued, and, if that is wanted, for which name.

use std::collections::HashSet;
use std::sync::Arc;

use regex::Regex;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{ASN1Time, FromDer, GeneralName, X509Certificate};

/// For which name a certificate must be.
#[derive(Clone, Debug)]
pub(super) enum Names {
    /// Any will do.
    Any,
    /// The name that was connected to.
    Host,
    /// A name that matches.
    Matching(Regex),
}

/// Chains up to trusted roots, and certificates that are trusted as they stand.
///
/// The second is Java's rule and needed for directories with a certificate of their own making: WebPKI refuses as a
/// server certificate what is marked as an authority, even when that very certificate is trusted.
#[derive(Debug)]
pub(super) struct DirectoryVerifier {
    pub(super) roots: RootCertStore,
    pub(super) pins: HashSet<CertificateDer<'static>>,
    pub(super) names: Names,
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for DirectoryVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pins.contains(end_entity) {
            verify_dates(end_entity, now)?;
        } else {
            let parsed = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, intermediates, now, algorithms)?;
        }
        match &self.names {
            Names::Any => {}
            Names::Host => verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?,
            Names::Matching(pattern) => verify_pattern(end_entity, pattern)?,
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

const fn refused(error: CertificateError) -> Error {
    Error::InvalidCertificate(error)
}

fn parsed<'c>(certificate: &'c CertificateDer<'_>) -> Result<X509Certificate<'c>, Error> {
    let parsed = X509Certificate::from_der(certificate);
    parsed.map(|(_, parsed)| parsed).map_err(|_| refused(CertificateError::BadEncoding))
}

fn verify_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let parsed = parsed(certificate)?;
    let seconds = i64::try_from(now.as_secs()).map_err(|_| refused(CertificateError::BadEncoding))?;
    let now = ASN1Time::from_timestamp(seconds).map_err(|_| refused(CertificateError::BadEncoding))?;
    if now < parsed.validity().not_before {
        Err(refused(CertificateError::NotValidYet))
    } else if now > parsed.validity().not_after {
        Err(refused(CertificateError::Expired))
    } else {
        Ok(())
    }
}

fn verify_pattern(certificate: &CertificateDer<'_>, pattern: &Regex) -> Result<(), Error> {
    let parsed = parsed(certificate)?;
    let alternative = parsed.subject_alternative_name().ok().flatten();
    let alternative =
        alternative.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(*name),
            _ => None,
        });
    let common = parsed.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let matches = alternative.chain(common).any(|name| pattern.is_match(name));
    if matches { Ok(()) } else { Err(refused(CertificateError::NotValidForName)) }
}
