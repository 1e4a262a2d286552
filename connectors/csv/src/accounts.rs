//! Authentication, and finding the key of a user name.

use std::sync::Arc;

use icf::{CancellationToken, ErrorKind, GuardedString, Uid};

use crate::fault::{Fault, Result};
use crate::lookup;
use crate::object::uid;
use crate::settings::Settings;
use crate::table::Table;

/// Checks a password against the first row of a key.
pub(crate) fn authenticate(
    settings: &Arc<Settings>,
    name: &str,
    password: &GuardedString,
    cancellation: &CancellationToken,
) -> Result<Uid> {
    let (table, spans) = lookup::find(settings, name, true, cancellation)?;
    let column = table
        .columns
        .password()
        .ok_or_else(|| Fault::configuration("Password column must be defined and exist in the CSV."))?;
    let found = with_first(&table, &spans, name, |row| {
        let stored = row.text(column).map(|text| GuardedString::new(&text));
        let right = stored.is_some_and(|stored| !stored.is_empty() && same_secret(&stored, password));
        Ok((uid(row, table.columns.key())?, right))
    })?;
    match found {
        (uid, true) => Ok(uid),
        (_, false) => Err(Fault::new(ErrorKind::InvalidPassword, "Invalid username and/or password.")),
    }
}

/// The identity of the first row of a key.
pub(crate) fn resolve(settings: &Arc<Settings>, name: &str, cancellation: &CancellationToken) -> Result<Uid> {
    let (table, spans) = lookup::find(settings, name, true, cancellation)?;
    with_first(&table, &spans, name, |row| uid(row, table.columns.key()))
}

fn with_first<T>(
    table: &Table,
    spans: &[lookup::Span],
    name: &str,
    take: impl FnOnce(&crate::record::Record<'_>) -> Result<T>,
) -> Result<T> {
    let unknown = || Fault::new(ErrorKind::InvalidCredential, format!("Account {name} does not exist."));
    let span = spans.first().ok_or_else(unknown)?;
    table.record_at(span.offset, take)?.ok_or_else(unknown)?
}

/// Compares without telling by the time taken where two secrets of one length begin to differ.
fn same_secret(left: &GuardedString, right: &GuardedString) -> bool {
    let (left, right) = (left.units(), right.units());
    let differing =
        left.iter().zip(right).fold(0, |differing, (l, r)| std::hint::black_box(differing | (l ^ r)));
    left.len() == right.len() && differing == 0
}
