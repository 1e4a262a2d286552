//! Native types of a provisioner file.

use icf::ValueType;

const PREFIX: &str = "JAVA_TYPE_";

/// Names that stand without prefix.
const PLAIN: [(&str, ValueType); 7] = [
    ("string", ValueType::String),
    ("boolean", ValueType::Boolean),
    ("integer", ValueType::Integer),
    ("object", ValueType::Map),
    ("STRING", ValueType::String),
    ("INTEGER", ValueType::Integer),
    ("OBJECT", ValueType::Map),
];

/// Names behind the prefix. A date is a text that nobody parses.
const PREFIXED: [(&str, ValueType); 21] = [
    ("BIGDECIMAL", ValueType::BigDecimal),
    ("BIGINTEGER", ValueType::BigInteger),
    ("PRIMITIVE_BOOLEAN", ValueType::PrimitiveBoolean),
    ("BYTE", ValueType::Byte),
    ("PRIMITIVE_BYTE", ValueType::PrimitiveByte),
    ("BYTE_ARRAY", ValueType::Bytes),
    ("CHAR", ValueType::PrimitiveCharacter),
    ("CHARACTER", ValueType::Character),
    ("DATE", ValueType::String),
    ("DOUBLE", ValueType::Double),
    ("PRIMITIVE_DOUBLE", ValueType::PrimitiveDouble),
    ("FLOAT", ValueType::Float),
    ("PRIMITIVE_FLOAT", ValueType::PrimitiveFloat),
    ("GUARDEDBYTEARRAY", ValueType::GuardedBytes),
    ("GUARDEDSTRING", ValueType::GuardedString),
    ("INT", ValueType::PrimitiveInteger),
    ("LONG", ValueType::Long),
    ("PRIMITIVE_LONG", ValueType::PrimitiveLong),
    ("STRING", ValueType::String),
    ("INTEGER", ValueType::Integer),
    ("OBJECT", ValueType::Map),
];

/// Native types that name something an attribute cannot hold.
const REFUSED: [(&str, &str); 10] = [
    ("array", "interface java.util.List"),
    ("number", "class java.lang.Number"),
    ("any", "class java.lang.Object"),
    ("FILE", "class java.io.File"),
    ("URI", "class java.net.URI"),
    ("NAME", "class org.identityconnectors.framework.common.objects.Name"),
    ("UID", "class org.identityconnectors.framework.common.objects.Uid"),
    ("OBJECTCLASS", "class org.identityconnectors.framework.common.objects.ObjectClass"),
    ("QUALIFIEDUID", "class org.identityconnectors.framework.common.objects.QualifiedUid"),
    ("SCRIPT", "class org.identityconnectors.framework.common.objects.Script"),
];

/// The ICF type of a native type, or what is wrong with it.
pub(crate) fn native_type(name: &str) -> Result<ValueType, String> {
    let short = name.strip_prefix(PREFIX);
    let known = match short {
        Some(short) => PREFIXED.iter().find(|(candidate, _)| *candidate == short).map(|(_, t)| t.clone()),
        None => PLAIN.iter().find(|(candidate, _)| *candidate == name).map(|(_, t)| t.clone()),
    };
    known.ok_or_else(|| {
        let short = short.unwrap_or(name);
        let class = REFUSED.iter().find_map(|(candidate, class)| (*candidate == short).then_some(*class));
        match class {
            Some(class) => format!("Attribute type '{class}' is not supported."),
            None => format!("Attribute type '{name}' is not known."),
        }
    })
}

/// The JSON type and native type that a generated provisioner file names an ICF type with.
pub(crate) fn native_name_of(value_type: &ValueType) -> (&'static str, String) {
    let java = |name: &str| format!("{PREFIX}{name}");
    let (json, native) = match value_type {
        ValueType::String => ("string", "string".to_owned()),
        ValueType::Boolean => ("boolean", "boolean".to_owned()),
        ValueType::Integer => ("integer", "integer".to_owned()),
        ValueType::PrimitiveInteger => ("integer", java("INT")),
        ValueType::Map | ValueType::Object => ("object", "object".to_owned()),
        ValueType::PrimitiveBoolean => ("boolean", java("PRIMITIVE_BOOLEAN")),
        ValueType::Long => ("number", java("LONG")),
        ValueType::PrimitiveLong => ("number", java("PRIMITIVE_LONG")),
        ValueType::Double => ("number", java("DOUBLE")),
        ValueType::PrimitiveDouble => ("number", java("PRIMITIVE_DOUBLE")),
        ValueType::Float => ("number", java("FLOAT")),
        ValueType::PrimitiveFloat => ("number", java("PRIMITIVE_FLOAT")),
        ValueType::BigDecimal => ("number", java("BIGDECIMAL")),
        ValueType::BigInteger => ("number", java("BIGINTEGER")),
        ValueType::Byte => ("number", java("BYTE")),
        ValueType::PrimitiveByte => ("string", java("PRIMITIVE_BYTE")),
        ValueType::PrimitiveCharacter => ("string", java("CHAR")),
        ValueType::Character => ("string", java("CHARACTER")),
        ValueType::Bytes => ("string", java("BYTE_ARRAY")),
        ValueType::GuardedString => ("string", java("GUARDEDSTRING")),
        ValueType::GuardedBytes => ("string", java("GUARDEDBYTEARRAY")),
        ValueType::Uri => ("string", java("URI")),
        ValueType::File => ("string", java("FILE")),
        ValueType::Script => ("object", java("SCRIPT")),
        ValueType::ObjectClass => ("string", java("OBJECTCLASS")),
        ValueType::Uid => ("string", java("UID")),
        ValueType::QualifiedUid => ("object", java("QUALIFIEDUID")),
        _ => ("string", "string".to_owned()),
    };
    (json, native)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(native_type("string"), Ok(ValueType::String));
        assert_eq!(native_type("JAVA_TYPE_DATE"), Ok(ValueType::String));
        assert_eq!(native_type("JAVA_TYPE_INT"), Ok(ValueType::PrimitiveInteger));
        assert_eq!(
            native_type("array").unwrap_err(),
            "Attribute type 'interface java.util.List' is not supported."
        );
        assert!(native_type("JAVA_TYPE_FILE").is_err());
        assert!(native_type("strange").is_err());
    }

    #[test]
    fn what_is_generated_can_be_read_back() {
        for value_type in
            [ValueType::Long, ValueType::PrimitiveByte, ValueType::GuardedString, ValueType::Map]
        {
            assert_eq!(native_type(&native_name_of(&value_type).1), Ok(value_type));
        }
    }
}
