//! Writing what was planned.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::plan::{Plan, Planned};

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Something is there already. Nothing was written.
    #[error("{} is there already; --force replaces it", path.display())]
    Exists {
        /// The first such file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot write {}: {source}; run as a user who may", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Plan {
    /// Writes everything. Without `force` nothing is replaced, and nothing is written if something would have to be.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn write(&self, force: bool) -> Result<(), WriteError> {
        let exists = |planned: &&Planned| planned.path.symlink_metadata().is_ok();
        if !force && let Some(planned) = self.files.iter().find(exists) {
            return Err(WriteError::Exists { path: planned.path.clone() });
        }
        self.files.iter().try_for_each(|planned| {
            let failed = |path: &Path, source| WriteError::Write { path: path.to_owned(), source };
            if let Some(folder) = planned.path.parent() {
                make_folder(folder).map_err(|source| failed(folder, source))?;
            }
            planned.write().map_err(|source| failed(&planned.path, source))
        })
    }
}

impl Planned {
    /// A new file takes the place of the old one, so that no mode and no link of that survives.
    fn write(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mode = if self.private { 0o600 } else { 0o644 };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&self.path)?;
        file.write_all(&self.content)?;
        file.sync_all()
    }
}

/// Secrets lie in a folder that only its owner may open.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mode = if folder.ends_with("secrets") { 0o700 } else { 0o755 };
    DirBuilder::new().recursive(true).mode(mode).create(folder)
}
