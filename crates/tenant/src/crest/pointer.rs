//! JSON pointers as CREST writes them: `a/b` or `/a/b`, each part percent-encoded.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::CrestError;

/// A place inside a JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pointer(Vec<String>);

impl Pointer {
    /// Parses a pointer; empty and `/` are the whole value.
    pub(crate) fn parse(text: &str) -> Result<Self, CrestError> {
        let text = text.strip_prefix('/').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split('/')
            .map(|token| percent_decode_str(token).decode_utf8().map(|token| token.into_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| CrestError::bad_request(format!("The pointer '{text}' is not valid")))
    }

    /// The parts.
    pub(crate) fn tokens(&self) -> &[String] {
        &self.0
    }

    /// The first part.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The last part.
    pub(crate) fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// The value at this place.
    pub(crate) fn get<'a>(&self, root: &'a Json) -> Option<&'a Json> {
        self.0.iter().try_fold(root, |value, token| match value {
            Json::Object(members) => members.get(token),
            Json::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| write!(f, "/{token}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_leading_slash_is_optional_and_tokens_are_decoded() {
        for text in ["a%2Fb/1", "/a%2Fb/1"] {
            let pointer = Pointer::parse(text).unwrap();
            assert_eq!(pointer.tokens(), ["a/b", "1"]);
            assert_eq!(pointer.get(&json!({"a/b": [0, 7]})), Some(&json!(7)));
        }
        assert!(Pointer::parse("/").unwrap().tokens().is_empty());
        assert!(Pointer::parse("%ff").is_err());
    }
}
