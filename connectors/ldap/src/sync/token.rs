//! Tokens: read in any type in which a caller may have stored them, answered in the type received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icf::{ConnectorError, SyncToken, Value};

use crate::fault::{Fault, Result};

/// The type in which a number travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Integer,
    Long,
    Text,
}

/// The type in which opaque bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opaque {
    Bytes,
    Text,
}

fn unusable(token: &Value, wanted: &str) -> Fault {
    Fault::Final(ConnectorError::illegal_argument(format!(
        "The sync token of type {} is not {wanted}; clear the stored token to begin anew",
        token.type_name()
    )))
}

/// The number of a token and the type it came in.
pub(super) fn number(token: &SyncToken) -> Result<(i64, Form)> {
    match token.value() {
        Value::Integer(number) => Ok(((*number).into(), Form::Integer)),
        Value::Long(number) => Ok((*number, Form::Long)),
        Value::String(text) => {
            let number = text.trim().parse().map_err(|_| unusable(token.value(), "a number"))?;
            Ok((number, Form::Text))
        }
        other => Err(unusable(other, "a number")),
    }
}

/// The token of a number; one that is too large for its type gets the larger type.
pub(super) fn of_number(number: i64, form: Form) -> Result<SyncToken> {
    let value = match form {
        Form::Text => Value::String(number.to_string()),
        Form::Integer => i32::try_from(number).map_or(Value::Long(number), Value::Integer),
        Form::Long => Value::Long(number),
    };
    Ok(SyncToken::try_new(value)?)
}

/// The text of a token.
pub(super) fn text(token: &SyncToken) -> Result<String> {
    match token.value() {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Long(number) => Ok(number.to_string()),
        other => Err(unusable(other, "a text")),
    }
}

/// The bytes of an opaque token and the type it came in; a text has them in base64.
pub(super) fn bytes(token: &SyncToken) -> Result<(Vec<u8>, Opaque)> {
    match token.value() {
        Value::Bytes(bytes) => Ok((bytes.clone(), Opaque::Bytes)),
        Value::String(text) => {
            let bytes = STANDARD.decode(text.trim()).map_err(|_| unusable(token.value(), "base64"))?;
            Ok((bytes, Opaque::Text))
        }
        other => Err(unusable(other, "bytes")),
    }
}

/// The token of opaque bytes.
pub(super) fn of_bytes(bytes: &[u8], form: Opaque) -> Result<SyncToken> {
    let value = match form {
        Opaque::Bytes => Value::Bytes(bytes.to_vec()),
        Opaque::Text => Value::String(STANDARD.encode(bytes)),
    };
    Ok(SyncToken::try_new(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(value: impl Into<Value>) -> SyncToken {
        SyncToken::try_new(value).unwrap()
    }

    #[test]
    fn numbers_keep_their_type() {
        for (value, form) in
            [(Value::Integer(7), Form::Integer), (Value::Long(7), Form::Long), ("7".into(), Form::Text)]
        {
            let token = token(value);
            assert_eq!(number(&token).unwrap(), (7, form));
            assert_eq!(of_number(7, form).unwrap(), token);
        }
        assert_eq!(*of_number(4_294_967_301, Form::Integer).unwrap().value(), Value::Long(4_294_967_301));
        assert!(number(&token("x")).is_err() && number(&token(true)).is_err());
    }
}
