//! Java class names, which messages to callers contain.

use icf::{Value, ValueType};
use serde_json::Value as Json;

/// The class of a JSON value as Java reads it.
pub(super) fn of_json(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "java.lang.Boolean",
        Json::Number(number) => match number.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => "java.lang.Integer",
            Some(_) => "java.lang.Long",
            None if number.is_u64() => "java.math.BigInteger",
            None => "java.lang.Double",
        },
        Json::String(_) => "java.lang.String",
        Json::Array(_) => "java.util.List",
        Json::Object(_) => "java.util.Map",
    }
}

/// The class of an ICF value.
pub(super) fn of_value(value: &Value) -> String {
    value.value_type().map_or_else(|| "null".to_owned(), |value_type| of_type(&value_type))
}

/// The class of an ICF type.
pub(crate) fn of_type(value_type: &ValueType) -> String {
    let name = match value_type.boxed() {
        ValueType::String => "java.lang.String",
        ValueType::Character => "java.lang.Character",
        ValueType::Integer => "java.lang.Integer",
        ValueType::Long => "java.lang.Long",
        ValueType::Float => "java.lang.Float",
        ValueType::Double => "java.lang.Double",
        ValueType::Boolean => "java.lang.Boolean",
        ValueType::Byte => "java.lang.Byte",
        ValueType::Bytes => "[B",
        ValueType::BigInteger => "java.math.BigInteger",
        ValueType::BigDecimal => "java.math.BigDecimal",
        ValueType::GuardedString => "org.identityconnectors.common.security.GuardedString",
        ValueType::GuardedBytes => "org.identityconnectors.common.security.GuardedByteArray",
        ValueType::Map => "java.util.Map",
        ValueType::List => "java.util.List",
        ValueType::Set => "java.util.Set",
        ValueType::Uri => "java.net.URI",
        ValueType::File => "java.io.File",
        ValueType::Script => "org.identityconnectors.framework.common.objects.Script",
        other => return other.to_string(),
    };
    name.to_owned()
}
