//! The test operation: is the configuration right, is the header usable, and is there rubbish to clear away?

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::columns::{Columns, duplicate_columns};
use crate::fault::{Fault, Result};
use crate::settings::{RawSettings, Settings};
use crate::table::Table;

/// Age at which a temporary file cannot belong to a running write any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Runs the test.
pub(crate) fn test(raw: RawSettings<'_>) -> Result<()> {
    raw.validate()?;
    let settings = Arc::new(raw.settings()?);
    let table = Table::open(&settings).map_err(|fault| as_test_fault(fault, &settings))?;
    warn(&table.columns, &settings);
    remove_abandoned(&settings.path);
    remove_abandoned(&table.shared.path);
    Ok(())
}

/// The original reports this one fault of a header as another exception here than everywhere else.
fn as_test_fault(fault: Fault, settings: &Settings) -> Fault {
    let duplicate = duplicate_columns(&settings.path);
    if fault.message == duplicate.message { Fault::connector(duplicate.message) } else { fault }
}

fn warn(columns: &Columns, settings: &Settings) {
    for warning in &columns.warnings {
        tracing::warn!(file = %settings.path.display(), "{warning}");
    }
}

/// Removes what interrupted writes left beside the file. Failing to is no fault of the test.
fn remove_abandoned(path: &Path) {
    let (Some(name), Some(directory)) = (path.file_name(), path.parent()) else { return };
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = directory.read_dir() else { return };
    for entry in entries.flatten().filter(|entry| is_temporary(&entry.file_name(), name)) {
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|changed| SystemTime::now().duration_since(changed).ok());
        if metadata.is_file() && age.is_some_and(|age| age > ABANDONED) {
            let removed = std::fs::remove_file(entry.path());
            tracing::info!(file = %entry.path().display(), ok = removed.is_ok(), "Removed an abandoned temporary file.");
        }
    }
}

/// Begins the name of a temporary file of a CSV file.
pub(crate) fn temporary_prefix(name: &OsStr) -> std::ffi::OsString {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Ends the name of a temporary file.
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";

fn is_temporary(candidate: &OsStr, name: &OsStr) -> bool {
    let prefix = temporary_prefix(name);
    let middle = candidate
        .as_encoded_bytes()
        .strip_prefix(prefix.as_encoded_bytes())
        .and_then(|rest| rest.strip_suffix(TEMPORARY_SUFFIX.as_bytes()));
    middle.is_some_and(|middle| middle.len() >= 6 && middle.iter().all(u8::is_ascii_alphanumeric))
}
