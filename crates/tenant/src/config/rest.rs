//! `/openidm/config` over REST.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::conceal::conceal;
use super::store::resource;
use crate::crest::{
    Answer, CrestError, PutMode, Request, Selector, Verb, apply_patch, parse_patch, query_envelope,
};
use crate::query::parse;
use crate::state::State;
use crate::system;

/// How long `waitForCompletion` waits for a system to become active.
const COMPLETION_LIMIT: Duration = Duration::from_secs(30);

/// `/openidm/config`
pub(crate) fn serve_all(state: &State, request: &Request) -> Result<Answer, CrestError> {
    match &request.verb {
        Verb::Read { .. } => Ok(Answer::ok(state.config.list())),
        Verb::Query(query) => {
            let Selector::Filter(text) = &query.selector else {
                return Err(CrestError::bad_request("Configurations are queried by _queryFilter only"));
            };
            let filter = parse(text).map_err(|_| not_a_filter(text))?;
            let all = state.config.ids().into_iter().filter_map(|id| {
                let content = state.config.get(&id)?;
                Some(resource(&id, &conceal(state, &id, &content)))
            });
            Ok(Answer::ok(query_envelope(all.filter(|entry| filter.matches(entry)).collect(), None)))
        }
        _ => Err(CrestError::not_implemented("Name the configuration: /openidm/config/<id>")),
    }
}

/// The complaint about a text that is no filter.
fn not_a_filter(text: &str) -> CrestError {
    CrestError::bad_request(format!(
        "The value '{text}' for parameter '_queryFilter' could not be parsed as a valid query filter"
    ))
}

/// `/openidm/config/<id>`
pub(crate) async fn serve(state: &Arc<State>, request: &Request, id: &str) -> Result<Answer, CrestError> {
    let missing = || CrestError::not_found(format!("No configuration exists for id {id}"));
    let show = |content: &Json| resource(id, &conceal(state, id, content));
    match &request.verb {
        Verb::Read { .. } => {
            let content = state.config.get(id).ok_or_else(missing)?;
            Ok(Answer::ok(show(&content)))
        }
        Verb::Put(mode) => {
            let exists = state.config.get(id).is_some();
            match mode {
                PutMode::Update { .. } if !exists => return Err(missing()),
                PutMode::Create if exists => {
                    return Err(CrestError::precondition_failed(format!(
                        "A configuration exists for id {id}"
                    )));
                }
                _ => {}
            }
            store(state, request, id, request.content()).await
        }
        Verb::Patch { .. } => {
            let mut content = state.config.get(id).ok_or_else(missing)?.as_ref().clone();
            apply_patch(&mut content, &parse_patch(&request.content())?)?;
            store(state, request, id, content).await
        }
        Verb::Delete { .. } => {
            let content = system::remove_configuration(state, id).ok_or_else(missing)?;
            Ok(Answer::ok(show(&content)))
        }
        Verb::Query(_) => {
            Err(CrestError::bad_request(format!("The resource instance {id} cannot be queried")))
        }
        Verb::Create | Verb::Action(_) => {
            Err(CrestError::not_implemented("Configurations are written with PUT"))
        }
    }
}

async fn store(state: &Arc<State>, request: &Request, id: &str, content: Json) -> Result<Answer, CrestError> {
    if state.options.strict_meta_data && !system::has_meta_data(state, id, &content) {
        return Err(CrestError::internal(format!(
            "No meta-data provider available yet to create and encrypt configuration for {id}, retry later."
        )));
    }
    let new = system::store_configuration(state, id, content)?;
    if request.parameters.flag("waitForCompletion") {
        system::await_activation(state, id, COMPLETION_LIMIT).await;
    }
    let stored = state.config.get(id).unwrap_or_default();
    let shown = resource(id, &conceal(state, id, &stored));
    Ok(if new {
        Answer::created(shown, std::iter::once("config").chain(id.split('/')))
    } else {
        Answer::ok(shown)
    })
}
