//! Changing a user: the body by PATCH, and what has places of its own there, in a fixed order.

use std::collections::BTreeSet;

use icf::{ConnectorError, Result};
use icf_http::Method;
use serde_json::{Value as Json, json};

use super::plan::{Groups, Plan};
use super::{Change, at_step, expect, half_done, link};
use crate::refusal::Doing;
use crate::search::links;
use crate::target::{Call, Target, not_json};

const JSON: &str = "application/json";

/// Changes a user.
pub(crate) async fn update(
    call: &Call,
    target: &Target,
    id: &str,
    mut plan: Plan,
    change: Change,
) -> Result<()> {
    let mut done = false;
    if !plan.body.is_empty() {
        complete(call, target, id, &mut plan).await?;
        let body = Json::Object(std::mem::take(&mut plan.body));
        let url = target.url(&["users", id], &[])?;
        expect(target.write(call, Method::PATCH, url, JSON, &body).await, Doing::Updating)?;
        done = true;
    }
    rest(call, target, id, &plan, change).await.map_err(|error| {
        if done { half_done(&format!("The body of the user {id} was changed"), error, None) } else { error }
    })
}

/// An object is sent whole, as it takes the place of the one that is there; the parts that were not named stay.
async fn complete(call: &Call, target: &Target, id: &str, plan: &mut Plan) -> Result<()> {
    if plan.incomplete.is_empty() {
        return Ok(());
    }
    let answer = expect(target.get(call, target.url(&["users", id], &[])?).await, Doing::Updating)?;
    let Some(Json::Object(held)) = answer.json() else { return Err(not_json(&answer)) };
    for name in &plan.incomplete {
        if let (Some(Json::Object(new)), Some(Json::Object(old))) = (plan.body.get_mut(name), held.get(name))
        {
            for (key, value) in old {
                new.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(())
}

/// Everything besides the body: population, password, enabled, MFA, verification, account, groups, roles.
pub(crate) async fn rest(call: &Call, target: &Target, id: &str, plan: &Plan, change: Change) -> Result<()> {
    let put = async |part: &'static str, kind: &'static str, body: Json, doing: Doing| {
        let url = target.url(&["users", id, part], &[])?;
        let sent = expect(target.write(call, Method::PUT, url, kind, &body).await, doing);
        sent.map(drop).map_err(|error| at_step(part, error))
    };
    if let Some(population) = plan.separate.get("population") {
        put("population", JSON, only_id(population), Doing::Updating).await?;
    }
    if let Some(password) = plan.password_body() {
        const SET: &str = "application/vnd.pingidentity.password.set+json";
        put("password", SET, password, Doing::SettingPassword).await?;
    }
    for part in ["enabled", "mfaEnabled", "verifyStatus"] {
        if let Some(value) = plan.separate.get(part) {
            put(part, JSON, json!({part: value}), Doing::Updating).await?;
        }
    }
    if let Some(provider) = plan.separate.get("identityProvider") {
        put("identityProvider", JSON, only_id(provider), Doing::Updating).await?;
    }
    if let Some(status) = plan.separate.get("account") {
        let kind = match status.as_str() {
            Some("LOCKED") => "application/vnd.pingidentity.account.lock+json",
            _ => "application/vnd.pingidentity.account.unlock+json",
        };
        let url = target.url(&["users", id], &[])?;
        expect(target.write(call, Method::POST, url, kind, &json!({})).await, Doing::Updating)
            .map_err(|error| at_step("account", error))?;
    }
    if let Some(groups) = &plan.groups {
        change_groups(call, target, id, groups, change).await.map_err(|error| at_step("groups", error))?;
    }
    if let Some(roles) = &plan.roles {
        change_roles(call, target, id, roles, change).await.map_err(|error| at_step("roles", error))?;
    }
    Ok(())
}

fn only_id(reference: &Json) -> Json {
    json!({"id": reference.get("id").unwrap_or(reference)})
}

async fn change_groups(
    call: &Call,
    target: &Target,
    id: &str,
    groups: &Groups,
    change: Change,
) -> Result<()> {
    let wanted: BTreeSet<String> = match groups {
        Groups::Ids(ids) => ids.iter().cloned().collect(),
        Groups::Names(names) => {
            let mut ids = BTreeSet::new();
            for name in names {
                ids.insert(group_of_name(call, target, name).await?);
            }
            ids
        }
    };
    let parts = ["users", id, "memberOfGroups"];
    let (join, leave): (Vec<_>, Vec<_>) = match change {
        Change::Add => (wanted.into_iter().collect(), Vec::new()),
        Change::Remove => (Vec::new(), wanted.into_iter().collect()),
        Change::Replace => {
            let held = links(call, target, &parts, "groupMemberships").await?;
            let text = |link: &Json, name: &str| link.get(name).and_then(Json::as_str).map(str::to_owned);
            let all: BTreeSet<String> = held.iter().filter_map(|link| text(link, "id")).collect();
            // What comes through another group is not taken away here.
            let direct = held
                .iter()
                .filter(|link| text(link, "type").is_none_or(|kind| kind.eq_ignore_ascii_case("DIRECT")));
            let leave =
                direct.filter_map(|link| text(link, "id")).filter(|id| !wanted.contains(id)).collect();
            (wanted.into_iter().filter(|id| !all.contains(id)).collect(), leave)
        }
    };
    for group in &join {
        link(call, target, &parts, group, true).await?;
    }
    for group in &leave {
        link(call, target, &parts, group, false).await?;
    }
    Ok(())
}

/// The group of a name; two of one name are an error, for either might be meant.
async fn group_of_name(call: &Call, target: &Target, name: &str) -> Result<String> {
    let url = target.url(
        &["groups"],
        &[("limit", "100".to_owned()), ("filter", format!("name eq {}", Json::from(name)))],
    )?;
    let answer = expect(target.get(call, url).await, Doing::Searching)?;
    let body = answer.json().unwrap_or_default();
    let found: Vec<_> = body
        .pointer("/_embedded/groups")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter(|group| group.get("name").and_then(Json::as_str) == Some(name))
        .filter_map(|group| group.get("id").and_then(Json::as_str))
        .collect();
    match found.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => {
            Err(ConnectorError::invalid_attribute_value("A name in memberOfGroupNames is that of no group."))
        }
        _ => Err(ConnectorError::invalid_attribute_value(
            "A name in memberOfGroupNames is that of several groups; use memberOfGroupIDs.",
        )),
    }
}

async fn change_roles(call: &Call, target: &Target, id: &str, wanted: &[Json], change: Change) -> Result<()> {
    // Role, scope and kind of scope make an assignment.
    let key = |entry: &Json| {
        ["/role/id", "/scope/id", "/scope/type"]
            .map(|pointer| entry.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned())
    };
    let held = links(call, target, &["users", id, "roleAssignments"], "roleAssignments").await?;
    let (meant, known): (BTreeSet<_>, BTreeSet<_>) =
        (wanted.iter().map(key).collect(), held.iter().map(key).collect());
    if change != Change::Remove {
        for [role, scope, kind] in meant.iter().filter(|key| !known.contains(*key)) {
            let body = json!({"role": {"id": role}, "scope": {"id": scope, "type": kind}});
            let url = target.url(&["users", id, "roleAssignments"], &[])?;
            expect(target.write(call, Method::POST, url, JSON, &body).await, Doing::Updating)?;
        }
    }
    for entry in &held {
        let goes = match change {
            Change::Add => false,
            Change::Remove => meant.contains(&key(entry)),
            Change::Replace => !meant.contains(&key(entry)),
        };
        let read_only = entry.get("readOnly").and_then(Json::as_bool).unwrap_or(false);
        if let (true, false, Some(assignment)) = (goes, read_only, entry.get("id").and_then(Json::as_str)) {
            let url = target.url(&["users", id, "roleAssignments", assignment], &[])?;
            let answer = target.delete(call, url).await?;
            if answer.status.as_u16() != 404 {
                expect(Ok(answer), Doing::Updating)?;
            }
        }
    }
    Ok(())
}
