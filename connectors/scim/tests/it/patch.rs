//! What a strict service makes of a PATCH (RFC 7644 §3.5.2).

use icf_testkit::http::Reply;
use serde_json::{Map, Value as Json, json};

use crate::directory::{Type, check, named, refused, single, text};
use crate::service::PATCH;

type Refused<T> = Result<T, Reply>;

/// Where an operation acts.
struct Place<'a> {
    /// The extension that holds the attribute.
    urn: Option<&'a str>,
    attribute: &'a Json,
    /// Of the values, the one that has this in its part `value`.
    value: Option<String>,
    sub: Option<&'a Json>,
}

/// Carries the operations out, or none of them where one is refused.
pub(crate) fn apply(kind: &Type, resource: &mut Map<String, Json>, body: &Json) -> Refused<()> {
    let ours = body["schemas"].as_array().is_some_and(|schemas| schemas.contains(&json!(PATCH)));
    let operations = body["Operations"].as_array().filter(|operations| ours && !operations.is_empty());
    let Some(operations) = operations else { return refused(400, "invalidSyntax", "no PatchOp") };
    for operation in operations {
        let path = operation["path"].as_str();
        let value = operation.get("value");
        match (text(operation, "op"), path, value) {
            ("add" | "replace", Some(path), Some(value)) => {
                set(kind, resource, path, value, operation["op"] == "add")?;
            }
            ("add" | "replace", None, Some(Json::Object(values))) => {
                for (key, value) in values {
                    set(kind, resource, key, value, operation["op"] == "add")?;
                }
            }
            // With a value beside it, some take this for a removal of all.
            ("remove", Some(path), None) => remove(kind, resource, path)?,
            _ => return refused(400, "invalidSyntax", format!("an operation that is none: {operation}")),
        }
    }
    Ok(())
}

fn place<'a>(kind: &'a Type, path: &str) -> Refused<Place<'a>> {
    let urn = kind.extensions.keys().find(|urn| path.starts_with(urn.as_str()));
    let (urn, rest) = match urn {
        Some(urn) => (Some(urn.as_str()), &path[urn.len()..]),
        None => (None, path.strip_prefix(kind.core.as_str()).unwrap_or(path)),
    };
    let rest = rest.trim_start_matches(':');
    let (head, after) = rest.split_once(['[', '.']).unwrap_or((rest, ""));
    let attributes = urn.map_or(&kind.attributes, |urn| &kind.extensions[urn]);
    let Some(attribute) = named(attributes, head) else {
        return refused(400, "invalidPath", format!("there is no {path}"));
    };
    let (value, sub) = match rest.contains('[') {
        true => {
            let (condition, sub) = after.split_once(']').unwrap_or((after, ""));
            let value = condition.strip_prefix("value eq ").and_then(|text| serde_json::from_str(text).ok());
            let Some(value) = value else { return refused(400, "invalidPath", path) };
            (Some(value), sub.trim_start_matches('.'))
        }
        false => (None, after),
    };
    let subs = attribute["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sub = match sub {
        "" => None,
        name => match named(subs, name) {
            Some(sub) => Some(sub),
            None => return refused(400, "invalidPath", format!("there is no {path}")),
        },
    };
    if attribute["mutability"] == "readOnly" || sub.is_some_and(|sub| sub["mutability"] == "readOnly") {
        return refused(400, "mutability", format!("{path} is read only"));
    }
    Ok(Place { urn, attribute, value, sub })
}

fn holder<'a>(resource: &'a mut Map<String, Json>, urn: Option<&str>) -> &'a mut Map<String, Json> {
    match urn {
        None => resource,
        Some(urn) => resource.entry(urn).or_insert_with(|| json!({})).as_object_mut().unwrap(),
    }
}

fn set(kind: &Type, resource: &mut Map<String, Json>, path: &str, value: &Json, add: bool) -> Refused<()> {
    if path == "externalId" {
        resource.insert(path.to_owned(), value.clone());
        return Ok(());
    }
    if kind.extensions.contains_key(path) {
        let Some(parts) = value.as_object() else { return refused(400, "invalidValue", path) };
        // The checker repeats the schemas in there.
        let mut parts = parts.iter().filter(|(part, _)| *part != "schemas");
        return parts
            .try_for_each(|(part, value)| set(kind, resource, &format!("{path}:{part}"), value, add));
    }
    let place = place(kind, path)?;
    let name = text(place.attribute, "name").to_owned();
    let multi = place.attribute["multiValued"] == true;
    let holder = holder(resource, place.urn);
    if let Some(sub) = place.sub {
        single(sub, value)?;
        if multi {
            return refused(400, "invalidPath", format!("{path} names no value"));
        }
        holder.entry(name).or_insert_with(|| json!({}))[text(sub, "name")] = value.clone();
        return Ok(());
    }
    match (multi && add, value) {
        (true, value) => {
            let new = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            check(place.attribute, &json!(new))?;
            let list = holder.entry(name).or_insert_with(|| json!([])).as_array_mut().unwrap();
            for value in new {
                if !list.contains(&value) {
                    list.push(value);
                }
            }
        }
        (false, value) => {
            check(place.attribute, value)?;
            holder.insert(name, value.clone());
        }
    }
    Ok(())
}

fn remove(kind: &Type, resource: &mut Map<String, Json>, path: &str) -> Refused<()> {
    if path == "externalId" || kind.extensions.contains_key(path) {
        resource.remove(path);
        return Ok(());
    }
    let place = place(kind, path)?;
    let name = text(place.attribute, "name");
    if place.attribute["required"] == true && place.sub.is_none() {
        return refused(400, "mutability", format!("{path} is required"));
    }
    let holder = holder(resource, place.urn);
    match (&place.value, place.sub) {
        (Some(value), None) => {
            let Some(list) = holder.get_mut(name).and_then(Json::as_array_mut) else {
                return refused(400, "noTarget", path);
            };
            let before = list.len();
            list.retain(|entry| text(entry, "value") != value);
            if list.len() == before {
                return refused(400, "noTarget", path);
            }
        }
        (None, Some(sub)) => {
            if let Some(parts) = holder.get_mut(name).and_then(Json::as_object_mut) {
                parts.remove(text(sub, "name"));
            }
        }
        (None, None) => {
            holder.remove(name);
        }
        (Some(_), Some(_)) => return refused(400, "invalidPath", path),
    }
    let emptied = place.urn.filter(|urn| resource[*urn].as_object().is_some_and(Map::is_empty));
    if let Some(urn) = emptied {
        resource.remove(urn);
    }
    Ok(())
}
