//! Tells one state of a file from another without reading it.

use std::fs::Metadata;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// Inode, size and modification time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileVersion {
    device: u64,
    inode: u64,
    size: u64,
    modified: i128,
}

impl FileVersion {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let (device, inode) = identity(metadata);
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        Self { device, inode, size: metadata.len(), modified: nanoseconds(modified) }
    }

    /// Whether both are of one file, whatever its state.
    pub(crate) fn same_file(left: &Metadata, right: &Metadata) -> bool {
        identity(left) == identity(right)
    }

    /// Bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Time of the last change in milliseconds since 1970.
    pub(crate) fn modified_millis(&self) -> i64 {
        i64::try_from(self.modified.div_euclid(1_000_000)).unwrap_or(0)
    }

    /// How long ago the last change was, in milliseconds; 0 if in the future.
    pub(crate) fn age_millis(&self) -> u64 {
        let age = (nanoseconds(SystemTime::now()) - self.modified) / 1_000_000;
        u64::try_from(age).unwrap_or(0)
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    let nanos = |duration: std::time::Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> (u64, u64) {
    let created = metadata.created().unwrap_or(UNIX_EPOCH);
    (0, u64::try_from(nanoseconds(created)).unwrap_or(0))
}

/// Hashes with a key that is random and the same for the life of the process, so that nobody outside can choose keys that
/// collide.
pub(crate) fn keyed_hasher() -> &'static RandomState {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    &KEY
}

/// The keyed hash of a value.
pub(crate) fn keyed_hash(value: impl std::hash::Hash) -> u64 {
    keyed_hasher().hash_one(value)
}
