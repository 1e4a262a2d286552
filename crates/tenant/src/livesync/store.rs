//! What is kept between runs: positions, failures, dead letters, recorded changes.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value as Json};

/// Recorded changes and dead letters kept at most, each.
const MAX_KEPT: usize = 10_000;

/// The state of liveSync, in memory.
#[derive(Debug, Default)]
pub(crate) struct SyncStore(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stages: BTreeMap<String, Stage>,
    running: HashSet<String>,
    retries: HashMap<String, (Json, i64)>,
    dead: BTreeMap<String, VecDeque<(String, Json)>>,
    deltas: VecDeque<Json>,
}

/// The position of one source.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stage {
    pub(super) revision: u64,
    /// Type and value of the token.
    pub(super) connector_data: Option<Json>,
    /// Why the last run stopped.
    pub(super) last_exception: Option<Json>,
}

/// A run under way; another of the same source is refused until it is dropped.
#[derive(Debug)]
pub(super) struct Running<'a> {
    store: &'a SyncStore,
    id: String,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.store.lock().running.remove(&self.id);
    }
}

impl Stage {
    /// The resource.
    pub(super) fn to_json(&self, id: &str) -> Json {
        let mut members = Map::new();
        members.insert("_id".to_owned(), id.into());
        members.insert("_rev".to_owned(), self.revision.to_string().into());
        if let Some(data) = &self.connector_data {
            members.insert("connectorData".to_owned(), data.clone());
        }
        if let Some(exception) = &self.last_exception {
            members.insert("lastException".to_owned(), exception.clone());
        }
        Json::Object(members)
    }
}

impl SyncStore {
    /// Begins a run, unless one of the source is under way.
    pub(super) fn begin(&self, id: &str) -> Option<Running<'_>> {
        let new = self.lock().running.insert(id.to_owned());
        new.then(|| Running { store: self, id: id.to_owned() })
    }

    /// The position of a source.
    pub(super) fn stage(&self, id: &str) -> Option<Stage> {
        self.lock().stages.get(id).cloned()
    }

    /// Keeps a position; answers it with its new revision.
    pub(super) fn save(&self, id: &str, mut stage: Stage) -> Stage {
        let mut inner = self.lock();
        stage.revision = inner.stages.get(id).map_or(0, |old| old.revision + 1);
        inner.stages.insert(id.to_owned(), stage.clone());
        stage
    }

    /// Forgets a position.
    pub(super) fn remove(&self, id: &str) -> Option<Stage> {
        let mut inner = self.lock();
        inner.retries.remove(id);
        inner.stages.remove(id)
    }

    /// Counts a failure of a source at a token; answers how many there were before it.
    pub(super) fn count_failure(&self, id: &str, token: &Json) -> i64 {
        let mut inner = self.lock();
        let entry = inner.retries.entry(id.to_owned()).or_insert_with(|| (token.clone(), 0));
        if entry.0 != *token {
            *entry = (token.clone(), 0);
        }
        let before = entry.1;
        entry.1 += 1;
        before
    }

    /// Forgets the failures of a source.
    pub(super) fn clear_failures(&self, id: &str) {
        self.lock().retries.remove(id);
    }

    /// Puts a change aside that could not be synchronised.
    pub(super) fn bury(&self, system: &str, id: &str, letter: Json) {
        let mut inner = self.lock();
        let letters = inner.dead.entry(system.to_owned()).or_default();
        letters.retain(|(known, _)| known != id);
        push_bounded(letters, (id.to_owned(), letter));
    }

    /// The dead letters of a system, with their ids.
    pub(super) fn dead_letters(&self, system: &str) -> Vec<(String, Json)> {
        self.lock().dead.get(system).into_iter().flatten().cloned().collect()
    }

    /// Keeps a change for tests to look at.
    pub(super) fn record(&self, delta: Json) {
        push_bounded(&mut self.lock().deltas, delta);
    }

    /// Changes recorded so far.
    pub(crate) fn deltas(&self) -> Vec<Json> {
        self.lock().deltas.iter().cloned().collect()
    }

    /// Forgets recorded changes.
    pub(crate) fn clear_deltas(&self) {
        self.lock().deltas.clear();
    }

    /// Forgets everything but what is running.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        let running = std::mem::take(&mut inner.running);
        *inner = Inner { running, ..Inner::default() };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == MAX_KEPT {
        queue.pop_front();
    }
    queue.push_back(item);
}
