//! Stored configurations by id.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json, json};
use tokio::sync::watch;

use super::hosts::Hosts;
use super::{HOSTS_ID, PROVISIONER};

/// All configurations. They may hold secrets, so nothing here can be printed.
pub(crate) struct Store {
    documents: Mutex<BTreeMap<String, Stored>>,
    hosts: watch::Sender<Arc<Hosts>>,
}

struct Stored {
    content: Arc<Json>,
    pid: String,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

impl Store {
    /// The configurations every tenant starts with.
    pub(crate) fn seeded() -> Self {
        let store = Self { documents: Mutex::default(), hosts: watch::Sender::new(Arc::default()) };
        store.put("authentication", super::access::seed());
        store
    }

    /// Removes everything and seeds anew.
    pub(crate) fn reset(&self) {
        self.lock().clear();
        self.hosts.send_replace(Arc::default());
        self.put("authentication", super::access::seed());
    }

    /// A configuration without `_id`.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Json>> {
        self.lock().get(id).map(|stored| Arc::clone(&stored.content))
    }

    /// Stores a configuration; tells whether it is new.
    pub(crate) fn put(&self, id: &str, mut content: Json) -> bool {
        if let Json::Object(members) = &mut content {
            members.shift_remove("_id");
            members.shift_remove("_rev");
        }
        if id == HOSTS_ID {
            self.hosts.send_replace(Arc::new(Hosts::parse(&content)));
        }
        let mut documents = self.lock();
        let content = Arc::new(content);
        match documents.get_mut(id) {
            Some(stored) => {
                stored.content = content;
                false
            }
            None => {
                let pid = match id.split_once('/') {
                    Some((factory, _)) => format!("{factory}.{}", uuid()),
                    None => id.to_owned(),
                };
                documents.insert(id.to_owned(), Stored { content, pid });
                true
            }
        }
    }

    /// Removes a configuration and answers it.
    pub(crate) fn remove(&self, id: &str) -> Option<Arc<Json>> {
        let removed = self.lock().remove(id)?;
        if id == HOSTS_ID {
            self.hosts.send_replace(Arc::default());
        }
        Some(removed.content)
    }

    /// All ids.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// What `GET /openidm/config` shows.
    pub(crate) fn list(&self) -> Json {
        let documents = self.lock();
        let entries: Vec<Json> = documents
            .iter()
            .map(|(id, stored)| {
                let factory = id.split_once('/').map(|(factory, _)| factory);
                json!({"_id": id, "pid": stored.pid, "factoryPid": factory})
            })
            .collect();
        json!({"_id": "", "configurations": entries})
    }

    /// The aliases of all provisioner files.
    pub(crate) fn provisioners(&self) -> Vec<String> {
        let documents = self.lock();
        documents.keys().filter_map(|id| super::alias_of(id)).map(str::to_owned).collect()
    }

    /// The configured connector servers and groups.
    pub(crate) fn hosts(&self) -> Arc<Hosts> {
        self.hosts.borrow().clone()
    }

    /// Changes whenever the servers do.
    pub(crate) fn hosts_changed(&self) -> watch::Receiver<Arc<Hosts>> {
        self.hosts.subscribe()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Stored>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A resource made of a stored configuration.
pub(super) fn resource(id: &str, content: &Json) -> Json {
    let members = content.as_object().cloned().unwrap_or_else(Map::new);
    crate::crest::resource(id, None, members)
}

/// Sixteen random bytes in the usual notation.
fn uuid() -> String {
    let [a, b, c, d]: [u32; 4] = rand::random();
    let (b1, b2, c1, c2) = (b >> 16, b & 0xffff, c >> 16, c & 0xffff);
    format!("{a:08x}-{b1:04x}-{b2:04x}-{c1:04x}-{c2:04x}{d:08x}")
}

/// The id of a provisioner file.
pub(crate) fn provisioner_id(alias: &str) -> String {
    format!("{PROVISIONER}/{alias}")
}
