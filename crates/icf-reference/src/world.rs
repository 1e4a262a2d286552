//! Where the objects live: in memory, by the name of a world, for as long as the process does.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use icf::{
    Attribute, AttributeName, BatchOutcome, ConnectorError, ConnectorObject, ErrorKind, ObjectClass,
    OperationOptions, Result, SyncDelta, SyncDeltaType, SyncToken, Uid, Value, names,
};
use tokio::sync::watch;

use crate::settings::Settings;

static WORLDS: LazyLock<Mutex<HashMap<String, Arc<World>>>> = LazyLock::new(Mutex::default);

/// One world.
#[derive(Debug)]
pub(crate) struct World {
    state: Mutex<State>,
    /// The length of the journal.
    pub(crate) length: watch::Sender<usize>,
    pub(crate) counters: Counters,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) opened: AtomicI32,
    pub(crate) disposed: AtomicI32,
    pub(crate) stopped: AtomicI32,
}

impl Counters {
    pub(crate) fn count(counter: &AtomicI32) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) next: u64,
    pub(crate) objects: Vec<Stored>,
    pub(crate) journal: Vec<Change>,
    pub(crate) last_call: Option<String>,
    pub(crate) batches: HashMap<String, Vec<(usize, BatchOutcome)>>,
    pub(crate) batches_made: u32,
}

/// An object as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) class: ObjectClass,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<AttributeName, Vec<Value>>,
    pub(crate) writes: u32,
}

/// An entry of the journal: the object after the change.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) kind: SyncDeltaType,
    pub(crate) previous: Option<String>,
    pub(crate) object: Stored,
}

impl World {
    /// The world of that name, made if there is none.
    pub(crate) fn of(settings: &Settings) -> Arc<Self> {
        let mut worlds = WORLDS.lock().unwrap_or_else(PoisonError::into_inner);
        let world = worlds.entry(settings.world().to_owned()).or_insert_with(|| {
            let mut state = State::default();
            state.objects = (0..settings.objects).map(|i| seeded(&mut state.next, i)).collect();
            Arc::new(Self {
                state: Mutex::new(state),
                length: watch::Sender::new(0),
                counters: Counters::default(),
            })
        });
        Arc::clone(world)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a change in the journal.
    pub(crate) fn enter(
        &self,
        state: &mut State,
        kind: SyncDeltaType,
        previous: Option<String>,
        object: Stored,
    ) {
        state.journal.push(Change { kind, previous, object });
        self.length.send_replace(state.journal.len());
    }
}

fn seeded(next: &mut u64, i: i32) -> Stored {
    *next += 1;
    let texts = |values: &[String]| values.iter().map(|value| Value::from(value.as_str())).collect();
    Stored {
        class: ObjectClass::ACCOUNT,
        uid: next.to_string(),
        name: format!("user{i}"),
        attributes: BTreeMap::from([
            ("string".into(), texts(&[format!("Surname {}", i % 10)])),
            ("int".into(), vec![Value::Integer(i % 100)]),
            ("strings".into(), texts(&[format!("s{}", i % 2), format!("s{}", i % 3)])),
            ("boolean".into(), vec![Value::Boolean(i % 2 == 0)]),
        ]),
        writes: 1,
    }
}

impl State {
    /// The place of an object.
    pub(crate) fn find(&self, class: &ObjectClass, uid: &str) -> Result<usize> {
        self.objects
            .iter()
            .position(|object| object.class == *class && object.uid == uid)
            .ok_or_else(|| ConnectorError::unknown_uid(format!("No {} has the uid {uid}.", class.as_str())))
    }

    pub(crate) fn refuse_existing(&self, class: &ObjectClass, name: &str) -> Result<()> {
        if self.objects.iter().any(|object| object.class == *class && object.name == name) {
            return Err(ConnectorError::already_exists(format!("{class} {name} exists.")));
        }
        Ok(())
    }
}

impl Stored {
    pub(crate) fn uid(&self, settings: &Settings) -> Result<Uid> {
        let uid = Uid::try_new(self.uid.as_str())?;
        Ok(if settings.revisions { uid.with_revision(self.writes.to_string()) } else { uid })
    }

    /// Checks the revision of a write.
    pub(crate) fn check_revision(&self, uid: &Uid, settings: &Settings) -> Result<()> {
        match uid.revision() {
            _ if !settings.revisions => Ok(()),
            None => Err(ConnectorError::new(ErrorKind::PreconditionRequired, "A revision is required.")),
            Some(revision) if revision != self.writes.to_string() => Err(ConnectorError::new(
                ErrorKind::PreconditionFailed,
                format!("The revision is {}.", self.writes),
            )),
            Some(_) => Ok(()),
        }
    }

    /// The object as callers see it.
    pub(crate) fn shown(&self, settings: &Settings, options: &OperationOptions) -> Result<ConnectorObject> {
        let asked = options.attributes_to_get().unwrap_or_default();
        let mut object = ConnectorObject::new(self.class.clone(), self.uid(settings)?, self.name.as_str());
        for (name, values) in &self.attributes {
            let secret = name.is(names::PASSWORD) || name.is("notReadable");
            if !secret && (!name.is("hidden") || asked.iter().any(|asked| name.is(asked))) {
                object.attributes.push(Attribute::new(name.clone(), values.clone()));
            }
        }
        Ok(object)
    }
}

impl Change {
    /// The change as a delta; `number` counts from 1.
    pub(crate) fn delta(
        &self,
        number: usize,
        settings: &Settings,
        options: &OperationOptions,
    ) -> Result<SyncDelta> {
        let gone = self.kind == SyncDeltaType::Delete;
        Ok(SyncDelta {
            token: token(number)?,
            delta_type: self.kind,
            previous_uid: self.previous.as_deref().map(Uid::try_new).transpose()?,
            object_class: Some(self.object.class.clone()),
            uid: self.object.uid(settings)?,
            object: if gone { None } else { Some(self.object.shown(settings, options)?) },
        })
    }
}

/// The token of that place in the journal.
pub(crate) fn token(number: usize) -> Result<SyncToken> {
    SyncToken::try_new(i32::try_from(number).unwrap_or(i32::MAX))
}
