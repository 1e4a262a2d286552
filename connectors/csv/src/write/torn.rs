//! Recognises the remains of an append that did not finish, after a power cut or a kill.
//!
//! They stand at the end of the file without a line end and look like the beginning of a record as this connector writes
//! it: every value in quotes. Anything else at the end of a file that is not a sound record is somebody's data.

use crate::fault::{Fault, Result};
use crate::table::Table;

/// Remains are older than this; something younger may be another program's write under way.
const SETTLED_MILLIS: u64 = 1000;

/// Whether what begins at that offset and does not form a record may be cut off.
pub(super) fn is_unfinished_append(table: &Table, offset: u64) -> Result<bool> {
    let size = table.version.size();
    if size.saturating_sub(offset) > table.settings.limits.record as u64 {
        return Ok(false);
    }
    let tail = table.bytes(offset, size)?;
    let dialect = &table.settings.dialect;
    if !is_beginning_of_own_record(&tail, dialect.quote.as_bytes(), dialect.delimiter.as_bytes()) {
        return Ok(false);
    }
    if table.version.age_millis() < SETTLED_MILLIS {
        return Err(Fault::busy(&table.settings.path));
    }
    tracing::warn!(
        file = %table.settings.path.display(), offset, bytes = tail.len(),
        "The last record is what an interrupted write left; it is cut off."
    );
    Ok(true)
}

fn is_beginning_of_own_record(tail: &[u8], quote: &[u8], delimiter: &[u8]) -> bool {
    if matches!(tail.last(), None | Some(b'\n' | b'\r')) {
        return false;
    }
    let mut rest = tail;
    loop {
        if let Some(inside) = rest.strip_prefix(quote) {
            let Some(after) = after_quoted(inside, quote) else { return true };
            rest = after;
        }
        match rest.strip_prefix(delimiter) {
            Some(next) => rest = next,
            // A mark of several bytes may be cut in two.
            None => return delimiter.starts_with(rest) || quote.starts_with(rest),
        }
    }
}

/// What follows the closing quote; `None` without one.
fn after_quoted<'a>(mut rest: &'a [u8], quote: &[u8]) -> Option<&'a [u8]> {
    loop {
        if let Some(after) = rest.strip_prefix(quote) {
            match after.strip_prefix(quote) {
                Some(pair) => rest = pair,
                None => return Some(after),
            }
        } else {
            rest = rest.get(1..)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_beginnings_of_own_records_are_remains() {
        let remains = |tail: &str| is_beginning_of_own_record(tail.as_bytes(), b"\"", b",");
        for own in ["\"", "\"u2", "\"u2\"", "\"u2\",", "\"u2\",\"a\"\"b", ",,\"x\"\"", ",", "\"a\nb"] {
            assert!(remains(own), "{own}");
        }
        for foreign in ["", "u2", "u2,\"a", "\"u2\"x", "\"u2\" ,\"a", "\"u2\",x", "\"u2\",\"a\n"] {
            assert!(!remains(foreign), "{foreign}");
        }
    }
}
