//! Who this process is to its peers: a session id that no other process has.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use bytes::Bytes;
use icf_wire::envelope::{HandshakeMessage, ServerType};
use sha1::{Digest, Sha1};

/// What stands before the point in the `SubjectPublicKeyInfo` of a key on P-521 (RFC 5480).
const P521_PREFIX: [u8; 25] = [
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
    0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
];

/// The system's randomness failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the key that identifies this process: the system gives no random numbers")]
pub struct IdentityError;

/// A handshake of a new identity: a fresh key on P-521 and, as session id, the SHA-1 of it in upper-case hexadecimal,
/// as the Java peers do it. The key is never used for anything else.
///
/// # Errors
/// When the system has no randomness.
pub fn new_identity() -> Result<HandshakeMessage, IdentityError> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P521_SHA512_ASN1_SIGNING, &SystemRandom::new())
        .map_err(|_| IdentityError)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P521_SHA512_ASN1_SIGNING, document.as_ref())
        .map_err(|_| IdentityError)?;
    let mut public_key = P521_PREFIX.to_vec();
    public_key.extend_from_slice(pair.public_key().as_ref());
    Ok(HandshakeMessage {
        session_id: session_id(&public_key),
        server_type: ServerType::Java.into(),
        public_key: Bytes::from(public_key),
    })
}

fn session_id(public_key: &[u8]) -> String {
    Sha1::digest(public_key).iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identity_is_new_and_of_the_java_shape() {
        let (one, other) = (new_identity().unwrap(), new_identity().unwrap());
        assert_ne!(one.session_id, other.session_id);
        assert_eq!(one.session_id.len(), 40);
        assert!(one.session_id.bytes().all(|c| c.is_ascii_digit() || (b'A'..=b'F').contains(&c)));
        assert_eq!(one.public_key.len(), 158);
    }

    #[test]
    fn the_session_id_of_a_known_key() {
        // The P-521 generator as public key; both values stand in docs/protocol.md.
        let hex = "30819b301006072a8648ce3d020106052b81040023038186000400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";
        let key: Vec<u8> =
            (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
        assert_eq!(key[..25], P521_PREFIX);
        assert_eq!(session_id(&key), "B9C85B6F7B200FC7ACAC3E28176B30777A0A162A");
    }
}
