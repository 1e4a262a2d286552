//! Big numbers, which travel as decimal text.

use icf::BigInteger;

use super::error::DecodeError;
use super::limits::Limits;

/// Whether a text is a decimal number without fraction, as Java reads one.
pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of a text.
pub(crate) fn integer(text: &str, limits: &Limits) -> Result<BigInteger, DecodeError> {
    if text.len() > limits.digits {
        return Err(DecodeError::Limit { what: "digits in a number", limit: limits.digits });
    }
    // The parser alone would take underscores between digits.
    let number = if is_integer(text) { text.parse().ok() } else { None };
    number.ok_or_else(|| DecodeError::refused("A number has characters other than digits"))
}
