//! The actions of `/openidm/system` and `/openidm/system/<name>`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::activation::Active;
use super::registry::System;
use super::{core_config, full_config, script, status};
use crate::crest::{Answer, CrestError, Request, Verb};
use crate::livesync;
use crate::state::State;

/// Actions of all systems.
const ACTIONS: [&str; 11] = [
    "activeSync",
    "liveSync",
    "test",
    "testConfig",
    "testConnectorServers",
    "availableConnectorServers",
    "createConnectorServerCoreConfig",
    "availableConnectors",
    "createCoreConfig",
    "createFullConfig",
    "createConfiguration",
];

/// Actions of one system.
const SYSTEM_ACTIONS: [&str; 4] = ["liveSync", "schema", "script", "test"];

/// The action that was asked for, in its own spelling.
fn action<'a>(request: &Request, known: &[&'a str]) -> Result<&'a str, CrestError> {
    let Verb::Action(name) = &request.verb else {
        return Err(CrestError::not_implemented("Only actions are supported here"));
    };
    known.iter().copied().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
        CrestError::bad_request(format!("Expecting String containing one of: {}", known.join(" ")))
    })
}

/// `/openidm/system`
pub(crate) async fn serve_all(state: &Arc<State>, request: &Request) -> Result<Answer, CrestError> {
    let action = action(request, &ACTIONS)?;
    let content = state.placeholders.fill(request.content());
    let context = &request.context;
    let body = match action {
        "testConnectorServers" => core_config::test_servers(state),
        "availableConnectorServers" => core_config::server_kinds(),
        "createConnectorServerCoreConfig" => core_config::server_template(&content)?,
        "availableConnectors" => core_config::available_connectors(state),
        "createCoreConfig" => core_config::create_core_config(state, &content)?,
        "createFullConfig" => full_config::create_full_config(state, context, &content).await?,
        "createConfiguration" if content.get("connectorRef").is_none() => {
            core_config::available_connectors(state)
        }
        "createConfiguration" if content.get("configurationProperties").is_none() => {
            core_config::create_core_config(state, &content)?
        }
        "createConfiguration" => full_config::create_full_config(state, context, &content).await?,
        "testConfig" => status::test_config(state, context, &content).await?,
        "test" => test(state, request, &content).await?,
        _ => livesync::by_source(state, request).await?,
    };
    Ok(Answer::ok(body))
}

async fn test(state: &State, request: &Request, content: &Json) -> Result<Json, CrestError> {
    let context = &request.context;
    if let Some(id) = content.get("id").and_then(Json::as_str) {
        let all = state.systems.all();
        let system = all.into_iter().find(|system| system.document.name == id);
        let system =
            system.ok_or_else(|| CrestError::not_found(format!("System: {id} is not available.")))?;
        return Ok(status::status(state, context, &system).await);
    }
    let mut all = Vec::new();
    for system in state.systems.all() {
        all.push(status::status(state, context, &system).await);
    }
    Ok(Json::Array(all))
}

/// `/openidm/system/<name>`
pub(crate) async fn serve_system(
    state: &Arc<State>,
    request: &Request,
    system: &Arc<System>,
) -> Result<Answer, CrestError> {
    let action = action(request, &SYSTEM_ACTIONS)?;
    let context = &request.context;
    let body = match action {
        "test" => status::status(state, context, system).await,
        "schema" => full_config::schema(state, context, &active(system)?.facade).await?,
        "script" => script::run(state, request, system, &*active(system)?).await?,
        _ => livesync::of_all_types(state, request, system).await?,
    };
    Ok(Answer::ok(body))
}

/// The running system.
pub(crate) fn active(system: &System) -> Result<Arc<Active>, CrestError> {
    system.active().ok_or_else(|| CrestError::unavailable("Service Unavailable"))
}
