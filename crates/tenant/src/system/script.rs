//! `script`: runs the system actions of a provisioner file.

use std::path::{Path, PathBuf};

use icf::{GuardedString, OperationOptions, Script, ScriptContext, Value, ValueMap};
use icf_wire::rpc::{Answer, Operation};
use regex::Regex;
use serde_json::{Value as Json, json};

use super::activation::Active;
use super::facade::unexpected;
use super::registry::System;
use crate::crest::{CrestError, Request};
use crate::provisioner::ScriptAction;
use crate::state::State;
use crate::types::{natural_json, natural_value};

/// Parameters that steer the action and are no arguments.
const STEERING: [&str; 3] = ["scriptId", "scriptExecuteMode", "scriptVariablePrefix"];

/// Runs every fitting action of a script, in order; failures stand beside results.
pub(super) async fn run(
    state: &State,
    request: &Request,
    system: &System,
    active: &Active,
) -> Result<Json, CrestError> {
    let parameters = &request.parameters;
    let script_id = parameters.get("scriptId").or_else(|| parameters.get("_scriptId"));
    let script_id =
        script_id.ok_or_else(|| CrestError::bad_request("Missing required parameter: scriptId"))?;
    let actions = fitting(system, active, script_id)?;
    let on_resource = parameters.get("scriptExecuteMode") == Some("resource");
    let mut results = Vec::new();
    for action in actions {
        let operation = match operation(state, request, &action, on_resource).await {
            Ok(operation) => operation,
            Err(error) => {
                results.push(json!({"error": error}));
                continue;
            }
        };
        results.push(match active.facade.call(state, &request.context, operation).await {
            Ok(Answer::Value(value)) => json!({"result": natural_json(&value)}),
            Ok(other) => json!({"error": unexpected(&other).to_string()}),
            Err(error) => json!({"error": error.to_string()}),
        });
    }
    Ok(json!({"actions": results}))
}

fn fitting(system: &System, active: &Active, script_id: &str) -> Result<Vec<ScriptAction>, CrestError> {
    let scripts = &system.document.scripts;
    let named: Vec<&ScriptAction> = scripts.iter().filter(|action| action.script_id == script_id).collect();
    if named.is_empty() {
        return Err(CrestError::bad_request(format!("Script ID: {script_id} is not defined.")));
    }
    let connector = &active.facade.key.connector_name;
    let fits = |action: &&ScriptAction| {
        action.system_type.as_ref().is_none_or(|pattern| {
            Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(connector))
        })
    };
    let actions: Vec<ScriptAction> = named.into_iter().filter(fits).cloned().collect();
    if actions.is_empty() {
        return Err(CrestError::bad_request(format!(
            "Script ID: {script_id} for systemType {connector} is not defined."
        )));
    }
    Ok(actions)
}

async fn operation(
    state: &State,
    request: &Request,
    action: &ScriptAction,
    on_resource: bool,
) -> Result<Operation, String> {
    let text = source(state, action).await?;
    let script = Script::try_new(action.language.as_str(), text).map_err(|error| error.to_string())?;
    let is_shell = action.language.eq_ignore_ascii_case("shell");
    let mut options = OperationOptions::default();
    if state.options.send_transaction_id {
        options.set(icf::option_names::TRANSACTION_ID, request.context.next_transaction());
    }
    if let Some(prefix) = request.parameters.get("scriptVariablePrefix").filter(|_| is_shell) {
        options.set("variablePrefix", prefix);
    }
    let script = Some(ScriptContext { script, arguments: arguments(request, is_shell) });
    Ok(if on_resource {
        Operation::ScriptOnResource { script, options }
    } else {
        Operation::ScriptOnConnector { script, options }
    })
}

/// Query parameters, overridden by members of the body.
fn arguments(request: &Request, is_shell: bool) -> ValueMap {
    let mut arguments = ValueMap::default();
    let mut put = |name: &str, value: Value| {
        let value = match value {
            Value::String(clear) if is_shell && name == "password" => GuardedString::new(&clear).into(),
            value => value,
        };
        match arguments.entries.iter_mut().find(|(key, _)| key.as_str() == Some(name)) {
            Some((_, old)) => *old = value,
            None => arguments.entries.push((name.into(), value)),
        }
    };
    for (name, value) in request.parameters.extra() {
        if !STEERING.iter().any(|steering| steering.eq_ignore_ascii_case(name)) {
            put(name, value.into());
        }
    }
    for (name, value) in request.content().as_object().into_iter().flatten() {
        put(name, natural_value(value));
    }
    arguments
}

async fn source(state: &State, action: &ScriptAction) -> Result<String, String> {
    match (&action.source, &action.file) {
        (Some(source), _) => Ok(source.clone()),
        (None, Some(file)) => {
            let path = script_path(state.options.conf_dir.as_deref(), file);
            let read = tokio::fs::read_to_string(&path).await;
            read.map_err(|error| format!("Cannot read script file {}: {error}", path.display()))
        }
        (None, None) => Err("The action has neither actionSource nor actionFile".to_owned()),
    }
}

/// Relative paths begin at the folder above that of the configurations.
fn script_path(conf_dir: Option<&Path>, file: &str) -> PathBuf {
    let base = conf_dir.and_then(Path::parent).unwrap_or_else(|| Path::new(""));
    base.join(file)
}
