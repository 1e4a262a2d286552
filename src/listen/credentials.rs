//! The `Authorization` header of a peer: a user name that nobody compares, and the shared key.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use zeroize::Zeroizing;

use super::answer::Refusal;
use crate::config::KeyHash;

/// The user name, when the header's value proves the shared key.
pub(super) fn check(value: Option<&[u8]>, key: &KeyHash) -> Result<String, Refusal> {
    let (scheme, token) = value.and_then(|value| split(value, b' ')).ok_or(Refusal::NoCredentials)?;
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(Refusal::NoCredentials);
    }
    let token = token.trim_ascii_start();
    // All room beforehand, so that no copy of the key stays behind in a freed block.
    let mut bytes = Zeroizing::new(Vec::with_capacity(token.len()));
    BASE64_STANDARD
        .decode_vec(token, &mut bytes)
        .map_err(|_| Refusal::Malformed("the credentials are not Base64"))?;
    let (user, password) = split(&bytes, b':').ok_or(Refusal::NoCredentials)?;
    let user = from_iso_8859_1(user);
    let user = trim(&user);
    if user.is_empty() {
        return Err(Refusal::Malformed("the user name in the credentials is blank"));
    }
    if user.contains(char::is_control) {
        return Err(Refusal::Malformed("the user name in the credentials has control characters"));
    }
    if !key.matches(trim(&from_iso_8859_1(password))) {
        return Err(Refusal::WrongKey { user: user.to_owned() });
    }
    Ok(user.to_owned())
}

/// What is before and after the first `separator`.
fn split(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == separator)?;
    let (before, after) = bytes.split_at(at);
    Some((before, after.get(1..)?))
}

/// The character set of the Java peers.
fn from_iso_8859_1(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(bytes.iter().copied().map(char::from));
    text
}

/// Takes away what Java's `trim` takes away.
fn trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(value: &str) -> Refusal {
        check(Some(value.as_bytes()), &KeyHash::of("changeit")).unwrap_err()
    }

    fn accepted(value: &str, key: &str) -> String {
        check(Some(value.as_bytes()), &KeyHash::of(key)).unwrap()
    }

    #[test]
    fn the_key_counts_and_the_name_does_not() {
        assert_eq!(accepted("Basic YW5vbnltb3VzOmNoYW5nZWl0", "changeit"), "anonymous");
        // A lower-case scheme and two blanks; `any-name:changeit`.
        assert_eq!(accepted("basic  YW55LW5hbWU6Y2hhbmdlaXQ=", "changeit"), "any-name");
        assert_eq!(accepted("Basic YW5vbnltb3VzOnDkc3N3b3Jk", "pässword"), "anonymous");
        // ` a : changeit\t`
        assert_eq!(accepted("Basic IGEgOiBjaGFuZ2VpdAk=", "changeit"), "a");
        // `a:b:c`: only the first colon separates.
        assert_eq!(accepted("Basic YTpiOmM=", "b:c"), "a");
        // `a:`: an empty key is a key.
        assert_eq!(accepted("Basic YTo=", ""), "a");
    }

    #[test]
    fn whatever_is_not_basic_credentials_asks_for_them() {
        assert_eq!(check(None, &KeyHash::of("changeit")), Err(Refusal::NoCredentials));
        // The last is `changeit`, without a colon.
        for value in ["", "Basic", "Bearer YW5vbnltb3VzOmNoYW5nZWl0", "BasicYTpi", "Basic Y2hhbmdlaXQ="] {
            assert_eq!(refusal(value), Refusal::NoCredentials, "{value}");
        }
    }

    #[test]
    fn malformed_credentials_are_told_apart_from_wrong_ones() {
        for value in ["Basic YTpi*", "Basic YTpiYw", "Basic YTpi YTpi", "Basic YTpi\t"] {
            assert_eq!(refusal(value), Refusal::Malformed("the credentials are not Base64"), "{value}");
        }
        // `:changeit` and ` :changeit`.
        for value in ["Basic OmNoYW5nZWl0", "Basic IDpjaGFuZ2VpdA=="] {
            assert_eq!(refusal(value), Refusal::Malformed("the user name in the credentials is blank"));
        }
        // `a\nb:changeit` must not forge a line in a log.
        let forged = refusal("Basic YQpiOmNoYW5nZWl0");
        assert_eq!(forged, Refusal::Malformed("the user name in the credentials has control characters"));
        assert_eq!(refusal("Basic YTpiYw=="), Refusal::WrongKey { user: "a".to_owned() });
    }

    proptest! {
        #[test]
        fn arbitrary_values_never_pass(value in proptest::collection::vec(any::<u8>(), 0..60)) {
            let key = KeyHash::of("changeit");
            prop_assert!(check(Some(&value), &key).is_err());
            let basic = format!("Basic {}", BASE64_STANDARD.encode(&value));
            prop_assert!(check(Some(basic.as_bytes()), &key).is_err());
        }
    }
}
