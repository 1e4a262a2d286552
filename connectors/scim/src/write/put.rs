//! Changing a resource where there is no PATCH: it is read whole, merged and put back. A PUT made of the changed
//! attributes alone would wipe the others.

use icf::{ErrorKind, Result};
use icf_http::json::member;
use icf_http::{Budget, Method, StatusCode};
use serde_json::{Map, Value as Json};

use super::patch::Entries;
use crate::model::{Model, ResourceType};
use crate::object::{id_of, version_of};
use crate::refusal::Doing;
use crate::resource::{Entry, set_schemas};
use crate::target::{Target, not_scim};

/// How often a resource is read again because somebody else changed it meanwhile.
pub(super) const MOST_CONFLICTS: u32 = 2;

/// Reads, merges and puts back. Answers the identity, if the service names one.
pub(crate) async fn send(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    id: &str,
    entries: &Entries,
    doing: Doing,
) -> Result<Option<String>> {
    merged(target, budget, model, kind, id, doing, &|resource| merge(resource, entries)).await
}

/// The same with any change.
pub(crate) async fn merged(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    id: &str,
    doing: Doing,
    change: &(dyn Fn(&mut Map<String, Json>) + Send + Sync),
) -> Result<Option<String>> {
    let path = Target::path_of(&kind.endpoint, id);
    let mut by_version = model.provider.etag;
    for attempt in 0.. {
        let (mut resource, version) = read(target, budget, kind, id, doing).await?;
        prepare(kind, &mut resource);
        change(&mut resource);
        set_schemas(kind, &mut resource);
        let if_match = version.as_deref().filter(|_| by_version);
        let answer =
            target.write(budget, Method::PUT, &path, Some(&Json::Object(resource)), if_match).await?;
        if answer.is_success() {
            return Ok(answer.json().as_ref().and_then(Json::as_object).and_then(id_of));
        }
        let demanded = answer.status == StatusCode::PRECONDITION_REQUIRED && version.is_some() && !by_version;
        let conflict = answer.status == StatusCode::PRECONDITION_FAILED || demanded;
        by_version |= demanded;
        let error = target.refusal(&answer).into_error(doing);
        if !conflict || attempt >= MOST_CONFLICTS {
            return Err(error);
        }
        tracing::debug!("The resource changed meanwhile; it is read again.");
    }
    Err(icf::ConnectorError::new(ErrorKind::PreconditionFailed, "The object changes too often."))
}

/// The whole resource with its version.
pub(crate) async fn read(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    doing: Doing,
) -> Result<(Map<String, Json>, Option<String>)> {
    let path = Target::path_of(&kind.endpoint, id);
    let answer = target.get(budget, &path, &[]).await?;
    if !answer.is_success() {
        return Err(target.refusal(&answer).into_error(doing));
    }
    let Some(Json::Object(mut resource)) = answer.json() else { return Err(not_scim(&answer)) };
    let version = answer.etag().map(str::to_owned).or_else(|| version_of(&resource));
    if kind.is_group() && member(&resource, "members").is_none() {
        // A list that was left out must not be taken for an empty one: putting the group back would empty it.
        let answer = target.get(budget, &path, &[("attributes", "members".to_owned())]).await?;
        if let (true, Some(Json::Object(mut short))) = (answer.is_success(), answer.json())
            && let Some(members) = short.remove("members")
        {
            resource.insert("members".to_owned(), members);
        }
    }
    Ok((resource, version))
}

/// Takes out what only the service sets.
fn prepare(kind: &ResourceType, resource: &mut Map<String, Json>) {
    resource.retain(|key, _| {
        let made_up = ["meta", "password"].iter().any(|name| key.eq_ignore_ascii_case(name));
        let read_only = kind.core(key).is_some_and(crate::model::AttributeDef::is_made_by_the_service)
            && !["id", "schemas"].iter().any(|name| key.eq_ignore_ascii_case(name));
        !made_up && !read_only
    });
}

fn merge(resource: &mut Map<String, Json>, entries: &Entries) {
    for entry in &entries.clear {
        entry.take_from(resource);
    }
    for entry in &entries.set {
        entry.clone().put(resource);
    }
    for entry in &entries.add {
        change_list(resource, entry, |list, value| {
            if !list.contains(value) {
                list.push(value.clone());
            }
        });
    }
    for (entry, _) in &entries.remove {
        change_list(resource, entry, |list, value| list.retain(|known| !is_meant(known, value)));
    }
}

fn change_list(resource: &mut Map<String, Json>, entry: &Entry, change: impl Fn(&mut Vec<Json>, &Json)) {
    let holder = match &entry.urn {
        None => Some(&*resource),
        Some(urn) => member(resource, urn).and_then(Json::as_object),
    };
    let mut list = match holder.and_then(|object| member(object, &entry.name)) {
        Some(Json::Array(list)) => list.clone(),
        Some(Json::Null) | None => Vec::new(),
        Some(single) => vec![single.clone()],
    };
    for value in entry.value.as_array().into_iter().flatten() {
        change(&mut list, value);
    }
    Entry { value: Json::Array(list), ..entry.clone() }.put(resource);
}

/// Whether a value of the resource is the one that is to go: equal in everything that was said of it.
fn is_meant(known: &Json, value: &Json) -> bool {
    match (known, value) {
        (Json::Object(known), Json::Object(value)) => {
            match (member(known, "value"), member(value, "value")) {
                (Some(known), Some(value)) => known == value,
                _ => value.iter().all(|(key, part)| member(known, key) == Some(part)),
            }
        }
        (known, value) => known == value,
    }
}
