//! The facades in use and those recently used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::{ConnectorKey, Result};
use icf_wire::rpc::FacadeKey;
use icf_wire::session::GroupId;

use super::facade::{Facade, FacadeStatus, InUse};

/// Facades by connector key and facade key.
pub(super) struct Facades {
    /// By facade key first, so that looking up needs no copy of either key. Under one facade key there is nearly always
    /// one connector.
    entries: Mutex<HashMap<FacadeKey, Vec<Arc<Facade>>>>,
    life: Duration,
    limit: usize,
}

impl Facades {
    /// Keeps unused facades for `life` (zero: for ever) and `limit` of them at most.
    pub(super) fn new(life: Duration, limit: usize) -> Self {
        Self { entries: Mutex::default(), life, limit }
    }

    /// The facade of a key, made if there is none.
    ///
    /// # Errors
    /// Those of `make`, which are not remembered.
    pub(super) fn use_or_make(
        &self,
        connector: &ConnectorKey,
        key: &FacadeKey,
        group: Option<GroupId>,
        make: impl FnOnce() -> Result<Facade>,
    ) -> Result<InUse> {
        if let Some(known) = find(&self.lock(), connector, key) {
            return Ok(InUse::new(known, group));
        }
        let made = Arc::new(make()?);
        let mut entries = self.lock();
        if let Some(known) = find(&entries, connector, key) {
            return Ok(InUse::new(known, group));
        }
        let evicted = if count(&entries) >= self.limit { longest_unused(&entries) } else { None };
        if let Some(evicted) = &evicted {
            remove(&mut entries, |facade| Arc::ptr_eq(facade, evicted));
        }
        let in_use = InUse::new(Arc::clone(&made), group);
        // With every facade busy, one more lives as long as its calls.
        if count(&entries) < self.limit {
            entries.entry(key.clone()).or_default().push(made);
        }
        Ok(in_use)
    }

    /// Drops facades unused for too long, and instances idle for too long in the others.
    pub(super) fn sweep(&self) {
        let life = self.life;
        let is_over = |facade: &Arc<Facade>| {
            life > Duration::ZERO && facade.unused_since().is_some_and(|since| since.elapsed() >= life)
        };
        let mut entries = self.lock();
        let _over = remove(&mut entries, is_over);
        let rest: Vec<_> = entries.values().flatten().cloned().collect();
        drop(entries);
        for facade in rest {
            facade.evict_instances();
        }
    }

    /// What there is. Facades that share a pool show it once.
    pub(super) fn status(&self) -> Vec<FacadeStatus> {
        let all: Vec<_> = self.lock().values().flatten().cloned().collect();
        let mut seen = Vec::new();
        let mut status: Vec<_> = all.iter().map(|facade| facade.status(&mut seen)).collect();
        status.sort_by(|a, b| a.connector.cmp(&b.connector));
        status
    }

    /// Drops all facades and ends their pools.
    pub(super) fn shut_down(&self) {
        let entries = std::mem::take(&mut *self.lock());
        for facade in entries.values().flatten() {
            facade.shut_down();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FacadeKey, Vec<Arc<Facade>>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Entries = HashMap<FacadeKey, Vec<Arc<Facade>>>;

fn find(entries: &Entries, connector: &ConnectorKey, key: &FacadeKey) -> Option<Arc<Facade>> {
    entries.get(key)?.iter().find(|facade| facade.connector().key() == connector).cloned()
}

fn count(entries: &Entries) -> usize {
    entries.values().map(Vec::len).sum()
}

fn longest_unused(entries: &Entries) -> Option<Arc<Facade>> {
    let unused = entries.values().flatten().filter_map(|facade| Some((facade.unused_since()?, facade)));
    unused.min_by_key(|(since, _)| *since).map(|(_, facade)| Arc::clone(facade))
}

fn remove(entries: &mut Entries, mut is_over: impl FnMut(&Arc<Facade>) -> bool) -> Vec<Arc<Facade>> {
    let mut removed = Vec::new();
    entries.retain(|_, facades| {
        facades.retain(|facade| {
            let over = is_over(facade);
            if over {
                removed.push(Arc::clone(facade));
            }
            !over
        });
        !facades.is_empty()
    });
    removed
}
