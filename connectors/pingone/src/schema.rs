//! The schema: what the interface description has, and the environment's own attributes.

use std::collections::BTreeMap;

use icf::{
    ApiOperation, AttributeFlag, AttributeInfo, ObjectClassInfo, OperationSet, Result, Schema, SchemaBuilder,
    ValueType, names,
};

use crate::attributes::{self, Kind, Way};
use crate::class::Class;

/// The schema of an environment with these custom attributes of users.
pub(crate) fn schema(
    custom: &BTreeMap<String, bool>,
    expand: bool,
    supported: OperationSet,
) -> Result<Schema> {
    let mut builder = SchemaBuilder::new(supported);
    for class in Class::ALL {
        let info = info(class, custom, expand)?;
        builder = match class {
            Class::Role => builder.class_for(info, &[ApiOperation::Get, ApiOperation::Search]),
            _ => builder.class(info),
        };
    }
    builder.build()
}

fn info(class: Class, custom: &BTreeMap<String, bool>, expand: bool) -> Result<ObjectClassInfo> {
    use AttributeFlag as Flag;
    let mut all = vec![AttributeInfo::new(names::NAME, ValueType::String).with(Flag::Required)];
    if class == Class::User {
        all.push(
            AttributeInfo::new(names::PASSWORD, ValueType::GuardedString)
                .with(Flag::NotReadable)
                .with(Flag::NotReturnedByDefault),
        );
        all.push(AttributeInfo::new(names::ENABLE, ValueType::Boolean).with(Flag::NotReturnedByDefault));
        for (name, kind) in [("password", ValueType::Map), ("forceChange", ValueType::Boolean)] {
            all.push(AttributeInfo::new(name, kind).with(Flag::NotReadable).with(Flag::NotReturnedByDefault));
        }
    }
    for attribute in attributes::of(class) {
        let value_type = match attribute.kind {
            Kind::Text | Kind::Texts => ValueType::String,
            Kind::Truth => ValueType::Boolean,
            Kind::Number => ValueType::Long,
            Kind::Object(_) | Kind::Objects => ValueType::Map,
        };
        let flag = |mut info: AttributeInfo| {
            if matches!(attribute.kind, Kind::Texts | Kind::Objects) {
                info.flags.insert(Flag::Multivalued);
            }
            if attribute.way == Way::ReadOnly {
                info.flags.extend([Flag::NotCreatable, Flag::NotUpdateable]);
            }
            if attribute.way == Way::Creation {
                info.flags.insert(Flag::NotUpdateable);
            }
            if attribute.on_request {
                info.flags.insert(Flag::NotReturnedByDefault);
            }
            info
        };
        all.push(flag(AttributeInfo::new(attribute.name, value_type)));
        if let (true, Kind::Object(parts)) = (expand, attribute.kind) {
            for part in parts {
                let dotted = AttributeInfo::new(format!("{}.{part}", attribute.name), ValueType::String);
                all.push(flag(dotted).with(Flag::NotReturnedByDefault));
            }
        }
    }
    if class == Class::User {
        for (name, several) in custom {
            let info = AttributeInfo::new(name.as_str(), ValueType::String);
            all.push(if *several { info.with(Flag::Multivalued) } else { info });
        }
    }
    ObjectClassInfo::try_new(class.object_class(), all)
}
