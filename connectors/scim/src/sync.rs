//! Changes by `meta.lastModified`. Deletions leave no trace in SCIM; reconciliation finds them.

use std::collections::HashSet;
use std::time::SystemTime;

use icf::{
    CallContext, ConnectorError, DeltaSink, Flow, ObjectClass, OperationOptions, Result, SyncDelta,
    SyncDeltaType, SyncToken, Value,
};
use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::filter::{instant, literal};
use crate::model::{Model, ResourceType};
use crate::object::{Projection, id_of, modified, version_of};
use crate::search::{Attributes, Scope, Walk, too_wide};
use crate::target::Target;

/// The token of now, by the clock of the service.
pub(crate) async fn latest_token(cx: &CallContext, target: &Target) -> Result<SyncToken> {
    let budget = target.budget(cx);
    let path = target.provider_paths().into_iter().next().unwrap_or_default();
    let answer = target.get(&budget, &path, &[]).await?;
    if matches!(answer.status.as_u16(), 401 | 403) {
        return Err(target.refusal(&answer).into_error(crate::refusal::Doing::Describing));
    }
    let said = answer.date().and_then(|text| httpdate::parse_http_date(text).ok());
    let now = said.ok_or_else(|| {
        ConnectorError::connector(
            "The service sends no Date header, so where to synchronise from cannot be told.",
        )
    })?;
    SyncToken::try_new(iso(now)?)
}

fn iso(time: SystemTime) -> Result<String> {
    OffsetDateTime::from(time).format(&Rfc3339).map_err(|_| {
        ConnectorError::connector("The service's Date header holds a date beyond all calendars.")
    })
}

/// One changed resource.
struct Changed<'a> {
    kind: &'a ResourceType,
    when: OffsetDateTime,
    stamp: String,
    id: String,
    resource: Map<String, Json>,
}

impl Changed<'_> {
    /// Tells one state of a resource from another.
    fn state(&self) -> String {
        format!("{}\n{}", self.id, version_of(&self.resource).unwrap_or_else(|| self.stamp.clone()))
    }
}

/// Delivers what changed since the token, oldest first.
pub(crate) async fn run(
    cx: &CallContext,
    target: &Target,
    class: &ObjectClass,
    token: Option<&SyncToken>,
    options: &OperationOptions,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let since = token.map(stamp_of).transpose()?;
    let kinds: Vec<_> =
        if *class == ObjectClass::ALL { model.types.iter().collect() } else { vec![model.of_class(class)?] };
    let mut changed = Vec::new();
    for kind in kinds {
        collect(cx, target, &model, kind, since.as_deref(), &mut changed).await?;
    }
    changed.sort_by(|left, right| (left.when, &left.id).cmp(&(right.when, &right.id)));
    let remembered = target.delivered().get(class).cloned();
    let mut edge = remembered.filter(|(stamp, _)| Some(stamp) == since.as_ref()).unwrap_or_default();
    let projection = Projection::new(options);
    let mut reached = since.clone();
    for change in changed {
        let state = change.state();
        let at_edge = since.as_deref().and_then(instant) == Some(change.when);
        if at_edge && edge.1.contains(&state) {
            continue;
        }
        let token = SyncToken::try_new(change.stamp.as_str())?;
        if edge.0 != change.stamp {
            edge = (change.stamp.clone(), HashSet::new());
        }
        let object = projection.object(change.kind, change.resource)?;
        let delta = SyncDelta {
            token,
            delta_type: SyncDeltaType::CreateOrUpdate,
            previous_uid: None,
            object_class: Some(object.object_class.clone()),
            uid: object.uid.clone(),
            object: Some(object),
        };
        let flow = deltas.push(delta).await?;
        edge.1.insert(state);
        reached = Some(change.stamp);
        if flow == Flow::Stop {
            break;
        }
    }
    target.delivered().insert(class.clone(), edge);
    if let Some(reached) = reached {
        deltas.report(SyncToken::try_new(reached)?);
    }
    Ok(())
}

fn stamp_of(token: &SyncToken) -> Result<String> {
    let invalid = || {
        ConnectorError::invalid_attribute_value(
            "The sync token is no date and time such as 2026-01-31T12:00:00Z; clear it to begin anew.",
        )
    };
    match token.value() {
        Value::String(text) if instant(text).is_some() => Ok(text.trim().to_owned()),
        _ => Err(invalid()),
    }
}

async fn collect<'a>(
    cx: &CallContext,
    target: &Target,
    model: &Model,
    kind: &'a ResourceType,
    since: Option<&str>,
    changed: &mut Vec<Changed<'a>>,
) -> Result<()> {
    let filter = since
        .filter(|_| model.provider.filter)
        .map(|since| format!("meta.lastModified ge {}", literal(since)));
    if since.is_some() && filter.is_none() {
        tracing::warn!("The service cannot filter; changes are found by reading everything.");
    }
    let scope = Scope { endpoint: kind.endpoint.clone(), filter, attributes: Attributes::All, sort: None };
    let since = since.and_then(instant);
    let mut walk = Walk::new(target, model, scope);
    let mut undated = false;
    while let Some(page) = walk.next(cx).await? {
        for resource in page.resources() {
            let resource = resource?;
            if walk.is_repetition(&resource) {
                continue;
            }
            let dated = modified(&resource).and_then(|stamp| Some((stamp.to_owned(), instant(stamp)?)));
            let (Some((stamp, when)), Some(id)) = (dated, id_of(&resource)) else {
                undated = true;
                continue;
            };
            if since.is_none_or(|since| when >= since) {
                changed.push(Changed { kind, when, stamp, id, resource });
            }
            let most = target.settings.knobs.max_scan;
            if u64::try_from(changed.len()).is_ok_and(|count| count > most) {
                return Err(too_wide(most));
            }
        }
    }
    if undated {
        tracing::warn!(class = %kind.class, "Resources without meta.lastModified are left out; reconcile instead.");
    }
    Ok(())
}
