//! Groups assigned from the side of a user: the service has them as members of groups.

use std::collections::HashSet;

use icf::{ConnectorError, Result};
use icf_http::Budget;
use icf_http::json::member;
use serde_json::{Map, Value as Json};

use super::{Change, half_done, members};
use crate::filter::literal;
use crate::model::{Model, ResourceType};
use crate::object::id_of;
use crate::refusal::Doing;
use crate::search::{Ask, Attributes, Scope, fetch};
use crate::target::{Target, not_scim};

/// Groups looked at when a user's are looked up.
const PAGE: u64 = 100;

/// Makes a user a member of these groups.
pub(crate) async fn join(
    target: &Target,
    budget: &Budget,
    model: &Model,
    user: &str,
    groups: &[String],
) -> Result<()> {
    each(target, budget, model, user, groups, &[]).await
}

/// Brings the groups of a user into the state that is wanted.
pub(crate) async fn change(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    user: &str,
    groups: Vec<String>,
    change: Change,
) -> Result<()> {
    match change {
        Change::Add => each(target, budget, model, user, &groups, &[]).await,
        Change::Remove => each(target, budget, model, user, &[], &groups).await,
        Change::Replace => {
            let current = current(target, budget, model, kind, user).await?;
            let (held, meant): (HashSet<_>, HashSet<_>) = (current.iter().collect(), groups.iter().collect());
            let join: Vec<_> = groups.iter().filter(|id| !held.contains(id)).cloned().collect();
            let leave: Vec<_> = current.iter().filter(|id| !meant.contains(id)).cloned().collect();
            each(target, budget, model, user, &join, &leave).await
        }
    }
}

async fn each(
    target: &Target,
    budget: &Budget,
    model: &Model,
    user: &str,
    join: &[String],
    leave: &[String],
) -> Result<()> {
    let kind = model.groups().ok_or_else(|| {
        ConnectorError::unsupported("The service has no groups, so an account cannot be put into one.")
    })?;
    let joins = join.iter().map(|group| (group, Change::Add));
    let leaves = leave.iter().map(|group| (group, Change::Remove));
    for (count, (group, change)) in joins.chain(leaves).enumerate() {
        let one = vec![user.to_owned()];
        members::change(target, budget, model, kind, group, one, change).await.map_err(|error| {
            if count == 0 {
                error
            } else {
                half_done(&format!("A part of the groups of {user} was changed"), error, None)
            }
        })?;
    }
    Ok(())
}

/// The groups a user is a direct member of.
async fn current(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    user: &str,
) -> Result<Vec<String>> {
    let path = Target::path_of(&kind.endpoint, user);
    let answer = target.get(budget, &path, &[("attributes", "groups".to_owned())]).await?;
    if !answer.is_success() {
        return Err(target.refusal(&answer).into_error(Doing::Updating));
    }
    let Some(Json::Object(resource)) = answer.json() else { return Err(not_scim(&answer)) };
    if let Some(listed) = listed(&resource) {
        return Ok(listed);
    }
    let Some(groups) = model.groups().filter(|_| target.settings.knobs.groups_lookup) else {
        return Ok(Vec::new());
    };
    let scope = Scope {
        endpoint: groups.endpoint.clone(),
        filter: Some(format!("members.value eq {}", literal(user))),
        attributes: Attributes::All,
        sort: None,
    };
    let mut found = Vec::new();
    let mut start = 1;
    loop {
        let asked = fetch(target, budget, &scope, &Ask::Index(start), PAGE).await?;
        let received = asked.page.received();
        for group in asked.page.resources() {
            let group = group?;
            // The service may have ignored the filter.
            let members = member(&group, "members").and_then(Json::as_array);
            let is_in = members.is_none_or(|list| {
                list.iter().any(|value| value.get("value").and_then(Json::as_str) == Some(user))
            });
            if is_in && (members.is_some() || !asked.wide) {
                found.extend(id_of(&group));
            }
        }
        start += received;
        let ended = received == 0 || asked.unpaged || asked.page.total.is_none_or(|total| start > total);
        if ended {
            return Ok(found);
        }
    }
}

/// The groups that the user's own resource lists; none if it does not say.
fn listed(resource: &Map<String, Json>) -> Option<Vec<String>> {
    let list = member(resource, "groups")?.as_array()?;
    let direct = |value: &&Json| {
        let kind = value.as_object().and_then(|object| member(object, "type")).and_then(Json::as_str);
        kind.is_none_or(|kind| !kind.eq_ignore_ascii_case("indirect"))
    };
    let id = |value: &Json| match value.as_object().map_or(Some(value), |object| member(object, "value"))? {
        Json::String(id) => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    };
    Some(list.iter().filter(direct).filter_map(id).collect())
}
