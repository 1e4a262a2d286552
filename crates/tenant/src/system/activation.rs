//! From a provisioner file to a running system: resolve the connector, build the facade, Validate, Test.

use std::sync::{Arc, PoisonError};

use icf::{ApiOperation, ConfigurationProperty, ConnectorInfo, ConnectorKey};
use icf_wire::rpc::Operation;
use serde_json::json;

use super::connectors::resolve;
use super::facade::Facade;
use super::limiter::Limiter;
use super::registry::System;
use crate::crest::Context;
use crate::events::EventKind;
use crate::provisioner::{Document, overlay};
use crate::state::State;
use crate::types::{OPERATION_NAMES, ObjectTypes};

/// What has become of a system.
#[derive(Clone, Debug)]
pub(crate) enum Activation {
    /// It waits; the text tells for what.
    Pending(String),
    /// It cannot run; the text tells why.
    Failed(String),
    /// It runs.
    Active(Arc<Active>),
}

/// A running system.
pub(crate) struct Active {
    /// Makes the calls.
    pub(crate) facade: Facade,
    /// Its object types.
    pub(crate) types: ObjectTypes,
    /// The connector's properties with the values in force.
    pub(crate) properties: Vec<ConfigurationProperty>,
    /// What was wrong without stopping it.
    pub(crate) remarks: Vec<String>,
}

impl std::fmt::Debug for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Properties may hold secrets as plain texts.
        f.debug_struct("Active").field("facade", &self.facade).finish_non_exhaustive()
    }
}

/// Keeps a system in step with the servers until it is replaced.
pub(super) async fn run(state: Arc<State>, system: Arc<System>) {
    let mut changes = state.backend.changes();
    let mut hosts = state.config.hosts_changed();
    // The key that the system runs with, as long as somebody offers it.
    let mut present: Option<ConnectorKey> = None;
    loop {
        changes.mark_unchanged();
        hosts.mark_unchanged();
        match resolve(&state, &system.document.connector) {
            Ok(info) => {
                if present.as_ref() != Some(&info.key) {
                    present = Some(info.key.clone());
                    tokio::select! {
                        () = system.stop.cancelled() => return,
                        () = activate(&state, &system, &info) => {}
                    }
                }
            }
            Err(reason) => {
                // A system that ran keeps its facade: a disconnect changes nothing but the outcome of calls.
                present = None;
                if system.active().is_none() {
                    set(&state, &system, Activation::Pending(reason.text(&system.document.connector)));
                }
            }
        }
        tokio::select! {
            () = system.stop.cancelled() => return,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            _ = hosts.changed() => {}
        }
    }
}

async fn activate(state: &State, system: &System, info: &ConnectorInfo) {
    let outcome = match build(state, &system.document, info) {
        Ok(active) => {
            let key = active.facade.facade_key.clone();
            *system.facade_key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
            try_out(state, active).await
        }
        Err(text) => Err(text),
    };
    set(
        state,
        system,
        match outcome {
            Ok(active) => Activation::Active(Arc::new(active)),
            Err(text) => Activation::Failed(text),
        },
    );
}

fn set(state: &State, system: &System, activation: Activation) {
    let (name, error) = match &activation {
        Activation::Pending(text) => ("pending", Some(text.clone())),
        Activation::Failed(text) => ("failed", Some(text.clone())),
        Activation::Active(_) => ("active", None),
    };
    state
        .events
        .emit(EventKind::SystemState, json!({"system": system.document.name, "state": name, "error": error}));
    system.activation.send_replace(activation);
}

/// Builds a facade, without calling it.
pub(super) fn build(state: &State, document: &Document, info: &ConnectorInfo) -> Result<Active, String> {
    let overlaid = overlay(document, &info.configuration, &state.vault)?;
    let types = ObjectTypes::parse(document.member("objectTypes"))?;
    let facade_key = state.backend.facade_key(&overlaid.configuration)?;
    let limits = OPERATION_NAMES
        .iter()
        .filter_map(|(_, operation)| document.rules.limit(*operation).map(|limit| (*operation, limit)));
    let facade = Facade {
        system: document.name.clone(),
        host: document.connector.host.clone(),
        key: info.key.clone(),
        facade_key,
        supported: overlaid.configuration.supported_operations.clone(),
        timeouts: overlaid.configuration.timeouts.clone(),
        limits: limits.collect(),
        limiter: Limiter::default(),
    };
    Ok(Active { facade, types, properties: overlaid.configuration.properties, remarks: overlaid.remarks })
}

/// Validates and tests. A failed validation stops the system; a failed test does not.
async fn try_out(state: &State, active: Active) -> Result<Active, String> {
    let context = Context::internal();
    if active.facade.supports(ApiOperation::Validate) {
        let validated = active.facade.call(state, &context, Operation::Validate).await;
        validated.map_err(|error| error.to_string())?;
    }
    if active.facade.supports(ApiOperation::Test)
        && let Err(error) = active.facade.call(state, &context, Operation::Test).await
    {
        let event =
            json!({"system": active.facade.system, "state": "test failed", "error": error.to_string()});
        state.events.emit(EventKind::SystemState, event);
    }
    Ok(active)
}
