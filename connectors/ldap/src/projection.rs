//! Which attributes of entries become which attributes of objects, and how an entry becomes an object: in one pass over
//! its bytes, each value copied once.

use icf::{Attribute, AttributeName, ConnectorObject, GuardedString, ObjectClass, Uid, Value, names};
use tracing::warn;

use crate::ad::{self, Flag, Sources};
use crate::attributes::{LDAP_GROUPS, MEMBER_ID, POSIX_GROUPS, TOKEN_GROUPS, from_bytes};
use crate::fault::{Fault, Result};
use crate::message::{Entry, Values};
use crate::schema::{Model, transfer_name};
use crate::server::Profile;
use crate::settings::{Settings, UidSource, is_dn_attribute};

/// How values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    Text,
    Bytes,
    Guid,
    Sid,
    Interval,
    Time,
}

/// An attribute that is asked for.
#[derive(Debug)]
struct Column {
    /// As in the object.
    name: AttributeName,
    show: Show,
    /// Whether the caller wants it, or only the connector.
    wanted: bool,
}

/// What the connector has to look up for each object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    pub(crate) ldap_groups: bool,
    pub(crate) posix_groups: bool,
    pub(crate) member_id: bool,
    pub(crate) token_groups: bool,
}

/// A choice of attributes.
#[derive(Debug)]
pub(crate) struct Projection {
    class: ObjectClass,
    uid: UidSource,
    old_guid: bool,
    columns: Vec<Column>,
    /// Names of the DN that are wanted as attributes.
    dn_names: Vec<AttributeName>,
    flags: Vec<Flag>,
    pub(crate) extras: Extras,
    /// The caller said which attributes: those without a value are reported as empty.
    explicit: bool,
    password: bool,
    status: Option<String>,
    /// In the object only for the connector's own judgement; removed before it is delivered.
    hidden: Vec<AttributeName>,
}

/// An entry as an object, and what of it is not in the object.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) object: ConnectorObject,
    /// Attributes of which the server sent a part only: place in the object, name, first value that is missing.
    pub(crate) partial: Vec<Partial>,
    /// Values of attributes that only the connector wanted, by the name asked for.
    pub(crate) kept: Vec<(AttributeName, Vec<Value>)>,
}

/// An attribute of which more must be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) name: String,
    pub(crate) next: u64,
}

impl Decoded {
    /// The texts of an attribute, wanted by the caller or not.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let kept = self.kept.iter().filter(|(known, _)| known.is(name)).flat_map(|(_, values)| values);
        let held = self.object.attribute(name).map(Attribute::values).unwrap_or_default();
        held.iter().chain(kept).filter_map(Value::as_str).collect()
    }
}

impl Projection {
    /// The attributes a call asks for: those of `asked`, or what the schema returns by default.
    pub(crate) fn new(
        class: &ObjectClass,
        asked: Option<&[&str]>,
        settings: &Settings,
        model: &Model,
        profile: &Profile,
    ) -> Self {
        let mut projection = Self {
            class: class.clone(),
            uid: settings.uid.clone(),
            old_guid: settings.properties.use_old_adguid_format,
            columns: Vec::new(),
            dn_names: Vec::new(),
            flags: Vec::new(),
            extras: Extras::default(),
            explicit: asked.is_some(),
            password: false,
            status: settings.properties.rs_status_attribute.clone().filter(|_| !profile.is_microsoft),
            hidden: Vec::new(),
        };
        let defaults;
        let wanted = match asked {
            Some(asked) => asked,
            None => {
                defaults = model.returned_by_default(class);
                &defaults
            }
        };
        for name in wanted {
            projection.want(name, settings, model, profile);
        }
        projection.need_sources(settings, model, profile);
        projection
    }

    fn want(&mut self, name: &str, settings: &Settings, model: &Model, profile: &Profile) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is(names::UID) || is(names::NAME) {
        } else if is(names::PASSWORD) {
            self.password = true;
        } else if is_dn_attribute(name) {
            self.dn_names.push(AttributeName::from(name));
        } else if is(LDAP_GROUPS) {
            self.extras.ldap_groups = true;
        } else if is(POSIX_GROUPS) {
            self.extras.posix_groups = true;
        } else if is(MEMBER_ID) {
            self.extras.member_id = true;
        } else if is(TOKEN_GROUPS) && profile.is_microsoft {
            self.extras.token_groups = true;
        } else if let Some(flag) = Flag::from_name(name).filter(|_| profile.is_microsoft) {
            self.flags.push(flag);
        } else if is(names::ENABLE) && self.status.is_some() {
            self.flags.push(Flag::Enable);
        } else if !name.starts_with("__") {
            self.add(name, true, settings, model, profile);
        }
        if self.explicit && settings.properties.get_group_member_id {
            self.extras.member_id |=
                is(&settings.properties.group_member_attribute) && self.class == ObjectClass::GROUP;
        }
    }

    /// Adds what the connector itself needs.
    fn need_sources(&mut self, settings: &Settings, model: &Model, profile: &Profile) {
        if !self.explicit && settings.properties.get_group_member_id && self.class == ObjectClass::GROUP {
            self.extras.member_id = true;
        }
        if let UidSource::Attribute(uid) = self.uid.clone() {
            self.need(&uid, settings, model, profile);
        }
        if !self.flags.is_empty() && profile.is_microsoft {
            ad::SOURCES.iter().for_each(|name| self.need(name, settings, model, profile));
        }
        if !self.flags.is_empty()
            && let Some(status) = self.status.clone()
        {
            self.need(&status, settings, model, profile);
        }
        if self.extras.posix_groups {
            self.need("uid", settings, model, profile);
        }
        if self.extras.member_id {
            self.need(&settings.properties.group_member_attribute, settings, model, profile);
        }
    }

    /// Asks for an attribute that the caller need not want.
    pub(crate) fn need(&mut self, name: &str, settings: &Settings, model: &Model, profile: &Profile) {
        if !self.columns.iter().any(|column| column.name.is(name)) {
            self.add(name, false, settings, model, profile);
        }
    }

    /// Reports attributes without value, whether they were asked for or not.
    pub(crate) const fn report_absent(&mut self) {
        self.explicit = true;
    }

    /// Takes the name of entries for their identity: for entries that are read in parts.
    pub(crate) fn without_uid(&mut self) {
        self.uid = UidSource::Dn;
        self.columns.retain(|column| column.wanted);
    }

    /// Makes an attribute part of the objects until [`reduce`](Self::reduce) takes it away.
    pub(crate) fn borrow(&mut self, name: &str, settings: &Settings, model: &Model, profile: &Profile) {
        let before = (self.extras, self.flags.len(), self.dn_names.len());
        let known = self.columns.iter().position(|column| column.name.is(name));
        if known.is_some_and(|at| self.columns.get(at).is_some_and(|column| column.wanted)) {
            return;
        }
        if let Some(at) = known {
            self.columns.remove(at);
        }
        let columns = self.columns.len();
        self.want(name, settings, model, profile);
        if before != (self.extras, self.flags.len(), self.dn_names.len()) || columns != self.columns.len() {
            self.hidden.push(AttributeName::from(name));
        }
        self.need_sources(settings, model, profile);
    }

    fn add(&mut self, name: &str, wanted: bool, settings: &Settings, model: &Model, profile: &Profile) {
        let name = name.trim();
        if name.is_empty() || self.columns.iter().any(|column| column.wanted && column.name.is(name)) {
            return;
        }
        let among = |list: &[String]| list.iter().any(|known| known.trim().eq_ignore_ascii_case(name));
        let show = if name.eq_ignore_ascii_case("objectGUID") {
            Show::Guid
        } else if name.eq_ignore_ascii_case("objectSid") && profile.is_microsoft {
            Show::Sid
        } else if profile.is_microsoft && among(&settings.properties.convert_ad_interval_to_iso8601) {
            Show::Interval
        } else if among(&settings.properties.convert_gt_to_iso8601) {
            Show::Time
        } else if model.is_binary(name) {
            Show::Bytes
        } else {
            Show::Text
        };
        self.columns.push(Column { name: AttributeName::from(name.to_owned()), show, wanted });
    }

    /// The attributes to ask the server for.
    pub(crate) fn requested(&self) -> Vec<String> {
        if self.columns.is_empty() {
            return vec!["1.1".to_owned()];
        }
        self.columns.iter().map(|column| transfer_name(column.name.as_str())).collect()
    }

    /// Makes an object of an entry.
    pub(crate) fn decode(&self, entry: Entry<'_>) -> Result<Decoded> {
        let mut held: Vec<Option<Vec<Value>>> = Vec::new();
        held.resize_with(self.columns.len(), || None);
        let mut partial = Vec::new();
        let mut expected = 0;
        let mut rest = entry;
        while let Some((description, mut values)) = rest.next_attribute()? {
            let (name, range) = described(description);
            // Servers answer in the same order for every entry, mostly in the order of the request.
            let at = self.column(name, expected);
            let Some((at, column)) = at.and_then(|at| Some((at, self.columns.get(at)?))) else { continue };
            expected = at + 1;
            let shown = self.values(column, &mut values)?;
            if let Some(slot) = held.get_mut(at) {
                slot.get_or_insert_default().extend(shown);
            }
            if let Some(next) = range {
                partial.push(Partial { name: name.to_owned(), next });
            }
        }
        self.object(entry, held, partial)
    }

    fn column(&self, name: &str, expected: usize) -> Option<usize> {
        if self.columns.get(expected).is_some_and(|column| column.name.as_str().eq_ignore_ascii_case(name)) {
            return Some(expected);
        }
        self.columns.iter().position(|column| column.name.is(name))
    }

    fn values(&self, column: &Column, values: &mut Values<'_>) -> Result<Vec<Value>> {
        let mut shown = Vec::new();
        while let Some(bytes) = values.next_value()? {
            shown.push(self.shown(column, bytes)?);
        }
        Ok(shown)
    }

    fn shown(&self, column: &Column, bytes: &[u8]) -> Result<Value> {
        let text = || std::str::from_utf8(bytes).unwrap_or_default();
        Ok(match column.show {
            Show::Bytes => from_bytes(bytes, true),
            Show::Guid => ad::guid::text(bytes, self.old_guid).map(Value::String).ok_or_else(|| {
                Fault::general(format!(
                    "The directory sent an objectGUID of {} bytes instead of 16",
                    bytes.len()
                ))
            })?,
            Show::Sid => ad::sid::text(bytes).map_or_else(|| from_bytes(bytes, true), Value::String),
            Show::Interval => Value::String(ad::dates::from_interval(text())),
            Show::Time => Value::String(ad::dates::from_generalized(text())),
            Show::Text => {
                let value = from_bytes(bytes, false);
                if matches!(value, Value::Bytes(_)) {
                    warn!(attribute = %column.name, "A value is not UTF-8 and is delivered as bytes.");
                }
                value
            }
        })
    }

    fn object(
        &self,
        entry: Entry<'_>,
        held: Vec<Option<Vec<Value>>>,
        partial: Vec<Partial>,
    ) -> Result<Decoded> {
        let sources = if self.flags.is_empty() { Sources::default() } else { self.sources(&held) };
        let uid = match &self.uid {
            UidSource::Dn => entry.dn.to_owned(),
            UidSource::Attribute(name) => {
                let at = self.columns.iter().position(|column| column.name.is(name));
                let value = at.and_then(|at| held.get(at)?.as_ref()?.first());
                match value {
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
                    _ => {
                        return Err(Fault::general(format!(
                            "The entry {} has no attribute {name}, which the property uidAttribute names; choose one that every entry has and that the principal may read",
                            entry.dn
                        )));
                    }
                }
            }
        };
        let mut object = ConnectorObject::new(self.class.clone(), Uid::try_new(uid)?, entry.dn);
        let mut kept = Vec::new();
        object.attributes.reserve(held.len());
        for (column, values) in self.columns.iter().zip(held) {
            match values {
                Some(values) if column.wanted => {
                    object.attributes.push(Attribute::new(column.name.clone(), values))
                }
                Some(values) => kept.push((column.name.clone(), values)),
                None if column.wanted && self.explicit => {
                    object.attributes.push(Attribute::new(column.name.clone(), Vec::new()));
                }
                None => {}
            }
        }
        for name in &self.dn_names {
            object.attributes.push(Attribute::single(name.clone(), entry.dn));
        }
        for flag in &self.flags {
            object.attributes.extend(flag.read(&sources));
        }
        if self.password {
            warn!("Passwords cannot be read from a directory; an empty one is delivered.");
            object.attributes.push(Attribute::single(names::PASSWORD, GuardedString::default()));
        }
        Ok(Decoded { object, partial, kept })
    }

    fn sources(&self, held: &[Option<Vec<Value>>]) -> Sources {
        let text = |name: &str| -> Option<&str> {
            let at = self.columns.iter().position(|column| column.name.is(name))?;
            held.get(at)?.as_ref()?.first()?.as_str()
        };
        // Negative numbers are bits, too.
        let number = |name: &str| text(name)?.parse::<i64>().ok().map(|number| (number & 0xffff_ffff) as u32);
        let truth = |name: &str| text(name).map(|text| text.eq_ignore_ascii_case("TRUE"));
        let status = self.status.as_deref().map(|name| is_disabled(name, text(name)));
        Sources {
            control: number("userAccountControl"),
            computed: number("msDS-User-Account-Control-Computed"),
            group_type: text("groupType").and_then(|text| text.parse().ok()),
            lds_disabled: status.or_else(|| truth("msDS-UserAccountDisabled")),
            lds_locked: truth("ms-DS-UserAccountAutoLocked"),
            lds_expired: truth("msDS-UserPasswordExpired"),
        }
    }

    /// Takes away what was in the object for the connector's own judgement.
    pub(crate) fn reduce(&self, object: &mut ConnectorObject) {
        if !self.hidden.is_empty() {
            object.retain(|name| !self.hidden.contains(name));
        }
    }
}

/// Whether the status attribute of a server says that the account is disabled.
fn is_disabled(name: &str, value: Option<&str>) -> bool {
    match value {
        None => false,
        Some(_) if name.eq_ignore_ascii_case("pwdAccountLockedTime") => true,
        Some(text) => text.eq_ignore_ascii_case("true"),
    }
}

/// The name in a description, and the first value that is missing if the server sent a part: of `member;range=0-1499`
/// that is 1500, of the last part, `member;range=3000-*`, there is none.
fn described(description: &str) -> (&str, Option<u64>) {
    let Some((name, options)) = description.split_once(';') else { return (description, None) };
    let range = options.split(';').find_map(|option| {
        let bounds = is_range(option).then(|| option.get(6..)).flatten()?;
        bounds.split_once('-')?.1.parse::<u64>().ok()?.checked_add(1)
    });
    let only_transfer =
        options.split(';').all(|option| option.eq_ignore_ascii_case("binary") || is_range(option));
    // Another option, such as a language, makes another attribute.
    if only_transfer { (name, range) } else { (description, None) }
}

fn is_range(option: &str) -> bool {
    option.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("range="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_from_names() {
        assert_eq!(described("member;range=0-1499"), ("member", Some(1500)));
        assert_eq!(described("member;Range=1500-*"), ("member", None));
        assert_eq!(described("userCertificate;binary"), ("userCertificate", None));
        assert_eq!(described("cn;lang-de"), ("cn;lang-de", None));
        assert_eq!(described("cn;é"), ("cn;é", None));
    }
}
