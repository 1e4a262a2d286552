//! Whether a text is a URI as Java's class of that name sees it.

/// RFC 2396 with Java's additions: letters of any script are legal, and so are the brackets of IPv6 addresses.
pub(super) fn is_uri(text: &str) -> bool {
    let (body, fragment) = text.split_once('#').map_or((text, ""), |(body, fragment)| (body, fragment));
    is_legal(body) && is_legal(fragment) && has_sound_scheme(body)
}

fn is_legal(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '%' => {
                let digits = rest.as_bytes().get(1..3);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return false;
                }
                3
            }
            c if c.is_ascii() => {
                if !c.is_ascii_alphanumeric() && !"-_.!~*'();/?:@&=+$,[]".contains(c) {
                    return false;
                }
                1
            }
            c if c.is_control() || c.is_whitespace() => return false,
            c => c.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    true
}

/// A colon before any slash or question mark ends a scheme, which is a name, and something must follow.
fn has_sound_scheme(body: &str) -> bool {
    let head = body.split(['/', '?']).next().unwrap_or_default();
    let Some((scheme, _)) = head.split_once(':') else { return true };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && body.len() > scheme.len() + 1
}

#[cfg(test)]
mod tests {
    use super::is_uri;

    #[test]
    fn java_uris() {
        for text in ["", "a/b/../c", "http://h:8080/p%20q?x=1#f", "urn:a:b", "ldap://[::1]/dc=a", "ü/é", "#"]
        {
            assert!(is_uri(text), "{text}");
        }
        for text in ["a b", ":", "1a:b", "a:", "%", "%2", "%zz", "<x>", "a#b#c", "\"", "a\u{a0}b", "^"] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
