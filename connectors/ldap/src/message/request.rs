//! Requests as bytes.

use zeroize::Zeroizing;

use super::control::Control;
use crate::ber::{Writer, tag};
use crate::filter::LdapFilter;

/// Whether aliases are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deref {
    Never,
    Always,
}

/// How deep a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Object,
    OneLevel,
    Subtree,
}

/// A search.
#[derive(Clone, Debug)]
pub(crate) struct SearchRequest {
    pub(crate) base: String,
    pub(crate) scope: Scope,
    pub(crate) deref: Deref,
    pub(crate) filter: LdapFilter,
    pub(crate) attributes: Vec<String>,
}

/// What a modification does with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Add,
    Delete,
    Replace,
}

/// One change of an attribute. Values may be passwords.
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    pub(crate) attribute: String,
    pub(crate) values: Vec<Zeroizing<Vec<u8>>>,
}

/// Names the attribute and how many values there are; never the values.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} ({} values)", self.kind, self.attribute, self.values.len())
    }
}

/// A request.
pub(crate) enum Request<'a> {
    Bind { dn: &'a str, password: &'a [u8] },
    BindSasl { mechanism: &'a str },
    Unbind,
    Search(&'a SearchRequest),
    Modify { dn: &'a str, changes: &'a [Change] },
    Add { dn: &'a str, attributes: &'a [(String, Vec<Zeroizing<Vec<u8>>>)] },
    Delete { dn: &'a str },
    ModifyDn { dn: &'a str, new_rdn: &'a str, new_superior: Option<&'a str> },
    Abandon { id: i32 },
    Extended { oid: &'a str },
}

impl Request<'_> {
    /// What it is, for messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Bind { .. } | Self::BindSasl { .. } => "bind",
            Self::Unbind => "unbind",
            Self::Search(_) => "search",
            Self::Modify { .. } => "modify",
            Self::Add { .. } => "add",
            Self::Delete { .. } => "delete",
            Self::ModifyDn { .. } => "rename",
            Self::Abandon { .. } => "abandon",
            Self::Extended { .. } => "extended operation",
        }
    }

    /// About how many bytes it takes: never fewer than it does, for what holds a secret.
    fn room(&self) -> usize {
        let values =
            |values: &[Zeroizing<Vec<u8>>]| values.iter().map(|value| value.len() + 8).sum::<usize>();
        128 + match self {
            Self::Bind { dn, password } => dn.len() + password.len(),
            Self::Modify { dn, changes } => {
                dn.len()
                    + changes
                        .iter()
                        .map(|change| 48 + change.attribute.len() + values(&change.values))
                        .sum::<usize>()
            }
            Self::Add { dn, attributes } => {
                dn.len() + attributes.iter().map(|(name, list)| 32 + name.len() + values(list)).sum::<usize>()
            }
            _ => 512,
        }
    }

    fn write(&self, w: &mut Writer) {
        match self {
            Self::Bind { dn, password } => w.nested(0x60, |op| {
                op.integer(3);
                op.text(dn);
                op.element(0x80, password);
            }),
            Self::BindSasl { mechanism } => w.nested(0x60, |op| {
                op.integer(3);
                op.text("");
                op.nested(0xa3, |sasl| {
                    sasl.text(mechanism);
                    sasl.text("");
                });
            }),
            Self::Unbind => w.element(0x42, &[]),
            Self::Search(search) => w.nested(0x63, |op| search.write(op)),
            Self::Modify { dn, changes } => w.nested(0x66, |op| {
                op.text(dn);
                op.sequence(|list| changes.iter().for_each(|change| change.write(list)));
            }),
            Self::Add { dn, attributes } => w.nested(0x68, |op| {
                op.text(dn);
                op.sequence(|list| {
                    for (name, values) in *attributes {
                        attribute(list, name, values);
                    }
                });
            }),
            Self::Delete { dn } => w.element(0x4a, dn.as_bytes()),
            Self::ModifyDn { dn, new_rdn, new_superior } => w.nested(0x6c, |op| {
                op.text(dn);
                op.text(new_rdn);
                op.boolean(true);
                if let Some(superior) = new_superior {
                    op.element(0x80, superior.as_bytes());
                }
            }),
            Self::Abandon { id } => w.number(0x50, i64::from(*id)),
            Self::Extended { oid } => w.nested(0x77, |op| op.element(0x80, oid.as_bytes())),
        }
    }
}

impl SearchRequest {
    fn write(&self, op: &mut Writer) {
        op.text(&self.base);
        op.enumerated(match self.scope {
            Scope::Object => 0,
            Scope::OneLevel => 1,
            Scope::Subtree => 2,
        });
        op.enumerated(match self.deref {
            Deref::Never => 0,
            Deref::Always => 3,
        });
        op.integer(0);
        op.integer(0);
        op.boolean(false);
        self.filter.write(op);
        op.sequence(|list| self.attributes.iter().for_each(|name| list.text(name)));
    }
}

impl Change {
    fn write(&self, list: &mut Writer) {
        list.sequence(|inside| {
            inside.enumerated(match self.kind {
                ChangeKind::Add => 0,
                ChangeKind::Delete => 1,
                ChangeKind::Replace => 2,
            });
            attribute(inside, &self.attribute, &self.values);
        });
    }
}

fn attribute(w: &mut Writer, name: &str, values: &[Zeroizing<Vec<u8>>]) {
    w.sequence(|inside| {
        inside.text(name);
        inside.nested(tag::SET, |set| values.iter().for_each(|value| set.octets(value)));
    });
}

/// A message with this number. Its bytes may hold a password; they are wiped when dropped.
pub(crate) fn message(id: i32, request: &Request<'_>, controls: &[Control]) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::with_capacity(request.room());
    writer.sequence(|envelope| {
        envelope.integer(i64::from(id));
        request.write(envelope);
        if controls.is_empty() {
            return;
        }
        envelope.nested(0xa0, |list| {
            for control in controls {
                list.sequence(|inside| {
                    inside.text(&control.oid);
                    if control.critical {
                        inside.boolean(true);
                    }
                    if let Some(value) = &control.value {
                        inside.octets(value);
                    }
                });
            }
        });
    });
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_bind_is_as_the_standard_has_it() {
        let bytes = message(1, &Request::Bind { dn: "cn=a", password: b"pw" }, &[]);
        assert_eq!(*bytes, b"\x30\x12\x02\x01\x01\x60\x0d\x02\x01\x03\x04\x04cn=a\x80\x02pw");
    }

    #[test]
    fn a_modification_replaces_with_a_set() {
        let changes = [Change { kind: ChangeKind::Replace, attribute: "sn".to_owned(), values: vec![] }];
        let bytes = message(2, &Request::Modify { dn: "", changes: &changes }, &[]);
        let expected =
            b"\x30\x16\x02\x01\x02\x66\x11\x04\x00\x30\x0d\x30\x0b\x0a\x01\x02\x30\x06\x04\x02sn\x31\x00";
        assert_eq!(*bytes, expected);
    }

    #[test]
    fn a_rename_moves_only_with_a_superior() {
        let stay = message(3, &Request::ModifyDn { dn: "a", new_rdn: "b", new_superior: None }, &[]);
        assert_eq!(*stay, b"\x30\x0e\x02\x01\x03\x6c\x09\x04\x01a\x04\x01b\x01\x01\xff");
        let moved = message(3, &Request::ModifyDn { dn: "a", new_rdn: "b", new_superior: Some("c") }, &[]);
        assert!(moved.ends_with(b"\x80\x01c"));
    }

    #[test]
    fn controls_and_abandon_and_delete_have_their_tags() {
        let control = Control::new("1.2", true);
        let bytes = message(4, &Request::Delete { dn: "x" }, &[control]);
        assert_eq!(*bytes, b"\x30\x12\x02\x01\x04\x4a\x01x\xa0\x0a\x30\x08\x04\x031.2\x01\x01\xff");
        assert_eq!(*message(5, &Request::Abandon { id: 300 }, &[]), b"\x30\x07\x02\x01\x05\x50\x02\x01\x2c");
        assert_eq!(*message(6, &Request::Unbind, &[]), b"\x30\x05\x02\x01\x06\x42\x00");
    }
}
