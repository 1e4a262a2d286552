//! liveSync: asks a connector for changes, hands each to the sink, keeps the position.
//!
//! `run` is the procedure; [`SyncStore`] is what is kept between runs.

mod delta;
mod failure_handler;
mod rest;
mod run;
mod sink;
mod store;

use std::sync::Arc;

use serde_json::Value as Json;

pub(crate) use rest::serve;
pub(crate) use store::SyncStore;

use crate::crest::{CrestError, Request};
use crate::state::State;
use crate::system::System;

/// `liveSync` of all systems: the source is a parameter.
pub(crate) async fn by_source(state: &Arc<State>, request: &Request) -> Result<Json, CrestError> {
    let source = request.parameters.get("source").filter(|source| !source.is_empty());
    let source = source.ok_or_else(|| CrestError::bad_request("Missing required parameter: source"))?;
    let path = source.trim_matches('/');
    let path = path.strip_prefix("system/").unwrap_or(path);
    let (name, type_name) = match path.split_once('/') {
        Some((name, type_name)) => (name, Some(type_name)),
        None => (path, None),
    };
    let system = state
        .systems
        .by_name(name)
        .ok_or_else(|| CrestError::unavailable(format!("System: system/{path} is not available.")))?;
    match type_name {
        Some(type_name) => of_type(state, request, &system, type_name).await,
        None => of_all_types(state, request, &system).await,
    }
}

/// `liveSync` of one type.
pub(crate) async fn of_type(
    state: &Arc<State>,
    request: &Request,
    system: &Arc<System>,
    type_name: &str,
) -> Result<Json, CrestError> {
    let active = crate::system::active(system)?;
    let object_type = active
        .types
        .get(type_name)
        .ok_or_else(|| CrestError::bad_request(format!("Unsupported object type: {type_name}")))?;
    run::run(state, request, system, &active, object_type).await
}

/// `liveSync` of one system: of the type that stands for all classes.
pub(crate) async fn of_all_types(
    state: &Arc<State>,
    request: &Request,
    system: &Arc<System>,
) -> Result<Json, CrestError> {
    let active = crate::system::active(system)?;
    let object_type = active.types.of_class(&icf::ObjectClass::ALL);
    let object_type =
        object_type.ok_or_else(|| CrestError::bad_request("Unsupported object type: __ALL__"))?;
    run::run(state, request, system, &active, object_type).await
}
