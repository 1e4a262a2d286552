//! Passwords that a directory captured in its change log: Triple DES, framed by a number.

use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use icf::{ConnectorError, GuardedString};
use zeroize::Zeroizing;

use crate::configuration::LdapConfiguration;
use crate::fault::{Fault, Result};

/// Before and behind the password.
const MAGIC: [u8; 4] = [0x13, 0x2d, 0x14, 0x03];

/// The password in a captured value.
pub(super) fn open(value: &[u8], properties: &LdapConfiguration) -> Result<GuardedString> {
    let (Some(key), Some(vector)) =
        (&properties.password_decryption_key, &properties.password_decryption_initialization_vector)
    else {
        return Err(Fault::general("Captured passwords need a decryption key and an initialization vector"));
    };
    let wrong = || {
        Fault::Final(ConnectorError::configuration(
            "The key of captured passwords must have 24 bytes and the initialization vector 8",
        ))
    };
    let cipher = cbc::Decryptor::<des::TdesEde3>::new_from_slices(key.reveal(), vector.reveal())
        .map_err(|_| wrong())?;
    let mut bytes = Zeroizing::new(value.to_vec());
    bytes.resize(value.len().next_multiple_of(8), 0);
    let damaged = || {
        Fault::general(
            "A captured password cannot be read; check passwordDecryptionKey and its initialization vector",
        )
    };
    let clear = cipher.decrypt_padded::<NoPadding>(&mut bytes).map_err(|_| damaged())?;
    password(clear).ok_or_else(damaged)
}

fn password(clear: &[u8]) -> Option<GuardedString> {
    let rest = clear.strip_prefix(&MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    rest.starts_with(&MAGIC).then_some(())?;
    std::str::from_utf8(text).ok().map(GuardedString::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stands_between_two_numbers() {
        let framed = b"\x13\x2d\x14\x03\0\0\0\x04hush\x13\x2d\x14\x03\0\0\0\0";
        assert_eq!(password(framed), Some(GuardedString::new("hush")));
        for broken in [&framed[1..], &framed[..14], b"\x13\x2d\x14\x03\x7f\xff\xff\xffhush"] {
            assert_eq!(password(broken), None);
        }
    }
}
