//! The model as an ICF schema.

use std::collections::BTreeSet;

use icf::{
    AttributeFlag, AttributeInfo, AttributeName, ObjectClassInfo, OperationSet, Result, Schema,
    SchemaBuilder, ValueType, names,
};

use super::Model;
use super::attribute::{AttributeDef, Kind, Mutability, Returned};
use super::resource_type::ResourceType;

/// The schema of the service.
pub(crate) fn schema(model: &Model, supported: OperationSet) -> Result<Schema> {
    let mut builder = SchemaBuilder::new(supported);
    for kind in &model.types {
        builder = builder.class(class(kind)?);
    }
    builder.build()
}

fn class(kind: &ResourceType) -> Result<ObjectClassInfo> {
    let mut seen = BTreeSet::new();
    let mut attributes =
        vec![AttributeInfo::new(names::NAME, ValueType::String).with(AttributeFlag::Required)];
    seen.insert(AttributeName::from(names::NAME));
    let mut add = |info: AttributeInfo| {
        if seen.insert(info.name.clone()) {
            attributes.push(info);
        } else {
            tracing::debug!(class = %kind.class, attribute = %info.name, "An attribute comes twice; the extension's counts.");
        }
    };
    if kind.is_user() {
        add(AttributeInfo::new(names::PASSWORD, ValueType::GuardedString)
            .with(AttributeFlag::NotReadable)
            .with(AttributeFlag::NotReturnedByDefault));
    }
    let extended = kind.extensions.iter().flat_map(|extension| &extension.attributes).map(|def| (def, true));
    let core =
        kind.core.iter().filter(|def| !def.name.eq_ignore_ascii_case("password")).map(|def| (def, false));
    for (def, of_extension) in extended.chain(core) {
        let naming = !of_extension && def.name.eq_ignore_ascii_case(kind.naming());
        add(info(kind, def, naming));
    }
    ObjectClassInfo::try_new(kind.class.clone(), attributes)
}

fn info(kind: &ResourceType, def: &AttributeDef, naming: bool) -> AttributeInfo {
    let value_type = match def.kind {
        Kind::Text | Kind::Date => ValueType::String,
        Kind::Boolean => ValueType::Boolean,
        Kind::Integer => ValueType::Long,
        Kind::Decimal => ValueType::Double,
        Kind::Complex if def.shows_values_only() => ValueType::String,
        Kind::Complex => ValueType::Map,
    };
    let mut info = AttributeInfo::new(def.name.as_str(), value_type);
    let mut flag = |holds: bool, flag: AttributeFlag| {
        if holds {
            info.flags.insert(flag);
        }
    };
    // Groups are assigned from the side of users, although the service says that it makes up the list.
    let assigned = kind.is_user() && def.name.eq_ignore_ascii_case("groups");
    let read_only = def.mutability == Mutability::ReadOnly && !assigned;
    let hidden = def.mutability == Mutability::WriteOnly || def.returned == Returned::Never;
    // The naming attribute may be given as __NAME__ instead.
    flag(def.required && !naming && !read_only, AttributeFlag::Required);
    flag(def.multi, AttributeFlag::Multivalued);
    flag(read_only, AttributeFlag::NotCreatable);
    flag(read_only || def.mutability == Mutability::Immutable, AttributeFlag::NotUpdateable);
    flag(hidden, AttributeFlag::NotReadable);
    flag(hidden || def.returned == Returned::Request, AttributeFlag::NotReturnedByDefault);
    info
}
