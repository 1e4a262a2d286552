//! Distinguished names (RFC 4514): parted, compared and put together, never by looking for commas.

use std::fmt;

/// A name that was understood. It keeps its spelling.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Dn {
    text: String,
    rdns: Vec<Rdn>,
}

/// One step of a name: where it stands in the text, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rdn {
    start: usize,
    end: usize,
    pairs: Vec<(String, Vec<u8>)>,
}

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a distinguished name: {reason}")]
pub(crate) struct BadDn {
    text: String,
    reason: &'static str,
}

impl Dn {
    /// Reads a name; the empty text is the root.
    ///
    /// # Errors
    /// What breaks the grammar.
    pub(crate) fn parse(text: &str) -> Result<Self, BadDn> {
        match Parser::new(text).rdns() {
            Ok(rdns) => Ok(Self { text: text.to_owned(), rdns }),
            Err(reason) => Err(BadDn { text: text.to_owned(), reason }),
        }
    }

    /// The name as it was spelled.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is the root.
    pub(crate) const fn is_root(&self) -> bool {
        self.rdns.is_empty()
    }

    /// The first step, as spelled.
    pub(crate) fn rdn(&self) -> &str {
        self.rdns.first().and_then(|rdn| self.text.get(rdn.start..rdn.end)).unwrap_or_default()
    }

    /// Attributes and values of the first step.
    pub(crate) fn rdn_pairs(&self) -> &[(String, Vec<u8>)] {
        self.rdns.first().map(|rdn| rdn.pairs.as_slice()).unwrap_or_default()
    }

    /// The value of an attribute in the first step.
    pub(crate) fn rdn_value(&self, attribute: &str) -> Option<&[u8]> {
        let pairs = self.rdn_pairs().iter();
        pairs
            .filter(|(name, _)| name.eq_ignore_ascii_case(attribute))
            .map(|(_, value)| value.as_slice())
            .next()
    }

    /// The name without its first step, as spelled; the root for the root.
    pub(crate) fn parent(&self) -> &str {
        self.rdns.get(1).and_then(|rdn| self.text.get(rdn.start..)).unwrap_or_default()
    }

    /// The same entry whatever the spelling: letter case and blanks do not count.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.rdns.len() == other.rdns.len()
            && self.rdns.iter().zip(&other.rdns).all(|(left, right)| left.key() == right.key())
    }

    /// Whether the entry is this base or lies below it.
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        let Some(above) = self.rdns.len().checked_sub(base.rdns.len()) else { return false };
        let tail = self.rdns.get(above..).unwrap_or_default();
        tail.iter().zip(&base.rdns).all(|(left, right)| left.key() == right.key())
    }

    /// How many steps there are.
    pub(crate) const fn depth(&self) -> usize {
        self.rdns.len()
    }

    /// A spelling that all names of the entry share.
    pub(crate) fn normalized(&self) -> String {
        let keys: Vec<_> = self.rdns.iter().map(Rdn::key).collect();
        keys.join(",")
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Whether two texts name the same entry; texts that are no names are compared without case.
pub(crate) fn same(left: &str, right: &str) -> bool {
    match (Dn::parse(left), Dn::parse(right)) {
        (Ok(left), Ok(right)) => left.is_same(&right),
        _ => left.trim().eq_ignore_ascii_case(right.trim()),
    }
}

/// What the spellings of a name have in common; lower case for what is no name.
pub(crate) fn normalized(text: &str) -> String {
    Dn::parse(text).map_or_else(|_| text.trim().to_lowercase(), |dn| dn.normalized())
}

/// The normalized name if that is wanted, else nothing.
pub(crate) fn normalized_if(wanted: bool, text: &str) -> String {
    if wanted { normalized(text) } else { String::new() }
}

impl Rdn {
    /// Attribute names and values in lower case, blanks inside a value as one, in an order of their own.
    fn key(&self) -> String {
        let mut pairs: Vec<_> = self
            .pairs
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value).to_lowercase();
                let words: Vec<_> = value.split_whitespace().collect();
                // The length keeps values that hold a separator apart from two values.
                let value = words.join(" ");
                format!("{}={}:{value}", name.to_ascii_lowercase(), value.len())
            })
            .collect();
        pairs.sort();
        pairs.join("+")
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte == b' ' || byte == b'\n' || byte == b'\r') {
            self.at += 1;
        }
    }

    fn rdns(mut self) -> Result<Vec<Rdn>, &'static str> {
        let mut rdns = Vec::new();
        self.blanks();
        if self.peek().is_none() {
            return Ok(rdns);
        }
        loop {
            self.blanks();
            let start = self.at;
            let mut pairs = Vec::new();
            let end = loop {
                let name = self.name()?;
                let (value, end) = self.value()?;
                pairs.push((name, value));
                match self.peek() {
                    Some(b'+') => self.at += 1,
                    _ => break end,
                }
            };
            rdns.push(Rdn { start, end, pairs });
            match self.peek() {
                None => return Ok(rdns),
                // The semicolon is what RFC 1779 had.
                Some(b',' | b';') => self.at += 1,
                Some(_) => return Err("a comma is missing"),
            }
        }
    }

    fn name(&mut self) -> Result<String, &'static str> {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || b"-._".contains(&c)) {
            self.at += 1;
        }
        let name = self.text.get(start..self.at).unwrap_or_default();
        if name.is_empty() {
            return Err("an attribute type is missing");
        }
        self.blanks();
        if self.peek() != Some(b'=') {
            return Err("an equals sign is missing");
        }
        self.at += 1;
        self.blanks();
        Ok(name.strip_prefix("OID.").unwrap_or(name).to_owned())
    }

    /// A value, and where it ends in the text.
    fn value(&mut self) -> Result<(Vec<u8>, usize), &'static str> {
        match self.peek() {
            Some(b'#') => self.hexadecimal(),
            Some(b'"') => self.quoted(),
            _ => self.plain(),
        }
    }

    fn hexadecimal(&mut self) -> Result<(Vec<u8>, usize), &'static str> {
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
            self.at += 1;
        }
        let end = self.at;
        let digits = self.bytes.get(start..end).unwrap_or_default();
        if digits.is_empty() || !digits.len().is_multiple_of(2) {
            return Err("a value in hexadecimal digits has an odd number of them");
        }
        let pairs = digits.chunks_exact(2);
        let bytes = pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        // The digits are the BER of the value; a string stands for its content.
        let encoded: Vec<u8> = bytes.collect();
        let value = crate::ber::Reader::new(&encoded).element().map(|(_, content)| content.to_vec());
        self.blanks();
        Ok((value.unwrap_or(encoded), end))
    }

    fn quoted(&mut self) -> Result<(Vec<u8>, usize), &'static str> {
        self.at += 1;
        let mut value = Vec::new();
        loop {
            match self.peek() {
                None => return Err("a quotation mark is missing"),
                Some(b'"') => break,
                Some(b'\\') => value.push(self.escape()?),
                Some(byte) => {
                    value.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let end = self.at;
        self.blanks();
        Ok((value, end))
    }

    fn plain(&mut self) -> Result<(Vec<u8>, usize), &'static str> {
        let mut value = Vec::new();
        // Unescaped blanks at the end are no part of the value.
        let mut solid = 0;
        let mut end = self.at;
        loop {
            match self.peek() {
                None | Some(b',' | b';' | b'+') => break,
                Some(b'"' | b'<' | b'>' | 0) => return Err("a special character is not escaped"),
                Some(b'\\') => {
                    value.push(self.escape()?);
                    solid = value.len();
                    end = self.at;
                }
                Some(byte) => {
                    value.push(byte);
                    self.at += 1;
                    if byte != b' ' {
                        solid = value.len();
                        end = self.at;
                    }
                }
            }
        }
        value.truncate(solid);
        Ok((value, end))
    }

    fn escape(&mut self) -> Result<u8, &'static str> {
        let digits = self.text.get(self.at + 1..self.at + 3);
        // A plus sign would be read as that of a number.
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            self.at += 3;
            return Ok(byte);
        }
        match self.bytes.get(self.at + 1) {
            Some(byte) if byte.is_ascii() => {
                self.at += 2;
                Ok(*byte)
            }
            _ => Err("a backslash escapes nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap()
    }

    #[test]
    fn examples_of_rfc_4514_are_understood() {
        let name = dn("OU=Sales+CN=J.  Smith,DC=example,DC=net");
        assert_eq!(
            (name.depth(), name.rdn(), name.parent()),
            (3, "OU=Sales+CN=J.  Smith", "DC=example,DC=net")
        );
        let name = dn(r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#);
        assert_eq!(name.rdn_value("cn").unwrap(), br#"James "Jim" Smith, III"#);
        assert_eq!(name.parent(), "DC=example,DC=net");
        assert_eq!(dn(r"CN=Before\0dAfter,DC=example").rdn_value("CN").unwrap(), b"Before\rAfter");
        assert_eq!(dn("1.3.6.1.4.1.1466.0=#04024869").rdn_value("1.3.6.1.4.1.1466.0").unwrap(), b"Hi");
        assert_eq!(dn(r"CN=Lu\C4\8Di\C4\87").rdn_value("cn").unwrap(), "Lučić".as_bytes());
        assert_eq!(dn(r"CN=C\+11 Team,DC=example").rdn_value("cn").unwrap(), b"C+11 Team");
    }

    #[test]
    fn spelling_does_not_count() {
        assert!(dn("UID=X, ou=people,dc=Example,dc=com").is_same(&dn("uid=x,OU=People , DC=example,DC=com")));
        assert!(dn(r"cn=a\2Cb,o=c").is_same(&dn(r"cn=a\,b,o=c")));
        assert!(!dn(r"cn=a\,b,o=c").is_same(&dn("cn=a,b=o,o=c")));
        assert!(dn(r#"cn="a,b",o=c"#).is_same(&dn(r"cn=a\,b,o=c")));
        assert!(dn("cn=a+sn=b").is_same(&dn("sn=B+cn=A")));
        assert_eq!(dn(r"cn=a\ ,o=c").rdn(), r"cn=a\ ");
        assert!(!dn("cn=a+sn=b,o=c").is_same(&dn("cn=a,o=c")));
    }

    #[test]
    fn an_entry_lies_within_its_bases() {
        let base = dn("dc=example,dc=com");
        assert!(dn("ou=a,dc=Example,dc=com").is_within(&base) && base.is_within(&base));
        assert!(!dn("dc=com").is_within(&base) && !dn("ou=x,dc=notexample,dc=com").is_within(&base));
        assert!(base.is_within(&dn("")));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["dc=foo,,", "dc", "=x", "dc=foo,", "cn=a\"b", "cn=\"a", "cn=a\\", "cn=#123", "a=b c=d,"]
        {
            assert!(Dn::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(name) = Dn::parse(&text) {
                let _ = (name.normalized(), name.rdn().to_owned(), name.parent().to_owned());
                prop_assert!(name.is_same(&name) && name.is_within(&name));
            }
        }

        #[test]
        fn any_value_survives_in_hexadecimal_escapes(value in proptest::collection::vec(any::<u8>(), 1..20)) {
            let escaped: String = value.iter().map(|byte| format!("\\{byte:02x}")).collect();
            let name = dn(&format!("cn={escaped},o=x"));
            prop_assert_eq!(name.rdn_value("cn").unwrap(), &value[..]);
            prop_assert_eq!(name.parent(), "o=x");
        }
    }
}
