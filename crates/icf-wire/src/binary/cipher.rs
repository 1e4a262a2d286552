//! Guarded values on the wire: AES-128-CBC with a key and an initialisation vector that every implementation shares.
//!
//! The key is public, so this hides a secret from a casual look only. TLS protects it.

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use icf::{GuardedBytes, GuardedString};
use zeroize::Zeroizing;

use super::error::DecodeError;

const KEY: [u8; 16] =
    [0x23, 0x65, 0x87, 0x22, 0x59, 0x78, 0x54, 0x43, 0x64, 0x05, 0x6A, 0xBD, 0x34, 0xA2, 0x34, 0x57];
const IV: [u8; 16] =
    [0x51, 0x65, 0x22, 0x23, 0x64, 0x05, 0x6A, 0xBE, 0x51, 0x65, 0x22, 0x23, 0x64, 0x05, 0x6A, 0xBE];

/// The cipher text of a secret text: its UTF-16 code units, big-endian, encrypted.
pub(crate) fn encrypt_text(secret: &GuardedString) -> Vec<u8> {
    let mut clear = Zeroizing::new(Vec::with_capacity(secret.units().len() * 2));
    clear.extend(secret.units().iter().flat_map(|unit| unit.to_be_bytes()));
    encrypt(&clear)
}

/// The cipher text of secret bytes.
pub(crate) fn encrypt_bytes(secret: &GuardedBytes) -> Vec<u8> {
    encrypt(secret.reveal())
}

fn encrypt(clear: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes128>::new(&KEY.into(), &IV.into()).encrypt_padded_vec::<Pkcs7>(clear)
}

/// The secret text of a cipher text.
pub(crate) fn decrypt_text(cipher_text: &[u8]) -> Result<GuardedString, DecodeError> {
    let clear = decrypt(cipher_text)?;
    if clear.len() % 2 != 0 {
        return Err(DecodeError::refused("A guarded string holds half a character"));
    }
    let mut units = Zeroizing::new(Vec::with_capacity(clear.len() / 2));
    units.extend(clear.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit)));
    Ok(GuardedString::from_units(units))
}

/// The secret bytes of a cipher text.
pub(crate) fn decrypt_bytes(cipher_text: &[u8]) -> Result<GuardedBytes, DecodeError> {
    decrypt(cipher_text).map(GuardedBytes::new)
}

fn decrypt(cipher_text: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let mut buffer = Zeroizing::new(cipher_text.to_vec());
    let clear = cbc::Decryptor::<Aes128>::new(&KEY.into(), &IV.into())
        .decrypt_padded::<Pkcs7>(&mut buffer)
        .map_err(|_| DecodeError::refused("A guarded value is not padded AES cipher text"))?
        .len();
    buffer.truncate(clear);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [(&str, &str); 3] = [
        ("Passw0rd", "0e2c7eb48b2310ccd38a3c0f81e736c86d328ac69693ecb3f55364baee27bdb9"),
        ("changeit", "b550c0ed83b018c1690951e47183093aac9287aee4d907c98935a635fa85a24a"),
        ("", "2c9482cd30af7cf39c1a64a133b8ee7a"),
    ];

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn texts_have_the_cipher_text_every_peer_computes() {
        for (clear, cipher_text) in SAMPLES {
            let encrypted = encrypt_text(&GuardedString::new(clear));
            assert_eq!(hex(&encrypted), cipher_text);
            assert_eq!(decrypt_text(&encrypted).unwrap().reveal().as_str(), clear);
        }
    }

    #[test]
    fn bytes_have_the_cipher_text_every_peer_computes() {
        let encrypted = encrypt_bytes(&GuardedBytes::new(Zeroizing::new(vec![0x00, 0xff])));
        assert_eq!(hex(&encrypted), "d38ea35ef631383147e4f094f4981fea");
        assert_eq!(decrypt_bytes(&encrypted).unwrap().reveal(), [0x00, 0xff]);
    }

    #[test]
    fn what_is_not_cipher_text_is_refused() {
        for length in [0, 1, 15, 16, 17, 32] {
            assert!(decrypt_bytes(&vec![7; length]).is_err(), "{length}");
        }
    }
}
