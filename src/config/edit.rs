//! Changing the key in a properties file: its lines and no other byte. (`java.util.Properties.store` loses every
//! comment and the order of the keys.)

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::files::{self, CONFIGURATION_LIMIT};
use super::key_hash::KeyHash;
use super::keys;
use super::properties::{self, ParseError};

/// Why the key could not be changed. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}; name the properties file with --config", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Java could not load the file either.
    #[error("{}: {source}; run `rcs check`", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The key is kept elsewhere.
    #[error("{} line {line} keeps the hash in a file of its own; remove that line first", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
    },
    /// The new file cannot be put in the place of the old one.
    #[error("{} cannot be replaced: {source}; the directory must be writable for this user", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Stores the hash of a key in a properties file. The file is replaced in one step and keeps its owner and mode.
///
/// # Errors
///
/// See [`EditError`].
pub fn set_key(path: &Path, hash: &KeyHash) -> Result<(), EditError> {
    let read = |source| EditError::Read { path: path.to_owned(), source };
    // A link stays a link: what it points to is replaced.
    let target = path.canonicalize().map_err(read)?;
    let before = files::read_bounded(&target, CONFIGURATION_LIMIT).map_err(read)?;
    let document =
        properties::parse(&before).map_err(|source| EditError::Parse { path: path.to_owned(), source })?;

    let (key, key_file) = (keys::KEY.full_name(), keys::KEY_FILE.full_name());
    if let Some(entry) =
        document.entries.iter().find(|entry| entry.key == key_file && !entry.value.is_empty())
    {
        return Err(EditError::KeyFile { path: path.to_owned(), line: entry.line });
    }
    let spans: Vec<Range<usize>> =
        document.entries.iter().filter(|entry| entry.key == key).map(|entry| entry.span.clone()).collect();
    let line = format!("{key}={}", hash.to_base64().replace('=', "\\="));
    let after = if spans.is_empty() { append(&before, &line) } else { replace(&before, &spans, &line) };
    replace_file(&target, &after).map_err(|source| EditError::Write { path: path.to_owned(), source })
}

fn replace(before: &[u8], spans: &[Range<usize>], line: &str) -> Zeroizing<Vec<u8>> {
    let mut after = Zeroizing::new(Vec::with_capacity(before.len() + spans.len() * line.len()));
    let mut copied = 0;
    for span in spans {
        after.extend_from_slice(before.get(copied..span.start).unwrap_or_default());
        after.extend_from_slice(line.as_bytes());
        copied = span.end;
    }
    after.extend_from_slice(before.get(copied..).unwrap_or_default());
    after
}

fn append(before: &[u8], line: &str) -> Zeroizing<Vec<u8>> {
    let line_end: &[u8] = if before.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let mut after = Zeroizing::new(Vec::with_capacity(before.len() + line.len() + 3 * line_end.len()));
    after.extend_from_slice(before);
    // One line end ends the last line; if that line is continued, a second one ends the continuation.
    while ends_inside_a_line(&after) {
        after.extend_from_slice(line_end);
    }
    after.extend_from_slice(line.as_bytes());
    after.extend_from_slice(line_end);
    after
}

/// Whether text put behind these bytes would belong to an entry or a comment that they began.
fn ends_inside_a_line(bytes: &[u8]) -> bool {
    let probe = [bytes, b"x"].concat();
    properties::parse(&probe)
        .is_ok_and(|document| document.entries.last().is_none_or(|last| last.span.start + 1 != probe.len()))
}

/// Writes a file beside the old one and renames it, so that a reader sees the old content or the new.
fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written =
        write_new(&temporary, &fs::metadata(path)?, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error counts; a leftover that cannot be removed does no harm.
        let _ = fs::remove_file(&temporary);
        return written;
    }
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

fn write_new(path: &Path, like: &fs::Metadata, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(like.permissions())?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
