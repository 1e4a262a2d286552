//! Property types that take what older files hold: numbers and truth values written as texts, and null for the default.

use icf::{PropertyMismatch, PropertyValue, Value, ValueType};

fn mismatch(expected: ValueType, value: &Value) -> PropertyMismatch {
    PropertyMismatch { expected, actual: value.type_name() }
}

fn number(value: &Value, expected: &ValueType) -> Result<i32, PropertyMismatch> {
    let read = match value {
        Value::Integer(number) => Some(*number),
        Value::Long(number) => i32::try_from(*number).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    read.ok_or_else(|| mismatch(expected.clone(), value))
}

/// A `boolean` with a default, which null stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag<const DEFAULT: bool>(pub bool);

impl<const DEFAULT: bool> Default for Flag<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: bool> PropertyValue for Flag<DEFAULT> {
    fn value_type() -> ValueType {
        ValueType::PrimitiveBoolean
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self(DEFAULT)),
            Value::Boolean(flag) => Ok(Self(*flag)),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Ok(Self(true)),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Ok(Self(false)),
            other => Err(mismatch(Self::value_type(), other)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// An `int` with a default, which null stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<const DEFAULT: i32>(pub i32);

impl<const DEFAULT: i32> Default for Count<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: i32> PropertyValue for Count<DEFAULT> {
    fn value_type() -> ValueType {
        ValueType::PrimitiveInteger
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self(DEFAULT)),
            other => number(other, &Self::value_type()).map(Self),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// An `Integer` with a default, which null stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<const DEFAULT: i32>(pub i32);

impl<const DEFAULT: i32> Default for Number<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const DEFAULT: i32> PropertyValue for Number<DEFAULT> {
    fn value_type() -> ValueType {
        ValueType::Integer
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self(DEFAULT)),
            other => number(other, &Self::value_type()).map(Self),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// An `Integer` that need not be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaybeNumber(pub Option<i32>);

impl PropertyValue for MaybeNumber {
    fn value_type() -> ValueType {
        ValueType::Integer
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self(None)),
            Value::String(text) if text.trim().is_empty() => Ok(Self(None)),
            other => number(other, &Self::value_type()).map(|number| Self(Some(number))),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_null_are_understood() {
        assert_eq!(Number::<1>::from_value(&"2".into()), Ok(Number(2)));
        assert_eq!(Number::<1>::from_value(&Value::Null), Ok(Number(1)));
        assert_eq!(Count::<30>::from_value(&Value::Long(5)), Ok(Count(5)));
        assert_eq!(Flag::<true>::from_value(&Value::Null), Ok(Flag(true)));
        assert_eq!(Flag::<true>::from_value(&"False".into()), Ok(Flag(false)));
        assert_eq!(MaybeNumber::from_value(&"".into()), Ok(MaybeNumber(None)));
        assert!(Number::<1>::from_value(&"two".into()).is_err());
        assert!(Flag::<true>::from_value(&1.into()).is_err());
    }
}
