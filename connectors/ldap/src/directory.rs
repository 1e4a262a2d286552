//! What all instances of one configuration share: the understood settings, what is known of the server, the schema, and
//! connections that wait for the next page of a search.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::configuration::LdapConfiguration;
use crate::fault::Result;
use crate::link::{Link, Opener};
use crate::paging::Reserved;
use crate::schema::Model;
use crate::server::Facts;
use crate::settings::Settings;
use crate::sync::Seen;

/// How long a schema is believed.
const SCHEMA_LIFE: Duration = Duration::from_secs(600);

/// One configured directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) settings: Arc<Settings>,
    pub(crate) opener: Opener,
    pub(crate) reserved: Reserved,
    facts: Mutex<Option<Arc<Facts>>>,
    /// What was delivered by time stamp in the last second, of each class.
    seen: Mutex<Vec<Seen>>,
    /// The domain controller whose numbers the last synchronisation went by.
    controller: Mutex<Option<String>>,
    schema: Mutex<Option<(Instant, Arc<Model>)>>,
}

/// The place in a configuration for what its instances share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot(Arc<OnceLock<Arc<Directory>>>);

impl Slot {
    /// What is shared, made if this is the first call.
    pub(crate) fn get_or_make(&self, properties: &LdapConfiguration) -> icf::Result<Arc<Directory>> {
        if let Some(directory) = self.0.get() {
            return Ok(Arc::clone(directory));
        }
        let settings = Arc::new(Settings::new(properties)?);
        Ok(Arc::clone(self.0.get_or_init(|| Arc::new(Directory::new(settings)))))
    }
}

impl Directory {
    fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            opener: Opener::default(),
            reserved: Reserved::default(),
            facts: Mutex::new(None),
            seen: Mutex::default(),
            controller: Mutex::default(),
            schema: Mutex::new(None),
        }
    }

    /// What is known of the server; asked for once.
    pub(crate) async fn facts(&self, link: &mut Link<'_>) -> Result<Arc<Facts>> {
        let known = self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(facts) = known {
            return Ok(facts);
        }
        let facts = Arc::new(Facts::read(link).await?);
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&facts));
        Ok(facts)
    }

    /// The schema, read from the server if it has not been for a while.
    pub(crate) async fn schema(&self, link: &mut Link<'_>) -> Result<Arc<Model>> {
        let known = self.schema.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, schema)) = known.filter(|(when, _)| when.elapsed() < SCHEMA_LIFE) {
            return Ok(schema);
        }
        let facts = self.facts(link).await?;
        let schema = Arc::new(Model::load(link, &self.settings, &facts).await?);
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&schema)));
        Ok(schema)
    }

    /// What was delivered by time stamp in the last second, of each class.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what was delivered.
    pub(crate) fn set_seen(&self, seen: Vec<Seen>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Remembers whose numbers a synchronisation goes by, and answers whose the last one went by.
    pub(crate) fn counted_by(&self, controller: &str) -> Option<String> {
        self.controller.lock().unwrap_or_else(PoisonError::into_inner).replace(controller.to_owned())
    }

    /// Forgets what was read from the server.
    pub(crate) fn forget(&self) {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.schema.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
