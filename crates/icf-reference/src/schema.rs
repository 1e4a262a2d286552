//! What the connector says of its objects: an attribute of every type and with every flag.

use icf::AttributeFlag as Flag;
use icf::{
    ApiOperation, AttributeInfo, ConnectorError, ObjectClass, ObjectClassInfo, OperationOptionInfo, Result,
    Schema, SchemaBuilder, ValueType, names, operations, same_name,
};

use crate::connector::Reference;

/// Attributes of one value, by name and type.
const SINGLE: [(&str, ValueType); 21] = [
    ("string", ValueType::String),
    ("character", ValueType::Character),
    ("primitiveCharacter", ValueType::PrimitiveCharacter),
    ("int", ValueType::Integer),
    ("primitiveInt", ValueType::PrimitiveInteger),
    ("long", ValueType::Long),
    ("primitiveLong", ValueType::PrimitiveLong),
    ("float", ValueType::Float),
    ("primitiveFloat", ValueType::PrimitiveFloat),
    ("double", ValueType::Double),
    ("primitiveDouble", ValueType::PrimitiveDouble),
    ("boolean", ValueType::Boolean),
    ("primitiveBoolean", ValueType::PrimitiveBoolean),
    ("byte", ValueType::Byte),
    ("primitiveByte", ValueType::PrimitiveByte),
    ("bytes", ValueType::Bytes),
    ("bigInteger", ValueType::BigInteger),
    ("bigDecimal", ValueType::BigDecimal),
    ("guardedString", ValueType::GuardedString),
    ("guardedBytes", ValueType::GuardedBytes),
    ("map", ValueType::Map),
];

/// Attributes that have their flags for a name, all texts.
const FLAGGED: [(&str, &[Flag]); 6] = [
    ("required", &[Flag::Required]),
    ("strings", &[Flag::Multivalued]),
    ("notCreatable", &[Flag::NotCreatable]),
    ("notUpdateable", &[Flag::NotUpdateable]),
    ("notReadable", &[Flag::NotReadable, Flag::NotReturnedByDefault]),
    ("hidden", &[Flag::NotReturnedByDefault]),
];

const OPTIONS: [(&str, ValueType); 8] = [
    ("delayMillis", ValueType::Integer),
    ("throw", ValueType::String),
    ("throwAfter", ValueType::Integer),
    ("null", ValueType::Boolean),
    ("generate", ValueType::Integer),
    ("textLength", ValueType::Integer),
    ("describe", ValueType::Boolean),
    ("later", ValueType::Boolean),
];

const ORGANIZATION: ObjectClass = ObjectClass::from_static("organization");

fn account_attributes() -> Vec<AttributeInfo> {
    let single = SINGLE.into_iter().map(|(name, value_type)| AttributeInfo::new(name, value_type));
    let flagged = FLAGGED.into_iter().map(|(name, flags)| {
        flags.iter().fold(AttributeInfo::new(name, ValueType::String), |info, flag| info.with(*flag))
    });
    let operational = [
        AttributeInfo::new(names::PASSWORD, ValueType::GuardedString)
            .with(Flag::NotReadable)
            .with(Flag::NotReturnedByDefault),
        AttributeInfo::new(names::PASSWORD_EXPIRED, ValueType::PrimitiveBoolean),
        AttributeInfo::new(names::ENABLE, ValueType::PrimitiveBoolean),
    ];
    single.chain(flagged).chain(operational).collect()
}

fn attributes(class: &ObjectClass) -> Option<Vec<AttributeInfo>> {
    if *class == ObjectClass::ACCOUNT {
        Some(account_attributes())
    } else if *class == ObjectClass::GROUP {
        Some(vec![AttributeInfo::new("members", ValueType::String).with(Flag::Multivalued)])
    } else if *class == ORGANIZATION {
        Some(vec![AttributeInfo::new("string", ValueType::String)])
    } else {
        None
    }
}

/// The whole schema.
pub(crate) fn schema() -> Result<Schema> {
    use ApiOperation as Op;
    let class = |class: ObjectClass, container| {
        let mut info = ObjectClassInfo::try_new(class.clone(), attributes(&class).unwrap_or_default())?;
        info.container = container;
        Ok::<_, ConnectorError>(info)
    };
    let mut builder = SchemaBuilder::new(operations::supported::<Reference>())
        .class(class(ObjectClass::ACCOUNT, false)?)
        .class_for(
            class(ObjectClass::GROUP, false)?,
            &[Op::Create, Op::Update, Op::Delete, Op::Search, Op::Sync],
        )
        .class_for(class(ORGANIZATION, true)?, &[Op::Search, Op::Sync]);
    for (name, value_type) in OPTIONS {
        let only: &[Op] = if name == "generate" { &[Op::Search, Op::Sync] } else { &[] };
        builder = builder.option(OperationOptionInfo { name: name.to_owned(), value_type }, only);
    }
    builder.build()
}

pub(crate) fn check_class(class: &ObjectClass) -> Result<()> {
    if [ObjectClass::ACCOUNT, ObjectClass::GROUP, ORGANIZATION].contains(class) {
        return Ok(());
    }
    Err(ConnectorError::illegal_argument(format!("Unknown object class: {class}")))
}

/// The same for operations that know `__ALL__`.
pub(crate) fn check_class_or_all(class: &ObjectClass) -> Result<()> {
    if *class == ObjectClass::ALL { Ok(()) } else { check_class(class) }
}

pub(crate) fn check_attribute(class: &ObjectClass, name: &str) -> Result<()> {
    let known = attributes(class).unwrap_or_default();
    if same_name(name, names::NAME) || known.iter().any(|info| info.name.is(name)) {
        return Ok(());
    }
    Err(ConnectorError::invalid_attribute_value(format!("Unknown attribute: {name}")))
}
