//! Addresses made of parts that others chose.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::fault::Fault;

/// Whatever could have a meaning of its own in a segment or a query is encoded; a space is `%20`, never `+`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one segment of a path. `.` and `..`, which lead through the folders however they are written, are encoded
/// twice: so they are an identity that is not there, which is what the service shall say.
#[must_use]
pub fn segment(text: &str) -> String {
    let encoded = encoded(text);
    if matches!(text, "." | "..") { encoded.replace('.', "%252E") } else { encoded }
}

/// A text as the value of a parameter.
#[must_use]
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The address below `root` with a path that is encoded already, a slash in front, and parameters that are not.
///
/// # Errors
/// What makes no address.
pub fn below(root: &Url, path: &str, query: &[(&str, String)]) -> Result<Url, Fault> {
    let mut text = format!("{}{path}", root.as_str().trim_end_matches('/'));
    for (name, value) in query {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, ENCODED));
    }
    Url::parse(&text)
        .map_err(|_| Fault::Configuration("A request has an address that cannot be sent.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_parts() {
        let root = Url::parse("https://h/v2/").unwrap();
        let url = |id: &str, query: &[(&str, String)]| {
            below(&root, &format!("/Users/{}", segment(id)), query).unwrap().to_string()
        };
        assert_eq!(url("a b/c@d#e%", &[]), "https://h/v2/Users/a%20b%2Fc%40d%23e%25");
        assert_eq!(url("..", &[]), "https://h/v2/Users/%252E%252E");
        let query = [("filter", "a eq \"b&c\"".to_owned()), ("count", "1".to_owned())];
        assert_eq!(url("1", &query), "https://h/v2/Users/1?filter=a%20eq%20%22b%26c%22&count=1");
    }
}
