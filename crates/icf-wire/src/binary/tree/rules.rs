//! The rules Java's classes enforce on their parts, and what they change of their own accord.

use super::{Field, Object, Record, Set};
use crate::binary::error::DecodeError;
use crate::binary::number::is_integer;

type Result<T = ()> = std::result::Result<T, DecodeError>;

/// Judges a record whose parts are sound already.
pub(super) fn apply(mut record: Record) -> Result<Object> {
    let constants = record.record.constants;
    if !constants.is_empty() {
        let known = record.text("value").is_some_and(|value| constants.contains(&value));
        require(known, record.type_name(), "has no such constant")?;
        return Ok(record.into());
    }
    match record.type_name() {
        "Attribute" => return attribute(record),
        "HelloResponse" => {
            for (field, empty) in [
                ("serverInfoMap", Object::Map(super::Map::default())),
                ("ConnectorInfos", Object::List(Vec::new())),
                ("ConnectorKeys", Object::List(Vec::new())),
            ] {
                replace_null(&mut record, field, empty);
            }
        }
        "SuggestedValues" => replace_null(&mut record, "Values", Object::List(Vec::new())),
        "ConnectorMessages" => replace_null(&mut record, "catalogs", Object::Map(super::Map::default())),
        "ConfigurationProperty" => replace_null(&mut record, "operations", Object::Set(Set::default())),
        "APIConfiguration" => {
            for field in ["connectorPoolConfiguration", "resultsHandlerConfiguration"] {
                let type_name = if field.starts_with('c') {
                    "ObjectPoolConfiguration"
                } else {
                    "ResultsHandlerConfiguration"
                };
                let default = Record::new(type_name).map_or(Object::Null, Object::from);
                replace_null(&mut record, field, default);
            }
        }
        "SearchResult" if *record.object("CountPolicy") == Object::Null => {
            let none = Field::absent(crate::binary::registry::Kind::Constant("CountPolicy", "NONE"));
            set(&mut record, "CountPolicy", none);
        }
        "AttributeDelta"
            if *record.object("ValuesToAdd") != Object::Null
                || *record.object("ValuesToRemove") != Object::Null =>
        {
            set(&mut record, "ValuesToReplace", Field::Object(Object::Null));
        }
        _ => check(&record)?,
    }
    Ok(record.into())
}

fn set(record: &mut Record, field: &str, value: Field) {
    // Only called with fields of the record's own type; another one would be left as it is.
    let _ = record.set(field, value);
}

fn replace_null(record: &mut Record, field: &str, value: Object) {
    if *record.object(field) == Object::Null {
        set(record, field, Field::Object(value));
    }
}

fn require(holds: bool, type_name: &str, rule: &'static str) -> Result {
    if holds { Ok(()) } else { Err(DecodeError::refused(format!("{type_name} {rule}"))) }
}

fn check(record: &Record) -> Result {
    let type_name = record.type_name();
    let must = |holds, rule| require(holds, type_name, rule);
    let has = |field| *record.object(field) != Object::Null;
    let filled = |field| record.text(field).is_some_and(|text| !text.trim().is_empty());
    let is_set = |field| matches!(record.object(field), Object::Set(_));
    match type_name {
        "BigDecimal" => must(record.text("unscaled").is_some_and(is_integer), "has no number"),
        "Uid" => {
            must(filled("uid"), "value must not be blank")?;
            must(record.text("revision").is_none() || filled("revision"), "revision must not be blank")
        }
        "ObjectClass" => must(record.text("type").is_some(), "type must not be null"),
        "ConnectorObject" => connector_object(record),
        "SyncDelta" => sync_delta(record),
        "SyncToken" => {
            let value = record.object("value");
            must(has("value") && is_attribute_value(value), "must hold an attribute value")
        }
        "QualifiedUid" => must(has("ObjectClass") && has("Uid"), "needs a class and a uid"),
        "Script" => {
            must(filled("scriptLanguage"), "language must not be blank")?;
            must(has("scriptText"), "text must not be null")
        }
        "ScriptContext" => {
            must(filled("scriptLanguage"), "language must not be blank")?;
            let text = record.object("scriptText");
            must(matches!(text, Object::String(text) if !text.trim().is_empty()), "text must not be blank")
        }
        "OperationOptions" => match record.object("options") {
            Object::Map(map) => {
                let legal = map.entries.iter().all(|(_, value)| is_option_value(value));
                must(legal, "value is of a type no option has")
            }
            _ => must(false, "without a map of options"),
        },
        "ConnectorKey" => must(
            ["bundleName", "bundleVersion", "connectorName"].iter().all(|part| record.text(part).is_some()),
            "needs three parts",
        ),
        "AttributeInfo" => attribute_info(record),
        "ObjectClassInfo" => object_class_info(record),
        "OperationOptionInfo" => must(filled("name"), "name must not be blank"),
        "Schema" => {
            let has_map = |field| matches!(record.object(field), Object::Map(_));
            must(is_set("ObjectClassInfos") && is_set("OperationOptionInfos"), "needs classes and options")?;
            must(has_map("objectClassesByOperation") && has_map("optionsByOperation"), "needs both maps")
        }
        "RemoteWrappedException" => must(filled("class"), "class must not be blank"),
        "UpdateBatchTask" => must(
            record.text("Type").is_some_and(|kind| ["UPDATE", "ADDVALUES", "REMOVEVALUES"].contains(&kind)),
            "has no such type",
        ),
        "PresenceFilter" => must(filled("name"), "name must not be blank"),
        _ if type_name.ends_with("Filter") => filter(record),
        _ => Ok(()),
    }
}

fn attribute(record: Record) -> Result<Object> {
    let name = record.text("name").unwrap_or_default();
    require(!name.trim().is_empty(), "Attribute", "name must not be blank")?;
    let values: Option<&[Object]> = match record.object("Values") {
        Object::Null => None,
        Object::List(values) => Some(values),
        _ => return require(false, "Attribute", "values are not a list").map(|()| Object::Null),
    };
    let legal = values.unwrap_or_default().iter().all(is_attribute_value);
    require(legal, "Attribute", "value is of a type no attribute has")?;
    match name {
        "__UID__" | "__NAME__" => {
            let Some([Object::String(value)]) = values else {
                return require(false, name, "needs exactly one text").map(|()| Object::Null);
            };
            if name == "__NAME__" {
                return Ok(Object::Name(value.clone()));
            }
            let uid = Record::new("Uid").map(|uid| uid.with_text("uid", value));
            uid.map_or(Ok(Object::Null), apply)
        }
        "__PASSWORD__" | "__CURRENT_PASSWORD__" => {
            let sound = matches!(values, None | Some([] | [Object::Null | Object::GuardedString(_)]));
            require(sound, name, "needs exactly one guarded string")?;
            Ok(record.into())
        }
        _ => Ok(record.into()),
    }
}

/// The parts of a set of attributes that identify an object.
fn identity(attributes: &Object) -> (Option<&Record>, Option<&str>) {
    let Object::Set(set) = attributes else { return (None, None) };
    let uid = set.items.iter().find_map(|item| item.as_record("Uid"));
    let name = set.items.iter().find_map(|item| match item {
        Object::Name(name) => Some(name.as_str()),
        _ => None,
    });
    (uid, name)
}

fn class_of(record: &Record) -> Option<&str> {
    record.object("ObjectClass").as_record("ObjectClass")?.text("type")
}

fn connector_object(record: &Record) -> Result {
    let must = |holds, rule| require(holds, "ConnectorObject", rule);
    must(class_of(record).is_some_and(|class| class != "__ALL__"), "needs one object class")?;
    let (uid, name) = identity(record.object("Attributes"));
    must(uid.is_some(), "needs a __UID__")?;
    must(name.is_some(), "needs a __NAME__")
}

fn sync_delta(record: &Record) -> Result {
    let must = |holds, rule| require(holds, "SyncDelta", rule);
    let delta_type = record.object("SyncDeltaType").as_record("SyncDeltaType").and_then(|t| t.text("value"));
    let uid = record.object("Uid").as_record("Uid").and_then(|uid| uid.text("uid"));
    must(*record.object("SyncToken") != Object::Null, "needs a token")?;
    must(delta_type.is_some(), "needs a type")?;
    must(uid.is_some(), "needs a uid")?;
    let renamed = *record.object("PreviousUid") != Object::Null;
    let may_be_renamed = !matches!(delta_type, Some("CREATE" | "DELETE"));
    must(!renamed || may_be_renamed, "of that type has no previous uid")?;
    let Some(object) = record.object("ConnectorObject").as_record("ConnectorObject") else {
        return must(delta_type == Some("DELETE"), "of that type needs an object");
    };
    let (object_uid, _) = identity(object.object("Attributes"));
    must(object_uid.and_then(|uid| uid.text("uid")) == uid, "uid is not that of its object")?;
    let same_class = class_of(record)
        .is_none_or(|class| class_of(object).is_some_and(|other| icf::same_name(class, other)));
    must(same_class, "class is not that of its object")
}

fn attribute_info(record: &Record) -> Result {
    let must = |holds, rule| require(holds, "AttributeInfo", rule);
    let name = record.text("name").unwrap_or_default();
    let flag = |wanted| {
        record.items.iter().any(|item| {
            item.as_record("AttributeInfoFlag").and_then(|flag| flag.text("value")) == Some(wanted)
        })
    };
    let class = match record.get("type") {
        Some(Field::Class(Some(class))) if class.dimensions() == 0 => class.name(),
        _ => "",
    };
    must(!name.trim().is_empty(), "name must not be blank")?;
    must(ATTRIBUTE_TYPES.contains(&class), "type is none an attribute has")?;
    let password = matches!(name, "__PASSWORD__" | "__CURRENT_PASSWORD__");
    must(!password || class == "GuardedString", "of a password must be of type GuardedString")?;
    must(
        !flag("NOT_READABLE") || flag("NOT_RETURNED_BY_DEFAULT"),
        "not readable must not be returned by default",
    )?;
    let refers = ["referencedObjectClassName", "roleInReference"].iter().any(|f| record.text(f).is_some());
    must(!refers || class == "ConnectorObjectReference", "refers to a class without being a reference")
}

const ATTRIBUTE_TYPES: [&str; 23] = [
    "String",
    "Long",
    "long",
    "Character",
    "char",
    "Double",
    "double",
    "Float",
    "float",
    "Integer",
    "int",
    "Boolean",
    "boolean",
    "Byte",
    "byte",
    "ByteArray",
    "BigDecimal",
    "BigInteger",
    "GuardedString",
    "GuardedByteArray",
    "Map",
    "ZonedDateTime",
    "ConnectorObjectReference",
];

fn object_class_info(record: &Record) -> Result {
    let must = |holds, rule| require(holds, "ObjectClassInfo", rule);
    must(record.text("type").is_some(), "type must not be null")?;
    let named = match record.object("AttributeInfos") {
        Object::Set(set) => set.items.iter().any(|item| {
            item.as_record("AttributeInfo").and_then(|info| info.text("name")) == Some("__NAME__")
        }),
        _ => false,
    };
    must(named, "needs a __NAME__")
}

fn filter(record: &Record) -> Result {
    let type_name = record.type_name();
    let must = |holds, rule| require(holds, type_name, rule);
    if record.get("attribute").is_none() {
        return Ok(()); // and, or, not
    }
    let uid = record.object("attribute").as_record("Uid");
    let single = match record.object("attribute") {
        Object::Name(name) => Some(Object::String(name.clone())),
        Object::Record(attribute) => match attribute.object("Values") {
            Object::List(values) => match values.as_slice() {
                [value] => Some(value.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => return must(false, "needs an attribute"),
    };
    match type_name {
        "EqualsFilter" => Ok(()),
        "ExtendedMatchFilter" => {
            must(record.text("operator").is_some_and(|o| !o.trim().is_empty()), "operator must not be blank")
        }
        "ContainsAllValuesFilter" => {
            let has_values = record
                .object("attribute")
                .as_record("Attribute")
                .is_none_or(|attribute| *attribute.object("Values") != Object::Null);
            must(has_values, "values must not be null")
        }
        _ => {
            must(uid.is_none(), "cannot be on __UID__")?;
            must(single.is_some(), "needs exactly one value")?;
            let textual = !type_name.contains("Than");
            let fits = single.is_some_and(|value| {
                if textual { matches!(value, Object::String(_)) } else { is_comparable(&value) }
            });
            must(fits, "value cannot be compared that way")
        }
    }
}

fn is_comparable(value: &Object) -> bool {
    match value {
        Object::Boolean(_)
        | Object::Character(_)
        | Object::Integer(_)
        | Object::Long(_)
        | Object::Float(_)
        | Object::Double(_)
        | Object::Byte(_)
        | Object::String(_)
        | Object::BigInteger(_)
        | Object::ZonedDateTime(_) => true,
        other => other.as_record("BigDecimal").is_some(),
    }
}

/// Whether an attribute may hold the value, null included.
fn is_attribute_value(value: &Object) -> bool {
    match value {
        Object::Null | Object::Bytes(_) | Object::GuardedString(_) | Object::GuardedBytes(_) => true,
        Object::Map(map) => map.entries.iter().all(|(key, value)| {
            matches!(key, Object::String(_))
                && match value {
                    Object::List(items) => items.iter().all(is_attribute_value),
                    Object::Set(set) => set.items.iter().all(is_attribute_value),
                    value => is_attribute_value(value),
                }
        }),
        Object::Record(record) => matches!(record.type_name(), "BigDecimal" | "ConnectorObjectReference"),
        other => is_comparable(other),
    }
}

/// Whether an operation option may hold the value.
fn is_option_value(value: &Object) -> bool {
    match value {
        Object::Null
        | Object::String(_)
        | Object::Uri(_)
        | Object::File(_)
        | Object::GuardedString(_)
        | Object::GuardedBytes(_)
        | Object::Integer(_)
        | Object::Long(_)
        | Object::Float(_)
        | Object::Double(_)
        | Object::Boolean(_)
        | Object::Character(_)
        | Object::Map(_) => true,
        Object::Array(array) => array.items.iter().all(is_option_value),
        Object::Record(record) => {
            matches!(record.type_name(), "Script" | "ObjectClass" | "Uid" | "QualifiedUid" | "SortKey")
        }
        _ => false,
    }
}
