//! Creating a resource.

use icf::{AttributeSet, CallContext, ConnectorError, ErrorKind, ObjectClass, Result, Uid};
use icf_http::json::member;
use icf_http::{Answer, Budget, Fault, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use super::{groups, half_done, members};
use crate::filter::literal;
use crate::model::ResourceType;
use crate::object::{id_of, version_of};
use crate::refusal::Doing;
use crate::resource::{Wanted, body, wanted};
use crate::search::Attributes;
use crate::target::{Target, not_scim};

/// Creates a resource and answers its identity.
pub(crate) async fn create(
    cx: &CallContext,
    target: &Target,
    class: &ObjectClass,
    attributes: AttributeSet,
) -> Result<Uid> {
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let kind = model.of_class(class)?;
    let Wanted { set, members: mut member_ids, groups: group_ids, .. } =
        wanted(kind, &target.settings.knobs, attributes)?;
    let mut resource = body(kind, set);
    // As many members as fit into one request come along, the others follow.
    let later = member_ids.as_mut().map(|ids| {
        let fits = members::fitting(target, ids);
        ids.split_off(fits)
    });
    if let Some(ids) = member_ids.filter(|ids| !ids.is_empty()) {
        resource.insert("members".to_owned(), members::list(&ids));
    }
    let uid = post(target, &budget, kind, resource).await?;
    if let Some(ids) = later.filter(|ids| !ids.is_empty()) {
        let change = members::Delta { add: ids, remove: Vec::new() };
        members::apply(target, &budget, kind, uid.value(), change).await.map_err(|error| {
            half_done(&format!("The group {uid} was created with a part of its members"), error, Some(&uid))
        })?;
    }
    if let Some(ids) = group_ids.filter(|ids| !ids.is_empty()) {
        groups::join(target, &budget, &model, uid.value(), &ids).await.map_err(|error| {
            half_done(&format!("The account {uid} was created without all of its groups"), error, Some(&uid))
        })?;
    }
    Ok(uid)
}

async fn post(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    resource: Map<String, Json>,
) -> Result<Uid> {
    let resource = Json::Object(resource);
    let answer = match target.write(budget, Method::POST, &kind.endpoint, Some(&resource), None).await {
        Ok(answer) => answer,
        Err(fault @ Fault::Broken { .. }) => return found_ours(target, budget, kind, &resource, fault).await,
        Err(fault) => return Err(fault.into()),
    };
    if !answer.is_success() {
        return Err(target.refusal(&answer).into_error(Doing::Creating));
    }
    if let Some(uid) = answered(&answer, kind)? {
        return Ok(uid);
    }
    match lookup(target, budget, kind, &resource).await? {
        Some(found) => uid_of(&found),
        None => Err(ConnectorError::connector(
            "The service created the object and says neither in its answer nor by a search which identity it has.",
        )),
    }
}

/// The identity that the answer names.
fn answered(answer: &Answer, kind: &ResourceType) -> Result<Option<Uid>> {
    if let Some(Json::Object(resource)) = answer.json()
        && id_of(&resource).is_some()
    {
        return uid_of(&resource).map(Some);
    }
    if answer.status == StatusCode::OK && !answer.body.is_empty() && answer.json().is_none() {
        return Err(not_scim(answer));
    }
    let Some(location) = answer.location() else { return Ok(None) };
    let path = location.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let id = percent_decode_str(last).decode_utf8_lossy();
    // A location that is the list's own names nothing.
    if id.is_empty() || kind.endpoint.ends_with(&format!("/{id}")) {
        return Ok(None);
    }
    Uid::try_new(id.into_owned()).map(Some)
}

fn uid_of(resource: &Map<String, Json>) -> Result<Uid> {
    let id =
        id_of(resource).ok_or_else(|| ConnectorError::io("The service delivered a resource without id."))?;
    let uid = Uid::try_new(id)?;
    Ok(match version_of(resource) {
        Some(version) => uid.with_revision(version),
        None => uid,
    })
}

/// After a request that may have arrived: the object counts as ours if it carries our `externalId`.
async fn found_ours(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    resource: &Json,
    fault: Fault,
) -> Result<Uid> {
    let ours = resource.as_object().and_then(|object| member(object, "externalId")).and_then(Json::as_str);
    let broken = |fault: Fault| {
        ConnectorError::new(
            ErrorKind::ConnectionBroken,
            format!(
                "{fault}. It is not known whether the object was created; search for it before creating it again."
            ),
        )
    };
    let Some(ours) = ours else { return Err(broken(fault)) };
    match lookup(target, budget, kind, resource).await {
        Ok(Some(found)) if member(&found, "externalId").and_then(Json::as_str) == Some(ours) => {
            uid_of(&found)
        }
        _ => Err(broken(fault)),
    }
}

/// The resource of the same name.
async fn lookup(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    resource: &Json,
) -> Result<Option<Map<String, Json>>> {
    let naming = kind.naming();
    let Some(name) = resource.as_object().and_then(|object| member(object, naming)).and_then(Json::as_str)
    else {
        return Ok(None);
    };
    let scope = crate::search::Scope {
        endpoint: kind.endpoint.clone(),
        filter: Some(format!("{naming} eq {}", literal(name))),
        attributes: Attributes::All,
        sort: None,
    };
    let asked = crate::search::fetch(target, budget, &scope, &crate::search::Ask::Index(1), 10).await?;
    for found in asked.page.resources() {
        let found = found?;
        let same = member(&found, naming).and_then(Json::as_str);
        if same.is_some_and(|same| same.eq_ignore_ascii_case(name)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
