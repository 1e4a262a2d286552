//! A resource of the service as an ICF object.

use icf::{
    Attribute, AttributeName, ConnectorError, ConnectorObject, ErrorKind, OperationOptions, Result, Uid,
    Value, names, same_name,
};
use icf_http::json::{member, to_value};
use serde_json::{Map, Value as Json};

use crate::model::{AttributeDef, Kind, Place, ResourceType};

/// Which attributes of a resource are delivered.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// As the caller spelled them; `None` for all.
    pub(crate) wanted: Option<Vec<String>>,
}

impl Projection {
    pub(crate) fn new(options: &OperationOptions) -> Self {
        let wanted = options.attributes_to_get().map(|names| names.into_iter().map(str::to_owned).collect());
        Self { wanted }
    }

    /// Whether the caller wants the attribute of that name; without a list, whatever comes by itself.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|candidate| same_name(candidate, name)))
    }

    /// The object of a resource.
    pub(crate) fn object(&self, kind: &ResourceType, resource: Map<String, Json>) -> Result<ConnectorObject> {
        let uid = Uid::try_new(id_of(&resource).ok_or_else(without_id)?)?;
        let uid = match version_of(&resource) {
            Some(version) => uid.with_revision(version),
            None => uid,
        };
        let name = name_of(kind, &resource).unwrap_or_else(|| uid.value().to_owned());
        let mut object = ConnectorObject::new(kind.class.clone(), uid, name);
        match &self.wanted {
            None => all(kind, resource, &mut object),
            Some(wanted) => {
                for name in wanted {
                    chosen(kind, &resource, name, &mut object);
                }
            }
        }
        Ok(object)
    }
}

fn without_id() -> ConnectorError {
    ConnectorError::new(
        ErrorKind::ConnectorIo,
        "The service delivered a resource without id; it cannot be managed.",
    )
}

/// The identity of a resource, whatever JSON type it has.
pub(crate) fn id_of(resource: &Map<String, Json>) -> Option<String> {
    match member(resource, "id")? {
        Json::String(id) if !id.trim().is_empty() => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// `meta.version`.
pub(crate) fn version_of(resource: &Map<String, Json>) -> Option<String> {
    let meta = member(resource, "meta")?.as_object()?;
    member(meta, "version").and_then(Json::as_str).map(str::to_owned)
}

/// `meta.lastModified`.
pub(crate) fn modified(resource: &Map<String, Json>) -> Option<&str> {
    let meta = member(resource, "meta")?.as_object()?;
    member(meta, "lastModified").and_then(Json::as_str)
}

fn name_of(kind: &ResourceType, resource: &Map<String, Json>) -> Option<String> {
    let named = |name: &str| match member(resource, name)? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    named(kind.naming()).or_else(|| named("displayName")).or_else(|| named("name"))
}

fn all(kind: &ResourceType, resource: Map<String, Json>, object: &mut ConnectorObject) {
    object.attributes.reserve(resource.len() + 4);
    for (key, json) in resource {
        if key.eq_ignore_ascii_case("password") {
            continue;
        }
        if let (Some(extension), Json::Object(_)) = (kind.extension(&key), &json) {
            let Json::Object(members) = json else { continue };
            for (name, json) in members {
                let def = extension.attributes.iter().find(|def| def.name.eq_ignore_ascii_case(&name));
                let name = spelled(def, name);
                // What an extension says of a name counts more than what the core says.
                object.attributes.retain(|known| known.name != name);
                push(object, name, def, json);
            }
            continue;
        }
        let def = kind.core(&key);
        push(object, spelled(def, key), def, json);
    }
}

/// An attribute's name as the schema has it.
fn spelled(def: Option<&AttributeDef>, name: String) -> AttributeName {
    def.map_or_else(|| name.into(), |def| def.attribute.clone())
}

/// Adds an attribute unless it is there already.
fn push(object: &mut ConnectorObject, name: AttributeName, def: Option<&AttributeDef>, json: Json) {
    let values = values(def, json);
    if !values.is_empty() && !object.attributes.iter().any(|known| known.name == name) {
        object.attributes.push(Attribute::new(name, values));
    }
}

fn chosen(kind: &ResourceType, resource: &Map<String, Json>, name: &str, object: &mut ConnectorObject) {
    let is = |special: &str| same_name(name, special);
    if is(names::UID) || is(names::NAME) || is(names::PASSWORD) || name.eq_ignore_ascii_case("password") {
        return;
    }
    let place = kind.place(name);
    if let Some(json) = whole(resource, &place) {
        match place.sub {
            None => push(object, name.into(), place.def, json.clone()),
            Some(sub) => {
                if let Some(json) = json.as_object().and_then(|object| member(object, sub)) {
                    push(object, name.into(), place.def, json.clone());
                }
            }
        }
    }
}

/// The whole attribute at a place of a resource.
pub(crate) fn whole<'a>(resource: &'a Map<String, Json>, place: &Place<'_>) -> Option<&'a Json> {
    match place.urn {
        None => member(resource, place.name),
        Some(urn) => member(member(resource, urn)?.as_object()?, place.name),
    }
}

/// The values of an attribute, in the types that the schema promises.
pub(crate) fn values(def: Option<&AttributeDef>, json: Json) -> Vec<Value> {
    match json {
        Json::Null => Vec::new(),
        Json::Array(items) => {
            items.into_iter().filter(|item| !item.is_null()).map(|item| value(def, item)).collect()
        }
        single => vec![value(def, single)],
    }
}

fn value(def: Option<&AttributeDef>, json: Json) -> Value {
    let Some(def) = def else { return unlisted(json) };
    match (def.kind, json) {
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("true") => true.into(),
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("false") => false.into(),
        (Kind::Integer, Json::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
        (Kind::Decimal, Json::Number(number)) => {
            number.as_f64().map_or_else(|| number.to_string().into(), Value::from)
        }
        (Kind::Text | Kind::Date, Json::Number(number)) => number.to_string().into(),
        (Kind::Text | Kind::Date, Json::Bool(truth)) => truth.to_string().into(),
        (Kind::Complex, Json::Object(members)) if def.shows_values_only() => {
            match member(&members, "value").and_then(Json::as_str) {
                Some(text) => text.into(),
                None => to_value(Json::Object(members)),
            }
        }
        (Kind::Complex, Json::Object(members)) => {
            let typed = |(key, json): (String, Json)| {
                let item = match json {
                    Json::Array(_) | Json::Object(_) | Json::Null => to_value(json),
                    single => value(def.sub(&key), single),
                };
                (key.into(), item)
            };
            let entries = members.into_iter().map(typed).collect();
            Value::Map(icf::ValueMap { case_insensitive: false, entries })
        }
        (_, json) => unlisted(json),
    }
}

/// A value of which nothing is known. A list among the values of an attribute can only be its text.
fn unlisted(json: Json) -> Value {
    if json.is_array() { json.to_string().into() } else { to_value(json) }
}
