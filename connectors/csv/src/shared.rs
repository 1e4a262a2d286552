//! What all operations of this process on one file share: what is known about the file, and the queue of its writers.
//!
//! Instances of a connector come and go with every call and several configurations may name one file, so this lives in a
//! list of the process, by resolved path.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::fault::{Fault, Result};
use crate::index::Index;
use crate::settings::Settings;
use crate::version::{FileVersion, keyed_hash};
use crate::write::Queue;

/// A file that this process works with.
#[derive(Debug)]
pub(crate) struct SharedFile {
    /// Where the file is, links resolved.
    pub(crate) path: PathBuf,
    knowledge: Mutex<Option<Knowledge>>,
    /// Held while an index is built, so that it is built once.
    pub(crate) building: Mutex<()>,
    /// Held while history files are made, listed or removed.
    pub(crate) history: Mutex<()>,
    /// Held while this process changes the file, and by whoever must see it unchanged for a while.
    pub(crate) writing: Mutex<()>,
    pub(crate) queue: Queue,
    told: Mutex<HashSet<u64>>,
    last_use: AtomicU64,
}

/// What is known about one version of a file as one configuration reads it.
#[derive(Debug)]
pub(crate) struct Knowledge {
    version: FileVersion,
    settings: Arc<Settings>,
    /// How often somebody looked for a key.
    pub(crate) lookups: u32,
    /// Set once all of the file was read and found sound.
    pub(crate) sound: Option<Sound>,
    pub(crate) index: Option<Index>,
    /// The index cannot be built; do not try again.
    pub(crate) no_index: bool,
}

/// What reading all of a sound file told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Rows, the header not counted.
    pub(crate) rows: u64,
}

impl Knowledge {
    pub(crate) fn new(version: FileVersion, settings: &Arc<Settings>) -> Self {
        Self {
            version,
            settings: Arc::clone(settings),
            lookups: 0,
            sound: None,
            index: None,
            no_index: false,
        }
    }

    fn is_about(&self, version: FileVersion, settings: &Settings) -> bool {
        self.version == version && *self.settings == *settings
    }
}

impl SharedFile {
    /// The shared part of the file at that path.
    pub(crate) fn at(path: &Path) -> Result<Arc<Self>> {
        let resolved = path.canonicalize().map_err(|error| Fault::reading(path, error))?;
        let mut files = open_files();
        let now = next_use();
        if let Some(file) = files.get(&resolved) {
            file.last_use.store(now, Ordering::Relaxed);
            return Ok(Arc::clone(file));
        }
        if files.len() >= MOST_FILES {
            forget_longest_unused(&mut files);
        }
        let file = Arc::new(Self {
            path: resolved.clone(),
            knowledge: Mutex::new(None),
            building: Mutex::new(()),
            history: Mutex::new(()),
            writing: Mutex::new(()),
            queue: Queue::default(),
            told: Mutex::new(HashSet::new()),
            last_use: AtomicU64::new(now),
        });
        files.insert(resolved, Arc::clone(&file));
        Ok(file)
    }

    /// Opens the file for reading and says what is known about it. No writer of this process is at work meanwhile, so the
    /// size is that of complete records.
    pub(crate) fn open<T>(
        &self,
        settings: &Arc<Settings>,
        look: impl FnOnce(&mut Knowledge) -> T,
    ) -> Result<(File, FileVersion, T)> {
        let fault = |error| Fault::reading(&settings.path, error);
        let mut knowledge = self.lock();
        // A pipe in place of the file would block the open call.
        if !self.path.metadata().map_err(fault)?.is_file() {
            return Err(Fault::configuration(format!(
                "'{}' is not a regular file.",
                settings.path.display()
            )));
        }
        let file = File::open(&self.path).map_err(fault)?;
        let version = FileVersion::of(&file.metadata().map_err(fault)?);
        let known = match &mut *knowledge {
            Some(known) if known.is_about(version, settings) => known,
            outdated => outdated.insert(Knowledge::new(version, settings)),
        };
        let seen = look(known);
        Ok((file, version, seen))
    }

    /// Notes what was found out about a version of the file, if that is still the one known.
    pub(crate) fn learn(&self, version: FileVersion, settings: &Settings, note: impl FnOnce(&mut Knowledge)) {
        let mut knowledge = self.lock();
        let grown = match &mut *knowledge {
            Some(known) if known.is_about(version, settings) => {
                let before = known.index.is_some();
                note(known);
                known.index.is_some() && !before
            }
            _ => false,
        };
        drop(knowledge);
        if grown {
            drop_unused_indexes(self);
        }
    }

    /// What is known, for a writer that publishes a new version: while it holds this nobody opens the file.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<Knowledge>> {
        self.knowledge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the first time that something is told about a configuration of this file.
    pub(crate) fn tell_once(&self, settings: &Settings, what: &str) -> bool {
        const MOST: usize = 1000;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MOST && told.insert(keyed_hash((&settings.path, &settings.header_uid, what)))
    }
}

impl Knowledge {
    /// What is known once the file was replaced or grew: the same, about the new version.
    pub(crate) fn renewed(self, version: FileVersion) -> Self {
        Self { version, ..self }
    }

    /// The version it is about, if that configuration reads it.
    pub(crate) fn version_for(&self, settings: &Settings) -> Option<FileVersion> {
        (*self.settings == *settings).then_some(self.version)
    }
}

/// Files that are remembered at most.
const MOST_FILES: usize = 256;
/// Bytes of all indexes together at most.
const INDEX_BUDGET: usize = 32 << 20;

type Files = HashMap<PathBuf, Arc<SharedFile>>;

/// The one list of the process: a writer lock is of use only if every server and every connector in the process meets
/// at it.
fn open_files() -> MutexGuard<'static, Files> {
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next_use() -> u64 {
    static USES: AtomicU64 = AtomicU64::new(0);
    USES.fetch_add(1, Ordering::Relaxed)
}

fn forget_longest_unused(files: &mut Files) {
    let idle = files.iter().filter(|(_, file)| Arc::strong_count(file) == 1);
    let oldest = idle.min_by_key(|(_, file)| file.last_use.load(Ordering::Relaxed));
    if let Some(path) = oldest.map(|(path, _)| path.clone()) {
        files.remove(&path);
    }
}

/// Keeps all indexes within the budget; that of `keep` goes last.
fn drop_unused_indexes(keep: &SharedFile) {
    let mut others: Vec<_> = open_files().values().cloned().collect();
    others.sort_by_key(|file| std::cmp::Reverse(file.last_use.load(Ordering::Relaxed)));
    let size = |file: &SharedFile| {
        file.lock().as_ref().and_then(|known| known.index.as_ref()).map_or(0, Index::bytes)
    };
    let mut total = size(keep);
    for file in others.iter().filter(|file| file.path != keep.path) {
        total += size(file);
        if total > INDEX_BUDGET
            && let Some(known) = &mut *file.lock()
        {
            total -= known.index.take().map_or(0, |index| index.bytes());
        }
    }
}
