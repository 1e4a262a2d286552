//! Filters as text (RFC 4515): read from configurations and options, and escaped for messages.

use std::fmt::Write as _;

use super::{Extensible, LdapFilter, Substrings};

/// How deep filters may be nested: more than anybody writes, and no danger to the stack.
const DEEPEST: usize = 64;

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at character {at}")]
pub(crate) struct BadFilter {
    reason: &'static str,
    at: usize,
}

/// Reads a filter. Outer parentheses may be missing.
///
/// # Errors
/// The first place that breaks the grammar.
pub(crate) fn parse(text: &str) -> Result<LdapFilter, BadFilter> {
    let trimmed = text.trim();
    let wrapped;
    let whole = if trimmed.starts_with('(') {
        trimmed
    } else {
        wrapped = format!("({trimmed})");
        &wrapped
    };
    let mut parser = Parser { bytes: whole.as_bytes(), at: 0 };
    let filter = parser.filter(0)?;
    parser.blanks();
    if parser.at < parser.bytes.len() { Err(parser.bad("something follows the filter")) } else { Ok(filter) }
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn bad(&self, reason: &'static str) -> BadFilter {
        BadFilter { reason, at: self.at + 1 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8, otherwise: &'static str) -> Result<(), BadFilter> {
        if self.peek() != Some(wanted) {
            return Err(self.bad(otherwise));
        }
        self.at += 1;
        Ok(())
    }

    fn filter(&mut self, depth: usize) -> Result<LdapFilter, BadFilter> {
        if depth > DEEPEST {
            return Err(self.bad("too deep a nesting"));
        }
        self.blanks();
        self.take(b'(', "an opening parenthesis is missing")?;
        self.blanks();
        let filter = match self.peek() {
            Some(b'&') => LdapFilter::And(self.list(depth)?),
            Some(b'|') => LdapFilter::Or(self.list(depth)?),
            Some(b'!') => {
                self.at += 1;
                LdapFilter::Not(Box::new(self.filter(depth + 1)?))
            }
            _ => self.item()?,
        };
        self.blanks();
        self.take(b')', "a closing parenthesis is missing")?;
        Ok(filter)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<LdapFilter>, BadFilter> {
        self.at += 1;
        let mut filters = Vec::new();
        loop {
            self.blanks();
            if self.peek() != Some(b'(') {
                return Ok(filters);
            }
            filters.push(self.filter(depth + 1)?);
        }
    }

    fn item(&mut self) -> Result<LdapFilter, BadFilter> {
        let description = self.description();
        let operator = (self.peek(), self.bytes.get(self.at + 1).copied());
        let width = match operator {
            (Some(b'='), _) => 1,
            (Some(b'>' | b'<' | b'~' | b':'), Some(b'=')) => 2,
            (Some(b':'), _) => return self.extensible(description),
            _ => return Err(self.bad("a comparison such as '=' is missing")),
        };
        if operator.0 == Some(b':') {
            return self.extensible(description);
        }
        if description.is_empty() {
            return Err(self.bad("the attribute is missing"));
        }
        self.at += width;
        let mut parts = self.value()?;
        if operator.0 == Some(b'=') {
            return Ok(equality(description, parts));
        }
        let value = parts.pop().filter(|_| parts.is_empty());
        let value = value.ok_or_else(|| self.bad("an asterisk is only known to '=', write \\2a"))?;
        Ok(match operator.0 {
            Some(b'>') => LdapFilter::AtLeast(description, value),
            Some(b'<') => LdapFilter::AtMost(description, value),
            _ => LdapFilter::Approx(description, value),
        })
    }

    fn description(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || b"-.;_".contains(&c)) {
            self.at += 1;
        }
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }

    fn extensible(&mut self, attribute: String) -> Result<LdapFilter, BadFilter> {
        let mut condition = Extensible {
            attribute: Some(attribute).filter(|name| !name.is_empty()),
            ..Extensible::default()
        };
        loop {
            self.take(b':', "a colon is missing")?;
            if self.peek() == Some(b'=') {
                self.at += 1;
                break;
            }
            let word = self.description();
            if word.eq_ignore_ascii_case("dn") && condition.rule.is_none() {
                condition.with_dn = true;
            } else if word.is_empty() || condition.rule.is_some() {
                return Err(self.bad("a matching rule is missing"));
            } else {
                condition.rule = Some(word);
            }
        }
        if condition.attribute.is_none() && condition.rule.is_none() {
            return Err(self.bad("neither attribute nor matching rule"));
        }
        condition.value = self.value()?.concat();
        Ok(LdapFilter::Extensible(condition))
    }

    /// The value up to the closing parenthesis, parted at its asterisks.
    fn value(&mut self) -> Result<Vec<Vec<u8>>, BadFilter> {
        let mut parts = vec![Vec::new()];
        loop {
            let byte = match self.peek() {
                None | Some(b')') => return Ok(parts),
                Some(b'(') => return Err(self.bad("a parenthesis in a value, write \\28")),
                Some(b'*') => {
                    self.at += 1;
                    parts.push(Vec::new());
                    continue;
                }
                Some(b'\\') => {
                    let digits = self.bytes.get(self.at + 1..self.at + 3).unwrap_or_default();
                    let digits = std::str::from_utf8(digits).unwrap_or_default();
                    // A plus sign would be read as that of a number.
                    let is_byte = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                    let byte = Some(digits).filter(|_| is_byte);
                    let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    self.at += 2;
                    byte.ok_or_else(|| self.bad("a backslash without two hexadecimal digits"))?
                }
                Some(byte) => byte,
            };
            self.at += 1;
            if let Some(last) = parts.last_mut() {
                last.push(byte);
            }
        }
    }
}

fn equality(attribute: String, mut parts: Vec<Vec<u8>>) -> LdapFilter {
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return LdapFilter::Equal(attribute, last);
    }
    let mut parts = parts.into_iter();
    let some = |part: Vec<u8>| Some(part).filter(|part| !part.is_empty());
    let substrings = Substrings {
        initial: parts.next().and_then(some),
        any: parts.filter(|part| !part.is_empty()).collect(),
        last: some(last),
    };
    if substrings == Substrings::default() {
        LdapFilter::Present(attribute)
    } else {
        LdapFilter::Substrings(attribute, substrings)
    }
}

/// A value as it stands in the text of a filter.
pub(super) fn escaped(value: &[u8]) -> String {
    let mut escaped = String::with_capacity(value.len());
    let mut put = |c: char, plain: bool| {
        if plain && !matches!(c, '*' | '(' | ')' | '\\' | '\0') {
            escaped.push(c);
        } else {
            let _always_succeeds = write!(escaped, "\\{:02x}", u32::from(c));
        }
    };
    match std::str::from_utf8(value) {
        Ok(text) => text.chars().for_each(|c| put(c, true)),
        Err(_) => value.iter().for_each(|byte| put(char::from(*byte), byte.is_ascii_graphic())),
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::Writer;
    use proptest::prelude::*;

    fn bytes(text: &str) -> Vec<u8> {
        let mut writer = Writer::default();
        parse(text).unwrap().write(&mut writer);
        writer.into_bytes().to_vec()
    }

    #[test]
    fn examples_of_rfc_4515_are_understood() {
        assert_eq!(bytes("(cn=Babs Jensen)"), b"\xa3\x11\x04\x02cn\x04\x0bBabs Jensen");
        assert_eq!(bytes("(!(cn=Tim))"), b"\xa2\x0b\xa3\x09\x04\x02cn\x04\x03Tim");
        let both = b"\xa0\x10\xa3\x09\x04\x01a\x04\x04x(y)\xa1\x03\x87\x01b";
        assert_eq!(bytes("(&(a=x\\28y\\29)(|(b=*)))"), both);
        assert_eq!(
            bytes("(o=univ*of*mich*)"),
            b"\xa4\x15\x04\x01o\x30\x10\x80\x04univ\x81\x02of\x81\x04mich"
        );
        assert_eq!(bytes("(seeAlso=)"), b"\xa3\x0b\x04\x07seeAlso\x04\x00");
        assert_eq!(
            bytes("(cn:dn:2.4.6.8.10:=Dino)"),
            b"\xa9\x19\x81\x0a2.4.6.8.10\x82\x02cn\x83\x04Dino\x84\x01\xff"
        );
        assert_eq!(bytes("(bin=\\00\\00\\00\\04)"), b"\xa3\x0b\x04\x03bin\x04\x04\0\0\0\x04");
        assert_eq!(bytes("uid=u0001"), bytes("(uid=u0001)"));
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        for text in [
            "",
            "(",
            "(cn=a",
            "(cn=a))",
            "(cn=(b)",
            "(=a)",
            "(cn=\\2)",
            "(cn=\\+2)",
            "(cn>=a*)",
            "(:=x)",
            "(&(a=b)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse("(cn=a").unwrap_err().to_string(),
            "a closing parenthesis is missing at character 6"
        );
        assert!(parse(&"(!".repeat(10_000)).is_err());
    }

    #[test]
    fn values_are_escaped_in_messages() {
        assert_eq!(parse("(cn=a\\2ab\\5cé)").unwrap().to_string(), "(cn=a\\2ab\\5cé)");
        assert_eq!(LdapFilter::equal("x", vec![0xff, 0x41]).to_string(), "(x=\\ffA)");
    }

    proptest! {
        #[test]
        fn any_value_survives_its_escaping(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            let filter = LdapFilter::equal("a", value);
            prop_assert_eq!(parse(&filter.to_string()).unwrap(), filter);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = parse(&text);
        }
    }
}
