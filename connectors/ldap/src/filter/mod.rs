//! Search filters: as data, as bytes (RFC 4511 4.5.1), as text (RFC 4515), and made from ICF filters.
//!
//! Values travel as bytes, never as parts of a text, so nothing that a caller sends can change what a filter means.

pub(crate) mod plan;
mod text;
mod translate;

pub(crate) use text::parse;
pub(crate) use translate::{Dialect, Translator};

use std::fmt;

use crate::ber::Writer;

/// A filter of LDAP.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum LdapFilter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Equal(String, Vec<u8>),
    Substrings(String, Substrings),
    AtLeast(String, Vec<u8>),
    AtMost(String, Vec<u8>),
    Present(String),
    Approx(String, Vec<u8>),
    Extensible(Extensible),
}

/// Parts that a value must have, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Substrings {
    pub(crate) initial: Option<Vec<u8>>,
    pub(crate) any: Vec<Vec<u8>>,
    pub(crate) last: Option<Vec<u8>>,
}

/// A condition by a matching rule of the server's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensible {
    pub(crate) rule: Option<String>,
    pub(crate) attribute: Option<String>,
    pub(crate) value: Vec<u8>,
    pub(crate) with_dn: bool,
}

impl LdapFilter {
    /// What every entry matches.
    pub(crate) fn everything() -> Self {
        Self::present("objectClass")
    }

    /// The attribute has this value.
    pub(crate) fn equal(attribute: &str, value: impl Into<Vec<u8>>) -> Self {
        Self::Equal(attribute.to_owned(), value.into())
    }

    /// The attribute has a value.
    pub(crate) fn present(attribute: &str) -> Self {
        Self::Present(attribute.to_owned())
    }

    /// The opposite.
    pub(crate) fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// All of these; one of them stands for itself, none for nothing to ask.
    pub(crate) fn all(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut filters: Vec<_> = filters.into_iter().collect();
        if filters.len() > 1 { Some(Self::And(filters)) } else { filters.pop() }
    }

    /// One of these at least.
    pub(crate) fn any(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut filters: Vec<_> = filters.into_iter().collect();
        if filters.len() > 1 { Some(Self::Or(filters)) } else { filters.pop() }
    }

    /// Bits that must be set (Active Directory's `LDAP_MATCHING_RULE_BIT_AND`).
    pub(crate) fn bits(attribute: &str, bits: u32) -> Self {
        Self::Extensible(Extensible {
            rule: Some("1.2.840.113556.1.4.803".to_owned()),
            attribute: Some(attribute.to_owned()),
            value: bits.to_string().into_bytes(),
            with_dn: false,
        })
    }

    /// Puts the filter behind what was written.
    pub(crate) fn write(&self, w: &mut Writer) {
        let assertion = |w: &mut Writer, tag: u8, attribute: &str, value: &[u8]| {
            w.nested(tag, |inside| {
                inside.text(attribute);
                inside.octets(value);
            });
        };
        match self {
            Self::And(filters) => w.nested(0xa0, |set| filters.iter().for_each(|filter| filter.write(set))),
            Self::Or(filters) => w.nested(0xa1, |set| filters.iter().for_each(|filter| filter.write(set))),
            Self::Not(filter) => w.nested(0xa2, |inside| filter.write(inside)),
            Self::Equal(attribute, value) => assertion(w, 0xa3, attribute, value),
            Self::Substrings(attribute, parts) => w.nested(0xa4, |inside| {
                inside.text(attribute);
                inside.sequence(|list| parts.write(list));
            }),
            Self::AtLeast(attribute, value) => assertion(w, 0xa5, attribute, value),
            Self::AtMost(attribute, value) => assertion(w, 0xa6, attribute, value),
            Self::Present(attribute) => w.element(0x87, attribute.as_bytes()),
            Self::Approx(attribute, value) => assertion(w, 0xa8, attribute, value),
            Self::Extensible(condition) => w.nested(0xa9, |inside| {
                if let Some(rule) = &condition.rule {
                    inside.element(0x81, rule.as_bytes());
                }
                if let Some(attribute) = &condition.attribute {
                    inside.element(0x82, attribute.as_bytes());
                }
                inside.element(0x83, &condition.value);
                if condition.with_dn {
                    inside.element(0x84, &[0xff]);
                }
            }),
        }
    }
}

impl Substrings {
    fn write(&self, list: &mut Writer) {
        if let Some(initial) = &self.initial {
            list.element(0x80, initial);
        }
        self.any.iter().for_each(|part| list.element(0x81, part));
        if let Some(last) = &self.last {
            list.element(0x82, last);
        }
    }
}

/// A filter as the text of RFC 4515, for messages.
impl fmt::Display for LdapFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, sign: &str, filters: &[Self]| {
            f.write_str(sign)?;
            filters.iter().try_for_each(|filter| filter.fmt(f))
        };
        f.write_str("(")?;
        match self {
            Self::And(filters) => list(f, "&", filters)?,
            Self::Or(filters) => list(f, "|", filters)?,
            Self::Not(filter) => write!(f, "!{filter}")?,
            Self::Equal(attribute, value) => write!(f, "{attribute}={}", text::escaped(value))?,
            Self::Substrings(attribute, parts) => {
                write!(f, "{attribute}=")?;
                f.write_str(&parts.initial.as_deref().map(text::escaped).unwrap_or_default())?;
                for part in &parts.any {
                    write!(f, "*{}", text::escaped(part))?;
                }
                write!(f, "*{}", parts.last.as_deref().map(text::escaped).unwrap_or_default())?;
            }
            Self::AtLeast(attribute, value) => write!(f, "{attribute}>={}", text::escaped(value))?,
            Self::AtMost(attribute, value) => write!(f, "{attribute}<={}", text::escaped(value))?,
            Self::Present(attribute) => write!(f, "{attribute}=*")?,
            Self::Approx(attribute, value) => write!(f, "{attribute}~={}", text::escaped(value))?,
            Self::Extensible(condition) => {
                f.write_str(condition.attribute.as_deref().unwrap_or_default())?;
                f.write_str(if condition.with_dn { ":dn" } else { "" })?;
                if let Some(rule) = &condition.rule {
                    write!(f, ":{rule}")?;
                }
                write!(f, ":={}", text::escaped(&condition.value))?;
            }
        }
        f.write_str(")")
    }
}

impl fmt::Debug for LdapFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
