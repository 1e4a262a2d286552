//! The schema as ICF has it.

use icf::{
    ApiOperation, AttributeFlag, AttributeInfo, ObjectClass, ObjectClassInfo, OperationOptionInfo, Schema,
    SchemaBuilder, ValueType, names, option_names,
};
use tracing::warn;

use super::definition::{AttributeType, ClassKind};
use super::model::Model;
use super::{fixed, special};
use crate::fault::Result;
use crate::server::{Facts, Kind};
use crate::settings::Settings;

/// The class with what the connector knows of the server.
pub(crate) const SERVER_INFO: ObjectClass = ObjectClass::from_static("__SERVER_INFO__");

const WRITES: [ApiOperation; 3] = [ApiOperation::Create, ApiOperation::Update, ApiOperation::Delete];

/// Describes the schema.
pub(crate) fn describe(model: &Model, settings: &Settings, facts: &Facts) -> Result<Schema> {
    let mut builder = SchemaBuilder::new(crate::connector::supported());
    for class in [ObjectClass::ACCOUNT, ObjectClass::GROUP] {
        let mut attributes = attributes(model, &settings.ldap_classes(&class), facts);
        if class == ObjectClass::ACCOUNT {
            let password = AttributeInfo::new(names::PASSWORD, ValueType::GuardedString);
            attributes.push(password.with(AttributeFlag::NotReturnedByDefault));
        }
        if facts.profile().is_microsoft {
            add(
                &mut attributes,
                if class == ObjectClass::ACCOUNT { special::of_users() } else { special::of_groups() },
            );
        } else if class == ObjectClass::ACCOUNT && settings.properties.rs_status_attribute.is_some() {
            let status = AttributeInfo::new(names::ENABLE, ValueType::PrimitiveBoolean);
            add(&mut attributes, vec![status]);
        }
        builder = builder.class(ObjectClassInfo::try_new(class, attributes)?);
    }
    for (name, classes) in others(model, facts) {
        let mut info = ObjectClassInfo::try_new(ObjectClass::from(name), attributes(model, &classes, facts))?;
        info.container = true;
        let class = info.object_class.clone();
        builder = builder.class(info).without(ApiOperation::Authenticate, &class);
    }
    builder = builder.class_for(ObjectClassInfo::try_new(SERVER_INFO, Vec::new())?, &[ApiOperation::Search]);
    builder = builder.without(ApiOperation::Authenticate, &ObjectClass::GROUP);
    if facts.kind() == Kind::OpenDs {
        let classes: Vec<_> = builder_classes(model, facts);
        for class in classes {
            builder = builder.without(ApiOperation::Sync, &class);
        }
    }
    Ok(options(builder).build()?)
}

fn builder_classes(model: &Model, facts: &Facts) -> Vec<ObjectClass> {
    let others = others(model, facts).into_iter().map(|(name, _)| ObjectClass::from(name));
    [ObjectClass::ACCOUNT, ObjectClass::GROUP].into_iter().chain(others).collect()
}

/// Adds attributes in place of those of the same name.
fn add(attributes: &mut Vec<AttributeInfo>, more: Vec<AttributeInfo>) {
    attributes.retain(|known| !more.iter().any(|new| new.name == known.name));
    attributes.extend(more);
}

/// The classes besides accounts and groups.
fn others(model: &Model, facts: &Facts) -> Vec<(String, Vec<String>)> {
    if !model.is_read {
        return fixed::classes(facts.profile().is_microsoft)
            .iter()
            .map(|name| ((*name).to_owned(), vec![(*name).to_owned()]))
            .collect();
    }
    let mut names: Vec<_> = model
        .classes()
        .filter(|(_, class)| class.kind == ClassKind::Structural)
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.starts_with("__"))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), vec![name])).collect()
}

fn attributes(model: &Model, classes: &[String], facts: &Facts) -> Vec<AttributeInfo> {
    if !model.is_read {
        return fixed::attributes(classes, facts.profile().is_microsoft);
    }
    let (must, may) = model.must_and_may(classes);
    let mut attributes: Vec<AttributeInfo> = Vec::with_capacity(must.len() + may.len());
    for (name, required) in must.iter().map(|name| (name, true)).chain(may.iter().map(|name| (name, false))) {
        let Some(definition) = model.attribute(name) else {
            warn!(
                attribute = name,
                "The directory's schema does not define an attribute that a class lists."
            );
            continue;
        };
        let info = attribute(model, name, definition, required);
        // A class may list one attribute under two of its names; those are two attributes to callers.
        if !attributes.iter().any(|known| known.name == info.name) {
            attributes.push(info);
        }
    }
    attributes
}

/// Attributes of the server's own keeping.
const BOOKKEEPING: [&str; 5] =
    ["createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName", "entryDN"];

/// Worked out by a domain controller for one entry at a time, and refused in a search of many.
const ONE_AT_A_TIME: [&str; 3] =
    ["tokenGroups", "tokenGroupsGlobalAndUniversal", "tokenGroupsNoGCAcceptable"];

fn attribute(model: &Model, name: &str, definition: &AttributeType, required: bool) -> AttributeInfo {
    use AttributeFlag::{Multivalued, NotCreatable, NotReturnedByDefault, NotUpdateable, Required};
    let among = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let (kept_by_server, one_at_a_time) = (among(&BOOKKEEPING), among(&ONE_AT_A_TIME));
    let value_type = if model.is_binary(name) { ValueType::Bytes } else { ValueType::String };
    let read_only =
        kept_by_server || one_at_a_time || definition.read_only || name.eq_ignore_ascii_case("objectClass");
    let flags = [
        (Required, required),
        (Multivalued, !definition.single && !kept_by_server),
        (NotCreatable, read_only),
        (NotUpdateable, read_only),
        (NotReturnedByDefault, definition.operational || kept_by_server || one_at_a_time),
    ];
    flags
        .into_iter()
        .filter(|(_, set)| *set)
        .fold(AttributeInfo::new(name, value_type), |info, (flag, _)| info.with(flag))
}

fn options(builder: SchemaBuilder) -> SchemaBuilder {
    let option = |name: &str, value_type| OperationOptionInfo { name: name.to_owned(), value_type };
    let search = &[ApiOperation::Search];
    builder
        .option(option(option_names::RUN_AS_USER, ValueType::String), &WRITES)
        .option(option(option_names::RUN_WITH_PASSWORD, ValueType::GuardedString), &WRITES)
        .option(option(option_names::PAGE_SIZE, ValueType::Integer), search)
        .option(option(option_names::PAGED_RESULTS_COOKIE, ValueType::String), search)
        .option(option(option_names::PAGED_RESULTS_OFFSET, ValueType::Integer), search)
        .option(option(option_names::SORT_KEYS, ValueType::SortKey), search)
}
