//! `/openidm/repo/synchronisation`: what liveSync keeps.

use serde_json::Value as Json;

use super::store::Stage;
use crate::crest::{Answer, CrestError, Request, Selector, Verb, query_envelope, resource};
use crate::state::State;

/// Answers a request on `pooledSyncStage/<id>` or `deadLetterQueue/<system>[/<id>]`.
pub(crate) fn serve(state: &State, request: &Request, path: &[String]) -> Result<Answer, CrestError> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let missing = || CrestError::not_found(format!("Object {} not found", path.join("/")));
    match (path.as_slice(), &request.verb) {
        (["pooledSyncStage", id], Verb::Read { .. }) => {
            let stage = state.sync.stage(id).ok_or_else(missing)?;
            Ok(Answer::ok(stage.to_json(id)))
        }
        (["pooledSyncStage", id], Verb::Put(_)) => {
            let content = request.content();
            let new = state.sync.stage(id).is_none();
            let member = |name: &str| content.get(name).filter(|value| !value.is_null()).cloned();
            let stage = Stage {
                connector_data: member("connectorData"),
                last_exception: member("lastException"),
                ..Stage::default()
            };
            let saved = state.sync.save(id, stage).to_json(id);
            let path = ["repo", "synchronisation", "pooledSyncStage", id];
            Ok(if new { Answer::created(saved, path) } else { Answer::ok(saved) })
        }
        (["pooledSyncStage", id], Verb::Delete { .. }) => {
            let stage = state.sync.remove(id).ok_or_else(missing)?;
            Ok(Answer::ok(stage.to_json(id)))
        }
        (["deadLetterQueue", system], Verb::Query(query)) => match &query.selector {
            Selector::Id(id) if id == "query-all-ids" => {
                let letters = state.sync.dead_letters(system);
                Ok(Answer::ok(query_envelope(letters.iter().map(letter).collect(), None)))
            }
            _ => Err(CrestError::bad_request("Dead letters are queried by _queryId=query-all-ids only")),
        },
        (["deadLetterQueue", system, id], Verb::Read { .. }) => {
            let letters = state.sync.dead_letters(system);
            let found = letters.iter().find(|(known, _)| known == id).ok_or_else(missing)?;
            Ok(Answer::ok(letter(found)))
        }
        _ => Err(CrestError::not_found(format!(
            "Resource 'repo/synchronisation/{}' not found",
            path.join("/")
        ))),
    }
}

fn letter((id, content): &(String, Json)) -> Json {
    resource(id, None, content.as_object().cloned().unwrap_or_default())
}
