//! Changing groups and populations: read, merged and put back. Members are links of their own.

use std::collections::BTreeSet;

use icf::Result;
use icf_http::Method;
use serde_json::{Map, Value as Json};

use super::plan::Plan;
use super::{Change, at_step, expect, half_done, link};
use crate::attributes::{self, Way};
use crate::class::Class;
use crate::refusal::Doing;
use crate::search;
use crate::target::{Call, Target, not_json};

/// Changes a group or population.
pub(crate) async fn update(
    call: &Call,
    target: &Target,
    class: Class,
    id: &str,
    mut plan: Plan,
    change: Change,
) -> Result<()> {
    let mut done = false;
    if !plan.body.is_empty() {
        put(call, target, class, id, std::mem::take(&mut plan.body)).await?;
        done = true;
    }
    links(call, target, id, &plan, change).await.map_err(|error| {
        if done {
            half_done(&format!("The object {id} was changed, but not all of its links"), error, None)
        } else {
            error
        }
    })
}

async fn put(call: &Call, target: &Target, class: Class, id: &str, changes: Map<String, Json>) -> Result<()> {
    let url = target.url(&[class.plural(), id], &[])?;
    let answer = expect(target.get(call, url.clone()).await, Doing::Updating)?;
    let Some(Json::Object(mut body)) = answer.json() else { return Err(not_json(&answer)) };
    // Only what may be written goes back.
    body.retain(|name, _| {
        attributes::find(class, name).is_some_and(|known| matches!(known.way, Way::Body | Way::Creation))
    });
    body.extend(changes);
    body.retain(|_, value| !value.is_null());
    let body = Json::Object(body);
    expect(target.write(call, Method::PUT, url, "application/json", &body).await, Doing::Updating).map(drop)
}

/// Members of a group, and the groups it is in.
pub(crate) async fn links(call: &Call, target: &Target, id: &str, plan: &Plan, change: Change) -> Result<()> {
    if let Some(wanted) = &plan.members {
        let held =
            if change == Change::Replace { search::members(call, target, id).await? } else { Vec::new() };
        let (join, leave) = difference(wanted, held, change);
        members(call, target, id, join, leave).await.map_err(|error| at_step("members", error))?;
    }
    if let Some(wanted) = &plan.nested_in {
        let parts = ["groups", id, "memberOfGroups"];
        let held = if change == Change::Replace {
            let list = search::links(call, target, &parts, "groupMemberships").await?;
            list.iter().filter_map(|link| link.get("id").and_then(Json::as_str).map(str::to_owned)).collect()
        } else {
            Vec::new()
        };
        let (join, leave) = difference(wanted, held, change);
        for (group, present) in join.iter().map(|id| (id, true)).chain(leave.iter().map(|id| (id, false))) {
            link(call, target, &parts, group, present).await.map_err(|error| at_step("nesting", error))?;
        }
    }
    Ok(())
}

fn difference(wanted: &[String], held: Vec<String>, change: Change) -> (Vec<String>, Vec<String>) {
    match change {
        Change::Add => (wanted.to_vec(), Vec::new()),
        Change::Remove => (Vec::new(), wanted.to_vec()),
        Change::Replace => {
            let (meant, known): (BTreeSet<_>, BTreeSet<_>) = (wanted.iter().collect(), held.iter().collect());
            let join = wanted.iter().filter(|id| !known.contains(id)).cloned().collect();
            (join, held.iter().filter(|id| !meant.contains(id)).cloned().collect())
        }
    }
}

/// One request a member, as many at once as the service's connections allow. The first failure ends the others' start.
async fn members(
    call: &Call,
    target: &Target,
    group: &str,
    join: Vec<String>,
    leave: Vec<String>,
) -> Result<()> {
    const AT_ONCE: usize = 8;
    let all: Vec<_> =
        join.into_iter().map(|id| (id, true)).chain(leave.into_iter().map(|id| (id, false))).collect();
    let mut done = 0_usize;
    for portion in all.chunks(AT_ONCE) {
        let requests = portion.iter().map(|(user, present)| async move {
            link(call, target, &["users", user, "memberOfGroups"], group, *present).await
        });
        for outcome in join_all(requests).await {
            match outcome {
                Ok(()) => done += 1,
                Err(error) if done == 0 => return Err(error),
                Err(error) => return Err(half_done("A part of the members was changed", error, None)),
            }
        }
    }
    Ok(())
}

/// Waits for all, side by side.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        let mut ready = true;
        for (future, outcome) in &mut waiting {
            if outcome.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => *outcome = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    waiting.into_iter().filter_map(|(_, outcome)| outcome).collect()
}
