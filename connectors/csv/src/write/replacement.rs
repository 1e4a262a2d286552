//! A temporary file that takes the place of another, so that anybody sees the complete old or the complete new one: made
//! in the same directory, written and synchronised first, then renamed.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::fault::{Fault, Result};
use crate::selftest::{TEMPORARY_SUFFIX, temporary_prefix};

/// A temporary file beside the one it will replace. Dropped without being published it disappears.
#[derive(Debug)]
pub(crate) struct Replacement {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Replacement {
    /// Makes an empty file beside `target`, as accessible as `model`.
    pub(crate) fn new(target: &Path, model: &File) -> Result<Self> {
        let name = target.file_name().unwrap_or_else(|| OsStr::new("csv"));
        let fault = |error: io::Error| {
            let message = format!(
                "Cannot make a temporary file beside {}: {error}. The server needs the right to create files in that directory; the file is unchanged",
                target.display()
            );
            Fault::io(message, error)
        };
        let temporary = tempfile::Builder::new()
            .prefix(&temporary_prefix(name))
            .suffix(TEMPORARY_SUFFIX)
            .tempfile_in(directory_of(target))
            .map_err(fault)?;
        keep_access(model, temporary.as_file(), target).map_err(fault)?;
        Ok(Self { temporary, target: target.to_owned() })
    }

    /// The file to write to.
    pub(crate) fn file(&self) -> &File {
        self.temporary.as_file()
    }

    /// Opens it for reading.
    pub(crate) fn reopen(&self) -> Result<File> {
        self.temporary.reopen().map_err(|error| self.fault(error))
    }

    /// The fault of a failed write to it.
    pub(crate) fn fault(&self, error: io::Error) -> Fault {
        let message = format!(
            "Error writing a new version of file {}: {error}. The file is unchanged",
            self.target.display()
        );
        Fault::io(message, error)
    }

    /// Waits until its content is on the disk.
    pub(crate) fn synchronise(&self) -> Result<()> {
        self.file().sync_all().map_err(|error| self.fault(error))
    }

    /// Puts it in place of the target, which may be in use: whoever has it open keeps the old content.
    pub(crate) fn publish(self) -> Result<File> {
        let target = self.target;
        self.temporary.persist(&target).map_err(|failure| {
            let message = format!(
                "Cannot put a new version in place of file {}: {}. A single file that is mounted cannot be replaced; mount its directory. The file is unchanged",
                target.display(),
                failure.error
            );
            Fault::io(message, failure.error)
        })
    }

    /// Puts it there unless something of that name exists; gives it back if so.
    pub(crate) fn publish_new(self, name: &Path) -> Result<Option<Self>> {
        let Self { temporary, target } = self;
        match temporary.persist_noclobber(name) {
            Ok(_) => Ok(None),
            Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Some(Self { temporary: failure.file, target }))
            }
            Err(failure) => {
                let message = format!("Cannot write file {}: {}", name.display(), failure.error);
                Err(Fault::io(message, failure.error))
            }
        }
    }
}

/// Makes sure that a rename in the directory of a file survives a power cut.
pub(crate) fn synchronise_directory(file: &Path) -> Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let directory = directory_of(file);
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(|error| {
        let message = format!("Error synchronising directory {}: {error}", directory.display());
        Fault::io(message, error)
    })
}

/// The directory of a file; that of a bare name is the working directory.
pub(crate) fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Gives a new file owner, group, mode and access list of another.
#[cfg(unix)]
fn keep_access(model: &File, new: &File, shown: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let (wanted, present) = (model.metadata()?, new.metadata()?);
    if wanted.gid() != present.gid() {
        // Mode bits for the group would otherwise mean another group.
        fchown(new, None, Some(wanted.gid()))?;
    }
    if wanted.uid() != present.uid()
        && let Err(error) = fchown(new, Some(wanted.uid()), None)
    {
        tracing::warn!(file = %shown.display(), %error, "The file changes its owner: this process may not keep it.");
    }
    new.set_permissions(wanted.permissions())?;
    keep_access_list(model, new)
}

#[cfg(not(unix))]
fn keep_access(_model: &File, _new: &File, _shown: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn keep_access_list(model: &File, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
    const ACCESS_LIST: &str = "system.posix_acl_access";
    let mut list = vec![0; 64 << 10];
    match fgetxattr(model, ACCESS_LIST, &mut list) {
        Ok(length) => {
            let list = list.get(..length).unwrap_or_default();
            Ok(fsetxattr(new, ACCESS_LIST, list, XattrFlags::empty())?)
        }
        // No list, or a file system without lists.
        Err(rustix::io::Errno::NODATA | rustix::io::Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn keep_access_list(_model: &File, _new: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// An access list that lets user 1000 read.
    const LIST: &[u8] = b"\x02\0\0\0\x01\0\x06\0\xFF\xFF\xFF\xFF\x02\0\x04\0\xE8\x03\0\0\x04\0\x04\0\xFF\xFF\xFF\xFF\x10\0\x04\0\xFF\xFF\xFF\xFF\x20\0\0\0\xFF\xFF\xFF\xFF";

    #[test]
    fn a_replacement_has_the_access_list_of_the_original() {
        use rustix::fs::{XattrFlags, fgetxattr, fsetxattr};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, "old").unwrap();
        let original = File::open(&path).unwrap();
        fsetxattr(&original, "system.posix_acl_access", LIST, XattrFlags::empty())
            .expect("the file system for temporary files has access lists");
        let mut replacement = Replacement::new(&path, &original).unwrap();
        io::Write::write_all(&mut replacement.temporary, b"new").unwrap();
        let new = replacement.publish().unwrap();
        let mut list = [0; 100];
        let length = fgetxattr(&new, "system.posix_acl_access", &mut list).unwrap();
        assert_eq!(&list[..length], LIST);
        assert_eq!(std::fs::read_to_string(path).unwrap(), "new");
    }
}
