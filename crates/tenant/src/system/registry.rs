//! All systems by alias, kept in step with the stored configurations.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icf::{CancellationToken, ValueType};
use icf_wire::rpc::FacadeKey;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::activation::{self, Activation, Active};
use super::connectors::resolve;
use crate::config::{alias_of, provisioner_id};
use crate::crest::CrestError;
use crate::events::EventKind;
use crate::provisioner::{Document, DocumentError};
use crate::state::State;
use crate::token::hex;

/// Cookies whose issuer is remembered, per system.
const MAX_PINS: usize = 1000;

/// A provisioner file in use.
#[derive(Debug)]
pub(crate) struct System {
    /// The file.
    pub(crate) document: Document,
    pub(super) activation: watch::Sender<Activation>,
    pub(super) stop: CancellationToken,
    /// The configuration in use, even while it is tried out.
    pub(super) facade_key: Mutex<Option<FacadeKey>>,
    /// Who issued the cookies of pages: cookie, server, session.
    pins: Mutex<VecDeque<(String, String, String)>>,
}

impl System {
    /// What has become of it so far.
    pub(crate) fn activation(&self) -> Activation {
        self.activation.borrow().clone()
    }

    /// The running system, if it runs.
    pub(crate) fn active(&self) -> Option<Arc<Active>> {
        match &*self.activation.borrow() {
            Activation::Active(active) => Some(Arc::clone(active)),
            _ => None,
        }
    }

    /// The configuration as it is sent; none before the connector is known.
    pub(super) fn facade_key(&self) -> Option<FacadeKey> {
        self.facade_key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What an administrator sees; the facade key only as its hash.
    pub(crate) fn describe(&self) -> Json {
        let (state, error, active) = match self.activation() {
            Activation::Pending(text) => ("pending", Some(text), None),
            Activation::Failed(text) => ("failed", Some(text), None),
            Activation::Active(active) => ("active", None, Some(active)),
        };
        let facade = active.as_ref().map(|active| &active.facade);
        let hash = facade.map(|facade| hex(&Sha256::digest(facade.facade_key.as_bytes())));
        json!({
            "name": self.document.name, "alias": self.document.alias, "state": state, "error": error,
            "host": self.document.connector.host, "key": facade.map(|facade| facade.key.to_string()),
            "facadeSha256": hash,
        })
    }

    /// The names of properties that hold secrets, once the connector has told.
    pub(crate) fn confidential_properties(&self) -> Option<BTreeSet<String>> {
        let active = self.active()?;
        let secret = active.properties.iter().filter(|property| {
            property.confidential
                || matches!(property.value_type, Some(ValueType::GuardedString | ValueType::GuardedBytes))
        });
        Some(secret.map(|property| property.name.clone()).collect())
    }

    /// Remembers who issued a cookie.
    pub(crate) fn pin(&self, cookie: &str, server: &str, session: &str) {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        if pins.len() == MAX_PINS {
            pins.pop_front();
        }
        pins.push_back((cookie.to_owned(), server.to_owned(), session.to_owned()));
    }

    /// Who issued a cookie: server and session.
    pub(crate) fn pinned(&self, cookie: &str) -> Option<(String, String)> {
        let pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest_first = pins.iter().rev();
        newest_first
            .find_map(|(known, server, session)| (known == cookie).then(|| (server.clone(), session.clone())))
    }
}

/// All systems.
#[derive(Debug, Default)]
pub(crate) struct Systems(Mutex<Vec<Arc<System>>>);

impl Systems {
    /// All systems, in the order of their first configuration.
    pub(crate) fn all(&self) -> Vec<Arc<System>> {
        self.lock().clone()
    }

    /// The system of that configuration.
    pub(crate) fn by_alias(&self, alias: &str) -> Option<Arc<System>> {
        self.lock().iter().find(|system| system.document.alias == alias).cloned()
    }

    /// The enabled system of that name.
    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<System>> {
        let all = self.lock();
        all.iter().find(|system| system.document.enabled && system.document.name == name).cloned()
    }

    fn put(&self, system: Arc<System>) {
        let mut all = self.lock();
        match all.iter_mut().find(|old| old.document.alias == system.document.alias) {
            Some(old) => {
                old.stop.cancel();
                *old = system;
            }
            None => all.push(system),
        }
    }

    fn remove(&self, alias: &str) {
        self.lock().retain(|system| {
            let keep = system.document.alias != alias;
            if !keep {
                system.stop.cancel();
            }
            keep
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<System>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stores a configuration and lets it take effect; tells whether it is new.
///
/// # Errors
/// 400 for a provisioner file that no system can be made of.
pub(crate) fn store_configuration(state: &Arc<State>, id: &str, content: Json) -> Result<bool, CrestError> {
    let document = match alias_of(id) {
        Some(alias) => Some(parse(state, id, alias, &content)?),
        None => None,
    };
    let new = state.config.put(id, content);
    state.events.emit(EventKind::ConfigChanged, json!({"id": id, "new": new}));
    if let Some(document) = document {
        start(state, document);
    }
    Ok(new)
}

/// Removes a configuration and what it caused; answers the old content.
pub(crate) fn remove_configuration(state: &State, id: &str) -> Option<Arc<Json>> {
    let removed = state.config.remove(id)?;
    state.events.emit(EventKind::ConfigChanged, json!({"id": id, "removed": true}));
    if let Some(alias) = alias_of(id) {
        state.systems.remove(alias);
    }
    Some(removed)
}

/// Whether the connector that a provisioner file names has told what it is; other files need no such thing.
pub(crate) fn has_meta_data(state: &State, id: &str, content: &Json) -> bool {
    let Some(alias) = alias_of(id) else { return true };
    Document::parse(alias, content, &state.placeholders)
        .is_ok_and(|document| resolve(state, &document.connector).is_ok())
}

/// Waits until a system has been activated or has failed, or until the time is over.
pub(crate) async fn await_activation(state: &State, id: &str, limit: Duration) {
    let Some(system) = alias_of(id).and_then(|alias| state.systems.by_alias(alias)) else { return };
    if !system.document.enabled {
        return;
    }
    let mut activation = system.activation.subscribe();
    let settled = activation.wait_for(|activation| !matches!(activation, Activation::Pending(_)));
    // Neither the end of the time nor that of the system changes the answer.
    let _ = tokio::time::timeout(limit, settled).await;
}

fn parse(state: &State, id: &str, alias: &str, content: &Json) -> Result<Document, CrestError> {
    Document::parse(alias, content, &state.placeholders).map_err(|error: DocumentError| {
        let event = json!({"id": id, "state": "failed", "error": error.to_string()});
        state.events.emit(EventKind::SystemState, event);
        CrestError::bad_request(format!("Invalid configuration provided for {id}: {error}"))
    })
}

fn start(state: &Arc<State>, document: Document) {
    let system = Arc::new(System {
        document,
        activation: watch::Sender::new(Activation::Pending("connector not available".to_owned())),
        stop: state.shutdown.child_token(),
        facade_key: Mutex::default(),
        pins: Mutex::default(),
    });
    state.systems.put(Arc::clone(&system));
    if system.document.enabled {
        state.tasks.spawn(activation::run(Arc::clone(state), system));
    }
}

/// Removes every system and configuration, as at the start of a tenant without a folder.
pub(crate) fn reset_configurations(state: &State) {
    for alias in state.config.provisioners() {
        remove_configuration(state, &provisioner_id(&alias));
    }
    state.config.reset();
}
