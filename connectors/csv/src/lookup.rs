//! Finds the rows of keys: through the index if there is one, else by reading the file.
//!
//! The index is built when somebody looks for a key the second time in one version of a file.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use icf::CancellationToken;

use crate::fault::{Fault, Result};
use crate::handover::check;
use crate::index::Index;
use crate::record::Record;
use crate::settings::Settings;
use crate::shared::{Knowledge, Sound};
use crate::table::{Malformed, Rows, Table};
use crate::version::keyed_hash;

/// Rows between two looks at the cancellation.
pub(crate) const CHECK_EVERY: u64 = 512;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    /// After its line end.
    pub(crate) end: u64,
}

impl Span {
    pub(crate) fn of(row: &Record<'_>) -> Self {
        Self { offset: row.offset, end: row.end }
    }
}

/// How a key is to be found.
enum Plan {
    Indexed(Vec<u64>),
    BuildIndex,
    Read,
}

fn plan(known: &mut Knowledge, key: &str) -> Plan {
    known.lookups = known.lookups.saturating_add(1);
    match &known.index {
        Some(index) => Plan::Indexed(index.candidates(keyed_hash(key))),
        None if known.lookups > 1 && !known.no_index => Plan::BuildIndex,
        None => Plan::Read,
    }
}

/// Finds the rows of a key, in file order; only the first if that is enough. The table is opened here, so that index and
/// rows belong together.
pub(crate) fn find(
    settings: &Arc<Settings>,
    key: &str,
    only_first: bool,
    cancellation: &CancellationToken,
) -> Result<(Table, Vec<Span>)> {
    let (table, plan_) = Table::open_knowing(settings, |known| plan(known, key))?;
    match plan_ {
        Plan::Indexed(candidates) => verified(table, key, candidates),
        Plan::Read => {
            let spans = if only_first {
                first_by_reading(&table, key, cancellation)?.into_iter().collect()
            } else {
                all_by_reading(&table, key, false, cancellation)?
            };
            Ok((table, spans))
        }
        Plan::BuildIndex => {
            let shared = Arc::clone(&table.shared);
            let _alone = shared.building.lock().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have built it while this one waited.
            let (table, plan_) = Table::open_knowing(settings, |known| plan(known, key))?;
            if let Plan::Indexed(candidates) = plan_ {
                return verified(table, key, candidates);
            }
            let spans = all_by_reading(&table, key, true, cancellation)?;
            Ok((table, spans))
        }
    }
}

fn verified(table: Table, key: &str, candidates: Vec<u64>) -> Result<(Table, Vec<Span>)> {
    let spans = verify(&table, key, &candidates)?;
    Ok((table, spans))
}

fn first_by_reading(table: &Table, key: &str, cancellation: &CancellationToken) -> Result<Option<Span>> {
    let mut rows = table.rows();
    let mut seen = 0_u64;
    while let Some(row) = rows.next()? {
        if row.text(table.columns.key()).is_some_and(|text| text == key) {
            return Ok(Some(Span::of(&row)));
        }
        seen += 1;
        if seen.is_multiple_of(CHECK_EVERY) {
            check(cancellation)?;
        }
    }
    Ok(None)
}

fn all_by_reading(
    table: &Table,
    key: &str,
    build: bool,
    cancellation: &CancellationToken,
) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    read_all(table, build, cancellation, |row_key, span| {
        if row_key == key {
            spans.push(span);
        }
        within_limit(spans.len())
    })?;
    Ok(spans)
}

/// Rows that one key, or one group of writes, may have at most; bounds the memory of an operation.
const MOST_SPANS: usize = 1_000_000;

fn within_limit(spans: usize) -> Result<()> {
    if spans > MOST_SPANS {
        return Err(Fault::connector(format!(
            "More than {MOST_SPANS} rows have the key asked for; remove the duplicates from the file"
        )));
    }
    Ok(())
}

fn is_row_of(table: &Table, row: &Record<'_>, key: &str) -> bool {
    row.cell_count() == table.columns.len() && row.text(table.columns.key()).is_some_and(|text| text == key)
}

/// What a writer needs to know of a file.
pub(crate) struct Located {
    /// The rows of each key that has any, in file order.
    pub(crate) rows: HashMap<String, Vec<Span>>,
    pub(crate) sound: Sound,
}

/// Finds all rows of some keys and makes sure that every row of the file is sound.
pub(crate) fn locate(table: &Table, keys: &HashSet<String>) -> Result<Located, Malformed> {
    let mut sound = None;
    let mut plans = Vec::new();
    if table.is_whole() {
        table.shared.learn(table.version, &table.settings, |known| {
            sound = known.sound;
            plans = keys.iter().map(|key| (key, plan(known, key))).collect();
        });
    }
    let mut candidates = Vec::new();
    let mut build = false;
    for (key, plan) in plans {
        match plan {
            Plan::Indexed(offsets) => candidates.push((key, offsets)),
            Plan::BuildIndex => build = true,
            Plan::Read => {}
        }
    }
    match sound {
        Some(sound) if candidates.len() == keys.len() => {
            verify_all(table, candidates).map(|rows| Located { rows, sound }).map_err(unexpected)
        }
        _ => read_located(table, keys, build),
    }
}

fn unexpected(fault: Fault) -> Malformed {
    Malformed { fault, torn_at: None }
}

fn verify_all(table: &Table, candidates: Vec<(&String, Vec<u64>)>) -> Result<HashMap<String, Vec<Span>>> {
    let mut rows = HashMap::new();
    for (key, offsets) in candidates {
        let spans = verify(table, key, &offsets)?;
        if !spans.is_empty() {
            rows.insert(key.clone(), spans);
        }
    }
    Ok(rows)
}

/// The candidates that are rows of the key indeed.
fn verify(table: &Table, key: &str, candidates: &[u64]) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for offset in candidates {
        let span = table.record_at(*offset, |row| is_row_of(table, row, key).then(|| Span::of(row)))?;
        spans.extend(span.flatten());
    }
    Ok(spans)
}

fn read_located(table: &Table, keys: &HashSet<String>, build: bool) -> Result<Located, Malformed> {
    let mut rows: HashMap<String, Vec<Span>> = HashMap::new();
    let mut spans = 0;
    let sound = read_all(table, build, &CancellationToken::new(), |key, span| {
        if keys.contains(key) {
            spans += 1;
            within_limit(spans)?;
            rows.entry(key.to_owned()).or_default().push(span);
        }
        Ok(())
    })?;
    Ok(Located { rows, sound })
}

/// Reads all rows, tells each with its key, and notes what was learnt: that the file is sound, its row count and, if
/// wanted, the index.
fn read_all(
    table: &Table,
    build: bool,
    cancellation: &CancellationToken,
    mut tell: impl FnMut(&str, Span) -> Result<()>,
) -> Result<Sound, Malformed> {
    let mut builder = build.then(|| Builder::new(table));
    let sound = scan(table, cancellation, |key, span| {
        if let Some(builder) = &mut builder {
            builder.add(key, span.offset);
        }
        tell(key, span)
    })?;
    if !table.is_whole() {
        return Ok(sound);
    }
    table.shared.learn(table.version, &table.settings, |known| {
        known.sound = Some(sound);
        if let Some(builder) = builder {
            known.no_index = builder.index.is_none() && builder.exact;
            known.index = builder.index;
        }
    });
    Ok(sound)
}

/// Collects an index on the way through a file.
struct Builder {
    /// `None` once it is full.
    index: Option<Index>,
    /// Whether the number of rows was known.
    exact: bool,
}

impl Builder {
    fn new(table: &Table) -> Self {
        let mut rows = None;
        table.shared.learn(table.version, &table.settings, |known| {
            rows = known.sound.map(|sound| sound.rows);
        });
        let index = Index::with_room_for(rows.unwrap_or_else(|| table.estimated_rows()));
        Self { index: Some(index), exact: rows.is_some() }
    }

    fn add(&mut self, key: &str, offset: u64) {
        if let Some(index) = &mut self.index
            && index.insert(keyed_hash(key), offset).is_err()
        {
            self.index = None;
        }
    }
}

/// Counts the rows of a file, and so makes sure that all are sound.
pub(crate) fn count(table: &Table, cancellation: &CancellationToken) -> Result<u64> {
    Ok(read_all(table, false, cancellation, |_, _| Ok(()))?.rows)
}

fn scan(
    table: &Table,
    cancellation: &CancellationToken,
    mut tell: impl FnMut(&str, Span) -> Result<()>,
) -> Result<Sound, Malformed> {
    let key = table.columns.key();
    let mut rows: Rows<'_> = table.rows();
    let mut sound = Sound { rows: 0 };
    while let Some(row) = rows.next()? {
        let text = row.text(key).unwrap_or_default();
        tell(&text, Span::of(&row)).map_err(unexpected)?;
        sound.rows += 1;
        if sound.rows.is_multiple_of(CHECK_EVERY) {
            check(cancellation).map_err(unexpected)?;
        }
    }
    Ok(sound)
}
