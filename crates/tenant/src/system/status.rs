//! Whether a system works: the status object of `test` and `testConfig`.

use icf::{ApiOperation, ObjectClass};
use icf_wire::rpc::Operation;
use serde_json::{Map, Value as Json, json};

use super::activation::{Activation, build};
use super::connectors::resolve;
use super::registry::System;
use crate::config::provisioner_id;
use crate::crest::{Context, CrestError};
use crate::provisioner::Document;
use crate::state::State;
use crate::types::ALL_TYPE;

/// The status of a system; sends Test each time.
pub(super) async fn status(state: &State, context: &Context, system: &System) -> Json {
    let document = &system.document;
    let error = match system.activation() {
        _ if !document.enabled => Some("connector not available".to_owned()),
        Activation::Pending(text) | Activation::Failed(text) => Some(text),
        Activation::Active(active) if !active.facade.supports(ApiOperation::Test) => {
            Some("TEST UnsupportedOperation".to_owned())
        }
        Activation::Active(active) => {
            let tested = active.facade.call(state, context, Operation::Test).await;
            tested.err().map(|error| error.to_string()).or_else(|| active.remarks.first().cloned())
        }
    };
    let mut status = Map::new();
    let mut put = |name: &str, value: Json| status.insert(name.to_owned(), value);
    put("name", document.name.clone().into());
    put("enabled", document.enabled.into());
    put("config", format!("config/{}", provisioner_id(&document.alias)).into());
    put("connectorRef", document.connector.to_json());
    if let Some(name) = &document.connector.display_name {
        put("displayName", name.clone().into());
    }
    put("objectTypes", json!(type_names(document)));
    let ok = error.is_none();
    if let Some(error) = error {
        put("error", error.into());
    }
    put("ok", ok.into());
    Json::Object(status)
}

fn type_names(document: &Document) -> Vec<String> {
    let declared = document.member("objectTypes").as_object();
    let mut names: Vec<String> = declared.map(|types| types.keys().cloned().collect()).unwrap_or_default();
    let has_all = declared.into_iter().flat_map(Map::values).any(|json| {
        json.get("nativeType").and_then(Json::as_str).is_some_and(|native| ObjectClass::ALL.is(native))
    });
    if !has_all {
        names.push(ALL_TYPE.to_owned());
    }
    names
}

/// `testConfig`: tries a provisioner file that is not stored. Sends Test only.
pub(super) async fn test_config(
    state: &State,
    context: &Context,
    content: &Json,
) -> Result<Json, CrestError> {
    if content.get("id").is_some() {
        return Err(CrestError::bad_request("A system ID must not be specified in the request"));
    }
    let Some(name) = content.get("name").and_then(Json::as_str) else {
        return Err(CrestError::bad_request("Invalid configuration to test: no 'name' specified"));
    };
    let failed = |error: String| Ok(json!({"name": name, "ok": false, "error": error}));
    let document = match Document::parse(name, content, &state.placeholders) {
        Ok(document) => document,
        Err(error) => return failed(error.to_string()),
    };
    let info = match resolve(state, &document.connector) {
        Ok(info) => info,
        Err(reason) => return failed(reason.text(&document.connector)),
    };
    let active = match build(state, &document, &info) {
        Ok(active) => active,
        Err(error) => return failed(error),
    };
    if !active.facade.supports(ApiOperation::Test) {
        return Ok(json!({"name": name, "ok": true, "reason": "TEST UnsupportedOperation"}));
    }
    match active.facade.call(state, context, Operation::Test).await {
        Ok(_) => Ok(json!({"name": name, "ok": true})),
        Err(error) => failed(error.to_string()),
    }
}
