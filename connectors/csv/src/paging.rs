//! Pages: what a caller asks for, and the cookie that continues a search.
//!
//! A cookie is base64 of `<matching rows to skip>;<offset>;<line>;<total or ->;<seal>`. Offset and line lead straight to the
//! next row, but only in the same version of the file: the seal covers version and position with the process's random key.
//! With another seal, or as a plain number, only the first part counts and rows are skipped one by one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{OperationOptions, Value, option_names};

use crate::fault::{Fault, Result};
use crate::table::Table;
use crate::version::keyed_hash;

/// Which part of the matching rows a caller wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Rows at most; `None` for all.
    pub(crate) size: Option<u64>,
    pub(crate) start: Start,
    /// Whether all matches must be counted although there is a filter.
    pub(crate) count_matches: bool,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Matching rows before it.
    pub(crate) matched: u64,
    /// The way to it without counting.
    pub(crate) shortcut: Option<Position>,
    /// All matching rows, if they were counted for an earlier page of this version.
    pub(crate) total: Option<u64>,
}

/// A place between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) offset: u64,
    pub(crate) line: u64,
}

impl Page {
    /// Reads the options of a search.
    pub(crate) fn new(options: &OperationOptions, table: &Table) -> Result<Self> {
        let size = options.page_size()?.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let start = match options.get(option_names::PAGED_RESULTS_COOKIE) {
            Some(_) => decode(options.paged_results_cookie().unwrap_or_default(), table)
                .ok_or_else(|| Fault::connector("PagedResultsCookie is invalid"))?,
            None => {
                let offset = options.paged_results_offset()?.unwrap_or(0);
                Start { matched: u64::try_from(offset).unwrap_or(0), ..Start::default() }
            }
        };
        let policy = options.get(option_names::TOTAL_PAGED_RESULTS_POLICY).and_then(Value::as_str);
        let count_matches = policy.is_some_and(|policy| policy.eq_ignore_ascii_case("EXACT"));
        Ok(Self { size, start, count_matches })
    }
}

/// The cookie of the page that begins at `start`.
pub(crate) fn encode(start: &Start, table: &Table) -> String {
    let Some(position) = start.shortcut else { return STANDARD.encode(start.matched.to_string()) };
    let total = start.total.map_or_else(|| "-".to_owned(), |total| total.to_string());
    let seal = seal(start, position, table);
    STANDARD.encode(format!("{};{};{};{total};{seal:x}", start.matched, position.offset, position.line))
}

fn decode(cookie: &str, table: &Table) -> Option<Start> {
    let text = String::from_utf8(STANDARD.decode(cookie).ok()?).ok()?;
    let mut parts = text.split(';');
    let plain = Start { matched: parts.next()?.parse().ok()?, ..Start::default() };
    let rest: Vec<_> = parts.collect();
    if rest.is_empty() {
        return Some(plain);
    }
    let [offset, line, total, seal_text] = rest.as_slice() else { return None };
    let position = Position { offset: offset.parse().ok()?, line: line.parse().ok()? };
    let total = if *total == "-" { None } else { Some(total.parse().ok()?) };
    let full = Start { shortcut: Some(position), total, ..plain };
    let genuine = u64::from_str_radix(seal_text, 16).ok()? == seal(&full, position, table);
    Some(if genuine { full } else { plain })
}

fn seal(start: &Start, position: Position, table: &Table) -> u64 {
    let settings = &table.settings;
    keyed_hash((
        (&table.shared.path, table.version, &settings.header_uid),
        (settings.dialect.quote, settings.dialect.delimiter),
        (start.matched, start.total, position.offset, position.line),
    ))
}
