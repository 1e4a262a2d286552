//! Resource paths.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::CrestError;

/// Everything that RFC 3986 does not let stand in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Splits a raw path into decoded segments; `+` is an ordinary character.
pub(crate) fn split_path(raw: &str) -> Result<Vec<String>, CrestError> {
    let raw = raw.trim_start_matches('/');
    let raw = raw.strip_suffix('/').unwrap_or(raw);
    if raw.is_empty() {
        return Ok(Vec::new());
    }
    raw.split('/')
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8().ok().filter(|text| !text.is_empty());
            decoded
                .map(std::borrow::Cow::into_owned)
                .ok_or_else(|| CrestError::bad_request(format!("The resource path '{raw}' is not valid")))
        })
        .collect()
}

/// Encodes an id as one segment.
pub(crate) fn encode_segment(id: &str) -> String {
    utf8_percent_encode(id, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_and_none_may_be_empty() {
        assert_eq!(split_path("/system/t1/a%2Fb+c/").unwrap(), ["system", "t1", "a/b+c"]);
        assert!(split_path("system//t1").is_err());
        assert!(split_path("").unwrap().is_empty());
        assert_eq!(encode_segment("uid=a/b,dc=x y"), "uid=a%2Fb,dc=x%20y");
    }
}
