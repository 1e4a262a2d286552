//! What a connector changed of its own configuration is stored, as if an administrator had done it: the system is made
//! anew with it.

use std::sync::Arc;

use icf::Value;
use serde_json::{Value as Json, json};
use tokio::sync::broadcast::error::RecvError;

use super::registry::{System, store_configuration};
use crate::config::provisioner_id;
use crate::events::EventKind;
use crate::openicf::{ChangedProperties, OpenIcf};
use crate::state::State;
use crate::types::natural_json;

/// Stores changes until the tenant stops.
pub(crate) async fn keep_changes(state: Arc<State>, openicf: Arc<OpenIcf>) {
    let mut told = openicf.changed_properties();
    loop {
        let change = tokio::select! {
            () = state.shutdown.cancelled() => return,
            change = told.recv() => change,
        };
        match change {
            Ok(change) => keep(&state, &change),
            Err(RecvError::Lagged(count)) => tracing::warn!(count, "Changed configurations were lost."),
            Err(RecvError::Closed) => return,
        }
    }
}

fn keep(state: &Arc<State>, change: &ChangedProperties) {
    let systems = state.systems.all();
    // A key that nobody uses any more is ignored.
    let Some(system) = systems.iter().find(|system| uses(system, change)) else { return };
    let id = provisioner_id(&system.document.alias);
    let Some(mut content) = state.config.get(&id).map(|content| (*content).clone()) else { return };
    let Some(Json::Object(properties)) = content.get_mut("configurationProperties") else { return };
    for property in &change.properties {
        let value = match &property.value {
            Value::GuardedString(secret) => state.vault.conceal(&secret.reveal()),
            other => natural_json(other),
        };
        properties.insert(property.name.clone(), value);
    }
    let names: Vec<_> = change.properties.iter().map(|property| property.name.as_str()).collect();
    state.events.emit(
        EventKind::SystemState,
        json!({"system": system.document.name, "state": "changed itself", "properties": names}),
    );
    // What was stored before was sound, and types do not change.
    if let Err(error) = store_configuration(state, &id, content) {
        tracing::error!(%error, id, "A changed configuration cannot be stored.");
    }
}

fn uses(system: &System, change: &ChangedProperties) -> bool {
    system.facade_key().is_some_and(|key| key.as_bytes() == &change.facade_key)
}
