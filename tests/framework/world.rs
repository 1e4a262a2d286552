//! What surrounds the test connector: how it is to behave, and what it has been asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::{
    Attribute, AttributeSet, ConfigurationHandle, ConnectorObject, ErrorKind, Filter, ObjectClass,
    OperationOptions, SearchResult, SyncDelta, SyncToken, Uid,
};

use crate::k::Settings;

/// How the connector behaves.
#[derive(Default)]
pub(crate) struct Knobs {
    pub(crate) objects: Vec<ConnectorObject>,
    /// Searches return only the attributes asked for.
    pub(crate) obeys_attributes: bool,
    /// Searches match names without case, deliver only what matches, and declare so.
    pub(crate) exact: bool,
    /// Searches run two queries: one that finds everything, one that finds the first object again.
    pub(crate) two_queries: bool,
    /// Searches answer `UnknownUidException`.
    pub(crate) unknown_uid: bool,
    /// Reported at the end of a search.
    pub(crate) result: Option<SearchResult>,
    /// Time before each object of a search; the last one counts for all that follow.
    pub(crate) gaps: Vec<Duration>,
    /// Searches panic after so many objects.
    pub(crate) panic_after: Option<usize>,
    /// Where the connector panics.
    pub(crate) panics_in: Option<&'static str>,
    /// So many times making an instance fails.
    pub(crate) open_failures: usize,
    /// Time that making an instance takes.
    pub(crate) opening: Duration,
    /// Answers of the next checks whether an instance works.
    pub(crate) dead: Vec<Option<ErrorKind>>,
    /// Time an update, test or create takes.
    pub(crate) work: Duration,
    /// Ignores cancellation while it works.
    pub(crate) stubborn: bool,
    /// What validation answers.
    pub(crate) invalid: Option<String>,
    pub(crate) deltas: Vec<SyncDelta>,
    pub(crate) tokens: Vec<SyncToken>,
}

/// What the connector was asked.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) searches: Vec<(Option<Filter>, OperationOptions)>,
    pub(crate) queries: usize,
    pub(crate) updates: Vec<(&'static str, Uid, AttributeSet, OperationOptions)>,
    pub(crate) created: usize,
    pub(crate) settings: Vec<Settings>,
    pub(crate) locales: Vec<String>,
    /// Time left until the deadline, and the limit of each wait, as the connector is told.
    pub(crate) limits: Vec<(Option<Duration>, Option<Duration>)>,
    pub(crate) opened: usize,
    pub(crate) disposed: usize,
    pub(crate) validated: usize,
    /// Numbers of the instances that ran a call, in order.
    pub(crate) ran_on: Vec<usize>,
    pub(crate) inside: usize,
    pub(crate) most_inside: usize,
    pub(crate) cancelled: usize,
    pub(crate) handle: Option<ConfigurationHandle<Settings>>,
}

pub(crate) struct World {
    pub(crate) name: String,
    knobs: Mutex<Knobs>,
    seen: Mutex<Seen>,
}

static WORLDS: LazyLock<Mutex<HashMap<String, Arc<World>>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicUsize = AtomicUsize::new(0);

impl World {
    /// A world with the two objects of the specification.
    pub(crate) fn new() -> Arc<Self> {
        let name = format!("world{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let knobs = Knobs { objects: vec![u1(), u2()], ..Knobs::default() };
        let world = Arc::new(Self { name: name.clone(), knobs: Mutex::new(knobs), seen: Mutex::default() });
        lock(&WORLDS).insert(name, Arc::clone(&world));
        world
    }

    pub(crate) fn find(name: &str) -> Arc<Self> {
        Arc::clone(&lock(&WORLDS)[name])
    }

    /// Panics if it was asked to panic here.
    pub(crate) fn pass(&self, place: &str) {
        let panics = self.knobs().panics_in == Some(place);
        assert!(!panics, "the connector was asked to panic in {place}");
    }

    pub(crate) fn knobs(&self) -> MutexGuard<'_, Knobs> {
        lock(&self.knobs)
    }

    /// How many instances were opened and disposed of.
    pub(crate) fn lives(&self) -> (usize, usize) {
        let seen = self.seen();
        (seen.opened, seen.disposed)
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn uid(value: &str) -> Uid {
    Uid::try_new(value).unwrap()
}

pub(crate) fn u1() -> ConnectorObject {
    ConnectorObject::new(ObjectClass::ACCOUNT, uid("u1"), "n1")
        .with(Attribute::new("a", vec!["x".into(), "y".into()]))
        .with(Attribute::single("b", 5))
}

pub(crate) fn u2() -> ConnectorObject {
    ConnectorObject::new(ObjectClass::ACCOUNT, uid("u2"), "n2").with(Attribute::single("a", "X"))
}
