//! Values: what attributes, options, configuration properties and script arguments hold.

use std::fmt;

pub use num_bigint::BigInt as BigInteger;

use crate::guarded::{GuardedBytes, GuardedString};
use crate::locale::Locale;
use crate::name::ObjectClass;
use crate::object::{QualifiedUid, Uid};
use crate::options::SortKey;
use crate::script::Script;

/// A decimal number: `unscaled` × 10^-`scale`. The scale is significant: 1.0 and 1.00 differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BigDecimal {
    /// All digits.
    pub unscaled: BigInteger,
    /// How many of them stand behind the point; may be negative.
    pub scale: i32,
}

/// Any value of the framework.
///
/// Attributes may hold the variants for which [`is_attribute_value`](Self::is_attribute_value) answers true; the others
/// occur in operation options, configuration properties and scripts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Text.
    String(String),
    /// One character.
    Character(char),
    /// 32-bit integer.
    Integer(i32),
    /// 64-bit integer.
    Long(i64),
    /// 32-bit floating point number.
    Float(f32),
    /// 64-bit floating point number.
    Double(f64),
    /// Truth value.
    Boolean(bool),
    /// 8-bit integer.
    Byte(i8),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Integer of any size.
    BigInteger(Box<BigInteger>),
    /// Decimal number of any size.
    BigDecimal(Box<BigDecimal>),
    /// Secret text.
    GuardedString(GuardedString),
    /// Secret bytes.
    GuardedBytes(GuardedBytes),
    /// Keys and values, in order.
    Map(ValueMap),
    /// Values in order.
    List(Vec<Self>),
    /// Values without duplicates, in the order received.
    Set(ValueSet),
    /// Values of one declared type.
    Array(Box<ValueArray>),
    /// A URI, as text.
    Uri(String),
    /// A path, as text.
    File(String),
    /// A locale.
    Locale(Box<Locale>),
    /// ISO 8601 date and time with offset (only ConnId peers send it).
    ZonedDateTime(String),
    /// A script.
    Script(Box<Script>),
    /// An object class.
    ObjectClass(ObjectClass),
    /// An identity.
    Uid(Uid),
    /// An identity with its class.
    QualifiedUid(Box<QualifiedUid>),
    /// A sort key.
    SortKey(SortKey),
}

impl Value {
    /// Whether an attribute may hold it (null included).
    #[must_use]
    pub fn is_attribute_value(&self) -> bool {
        match self {
            Self::Null
            | Self::String(_)
            | Self::Character(_)
            | Self::Integer(_)
            | Self::Long(_)
            | Self::Float(_)
            | Self::Double(_)
            | Self::Boolean(_)
            | Self::Byte(_)
            | Self::Bytes(_)
            | Self::BigInteger(_)
            | Self::BigDecimal(_)
            | Self::GuardedString(_)
            | Self::GuardedBytes(_)
            | Self::ZonedDateTime(_) => true,
            Self::Map(map) => map.iter().all(|(key, value)| {
                matches!(key, Self::String(_))
                    && match value {
                        Self::List(items) => items.iter().all(Self::is_attribute_value),
                        Self::Set(set) => set.items.iter().all(Self::is_attribute_value),
                        value => value.is_attribute_value(),
                    }
            }),
            _ => false,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type of the value; `None` for null.
    #[must_use]
    pub fn value_type(&self) -> Option<ValueType> {
        Some(match self {
            Self::Null => return None,
            Self::String(_) => ValueType::String,
            Self::Character(_) => ValueType::Character,
            Self::Integer(_) => ValueType::Integer,
            Self::Long(_) => ValueType::Long,
            Self::Float(_) => ValueType::Float,
            Self::Double(_) => ValueType::Double,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Byte(_) => ValueType::Byte,
            Self::Bytes(_) => ValueType::Bytes,
            Self::BigInteger(_) => ValueType::BigInteger,
            Self::BigDecimal(_) => ValueType::BigDecimal,
            Self::GuardedString(_) => ValueType::GuardedString,
            Self::GuardedBytes(_) => ValueType::GuardedBytes,
            Self::Map(_) => ValueType::Map,
            Self::List(_) => ValueType::List,
            Self::Set(_) => ValueType::Set,
            Self::Array(array) => ValueType::Array(Box::new(array.component.clone())),
            Self::Uri(_) => ValueType::Uri,
            Self::File(_) => ValueType::File,
            Self::Locale(_) => ValueType::Locale,
            Self::ZonedDateTime(_) => ValueType::ZonedDateTime,
            Self::Script(_) => ValueType::Script,
            Self::ObjectClass(_) => ValueType::ObjectClass,
            Self::Uid(_) => ValueType::Uid,
            Self::QualifiedUid(_) => ValueType::QualifiedUid,
            Self::SortKey(_) => ValueType::SortKey,
        })
    }

    /// The name of the type for messages, such as `String` or `String[]`; `null` for null.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.value_type().map_or_else(|| "null".to_owned(), |value_type| value_type.to_string())
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from! {
    &str => String,
    String => String,
    char => Character,
    i32 => Integer,
    i64 => Long,
    f32 => Float,
    f64 => Double,
    bool => Boolean,
    i8 => Byte,
    Vec<u8> => Bytes,
    BigInteger => BigInteger,
    BigDecimal => BigDecimal,
    GuardedString => GuardedString,
    GuardedBytes => GuardedBytes,
    ValueMap => Map,
    ObjectClass => ObjectClass,
    Uid => Uid,
    SortKey => SortKey,
    Script => Script,
    Locale => Locale,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Keys and values in the order received. Keys of attribute values are texts; elsewhere any value, even null.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueMap {
    /// Whether text keys compare without case.
    pub case_insensitive: bool,
    /// Entries in order.
    pub entries: Vec<(Value, Value)>,
}

impl ValueMap {
    /// The value under a text key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find_map(|(candidate, value)| {
            let candidate = candidate.as_str()?;
            let same = candidate == key || self.case_insensitive && crate::name::same_name(candidate, key);
            same.then_some(value)
        })
    }

    /// Adds an entry.
    #[must_use]
    pub fn with(mut self, key: impl Into<Value>, value: impl Into<Value>) -> Self {
        self.entries.push((key.into(), value.into()));
        self
    }

    /// Entries in order.
    pub fn iter(&self) -> impl Iterator<Item = &(Value, Value)> {
        self.entries.iter()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Values without duplicates, in the order received.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueSet {
    /// Whether texts compare without case.
    pub case_insensitive: bool,
    /// Members in order.
    pub items: Vec<Value>,
}

/// Values of one declared type.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueArray {
    /// Declared type of every element.
    pub component: ValueType,
    /// Elements in order; null is legal.
    pub items: Vec<Value>,
}

impl ValueArray {
    /// An array of texts.
    #[must_use]
    pub fn of_strings<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self {
            component: ValueType::String,
            items: items.into_iter().map(|item| Value::String(item.into())).collect(),
        }
    }
}

/// A type as schemas and configuration properties name it.
///
/// The primitive forms (`int`, `boolean`, ...) are those that cannot be null.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `String`
    String,
    /// `Character`
    Character,
    /// `char`
    PrimitiveCharacter,
    /// `Integer`
    Integer,
    /// `int`
    PrimitiveInteger,
    /// `Long`
    Long,
    /// `long`
    PrimitiveLong,
    /// `Float`
    Float,
    /// `float`
    PrimitiveFloat,
    /// `Double`
    Double,
    /// `double`
    PrimitiveDouble,
    /// `Boolean`
    Boolean,
    /// `boolean`
    PrimitiveBoolean,
    /// `Byte`
    Byte,
    /// `byte`
    PrimitiveByte,
    /// `ByteArray`
    Bytes,
    /// `BigInteger`
    BigInteger,
    /// `BigDecimal`
    BigDecimal,
    /// `GuardedString`
    GuardedString,
    /// `GuardedByteArray`
    GuardedBytes,
    /// `Map`
    Map,
    /// `List`
    List,
    /// `Set`
    Set,
    /// `URI`
    Uri,
    /// `File`
    File,
    /// `Locale`
    Locale,
    /// `ZonedDateTime`
    ZonedDateTime,
    /// `Script`
    Script,
    /// `ObjectClass`
    ObjectClass,
    /// `Uid`
    Uid,
    /// `QualifiedUid`
    QualifiedUid,
    /// `SortKey`
    SortKey,
    /// `Object`: any type at all.
    Object,
    /// An array of another type.
    Array(Box<Self>),
    /// A type this server does not know, under the name received.
    Other(String),
}

const SERIAL_NAMES: &[(&str, ValueType)] = &[
    ("String", ValueType::String),
    ("Character", ValueType::Character),
    ("char", ValueType::PrimitiveCharacter),
    ("Integer", ValueType::Integer),
    ("int", ValueType::PrimitiveInteger),
    ("Long", ValueType::Long),
    ("long", ValueType::PrimitiveLong),
    ("Float", ValueType::Float),
    ("float", ValueType::PrimitiveFloat),
    ("Double", ValueType::Double),
    ("double", ValueType::PrimitiveDouble),
    ("Boolean", ValueType::Boolean),
    ("boolean", ValueType::PrimitiveBoolean),
    ("Byte", ValueType::Byte),
    ("byte", ValueType::PrimitiveByte),
    ("ByteArray", ValueType::Bytes),
    ("BigInteger", ValueType::BigInteger),
    ("BigDecimal", ValueType::BigDecimal),
    ("GuardedString", ValueType::GuardedString),
    ("GuardedByteArray", ValueType::GuardedBytes),
    ("Map", ValueType::Map),
    ("List", ValueType::List),
    ("Set", ValueType::Set),
    ("URI", ValueType::Uri),
    ("File", ValueType::File),
    ("Locale", ValueType::Locale),
    ("ZonedDateTime", ValueType::ZonedDateTime),
    ("Script", ValueType::Script),
    ("ObjectClass", ValueType::ObjectClass),
    ("Uid", ValueType::Uid),
    ("QualifiedUid", ValueType::QualifiedUid),
    ("SortKey", ValueType::SortKey),
    ("Object", ValueType::Object),
];

impl ValueType {
    /// The name the type has on the wire; arrays have none of their own and answer that of their innermost element.
    #[must_use]
    pub fn serial_name(&self) -> &str {
        match self {
            Self::Array(component) => component.serial_name(),
            Self::Other(name) => name,
            known => SERIAL_NAMES
                .iter()
                .find_map(|(name, candidate)| (candidate == known).then_some(*name))
                .unwrap_or("Object"),
        }
    }

    /// The type of that wire name; an unknown name is kept as [`Other`](Self::Other).
    #[must_use]
    pub fn from_serial_name(name: &str) -> Self {
        SERIAL_NAMES
            .iter()
            .find_map(|(candidate, value_type)| (*candidate == name).then(|| value_type.clone()))
            .unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// The form that can be null: `Integer` for `int`. Other types answer themselves.
    #[must_use]
    pub fn boxed(&self) -> Self {
        match self {
            Self::PrimitiveCharacter => Self::Character,
            Self::PrimitiveInteger => Self::Integer,
            Self::PrimitiveLong => Self::Long,
            Self::PrimitiveFloat => Self::Float,
            Self::PrimitiveDouble => Self::Double,
            Self::PrimitiveBoolean => Self::Boolean,
            Self::PrimitiveByte => Self::Byte,
            other => other.clone(),
        }
    }

    /// Whether a value of this type cannot be null.
    #[must_use]
    pub fn is_primitive(&self) -> bool {
        self.boxed() != *self
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(component) => write!(f, "{component}[]"),
            other => f.write_str(other.serial_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_again_by_its_wire_name() {
        for (name, value_type) in SERIAL_NAMES {
            assert_eq!(ValueType::from_serial_name(name), *value_type);
            assert_eq!(value_type.serial_name(), *name);
        }
        assert_eq!(ValueType::Array(Box::new(ValueType::String)).to_string(), "String[]");
    }

    #[test]
    fn maps_of_attributes_have_text_keys() {
        let nested = ValueMap::default().with("a", 1).with("b", Value::Null);
        assert!(Value::Map(nested).is_attribute_value());
        assert!(!Value::Map(ValueMap::default().with(1, 1)).is_attribute_value());
        assert!(!Value::List(vec![]).is_attribute_value());
    }
}
