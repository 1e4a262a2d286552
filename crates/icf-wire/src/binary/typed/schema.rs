//! Schemas.

use std::collections::BTreeMap;

use icf::{
    ApiOperation, AttributeFlag, AttributeFlags, AttributeInfo, ObjectClass, ObjectClassInfo,
    OperationOptionInfo, Schema, ValueType, names,
};

use super::{DecodeError, Raw, Read, Write, Writer, configuration, containers, part, require};
use crate::binary::class::ClassRef;
use crate::binary::profile::{ConnIdRelease, Since};

pub(crate) fn write(w: &mut Writer<'_>, schema: &Schema) -> Write {
    w.object("Schema", |w| {
        w.named("ObjectClassInfos", |w| {
            containers::items(w, "Set", &schema.object_classes, write_object_class)
        })?;
        w.named("OperationOptionInfos", |w| containers::items(w, "Set", &schema.options, write_option))?;
        w.named("objectClassesByOperation", |w| {
            write_by_operation(w, &schema.classes_by_operation, |w, class| {
                containers::text(w, class.as_str())
            })
        })?;
        w.named("optionsByOperation", |w| {
            write_by_operation(w, &schema.options_by_operation, |w, option| containers::text(w, option))
        })
    })
}

fn write_by_operation<T>(
    w: &mut Writer<'_>,
    map: &BTreeMap<ApiOperation, Vec<T>>,
    write: impl Fn(&mut Writer<'_>, &T) -> Write,
) -> Write {
    let operation = |w: &mut Writer<'_>, operation: &ApiOperation| {
        containers::class(w, &ClassRef::new(operation.wire_name()))
    };
    containers::map(w, map, operation, |w, names| containers::items(w, "Set", names, &write))
}

fn write_object_class(w: &mut Writer<'_>, info: &ObjectClassInfo) -> Write {
    w.object("ObjectClassInfo", |w| {
        w.text_field("type", Some(info.object_class.as_str()))?;
        w.bool_field("container", info.container)?;
        if w.profile().has(Since::ConnId(ConnIdRelease::V1_4_2)) {
            w.bool_field("auxiliary", false)?;
        }
        if w.profile().has(Since::ConnId(ConnIdRelease::V1_6_0)) {
            w.bool_field("embedded", false)?;
        }
        w.named("AttributeInfos", |w| containers::items(w, "Set", &info.attributes, write_attribute))
    })
}

fn write_attribute(w: &mut Writer<'_>, info: &AttributeInfo) -> Write {
    w.object("AttributeInfo", |w| {
        w.text_field("name", Some(info.name.as_str()))?;
        w.class_field("type", Some(&ClassRef::from(&info.value_type)))?;
        for flag in &info.flags {
            w.anonymous(|w| {
                w.object("AttributeInfoFlag", |w| w.text_field("value", Some(flag.wire_name())))
            })?;
        }
        Ok(())
    })
}

fn write_option(w: &mut Writer<'_>, info: &OperationOptionInfo) -> Write {
    w.object("OperationOptionInfo", |w| {
        w.text_field("name", Some(&info.name))?;
        w.class_field("type", Some(&ClassRef::from(&info.value_type)))
    })
}

/// Reads a schema. Names by operation that are not declared are passed over, as are operations of other frameworks.
pub(super) fn read(raw: &Raw<'_>) -> Read<Schema> {
    raw.expect("Schema")?;
    let classes = part(raw, "ObjectClassInfos", "A Schema needs object classes")?;
    let options = part(raw, "OperationOptionInfos", "A Schema needs options")?;
    let classes_by_operation = part(raw, "objectClassesByOperation", "A Schema needs classes by operation")?;
    let options_by_operation = part(raw, "optionsByOperation", "A Schema needs options by operation")?;
    let mut schema = Schema {
        object_classes: containers::elements(&classes)?.iter().map(read_object_class).collect::<Read<_>>()?,
        options: containers::elements(&options)?.iter().map(read_option).collect::<Read<_>>()?,
        ..Schema::default()
    };
    let class = |name: String| {
        let declared = schema.object_class(&name).is_some();
        declared.then(|| ObjectClass::from(name))
    };
    let classes = read_by_operation(&classes_by_operation, class)?;
    let option = |name: String| schema.options.iter().any(|option| option.name == name).then_some(name);
    let options = read_by_operation(&options_by_operation, option)?;
    schema.classes_by_operation = classes;
    schema.options_by_operation = options;
    Ok(schema)
}

fn read_by_operation<T>(
    map: &Raw<'_>,
    declared: impl Fn(String) -> Option<T>,
) -> Read<BTreeMap<ApiOperation, Vec<T>>> {
    let mut by_operation = BTreeMap::new();
    for (operation, names) in containers::pairs(map)? {
        let Some(operation) = configuration::read_operation(&operation)? else { continue };
        let mut known = Vec::new();
        for name in containers::elements(&names)? {
            known.extend(declared(containers::read_text(&name)?));
        }
        by_operation.insert(operation, known);
    }
    Ok(by_operation)
}

fn read_object_class(raw: &Raw<'_>) -> Read<ObjectClassInfo> {
    raw.expect("ObjectClassInfo")?;
    let name = raw.text("type")?.ok_or_else(|| DecodeError::refused("An ObjectClassInfo needs a type"))?;
    let attributes: Vec<AttributeInfo> =
        containers::members(raw, "AttributeInfos")?.iter().map(read_attribute).collect::<Read<_>>()?;
    let named = attributes.iter().any(|attribute| attribute.name.is(names::NAME));
    require(named, "An ObjectClassInfo needs a __NAME__")?;
    let mut info = ObjectClassInfo::try_new((&*name).into(), attributes)?;
    info.container = raw.bool("container", false)?;
    Ok(info)
}

fn read_attribute(raw: &Raw<'_>) -> Read<AttributeInfo> {
    raw.expect("AttributeInfo")?;
    let name = raw.text("name")?.unwrap_or_default();
    let mut flags = AttributeFlags::new();
    for flag in raw.items() {
        let flag = flag?;
        flag.expect("AttributeInfoFlag")?;
        let constant = flag.text("value")?.unwrap_or_default();
        let known = AttributeFlag::ALL.into_iter().find(|flag| flag.wire_name() == constant);
        flags.insert(known.ok_or_else(|| DecodeError::refused("AttributeInfoFlag has no such constant"))?);
    }
    Ok(AttributeInfo { name: (&*name).into(), value_type: value_type(raw)?, flags })
}

fn read_option(raw: &Raw<'_>) -> Read<OperationOptionInfo> {
    raw.expect("OperationOptionInfo")?;
    let name = raw.text("name")?.unwrap_or_default().into_owned();
    require(!name.trim().is_empty(), "An option needs a name")?;
    Ok(OperationOptionInfo { name, value_type: value_type(raw)? })
}

fn value_type(raw: &Raw<'_>) -> Read<ValueType> {
    let class = raw.class_field("type")?;
    class.as_ref().map(ValueType::from).ok_or_else(|| DecodeError::refused("A schema entry needs a type"))
}
