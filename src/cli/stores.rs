//! What `rcs check` sees when it opens the trust store and the key store: whether the passwords fit, what is inside,
//! and until when it is valid.

use std::io;
use std::path::Path;

use keystore::{Error, KeyEntry, MAX_STORE_BYTES};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use x509_parser::time::ASN1Time;
use zeroize::Zeroizing;

use crate::config::files;
use crate::config::{KeyStoreSettings, Loaded, Problem, Settings, Severity, StoreSettings};

/// Opens the stores that the settings name. Each certificate is a note with its subject and its end.
#[must_use]
pub fn stores(settings: &Settings, loaded: &Loaded) -> Vec<Problem> {
    let mut findings = Findings { loaded, problems: Vec::new() };
    if let Some(store) = &settings.tls.trust {
        trust_store(store, &mut findings);
    }
    let listener = settings.server.as_ref().and_then(|server| server.tls.as_ref());
    if let Some(store) = listener.or(settings.tls.identity.as_ref()) {
        key_store(store, listener.is_some(), &mut findings);
    }
    findings.problems
}

fn trust_store(store: &StoreSettings, findings: &mut Findings<'_>) {
    const KEY: &str = "connectorserver.trustStoreFile";
    let anchors =
        match read(&store.path).map(|bytes| keystore::trust_anchors(&bytes, Some(store.password.expose()))) {
            Ok(Ok(anchors)) => anchors,
            Ok(Err(error)) => return findings.unopened(KEY, "connectorserver.trustStorePass", &error),
            Err(error) => return findings.unreadable(KEY, &error),
        };
    if anchors.is_empty() {
        let remedy = "import the tenant's issuer with keytool -importcert, or remove the key";
        return findings.add(Severity::Error, KEY, "the store holds no certificate", remedy);
    }
    for anchor in &anchors {
        certificate(&anchor.certificate, &format!("trusts `{}`", anchor.alias), KEY, findings);
    }
    // A copy of the public authorities is not worth a line each.
    if anchors.len() > 8 {
        findings.problems.retain(|problem| problem.severity > Severity::Note);
        let message = format!("trusts {} certificates", anchors.len());
        findings.add(Severity::Note, KEY, message, "nothing needs to be done");
    }
}

fn key_store(store: &KeyStoreSettings, listens: bool, findings: &mut Findings<'_>) {
    const KEY: &str = "connectorserver.keyStoreFile";
    let password = Some(store.store.password.expose());
    let opened = read(&store.store.path)
        .map(|bytes| keystore::open(&bytes, password, Some(store.key_password.expose())));
    let keys = match opened {
        Ok(Ok(opened)) => opened.keys,
        Ok(Err(error @ Error::WrongKeyPassword { .. })) => {
            return findings.unopened(KEY, "connectorserver.keyPass", &error);
        }
        Ok(Err(error)) => return findings.unopened(KEY, "connectorserver.keyStorePass", &error),
        Err(error) => return findings.unreadable(KEY, &error),
    };
    let Some(KeyEntry { alias, chain, .. }) = keys.first() else {
        let remedy = "put the private key and its certificate into one store";
        return findings.add(Severity::Error, KEY, "the store holds no private key", remedy);
    };
    let Some(own) = chain.first() else {
        let message = format!("the key `{alias}` has no certificate");
        return findings.add(Severity::Error, KEY, message, "import the certificate of the key");
    };
    if keys.len() > 1 {
        let message = format!("the store holds {} private keys; `{alias}`, the first, is used", keys.len());
        findings.add(Severity::Warning, KEY, message, "keep one key in the store");
    }
    let named = certificate(own, &format!("shows `{alias}`"), KEY, findings);
    if listens && !named {
        let message = "the certificate names no host in its subject alternative names, so tenants refuse it";
        findings.add(Severity::Warning, KEY, message, "have it issued with the server's host name");
    }
}

/// Notes a certificate; whether it names a host or an address.
fn certificate(der: &[u8], role: &str, key: &str, findings: &mut Findings<'_>) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        findings.add(
            Severity::Error,
            key,
            format!("{role}, which is not an X.509 certificate"),
            "replace it",
        );
        return false;
    };
    let validity = certificate.validity();
    let now = ASN1Time::now();
    let (severity, state, remedy) = if validity.not_after < now {
        (Severity::Warning, "expired", "replace it")
    } else if validity.not_before > now {
        (Severity::Warning, "not valid yet", "set the clock, or wait")
    } else if validity.time_to_expiration().is_some_and(|left| left.whole_days() < SOON_DAYS) {
        (Severity::Warning, "about to expire", "replace it in time")
    } else {
        (Severity::Note, "valid", "nothing needs to be done")
    };
    let message = format!(
        "{role}, {}, {state} from {} to {}",
        certificate.subject(),
        validity.not_before,
        validity.not_after
    );
    findings.add(severity, key, message, remedy);
    certificate.subject_alternative_name().ok().flatten().is_some_and(|names| {
        let host =
            |name: &GeneralName<'_>| matches!(name, GeneralName::DNSName(_) | GeneralName::IPAddress(_));
        names.value.general_names.iter().any(host)
    })
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    files::read_bounded(path, MAX_STORE_BYTES as u64)
}

struct Findings<'a> {
    loaded: &'a Loaded,
    problems: Vec<Problem>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, key: &str, message: impl Into<String>, remedy: &str) {
        self.problems.push(Problem {
            severity,
            key: Some(key.to_owned()),
            origin: self.loaded.origin_of(key).cloned(),
            message: message.into(),
            remedy: remedy.to_owned(),
        });
    }

    /// A store that does not open is a matter of its password or of the file.
    fn unopened(&mut self, file: &str, password: &str, error: &Error) {
        let (key, remedy) = match error {
            Error::WrongPassword { .. } | Error::WrongKeyPassword { .. } | Error::PasswordMissing { .. } => {
                (password, "set it to the password that the store was made with")
            }
            _ => (file, "list the store with keytool -list to see what it is"),
        };
        self.add(Severity::Error, key, error.to_string(), remedy);
    }

    fn unreadable(&mut self, file: &str, error: &io::Error) {
        self.add(Severity::Error, file, error.to_string(), "name a file that this user can read");
    }
}

/// A certificate that ends within so many days is worth a warning.
const SOON_DAYS: i64 = 30;
