//! The signed assertion of the JWT bearer grant (RFC 7523).

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{digest, hmac, rsa, signature};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use icf::GuardedString;
use serde_json::{Map, Value, json};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use url::Url;

use super::TokenFault;

/// Seconds an assertion is valid unless said otherwise.
const LIFETIME: i64 = 300;

/// What the assertion says and what it is signed with.
#[derive(Clone)]
pub struct JwtSettings {
    /// A private key: PEM, or the base64 of a PKCS#8 one; for HS algorithms the shared secret.
    pub key: GuardedString,
    /// The certificate of the key, in PEM; its thumbprint goes into the header.
    pub certificate: Option<GuardedString>,
    /// `RS256` unless said otherwise.
    pub algorithm: Option<String>,
    /// Seconds it is valid; 300 unless said otherwise.
    pub expiration: Option<i32>,
    /// Claims, which win over those made here (`iss`, `sub`, `aud`, `iat`, `exp`, `jti`).
    pub claims: BTreeMap<String, String>,
}

impl fmt::Debug for JwtSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSettings(***)")
    }
}

/// A fresh assertion.
pub(super) fn assertion(
    settings: &JwtSettings,
    client: Option<&str>,
    endpoint: &Url,
) -> Result<String, TokenFault> {
    let algorithm = settings.algorithm.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("RS256");
    let mut header = json!({"alg": algorithm, "typ": "JWT"});
    if let (Some(certificate), Some(header)) = (&settings.certificate, header.as_object_mut()) {
        let der = CertificateDer::from_pem_slice(certificate.reveal().as_bytes())
            .map_err(|_| fault("Property jwtCert holds no certificate in PEM"))?;
        let thumbprint = digest::digest(&digest::SHA256, &der);
        header.insert("x5t#S256".to_owned(), URL_SAFE_NO_PAD.encode(thumbprint).into());
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let mut claims = Map::new();
    if let Some(client) = client {
        claims.insert("iss".to_owned(), client.into());
        claims.insert("sub".to_owned(), client.into());
    }
    claims.insert("aud".to_owned(), endpoint.as_str().into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + settings.expiration.map_or(LIFETIME, i64::from)).into());
    claims.insert("jti".to_owned(), URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()).into());
    for (name, value) in &settings.claims {
        claims.insert(name.clone(), value.as_str().into());
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&Value::Object(claims)));
    let signature = sign(algorithm, &settings.key, signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn sign(algorithm: &str, key: &GuardedString, message: &[u8]) -> Result<Vec<u8>, TokenFault> {
    let unusable = || fault("Property jwtKey or jwtPem holds no key that fits jwtAlgorithm");
    let hashed = |algorithm| {
        hmac::sign(&hmac::Key::new(algorithm, key.reveal().as_bytes()), message).as_ref().to_vec()
    };
    let rsa = |encoding: &'static dyn signature::RsaEncoding| {
        let pair = match private_key(key)? {
            PrivateKeyDer::Pkcs8(key) => rsa::KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => rsa::KeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(unusable()),
        };
        let pair = pair.map_err(|_| unusable())?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| unusable())?;
        Ok(signature)
    };
    let curve = |algorithm: &'static signature::EcdsaSigningAlgorithm| {
        let pair = match private_key(key)? {
            PrivateKeyDer::Pkcs8(key) => {
                signature::EcdsaKeyPair::from_pkcs8(algorithm, key.secret_pkcs8_der())
            }
            PrivateKeyDer::Sec1(key) => {
                signature::EcdsaKeyPair::from_private_key_der(algorithm, key.secret_sec1_der())
            }
            _ => return Err(unusable()),
        };
        let pair = pair.map_err(|_| unusable())?;
        Ok(pair.sign(&SystemRandom::new(), message).map_err(|_| unusable())?.as_ref().to_vec())
    };
    match algorithm {
        "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
        "RS384" => rsa(&signature::RSA_PKCS1_SHA384),
        "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_SHA256),
        "ES256" => curve(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => curve(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        "HS256" => Ok(hashed(hmac::HMAC_SHA256)),
        "HS512" => Ok(hashed(hmac::HMAC_SHA512)),
        _ => Err(fault(
            "Property jwtAlgorithm must be one of RS256, RS384, RS512, PS256, ES256, ES384, HS256 and HS512",
        )),
    }
}

fn private_key(key: &GuardedString) -> Result<PrivateKeyDer<'static>, TokenFault> {
    let text = key.reveal();
    if text.contains("-----BEGIN") {
        return PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| fault("Property jwtKey or jwtPem holds no unencrypted private key in PEM"));
    }
    let compact: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let der = STANDARD
        .decode(compact.as_bytes())
        .map_err(|_| fault("Property jwtKey is neither PEM nor the base64 of a PKCS#8 key"))?;
    Ok(PrivatePkcs8KeyDer::from(der).into())
}

fn fault(text: &str) -> TokenFault {
    TokenFault::Assertion(text.to_owned())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::signature::KeyPair;

    use super::*;

    fn settings(key: &str, algorithm: &str) -> JwtSettings {
        JwtSettings {
            key: key.into(),
            certificate: None,
            algorithm: Some(algorithm.to_owned()),
            expiration: Some(60),
            claims: BTreeMap::from([("sub".to_owned(), "svc".to_owned())]),
        }
    }

    #[test]
    fn an_assertion_is_signed_with_the_key_and_says_who_asks_whom() {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let settings = settings(&STANDARD.encode(der.as_ref()), "RS256");
        let endpoint = Url::parse("https://idp.example/token").unwrap();
        let token = assertion(&settings, Some("client"), &endpoint).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client"), &json!("svc")));
        assert_eq!(claims["aud"], "https://idp.example/token");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
        let public = signature::UnparsedPublicKey::new(
            &signature::RSA_PKCS1_2048_8192_SHA256,
            pair.public_key().as_ref(),
        );
        let signed = format!("{}.{}", parts[0], parts[1]);
        public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    }

    #[test]
    fn a_shared_secret_and_wrong_keys() {
        let endpoint = Url::parse("https://idp.example/token").unwrap();
        assert!(assertion(&settings("secret", "HS256"), None, &endpoint).is_ok());
        for (key, algorithm) in [("x", "RS256"), ("-----BEGIN x", "ES256"), ("x", "none")] {
            let fault = assertion(&settings(key, algorithm), None, &endpoint).unwrap_err();
            assert!(fault.to_string().starts_with("Property jwt"), "{fault}");
        }
    }
}
