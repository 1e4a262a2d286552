//! ICF attributes as members of a resource.

use icf::{Attribute, AttributeSet, ConnectorError, Result, Value, names};
use icf_http::json::{from_value, member};
use serde_json::{Map, Value as Json};

use crate::model::{AttributeDef, Kind, Place, ResourceType};
use crate::profile::Knobs;

/// What a caller wants to be so, sorted by the way it gets there.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Attributes with their new values.
    pub(crate) set: Vec<Entry>,
    /// Attributes to be without value.
    pub(crate) clear: Vec<Entry>,
    /// The members of a group.
    pub(crate) members: Option<Vec<String>>,
    /// The groups of a user.
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) writes_password: bool,
}

/// One attribute on its way to the service.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) urn: Option<String>,
    pub(crate) name: String,
    pub(crate) sub: Option<String>,
    pub(crate) multi: bool,
    pub(crate) value: Json,
}

impl Entry {
    fn new(place: &Place<'_>, value: Json) -> Self {
        Self {
            urn: place.urn.map(str::to_owned),
            name: place.name.to_owned(),
            sub: place.sub.map(str::to_owned),
            multi: place.def.is_some_and(|def| def.multi),
            value,
        }
    }

    /// The path in a PATCH.
    pub(crate) fn path(&self) -> String {
        Place { urn: self.urn.as_deref(), name: &self.name, sub: self.sub.as_deref(), def: None }.path()
    }

    /// Puts the value where it belongs.
    pub(crate) fn put(self, resource: &mut Map<String, Json>) {
        let Some(object) = inside(resource, self.urn.as_deref()) else { return };
        match self.sub {
            None => replace(object, &self.name, self.value),
            Some(sub) => {
                if let Some(inner) = inside(object, Some(&self.name)) {
                    replace(inner, &sub, self.value);
                }
            }
        }
    }

    /// Removes the attribute.
    pub(crate) fn take_from(&self, resource: &mut Map<String, Json>) {
        let within = |object: &mut Map<String, Json>, name: &str| {
            object.retain(|key, _| !key.eq_ignore_ascii_case(name));
        };
        let object = match &self.urn {
            None => Some(resource),
            Some(urn) => get_mut(resource, urn).and_then(Json::as_object_mut),
        };
        let Some(object) = object else { return };
        match &self.sub {
            None => within(object, &self.name),
            Some(sub) => {
                if let Some(inner) = get_mut(object, &self.name).and_then(Json::as_object_mut) {
                    within(inner, sub);
                }
            }
        }
    }
}

fn get_mut<'a>(object: &'a mut Map<String, Json>, name: &str) -> Option<&'a mut Json> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.get_mut(&key)
}

/// The object under a name, made if it is not there; none if something else is.
fn inside<'a>(object: &'a mut Map<String, Json>, name: Option<&str>) -> Option<&'a mut Map<String, Json>> {
    let Some(name) = name else { return Some(object) };
    let key =
        object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned());
    let inner = object.entry(key).or_insert_with(|| Json::Object(Map::new()));
    if !inner.is_object() {
        *inner = Json::Object(Map::new());
    }
    inner.as_object_mut()
}

fn replace(object: &mut Map<String, Json>, name: &str, value: Json) {
    match get_mut(object, name) {
        Some(old) => *old = value,
        None => {
            object.insert(name.to_owned(), value);
        }
    }
}

/// Sorts the attributes of a request.
pub(crate) fn wanted(kind: &ResourceType, knobs: &Knobs, attributes: AttributeSet) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    let named =
        attributes.iter().any(|attribute| attribute.name.is(kind.naming()) && !attribute.values().is_empty());
    for attribute in attributes {
        if is_ignored(&attribute) || attribute.name.is(names::NAME) && (named || kind.naming.is_none()) {
            continue;
        }
        if let Some(extension) = kind.extension(attribute.name.as_str()) {
            for value in attribute.values() {
                let Value::Map(map) = value else { continue };
                for (key, value) in map.iter() {
                    let Some(key) = key.as_str() else { continue };
                    let values = match value {
                        Value::Null => Vec::new(),
                        Value::List(items) => items.clone(),
                        other => vec![other.clone()],
                    };
                    let name = format!("{}:{key}", extension.urn);
                    sort(kind, knobs, Attribute::new(name, values), &mut wanted)?;
                }
            }
            continue;
        }
        sort(kind, knobs, attribute, &mut wanted)?;
    }
    Ok(wanted)
}

/// What the service makes up itself.
fn is_ignored(attribute: &Attribute) -> bool {
    ["id", "meta", "schemas", names::UID].iter().any(|name| attribute.name.is(name))
}

fn sort(kind: &ResourceType, knobs: &Knobs, attribute: Attribute, wanted: &mut Wanted) -> Result<()> {
    let place = kind.place(attribute.name.as_str());
    let path = place.path();
    if knobs.drop_attributes.iter().any(|name| name.eq_ignore_ascii_case(&path)) {
        tracing::debug!(attribute = path, "The profile of the service leaves this attribute out.");
        return Ok(());
    }
    if place.urn.is_none() && place.sub.is_none() {
        if kind.is_group() && place.name.eq_ignore_ascii_case("members") {
            wanted.members = Some(references(&attribute)?);
            return Ok(());
        }
        if kind.is_user() && place.name.eq_ignore_ascii_case("groups") {
            wanted.groups = Some(references(&attribute)?);
            return Ok(());
        }
    }
    let is_password = kind.is_user() && place.urn.is_none() && place.name.eq_ignore_ascii_case("password");
    if attribute.values().iter().all(|value| *value == Value::Null) {
        // No password means that it stays as it is.
        if !is_password {
            wanted.clear.push(Entry::new(&place, Json::Null));
        }
        return Ok(());
    }
    wanted.writes_password |= is_password;
    let mut value = json(&place, &attribute)?;
    drop_inside(knobs, &place, &mut value);
    if knobs.single_valued.iter().any(|name| name.eq_ignore_ascii_case(&path))
        && let Json::Array(items) = &mut value
    {
        items.truncate(1);
    }
    wanted.set.push(Entry::new(&place, value));
    Ok(())
}

/// Leaves sub-attributes out that the profile names.
fn drop_inside(knobs: &Knobs, place: &Place<'_>, value: &mut Json) {
    let Json::Object(members) = value else { return };
    let prefix = format!("{}.", place.path());
    members.retain(|key, _| {
        let path = format!("{prefix}{key}");
        !knobs.drop_attributes.iter().any(|name| name.eq_ignore_ascii_case(&path))
    });
}

/// The identities that an attribute refers to: texts, or maps with a `value`.
pub(crate) fn references(attribute: &Attribute) -> Result<Vec<String>> {
    let reference = |value: &Value| match value {
        Value::String(id) => Some(id.clone()),
        Value::Integer(id) => Some(id.to_string()),
        Value::Long(id) => Some(id.to_string()),
        Value::Map(map) => map.get("value").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let mut seen = std::collections::HashSet::new();
    let mut ids = Vec::with_capacity(attribute.values().len());
    for value in attribute.values().iter().filter(|value| **value != Value::Null) {
        let id = reference(value).filter(|id| !id.trim().is_empty()).ok_or_else(|| {
            ConnectorError::invalid_attribute_value(format!(
                "A value of attribute {} is neither the identity of an object nor a map with one in 'value'.",
                attribute.name
            ))
        })?;
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The JSON of an attribute's values.
pub(crate) fn json(place: &Place<'_>, attribute: &Attribute) -> Result<Json> {
    let multi = place.def.is_some_and(|def| def.multi);
    let values = attribute.values();
    if multi || place.def.is_none() && values.len() > 1 {
        return values
            .iter()
            .map(|value| single(place.def, value))
            .collect::<Result<Vec<_>>>()
            .map(Json::Array);
    }
    match values {
        [value] => single(place.def, value),
        _ => Err(ConnectorError::invalid_attribute_value(format!(
            "Attribute {} takes one value, not {}.",
            attribute.name,
            values.len()
        ))),
    }
}

fn single(def: Option<&AttributeDef>, value: &Value) -> Result<Json> {
    let json = from_value(value)?;
    let Some(def) = def else { return Ok(json) };
    Ok(match (def.kind, json) {
        (Kind::Complex, Json::String(text)) => {
            let mut object = Map::new();
            object.insert("value".to_owned(), text.into());
            Json::Object(object)
        }
        (Kind::Complex, Json::Object(members)) => {
            let typed = members.into_iter().map(|(key, json)| {
                let json = if json.is_array() { json } else { scalar(def.sub(&key), json) };
                (key, json)
            });
            Json::Object(typed.collect())
        }
        (_, json) => scalar(Some(def), json),
    })
}

/// A scalar in the type that the schema asks for, as far as that can be said without guessing.
fn scalar(def: Option<&AttributeDef>, json: Json) -> Json {
    let Some(def) = def else { return json };
    match (def.kind, json) {
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("true") => true.into(),
        (Kind::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("false") => false.into(),
        (Kind::Integer, Json::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
        (Kind::Text | Kind::Date, Json::Number(number)) => number.to_string().into(),
        (Kind::Text | Kind::Date, Json::Bool(truth)) => truth.to_string().into(),
        (_, json) => json,
    }
}

/// A resource to create: the attributes in their places, with every schema that has one.
pub(crate) fn body(kind: &ResourceType, entries: Vec<Entry>) -> Map<String, Json> {
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), Json::Array(Vec::new()));
    for entry in entries {
        entry.put(&mut resource);
    }
    set_schemas(kind, &mut resource);
    resource
}

/// Lists the core schema and those extensions that have a value, and whatever else was listed before.
pub(crate) fn set_schemas(kind: &ResourceType, resource: &mut Map<String, Json>) {
    let mut urns = vec![kind.urn.clone()];
    for extension in &kind.extensions {
        let used = member(resource, &extension.urn)
            .and_then(Json::as_object)
            .is_some_and(|object| !object.is_empty());
        if used {
            urns.push(extension.urn.clone());
        } else {
            resource.retain(|key, _| !key.eq_ignore_ascii_case(&extension.urn));
        }
    }
    if let Some(Json::Array(listed)) = member(resource, "schemas") {
        for urn in listed.iter().filter_map(Json::as_str) {
            if !urns.iter().any(|known| known == urn) && kind.extension(urn).is_none() {
                urns.push(urn.to_owned());
            }
        }
    }
    replace(resource, "schemas", urns.into());
}
