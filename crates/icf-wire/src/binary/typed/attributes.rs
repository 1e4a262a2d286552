//! Attributes, sets of them, and whole objects: what searches are made of.

use std::collections::HashMap;

use icf::{Attribute, AttributeName, AttributeSet, ConnectorObject, ObjectClass, Uid, Value, names};

use super::{DecodeError, Raw, Read, Write, Writer, part, require, value};
use crate::binary::error::EncodeError;
use crate::binary::profile::{ConnIdRelease, Since};

/// Writes an identity. Peers that know a name hint write it even when there is none.
pub(crate) fn write_uid(w: &mut Writer<'_>, uid: &Uid) -> Write {
    write_uid_parts(w, uid.value(), uid.revision())
}

fn write_uid_parts(w: &mut Writer<'_>, value: &str, revision: Option<&str>) -> Write {
    if is_blank(value) {
        return Err(EncodeError::refused("Uid value must not be blank!"));
    }
    w.object("Uid", |w| {
        w.text_field("uid", Some(value))?;
        w.text_field("revision", revision)?;
        if w.profile().has(Since::ConnId(ConnIdRelease::V1_5_1)) {
            w.named("nameHint", Writer::null)?;
        }
        Ok(())
    })
}

fn write_name(w: &mut Writer<'_>, name: &str) -> Write {
    w.object("Name", |w| w.anonymous(|w| w.utf8(name)))
}

/// Writes an attribute; `__UID__` and `__NAME__`, spelled exactly so, have forms of their own.
pub(super) fn write_attribute(w: &mut Writer<'_>, attribute: &Attribute) -> Write {
    let name = attribute.name.as_str();
    if name == names::UID || name == names::NAME {
        let text = attribute
            .as_str()
            .ok_or_else(|| EncodeError::refused(format!("Attribute {name} must hold exactly one text")))?;
        return if name == names::UID { write_uid_parts(w, text, None) } else { write_name(w, text) };
    }
    if is_blank(name) {
        return Err(EncodeError::refused("Name must not be blank!"));
    }
    if let Some(value) = attribute.values().iter().find(|value| !value.is_attribute_value()) {
        let type_name = value.type_name();
        return Err(EncodeError::refused(format!(
            "Attribute {name}: values of type {type_name} are not legal"
        )));
    }
    w.object("Attribute", |w| {
        w.text_field("name", Some(name))?;
        w.named("Values", |w| match &attribute.values {
            None => w.null(),
            Some(values) => w.object("List", |w| {
                for value in values {
                    w.anonymous(|w| value::write(w, value))?;
                }
                Ok(())
            }),
        })
    })
}

/// Writes a set of attributes.
pub(super) fn write_set(w: &mut Writer<'_>, attributes: &AttributeSet) -> Write {
    w.object("Set", |w| {
        for attribute in attributes {
            w.anonymous(|w| write_attribute(w, attribute))?;
        }
        Ok(())
    })
}

/// Writes the attributes of an object, uid and name first.
pub(super) fn write_object_attributes(w: &mut Writer<'_>, object: &ConnectorObject) -> Write {
    w.object("Set", |w| {
        w.anonymous(|w| write_uid(w, &object.uid))?;
        w.anonymous(|w| write_name(w, &object.name))?;
        for attribute in &object.attributes {
            w.anonymous(|w| write_attribute(w, attribute))?;
        }
        Ok(())
    })
}

/// Writes an object.
pub(crate) fn write_object(w: &mut Writer<'_>, object: &ConnectorObject) -> Write {
    w.object("ConnectorObject", |w| {
        w.named("ObjectClass", |w| value::write_object_class(w, &object.object_class))?;
        w.named("Attributes", |w| write_object_attributes(w, object))
    })
}

/// Reads an identity.
pub(crate) fn read_uid(raw: &Raw<'_>) -> Read<Uid> {
    raw.expect("Uid")?;
    let value = raw.text("uid")?.unwrap_or_default();
    let uid = Uid::try_new(&*value)?;
    match raw.text("revision")? {
        None => Ok(uid),
        Some(revision) => {
            require(!revision.trim().is_empty(), "Uid revision must not be blank!")?;
            Ok(uid.with_revision(&*revision))
        }
    }
}

/// A member of a set of attributes.
enum Member {
    Uid(Uid),
    Name(String),
    Other(Attribute),
}

impl Member {
    fn read(raw: &Raw<'_>, spellings: &mut Spellings) -> Read<Self> {
        if raw.is("Uid") {
            return read_uid(raw).map(Self::Uid);
        }
        if raw.is("Name") {
            let name = raw.content()?.utf8(raw.limits())?.into_owned();
            return Ok(Self::Name(name));
        }
        raw.expect("Attribute")?;
        let name = raw.text("name")?.unwrap_or_default();
        require(!is_blank(&name), "Name must not be blank!")?;
        let values = match raw.object("Values")? {
            Some(list) => Some(read_values(&list, &name)?),
            None => None,
        };
        let attribute = Attribute { name: spellings.name(&name), values };
        Self::special(attribute)
    }

    /// Attributes with rules of their own, by their exact names.
    fn special(attribute: Attribute) -> Read<Self> {
        match attribute.name.as_str() {
            names::UID => {
                let value = attribute.as_str().ok_or_else(|| one_text(names::UID))?;
                Ok(Self::Uid(Uid::try_new(value)?))
            }
            names::NAME => {
                let name = attribute.as_str().ok_or_else(|| one_text(names::NAME))?;
                Ok(Self::Name(name.to_owned()))
            }
            names::PASSWORD | names::CURRENT_PASSWORD => {
                let sound = matches!(attribute.values(), [] | [Value::Null | Value::GuardedString(_)]);
                require(sound, "A password must be exactly one GuardedString")?;
                Ok(Self::Other(attribute))
            }
            _ => Ok(Self::Other(attribute)),
        }
    }

    fn into_attribute(self) -> Attribute {
        match self {
            Self::Uid(uid) => Attribute::single(AttributeName::from_static(names::UID), uid.value()),
            Self::Name(name) => Attribute::single(AttributeName::from_static(names::NAME), name),
            Self::Other(attribute) => attribute,
        }
    }
}

fn one_text(name: &str) -> DecodeError {
    DecodeError::refused(format!("Attribute {name} must hold exactly one text"))
}

fn read_values(list: &Raw<'_>, name: &str) -> Read<Vec<Value>> {
    list.expect("List")?;
    let mut values = Vec::with_capacity(list.count().min(RESERVED));
    for payload in list.anonymous() {
        let value = value::read(&list.nested(payload)?)?;
        if !value.is_attribute_value() {
            return Err(DecodeError::refused(illegal_value(name, &value)));
        }
        values.push(value);
    }
    Ok(values)
}

/// The text of the rule. A peer chooses the name, so no more than its beginning is repeated.
fn illegal_value(name: &str, value: &Value) -> String {
    let name: String = name.chars().take(80).collect();
    format!("Attribute {name}: values of type {} are not legal", value.type_name())
}

/// Reads an attribute; a uid and a name become attributes of those names.
pub(super) fn read_attribute(raw: &Raw<'_>) -> Read<Attribute> {
    Member::read(raw, &mut Spellings::default()).map(Member::into_attribute)
}

/// Reads a set of attributes.
pub(crate) fn read_set(raw: &Raw<'_>) -> Read<AttributeSet> {
    raw.expect("Set")?;
    let mut attributes = AttributeSet::new();
    for payload in raw.anonymous() {
        attributes.push(read_attribute(&raw.nested(payload)?)?);
    }
    Ok(attributes)
}

/// Reads an object of that class from its set of attributes. Of attributes with one name the last counts.
pub(super) fn read_object_attributes(
    raw: &Raw<'_>,
    object_class: ObjectClass,
    spellings: &mut Spellings,
) -> Read<ConnectorObject> {
    raw.expect("Set")?;
    require(object_class.as_str() != ObjectClass::ALL.as_str(), "An object cannot be of all classes")?;
    let (mut uid, mut name) = (None, None);
    // Uid and name are none of them.
    let list = Vec::with_capacity(raw.count().saturating_sub(2).min(RESERVED));
    let mut attributes = Distinct { list, places: HashMap::new() };
    spellings.restart();
    for payload in raw.anonymous() {
        match Member::read(&raw.nested(payload)?, spellings)? {
            Member::Uid(value) => uid = Some(value),
            Member::Name(value) => name = Some(value),
            Member::Other(attribute) => attributes.put(attribute),
        }
    }
    let missing = |name| move || DecodeError::refused(format!("The ConnectorObject has no {name}"));
    Ok(ConnectorObject {
        object_class,
        uid: uid.ok_or_else(missing(names::UID))?,
        name: name.ok_or_else(missing(names::NAME))?,
        attributes: attributes.list,
    })
}

/// Attributes each of whose names is there once. Few are compared one by one, many are looked up.
struct Distinct {
    list: Vec<Attribute>,
    places: HashMap<AttributeName, usize>,
}

impl Distinct {
    const FEW: usize = 32;

    fn put(&mut self, attribute: Attribute) {
        let known = if self.list.len() < Self::FEW {
            self.list.iter().position(|other| other.name == attribute.name)
        } else {
            if self.places.is_empty() {
                let names = self.list.iter().map(|attribute| attribute.name.clone());
                self.places = names.zip(0..).collect();
            }
            self.places.get(&attribute.name).copied()
        };
        match known.and_then(|place| self.list.get_mut(place)) {
            Some(old) => *old = attribute,
            None => {
                if !self.places.is_empty() {
                    self.places.insert(attribute.name.clone(), self.list.len());
                }
                self.list.push(attribute);
            }
        }
    }
}

/// Reads an object.
pub(super) fn read_object(raw: &Raw<'_>) -> Read<ConnectorObject> {
    raw.expect("ConnectorObject")?;
    let class = part(raw, "ObjectClass", "A ConnectorObject needs a class")?;
    let attributes = part(raw, "Attributes", "A ConnectorObject needs attributes")?;
    read_object_attributes(&attributes, value::read_object_class(&class)?, &mut Spellings::default())
}

/// Names of attributes as they were spelled lately. The objects of a search have the same ones in the same order, and
/// need not have each a copy.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    names: Vec<AttributeName>,
    /// Which one is likely to be next.
    next: usize,
    /// How many are kept.
    most: usize,
}

impl Spellings {
    /// Keeps so many.
    pub(super) const fn keeping(most: usize) -> Self {
        Self { names: Vec::new(), next: 0, most }
    }

    /// An object begins.
    const fn restart(&mut self) {
        self.next = 0;
    }

    fn name(&mut self, text: &str) -> AttributeName {
        let is_it = |name: &AttributeName| name.as_str() == text;
        let known = match self.names.get(self.next) {
            Some(name) if is_it(name) => Some(self.next),
            _ => self.names.iter().position(is_it),
        };
        if let Some(place) = known
            && let Some(name) = self.names.get(place)
        {
            self.next = place + 1;
            return name.clone();
        }
        let name = AttributeName::from(text);
        if self.names.len() < self.most {
            self.names.push(name.clone());
            self.next = self.names.len();
        }
        name
    }
}

/// What is reserved for at most on a peer's word.
const RESERVED: usize = 64;

/// Whether a text has nothing but white space.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
