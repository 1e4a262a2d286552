//! Members of groups. Only differences are sent, in portions; no request lists fewer members than are meant, and a
//! removal that a service refuses is never tried in a form that another service takes for "all".

use std::collections::HashSet;

use icf::{ConnectorError, Result};
use icf_http::json::member;
use icf_http::{Budget, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::{Change, half_done, patch, put};
use crate::filter::literal;
use crate::model::{Model, ResourceType};
use crate::profile::{ClearMembers, MemberAddWrap, MemberRemove, TruncatedMembers};
use crate::refusal::{Doing, Refusal};
use crate::settings::Version;
use crate::target::{Target, not_scim};

/// Bytes of members in one request at most.
const LARGEST_BODY: usize = 512 << 10;
/// What one member takes besides its identity.
const OVERHEAD: usize = 60;

/// Members that come and go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) add: Vec<String>,
    pub(crate) remove: Vec<String>,
}

/// How many of these fit into one request.
pub(crate) fn fitting(target: &Target, ids: &[String]) -> usize {
    portion(ids, target.settings.knobs.member_chunk)
}

fn portion(ids: &[String], most: usize) -> usize {
    let mut bytes = 0;
    let fits = ids.iter().take(most.max(1)).take_while(|id| {
        bytes += id.len() + OVERHEAD;
        bytes <= LARGEST_BODY
    });
    fits.count().max(1).min(ids.len())
}

/// Members as the service takes them.
pub(crate) fn list(ids: &[String]) -> Json {
    ids.iter().map(|id| json!({"value": id})).collect()
}

/// Brings the members of a group into the state that is wanted.
pub(crate) async fn change(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    id: &str,
    ids: Vec<String>,
    change: Change,
) -> Result<()> {
    if !patch::is_possible(target, model, kind) {
        return by_put(target, budget, model, kind, id, &ids, change).await;
    }
    let delta = match change {
        Change::Add => Delta { add: ids.clone(), remove: Vec::new() },
        Change::Remove => Delta { add: Vec::new(), remove: ids.clone() },
        Change::Replace => {
            let current = current(target, budget, kind, id).await?;
            let truncated = target.settings.knobs.members_truncated_at.is_some_and(|at| current.len() >= at);
            if truncated {
                return untrusted(target, budget, kind, id, &ids).await;
            }
            let clears = ids.is_empty() && target.settings.knobs.clear_members == ClearMembers::Path;
            if clears && !current.is_empty() && target.settings.version == Version::Two {
                return clear(target, budget, kind, id).await;
            }
            difference(&current, &ids)
        }
    };
    match apply(target, budget, kind, id, delta).await {
        Err(error) if target.learned.no_patch.is_set() => {
            drop(error);
            by_put(target, budget, model, kind, id, &ids, change).await
        }
        outcome => outcome,
    }
}

fn difference(current: &[String], wanted: &[String]) -> Delta {
    let (held, meant): (HashSet<_>, HashSet<_>) = (current.iter().collect(), wanted.iter().collect());
    Delta {
        add: wanted.iter().filter(|id| !held.contains(id)).cloned().collect(),
        remove: current.iter().filter(|id| !meant.contains(id)).cloned().collect(),
    }
}

/// The members as they are.
async fn current(target: &Target, budget: &Budget, kind: &ResourceType, id: &str) -> Result<Vec<String>> {
    let path = Target::path_of(&kind.endpoint, id);
    let answer = target.get(budget, &path, &[("attributes", "members".to_owned())]).await?;
    if !answer.is_success() {
        return Err(target.refusal(&answer).into_error(Doing::Updating));
    }
    match answer.json() {
        Some(Json::Object(resource)) => Ok(ids_of(&resource)),
        _ => Err(not_scim(&answer)),
    }
}

fn ids_of(resource: &Map<String, Json>) -> Vec<String> {
    let list = member(resource, "members").and_then(Json::as_array);
    list.into_iter().flatten().filter_map(id_of_member).collect()
}

fn id_of_member(value: &Json) -> Option<String> {
    let value = value.as_object().map_or(Some(value), |object| member(object, "value"))?;
    match value {
        Json::String(id) => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The list may have been cut short: a difference from it would be wrong.
async fn untrusted(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    ids: &[String],
) -> Result<()> {
    if target.settings.knobs.truncated_members == TruncatedMembers::Refuse {
        return Err(ConnectorError::unsupported(
            "The service shows only a part of so many members, so what to remove cannot be known; add and remove single members instead.",
        ));
    }
    let body = patch::message(vec![json!({"op": "replace", "path": "members", "value": list(ids)})]);
    whole(target, budget, kind, id, &body).await
}

async fn clear(target: &Target, budget: &Budget, kind: &ResourceType, id: &str) -> Result<()> {
    let body = patch::message(vec![json!({"op": "remove", "path": "members"})]);
    whole(target, budget, kind, id, &body).await
}

async fn whole(target: &Target, budget: &Budget, kind: &ResourceType, id: &str, body: &Json) -> Result<()> {
    let answer = patch::raw(target, budget, kind, id, body).await?;
    if answer.is_success() { Ok(()) } else { Err(target.refusal(&answer).into_error(Doing::Updating)) }
}

/// Sends a difference, removals first, in portions that the service takes.
pub(crate) async fn apply(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    delta: Delta,
) -> Result<()> {
    let mut series =
        Series { target, budget, kind, id, most: target.settings.knobs.member_chunk.max(1), sent: 0 };
    series.send(&delta.remove, Change::Remove).await?;
    series.send(&delta.add, Change::Add).await
}

/// Requests for one group.
struct Series<'a> {
    target: &'a Target,
    budget: &'a Budget,
    kind: &'a ResourceType,
    id: &'a str,
    /// Members in one request at most, as far as is known.
    most: usize,
    sent: usize,
}

impl Series<'_> {
    async fn send(&mut self, ids: &[String], change: Change) -> Result<()> {
        let mut rest = ids;
        // Smaller for a while after a removal of which not every member was there.
        let mut careful = usize::MAX;
        while !rest.is_empty() {
            let count = portion(rest, self.most.min(careful));
            let (now, later) = rest.split_at(count);
            match self.one(now, change).await? {
                Ok(()) => {
                    self.sent += 1;
                    rest = later;
                    careful = careful.saturating_mul(2);
                }
                Err(refusal) if refusal.status == 413 && count > 1 => self.most = count / 2,
                Err(refusal) if refusal.is_type("noTarget") && change == Change::Remove => {
                    if count == 1 {
                        // It is gone already.
                        rest = later;
                    } else {
                        careful = count / 2;
                    }
                }
                Err(refusal) => {
                    if refusal.refuses_patch() {
                        self.target.learned.no_patch.set();
                    }
                    return Err(self.failed(refusal.into_error(Doing::Updating)));
                }
            }
        }
        Ok(())
    }

    async fn one(&self, ids: &[String], change: Change) -> Result<Result<(), Refusal>> {
        let body = self.body(ids, change);
        let answer = match patch::raw(self.target, self.budget, self.kind, self.id, &body).await {
            Ok(answer) => answer,
            Err(error) => return Err(self.failed(error)),
        };
        if answer.is_success() {
            return Ok(Ok(()));
        }
        let mut refusal = self.target.refusal(&answer);
        if answer.status == StatusCode::PAYLOAD_TOO_LARGE {
            refusal.status = 413;
        }
        Ok(Err(refusal))
    }

    fn failed(&self, error: ConnectorError) -> ConnectorError {
        if self.sent == 0 {
            return error;
        }
        half_done(&format!("A part of the members of {} was changed", self.id), error, None)
    }

    fn body(&self, ids: &[String], change: Change) -> Json {
        if self.target.settings.version == Version::One {
            let members: Vec<_> = ids
                .iter()
                .map(|id| match change {
                    Change::Remove => json!({"value": id, "operation": "delete"}),
                    _ => json!({"value": id}),
                })
                .collect();
            return json!({"schemas": [self.kind.urn], "members": members});
        }
        let knobs = &self.target.settings.knobs;
        patch::message(match (change, knobs.member_remove) {
            (Change::Remove, MemberRemove::Filter) => ids
                .iter()
                .map(|id| json!({"op": "remove", "path": format!("members[value eq {}]", literal(id))}))
                .collect(),
            (Change::Remove, MemberRemove::ValueArray) => {
                vec![json!({"op": "remove", "path": "members", "value": list(ids)})]
            }
            (Change::Remove, MemberRemove::OrFilter) => {
                let any: Vec<_> = ids.iter().map(|id| format!("value eq {}", literal(id))).collect();
                vec![json!({"op": "remove", "path": format!("members[{}]", any.join(" or "))})]
            }
            _ if knobs.member_add_wrap == MemberAddWrap::Salesforce => {
                vec![json!({"op": "add", "value": {"members": list(ids)}})]
            }
            _ => vec![json!({"op": "add", "path": "members", "value": list(ids)})],
        })
    }
}

/// Without PATCH the whole list is put back, made from the whole list as it was read, under its version.
async fn by_put(
    target: &Target,
    budget: &Budget,
    model: &Model,
    kind: &ResourceType,
    id: &str,
    ids: &[String],
    change: Change,
) -> Result<()> {
    let meant: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let merge = |resource: &mut Map<String, Json>| {
        let held = member(resource, "members").and_then(Json::as_array).cloned().unwrap_or_default();
        let known: HashSet<String> = held.iter().filter_map(id_of_member).collect();
        let is_meant = |value: &Json| id_of_member(value).is_some_and(|id| meant.contains(id.as_str()));
        let mut members: Vec<Json> = match change {
            Change::Add => held,
            Change::Remove => held.into_iter().filter(|value| !is_meant(value)).collect(),
            Change::Replace => held.into_iter().filter(is_meant).collect(),
        };
        if change != Change::Remove {
            members.extend(ids.iter().filter(|id| !known.contains(*id)).map(|id| json!({"value": id})));
        }
        resource.retain(|key, _| !key.eq_ignore_ascii_case("members"));
        resource.insert("members".to_owned(), Json::Array(members));
    };
    if target.settings.knobs.members_truncated_at.is_some() {
        return Err(ConnectorError::unsupported(
            "The service neither changes single members nor shows all of them; its groups cannot be changed safely.",
        ));
    }
    put::merged(target, budget, model, kind, id, Doing::Updating, &merge).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_differences_are_sent() {
        let delta = difference(&ids(&["a", "b", "c"]), &ids(&["b", "c", "d"]));
        assert_eq!(delta, Delta { add: ids(&["d"]), remove: ids(&["a"]) });
    }

    #[test]
    fn portions_are_bounded_by_count_and_bytes() {
        assert_eq!(portion(&ids(&["a", "b", "c"]), 2), 2);
        assert_eq!(portion(&ids(&["a"]), 0), 1);
        let long = vec!["x".repeat(LARGEST_BODY / 2); 4];
        assert_eq!(portion(&long, 500), 1);
    }
}
