//! Reading files of which some hold secrets: bounded, and wiped from memory afterwards.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Reads a whole file of at most `limit` bytes.
///
/// # Errors
///
/// Those of the file system, and [`io::ErrorKind::FileTooLarge`].
pub(crate) fn read_bounded(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len().min(limit);
    // Room for the whole file, so that the buffer does not move and leave copies of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes")));
    }
    Ok(bytes)
}

/// No sensible configuration file is longer, in bytes.
pub(super) const CONFIGURATION_LIMIT: u64 = 4 * 1024 * 1024;

/// No sensible secret is longer, in bytes.
pub(super) const SECRET_LIMIT: u64 = 64 * 1024;
