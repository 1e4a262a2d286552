//! Responses: views into the bytes of a message.

use super::control::Control;
use crate::ber::{Malformed, Reader, number, tag};

/// A message from the server.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// The request it belongs to; 0 for what the server says unasked.
    pub(crate) id: i32,
    pub(crate) operation: Operation<'a>,
    controls: Option<&'a [u8]>,
}

/// What a message says.
#[derive(Debug)]
pub(crate) enum Operation<'a> {
    Entry(Entry<'a>),
    /// URLs where the search goes on.
    Reference(Vec<String>),
    /// Something besides.
    Intermediate(Intermediate<'a>),
    Done(LdapResult),
}

/// An intermediate response: what it is, and what it says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Intermediate<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// How an operation ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LdapResult {
    pub(crate) code: u32,
    pub(crate) matched_dn: String,
    pub(crate) diagnostic: String,
    pub(crate) referrals: Vec<String>,
    /// OID of an extended response.
    pub(crate) response_name: Option<String>,
    pub(crate) controls: Vec<Control>,
}

/// An entry of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) dn: &'a str,
    attributes: Reader<'a>,
}

/// The values of an attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a>(Reader<'a>);

impl<'a> Message<'a> {
    /// Reads a whole message.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut message = Reader::new(bytes).sequence()?;
        let id =
            i32::try_from(message.integer()?).map_err(|_| Malformed("a message number beyond 31 bits"))?;
        let (op, content) = message.element()?;
        let controls = message.optional(0xa0)?;
        let operation = operation(op, content)?;
        let mut message = Self { id, operation, controls };
        if message.controls.is_some()
            && let Operation::Done(result) = &mut message.operation
        {
            result.controls = read_controls(message.controls)?;
        }
        Ok(message)
    }
}

impl Message<'_> {
    /// The controls of a message that is no result; those of a result are in it.
    pub(crate) fn controls(&self) -> Result<Vec<Control>, Malformed> {
        read_controls(self.controls)
    }
}

fn operation(op: u8, content: &[u8]) -> Result<Operation<'_>, Malformed> {
    let mut inside = Reader::new(content);
    Ok(match op {
        0x64 => {
            let dn = inside.text()?;
            Operation::Entry(Entry { dn, attributes: inside.sequence()? })
        }
        0x73 => Operation::Reference(texts(inside)?),
        0x79 => Operation::Intermediate(Intermediate {
            name: inside.optional(0x80)?.unwrap_or_default(),
            value: inside.optional(0x81)?.unwrap_or_default(),
        }),
        // Bind, search, modify, add, delete, rename, compare, extended.
        0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => Operation::Done(result(inside)?),
        _ => return Err(Malformed("a response of an unknown kind")),
    })
}

fn result(mut inside: Reader<'_>) -> Result<LdapResult, Malformed> {
    let code = u32::try_from(inside.enumerated()?).map_err(|_| Malformed("a negative result code"))?;
    let matched_dn = String::from_utf8_lossy(inside.octets()?).into_owned();
    let diagnostic = printable(inside.octets()?);
    let mut result = LdapResult { code, matched_dn, diagnostic, ..LdapResult::default() };
    while !inside.is_empty() {
        match inside.element()? {
            (0xa3, urls) => result.referrals = texts(Reader::new(urls))?,
            (0x8a, name) => result.response_name = Some(String::from_utf8_lossy(name).into_owned()),
            // SASL credentials and values of extended responses are of no use here.
            _ => {}
        }
    }
    Ok(result)
}

fn texts(mut inside: Reader<'_>) -> Result<Vec<String>, Malformed> {
    let mut texts = Vec::new();
    while !inside.is_empty() {
        texts.push(inside.text()?.to_owned());
    }
    Ok(texts)
}

/// A server's text for people, without control characters: Active Directory ends its texts with NUL.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.trim().to_owned()
}

fn read_controls(bytes: Option<&[u8]>) -> Result<Vec<Control>, Malformed> {
    let mut list = Reader::new(bytes.unwrap_or_default());
    let mut controls = Vec::new();
    while !list.is_empty() {
        let mut inside = list.sequence()?;
        let oid = inside.text()?.to_owned();
        let critical = match inside.optional(tag::BOOLEAN)? {
            Some(truth) => number(truth)? != 0,
            None => false,
        };
        let value = inside.optional(tag::OCTETS)?.map(<[u8]>::to_vec);
        controls.push(Control { oid, critical, value });
    }
    Ok(controls)
}

impl<'a> Entry<'a> {
    /// An entry inside a control (RFC 4527).
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        // The UnboundID servers leave the tag of the operation out.
        let (tag, content) = Reader::new(bytes).element()?;
        if !matches!(tag, 0x64 | tag::SEQUENCE) {
            return Err(Malformed("no entry in a control that must hold one"));
        }
        let mut inside = Reader::new(content);
        let dn = inside.text()?;
        Ok(Self { dn, attributes: inside.sequence()? })
    }

    /// The next attribute: its description and its values.
    pub(crate) fn next_attribute(&mut self) -> Result<Option<(&'a str, Values<'a>)>, Malformed> {
        if self.attributes.is_empty() {
            return Ok(None);
        }
        let mut attribute = self.attributes.sequence()?;
        let name = attribute.text()?;
        Ok(Some((name, Values(attribute.set()?))))
    }

    /// The values of the attribute of that description, none if it is absent.
    pub(crate) fn values(mut self, name: &str) -> Result<Vec<&'a [u8]>, Malformed> {
        let mut found = Vec::new();
        while let Some((candidate, mut values)) = self.next_attribute()? {
            if candidate.eq_ignore_ascii_case(name) {
                while let Some(value) = values.next_value()? {
                    found.push(value);
                }
            }
        }
        Ok(found)
    }

    /// The first value of an attribute as text.
    pub(crate) fn text(self, name: &str) -> Result<Option<String>, Malformed> {
        Ok(self.texts(name)?.into_iter().next())
    }

    /// The values of an attribute that are texts.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>, Malformed> {
        let values = self.values(name)?;
        Ok(values
            .into_iter()
            .filter_map(|value| std::str::from_utf8(value).ok().map(str::to_owned))
            .collect())
    }
}

impl<'a> Values<'a> {
    /// The next value.
    pub(crate) fn next_value(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        if self.0.is_empty() { Ok(None) } else { self.0.octets().map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_lends_its_values() {
        let bytes = b"\x30\x1d\x02\x01\x02\x64\x18\x04\x03o=x\x30\x11\x30\x0f\x04\x02cn\x31\x09\x04\x01a\x04\x01b\x04\x01c";
        let message = Message::read(bytes).unwrap();
        let Operation::Entry(entry) = message.operation else { panic!("{message:?}") };
        assert_eq!((message.id, entry.dn), (2, "o=x"));
        assert_eq!(entry.values("CN").unwrap(), [b"a", b"b", b"c"]);
        assert_eq!(entry.text("sn").unwrap(), None);
    }

    #[test]
    fn a_result_has_code_text_and_referrals() {
        let bytes = b"\x30\x1a\x02\x01\x03\x65\x15\x0a\x01\x0a\x04\x00\x04\x03no\x00\xa3\x09\x04\x07ldap://";
        let Operation::Done(result) = Message::read(bytes).unwrap().operation else { panic!() };
        assert_eq!((result.code, result.diagnostic.as_str()), (10, "no"));
        assert_eq!(result.referrals, ["ldap://"]);
    }

    #[test]
    fn a_notice_of_disconnection_has_number_zero() {
        let bytes = b"\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20036";
        let message = Message::read(bytes).unwrap();
        let Operation::Done(result) = message.operation else { panic!() };
        assert_eq!((message.id, result.code), (0, 52));
        assert_eq!(result.response_name.as_deref(), Some("1.3.6.1.4.1.1466.20036"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut framed = vec![0x30, u8::try_from(bytes.len() + 3).unwrap(), 2, 1, 1];
            framed.extend(bytes);
            let operation = Message::read(&framed).map(|message| message.operation);
            if let Ok(Operation::Entry(mut entry)) = operation {
                while let Ok(Some((_, mut values))) = entry.next_attribute() {
                    while let Ok(Some(_)) = values.next_value() {}
                }
            }
        }
    }
}
