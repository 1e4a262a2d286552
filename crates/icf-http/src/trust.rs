//! Whom a client trusts: the system's roots and more of them, with two switches for tests that each lift one check only.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::client::{ConnectionSettings, IdentitySettings, TrustSettings};
use crate::fault::Fault;
use crate::identity;

/// Makes the TLS side of a client. No ALPN is offered, so that HTTP/1.1 is spoken.
pub(crate) async fn client_config(settings: &ConnectionSettings, roots: bool) -> Result<ClientConfig, Fault> {
    let (trust, identity) = (settings.trust.clone(), settings.identity.clone());
    let made = icf::blocking(move || Ok(make(&trust, identity.as_ref(), roots))).await;
    made.map_err(|error| Fault::Configuration(error.to_string()))?
}

/// Reads files.
fn make(
    trust: &TrustSettings,
    identity: Option<&IdentitySettings>,
    roots: bool,
) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let store = if roots { system_and(trust)? } else { RootCertStore::empty() };
    let verifier = Verifier::new(store, trust, Arc::clone(&provider))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| Fault::Configuration(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let Some(identity) = identity else { return Ok(builder.with_no_client_auth()) };
    let entry = identity::read(identity)?;
    builder.with_client_auth_cert(entry.chain, entry.key.clone_key()).map_err(|error| {
        Fault::Configuration(format!(
            "Property clientCertAlias: the key in {} cannot be used with its certificate: {error}",
            identity.path.display()
        ))
    })
}

fn system_and(trust: &TrustSettings) -> Result<RootCertStore, Fault> {
    let mut store = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "A part of the system's roots cannot be read.");
    }
    store.add_parsable_certificates(system.certs);
    for path in &trust.more_roots {
        let shown = path.display();
        let fault =
            |what: String| Fault::Configuration(format!("Property trustedCertificates: {shown}: {what}"));
        let bytes = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        let anchors = keystore::trust_anchors(&bytes, None).map_err(|error| fault(error.to_string()))?;
        let (added, _) =
            store.add_parsable_certificates(anchors.into_iter().map(|anchor| anchor.certificate));
        if added == 0 {
            return Err(fault("it holds no certificate that can be trusted".to_owned()));
        }
    }
    Ok(store)
}

#[derive(Debug)]
struct Verifier {
    /// Judges as usual; none if there is no root at all.
    strict: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    self_signed: bool,
    any_name: bool,
}

impl Verifier {
    fn new(
        roots: RootCertStore,
        trust: &TrustSettings,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Fault> {
        let strict = if roots.is_empty() {
            None
        } else {
            let built =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
            Some(built.map_err(|error| {
                Fault::Configuration(format!("The trusted roots cannot be used: {error}"))
            })?)
        };
        Ok(Self { strict, provider, self_signed: trust.self_signed, any_name: trust.any_name })
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        match &self.strict {
            Some(strict) => strict.verify_server_cert(end_entity, intermediates, name, ocsp, now).map(|_| ()),
            None => Err(unknown),
        }
    }

    /// The chain with its own last certificate as the root. Everything but its being known is still checked.
    fn as_its_own_root(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        if is_self_issued(end_entity) {
            in_its_time(end_entity, now)?;
        } else {
            let mut roots = RootCertStore::empty();
            for certificate in intermediates.iter().filter(|certificate| is_self_issued(certificate)) {
                in_its_time(certificate, now)?;
                roots.add(certificate.clone().into_owned())?;
            }
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &roots, intermediates, now, algorithms)?;
        }
        if self.any_name { Ok(()) } else { verify_server_name(&parsed, name) }
    }
}

fn is_self_issued(certificate: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| parsed.subject() == parsed.issuer())
}

fn in_its_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if parsed.validity().not_before.timestamp() > now {
        return Err(Error::InvalidCertificate(CertificateError::NotValidYet));
    }
    if parsed.validity().not_after.timestamp() < now {
        return Err(Error::InvalidCertificate(CertificateError::Expired));
    }
    Ok(())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Err(error) = self.judge(end_entity, intermediates, name, ocsp, now) else {
            return Ok(ServerCertVerified::assertion());
        };
        let judged = match &error {
            // The chain was judged before the name, so the name is the only fault.
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) if self.any_name => Ok(()),
            Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_))
                if self.self_signed =>
            {
                self.as_its_own_root(end_entity, intermediates, name, now)
            }
            _ => Err(error),
        };
        judged.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tokio_rustls::rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
