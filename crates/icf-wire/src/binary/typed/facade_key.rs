//! The text in which a caller sends the configuration its operations are to run with: Base64, without line breaks, of an
//! encoded `APIConfiguration`.
//!
//! It holds passwords. One configuration has many such texts, so a key is never made again to be compared.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use icf::ApiConfiguration;
use zeroize::Zeroizing;

use super::{Blobs, read};
use crate::binary::error::{DecodeError, EncodeError};
use crate::binary::limits::Limits;
use crate::binary::profile::Profile;

/// The key of a configuration.
///
/// # Errors
/// When a property has no form in the profile.
pub fn encode(configuration: &ApiConfiguration, profile: Profile) -> Result<String, EncodeError> {
    let bytes = Blobs::new(profile).configuration(configuration)?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// The configuration of a key. Strict about Base64: padded, and nothing but its alphabet.
///
/// # Errors
/// When the text is not Base64, or its bytes are not a configuration.
pub fn decode(key: &[u8], limits: &Limits) -> Result<ApiConfiguration, DecodeError> {
    let bytes = BASE64_STANDARD.decode(key).map_err(|_| DecodeError::NotBase64)?;
    read::configuration(&Zeroizing::new(bytes), limits)
}
