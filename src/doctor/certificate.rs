//! A certificate in a few words.

use std::fmt::Write as _;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// Names are not listed beyond so many.
const MOST_NAMES: usize = 5;

/// Subject, issuer, names and dates of the first certificate of a chain; nothing if there is none.
pub(super) fn describe(chain: &[CertificateDer<'_>]) -> String {
    let Some(own) = chain.first() else { return "no certificate".to_owned() };
    let Ok((_, certificate)) = X509Certificate::from_der(own) else {
        return "something that is no X.509 certificate".to_owned();
    };
    let validity = certificate.validity();
    let mut text = format!("certificate {}, issued by {}", certificate.subject(), certificate.issuer());
    let names = names(&certificate);
    match names.as_slice() {
        [] => text.push_str(", for no name"),
        names => {
            let _ = write!(text, ", for {}", names.get(..MOST_NAMES).unwrap_or(names).join(", "));
            if names.len() > MOST_NAMES {
                let _ = write!(text, " and {} more", names.len() - MOST_NAMES);
            }
        }
    }
    let _ = write!(text, ", valid from {} to {}", validity.not_before, validity.not_after);
    text
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).ok().map(std::net::IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).ok().map(std::net::IpAddr::from);
    v4.or_else(v6).map(|address| address.to_string())
}
