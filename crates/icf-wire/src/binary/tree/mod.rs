//! Any object of the format as a tree, in the order of the wire, so that what was read is written again byte for byte.

mod interpret;
mod read;
mod rules;
mod uri;
mod write;

use std::fmt;

use icf::{GuardedBytes, GuardedString};

use super::class::ClassRef;
use super::error::{DecodeError, EncodeError};
use super::registry::{self, Content, Kind, RecordType, Registered};

pub(crate) use read::{character, read};
pub(crate) use write::write;

/// Any object of the format.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Object {
    /// No object.
    #[default]
    Null,
    /// `Boolean`
    Boolean(bool),
    /// `Character`: one UTF-16 code unit, perhaps half of a surrogate pair.
    Character(u16),
    /// `Integer`
    Integer(i32),
    /// `Long`
    Long(i64),
    /// `Float`; travels as a double.
    Float(f32),
    /// `Double`
    Double(f64),
    /// `Byte`
    Byte(i8),
    /// `String`
    String(String),
    /// `URI`
    Uri(String),
    /// `File`
    File(String),
    /// `BigInteger`, as decimal text.
    BigInteger(String),
    /// `ZonedDateTime`, as ISO 8601 text.
    ZonedDateTime(String),
    /// `Name`: the `__NAME__` of an object.
    Name(String),
    /// `ByteArray`
    Bytes(Vec<u8>),
    /// `Class`
    Class(ClassRef),
    /// `GuardedString`
    GuardedString(GuardedString),
    /// `GuardedByteArray`
    GuardedBytes(GuardedBytes),
    /// `Map`
    Map(Map),
    /// `List`
    List(Vec<Self>),
    /// `Set`
    Set(Set),
    /// An array.
    Array(Box<Array>),
    /// Any type with named fields.
    Record(Box<Record>),
    /// A type no release of OpenICF or ConnId knows.
    Foreign(Box<Foreign>),
}

impl Object {
    /// Judges and completes the tree as a Java peer does when it reads it: refuses what Java's classes refuse (blank
    /// names, unknown types and constants, filters on several values, ...), turns attributes called `__UID__` and
    /// `__NAME__` into [`Record`]s of type `Uid` and into names, joins the keys of case-insensitive maps.
    ///
    /// # Errors
    /// The broken rule, without any value.
    pub fn interpret(self) -> Result<Self, DecodeError> {
        interpret::interpret(self)
    }

    /// The wire name of the type; `Array` for arrays, `null` for null.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "Boolean",
            Self::Character(_) => "Character",
            Self::Integer(_) => "Integer",
            Self::Long(_) => "Long",
            Self::Float(_) => "Float",
            Self::Double(_) => "Double",
            Self::Byte(_) => "Byte",
            Self::String(_) => "String",
            Self::Uri(_) => "URI",
            Self::File(_) => "File",
            Self::BigInteger(_) => "BigInteger",
            Self::ZonedDateTime(_) => "ZonedDateTime",
            Self::Name(_) => "Name",
            Self::Bytes(_) => "ByteArray",
            Self::Class(_) => "Class",
            Self::GuardedString(_) => "GuardedString",
            Self::GuardedBytes(_) => "GuardedByteArray",
            Self::Map(_) => "Map",
            Self::List(_) => "List",
            Self::Set(_) => "Set",
            Self::Array(_) => "Array",
            Self::Record(record) => record.type_name(),
            Self::Foreign(foreign) => &foreign.type_name,
        }
    }

    /// The record, if it is one of that type.
    #[must_use]
    pub fn as_record(&self, type_name: &str) -> Option<&Record> {
        match self {
            Self::Record(record) if record.type_name() == type_name => Some(record),
            _ => None,
        }
    }
}

impl From<Record> for Object {
    fn from(record: Record) -> Self {
        Self::Record(Box::new(record))
    }
}

/// Keys and values in the order of the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Whether keys are texts that compare without case.
    pub case_insensitive: bool,
    /// Keys and values.
    pub entries: Vec<(Object, Object)>,
}

/// Members in the order of the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Whether members are texts that compare without case.
    pub case_insensitive: bool,
    /// Members.
    pub items: Vec<Object>,
}

/// Elements of one declared type.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Type of the elements.
    pub component: ClassRef,
    /// Elements; null is legal.
    pub items: Vec<Object>,
}

/// An object of a type this reader does not know. Its fields cannot be parsed, for only the type says how, and cannot be
/// written, for they may use names of the stream they came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The name of the type.
    pub type_name: String,
    /// Name, if any, and bytes of each field.
    pub fields: Vec<(Option<String>, Vec<u8>)>,
}

/// The bytes may hold a secret.
impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Foreign({:?}, {} fields)", self.type_name, self.fields.len())
    }
}

/// The value of a named field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A text; `None` is not written.
    Text(Option<String>),
    /// A number.
    I32(i32),
    /// A number.
    I64(i64),
    /// A truth value.
    Bool(bool),
    /// A class; `None` is not written.
    Class(Option<ClassRef>),
    /// An object; null is written.
    Object(Object),
}

impl Field {
    /// The value of an absent field.
    fn absent(kind: Kind) -> Self {
        match kind {
            Kind::Text(default) => Self::Text(default.map(str::to_owned)),
            Kind::I32(default) => Self::I32(default),
            Kind::I64(default) => Self::I64(default),
            Kind::Bool(default) => Self::Bool(default),
            Kind::Class => Self::Class(None),
            Kind::Object => Self::Object(Object::Null),
            Kind::Constant(enumeration, constant) => Self::Object(
                Record::new(enumeration)
                    .map_or(Object::Null, |record| record.with_text("value", constant).into()),
            ),
        }
    }

    fn is(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Text(_), Kind::Text(_))
                | (Self::I32(_), Kind::I32(_))
                | (Self::I64(_), Kind::I64(_))
                | (Self::Bool(_), Kind::Bool(_))
                | (Self::Class(_), Kind::Class)
                | (Self::Object(_), Kind::Object | Kind::Constant(..))
        )
    }
}

/// An object with named fields, with items in fields without a name, or with both.
#[derive(Clone)]
pub struct Record {
    registered: &'static Registered,
    record: &'static RecordType,
    fields: Vec<Field>,
    items: Vec<Object>,
}

impl Record {
    /// A record of that type whose fields all have the value of absent ones; `None` if there is no such type.
    #[must_use]
    pub fn new(type_name: &str) -> Option<Self> {
        let registered = registry::find(type_name)?;
        let Content::Record(record) = &registered.content else { return None };
        let fields = record.fields.iter().map(|field| Field::absent(field.kind)).collect();
        Some(Self { registered, record, fields, items: Vec::new() })
    }

    /// The wire name of the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.registered.name
    }

    /// Sets a field.
    ///
    /// # Errors
    /// When the type has no such field, or one of another kind.
    pub fn set(&mut self, name: &str, value: Field) -> Result<(), EncodeError> {
        let type_name = self.type_name();
        let field = self.record.position(name).and_then(|place| {
            let kind = self.record.fields.get(place)?.kind;
            self.fields.get_mut(place).filter(|_| value.is(kind))
        });
        match field {
            Some(field) => {
                *field = value;
                Ok(())
            }
            None => Err(EncodeError::refused(format!("{type_name} has no such field of that kind: {name}"))),
        }
    }

    /// Sets a text field; a name the type does not have changes nothing.
    fn with_text(mut self, name: &str, text: &str) -> Self {
        // Only called with fields of the table.
        let _ = self.set(name, Field::Text(Some(text.to_owned())));
        self
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.get(self.record.position(name)?)
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Field::Text(text)) => text.as_deref(),
            _ => None,
        }
    }

    /// The object of a field; null if the type has no such field.
    #[must_use]
    pub fn object(&self, name: &str) -> &Object {
        match self.get(name) {
            Some(Field::Object(object)) => object,
            _ => &Object::Null,
        }
    }

    /// All fields in writing order.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &Field)> {
        self.record.fields.iter().map(|field| field.name).zip(&self.fields)
    }

    /// The objects in fields without a name.
    #[must_use]
    pub fn items(&self) -> &[Object] {
        &self.items
    }

    /// Adds an object in a field without a name.
    pub fn push(&mut self, item: Object) {
        self.items.push(item);
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.type_name() == other.type_name() && self.fields == other.fields && self.items == other.items
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.type_name());
        for (name, field) in self.fields() {
            match field {
                // A facade key holds passwords.
                Field::Text(Some(_)) if name == "connectorFacadeKey" => shown.field(name, &"***"),
                Field::Text(None) | Field::Class(None) | Field::Object(Object::Null) => &mut shown,
                field => shown.field(name, field),
            };
        }
        if !self.items.is_empty() {
            shown.field("items", &self.items);
        }
        shown.finish()
    }
}
