//! What a caller wants changed, and the same in terms of columns and cells.

use icf::{Attribute, AttributeSet, Uid, Value, names};
use zeroize::Zeroizing;

use super::value;
use crate::dialect::trimmed;
use crate::fault::{Fault, Result};
use crate::table::Table;

/// A change a caller wants.
#[derive(Debug)]
pub(crate) enum Request {
    /// A new row.
    Create(AttributeSet),
    /// Other values in the rows of a key.
    Change { uid: Uid, attributes: AttributeSet, how: ValueChange },
    /// No more rows of a key.
    Delete(Uid),
}

/// What happens to the attributes of a change. A cell holds one value, so adding is setting and removing is clearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueChange {
    /// Take the first value given; none clears.
    Set,
    /// Clear whatever is there.
    Clear,
}

/// A cell as it will stand in the file; `None` for no value. Wiped when dropped, for it may be a password.
pub(super) type Cell = Option<Zeroizing<Vec<u8>>>;

/// A change in terms of the file.
pub(super) enum Intent {
    Create { key: String, cells: Vec<(usize, Cell)> },
    Change { key: String, new_key: Option<String>, cells: Vec<(usize, Cell)> },
    Delete { key: String },
}

impl Request {
    pub(crate) fn change(uid: &Uid, attributes: AttributeSet, how: ValueChange) -> Self {
        Self::Change { uid: uid.clone(), attributes, how }
    }

    /// The request in terms of this file.
    pub(super) fn resolve(&self, table: &Table) -> Result<Intent> {
        match self {
            Self::Delete(uid) => Ok(Intent::Delete { key: uid.value().to_owned() }),
            Self::Create(attributes) if attributes.is_empty() => {
                Err(Fault::new(icf::ErrorKind::IllegalArgument, "Attributes may not be null or empty."))
            }
            Self::Create(attributes) => {
                let cells = Cells::of(attributes, ValueChange::Set, table)?;
                let key = match cells.key(table, true)? {
                    Some(NewKey::Text(key)) => key,
                    Some(NewKey::Cleared) | None => random_key(),
                };
                Ok(Intent::Create { key, cells: cells.cells })
            }
            Self::Change { uid, attributes, how } => {
                let cells = Cells::of(attributes, *how, table)?;
                let new_key = match cells.key(table, false)? {
                    Some(NewKey::Cleared) => {
                        return Err(Fault::invalid_value(
                            "The key of a row cannot be cleared; give a value.",
                        ));
                    }
                    Some(NewKey::Text(key)) => Some(key),
                    None => None,
                };
                Ok(Intent::Change { key: uid.value().to_owned(), new_key, cells: cells.cells })
            }
        }
    }
}

impl Intent {
    /// The keys whose rows matter.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        let (first, second) = match self {
            Self::Create { key, .. } | Self::Delete { key } => (key, None),
            Self::Change { key, new_key, .. } => (key, new_key.as_ref()),
        };
        std::iter::once(first).chain(second)
    }
}

/// A key as attributes give it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NewKey {
    Text(String),
    Cleared,
}

/// Attributes sorted into cells and keys.
#[derive(Default)]
struct Cells {
    cells: Vec<(usize, Cell)>,
    by_name: Option<NewKey>,
    by_header: Option<NewKey>,
}

impl Cells {
    fn of(attributes: &AttributeSet, how: ValueChange, table: &Table) -> Result<Self> {
        let mut cells = Self::default();
        for attribute in attributes {
            cells.add(attribute, how, table)?;
        }
        let bytes: usize =
            cells.cells.iter().map(|(_, cell)| cell.as_ref().map_or(0, |cell| cell.len())).sum();
        if bytes > table.settings.limits.record {
            return Err(record_too_long(table));
        }
        Ok(cells)
    }

    fn add(&mut self, attribute: &Attribute, how: ValueChange, table: &Table) -> Result<()> {
        let columns = &table.columns;
        let name = &attribute.name;
        let column = if name.is(names::PASSWORD) {
            columns.password()
        } else if name.is(names::NAME) {
            self.by_name = Some(new_key(attribute, how, table)?);
            match columns.name() {
                Some(column) => Some(column),
                None => return Ok(()),
            }
        } else {
            columns.find(name.as_str())
        };
        match column {
            Some(column) if column == columns.key() => {
                self.by_header = Some(new_key(attribute, how, table)?);
            }
            Some(column) => {
                let cell = match how {
                    ValueChange::Set => cell(attribute, Some(column) == columns.password(), table)?,
                    ValueChange::Clear => None,
                };
                self.cells.retain(|(earlier, _)| *earlier != column);
                self.cells.push((column, cell));
            }
            None if table.shared.tell_once(&table.settings, name.as_str()) => {
                tracing::warn!(
                    file = %table.settings.path.display(),
                    "Attribute {name} has no column in the file; its values are dropped."
                );
            }
            None => {}
        }
        Ok(())
    }

    /// The key the attributes give, under either name. A new row may come without a key, so no value is no key then.
    fn key(&self, table: &Table, creating: bool) -> Result<Option<NewKey>> {
        let given = |key: &Option<NewKey>| key.clone().filter(|key| !creating || *key != NewKey::Cleared);
        let (name, header) = (given(&self.by_name), given(&self.by_header));
        // If a column of its own holds the name, the name is not the key; at most it makes the key of a new row.
        if table.columns.name().is_some() {
            return Ok(header.or_else(|| name.filter(|_| creating)));
        }
        if name.is_some() && header.is_some() && name != header {
            return Err(Fault::invalid_value(format!(
                "Attributes {} and {} give different keys; give one, or the same value twice.",
                names::NAME,
                table.columns.header(table.columns.key())
            )));
        }
        Ok(name.or(header))
    }
}

fn new_key(attribute: &Attribute, how: ValueChange, table: &Table) -> Result<NewKey> {
    let text = match how {
        ValueChange::Set => first_text(attribute, false, table)?,
        ValueChange::Clear => None,
    };
    let Some(text) = text else { return Ok(NewKey::Cleared) };
    let key = trimmed(&text);
    if key.trim().is_empty() {
        return Err(Fault::invalid_value(format!("Attribute {}: a key must not be blank.", attribute.name)));
    }
    encoded(attribute, key, table)?;
    Ok(NewKey::Text(key.replace("\r\n", "\n").replace('\r', "\n")))
}

fn cell(attribute: &Attribute, password: bool, table: &Table) -> Result<Cell> {
    first_text(attribute, password, table)?.map(|text| encoded(attribute, &text, table)).transpose()
}

fn encoded(attribute: &Attribute, text: &str, table: &Table) -> Result<Zeroizing<Vec<u8>>> {
    let cell = table.settings.dialect.cell(text).ok_or_else(|| {
        Fault::invalid_value(format!(
            "Attribute {}: the value has a character that the encoding of the file lacks.",
            attribute.name
        ))
    })?;
    let limit = table.settings.limits.cell;
    if cell.len() > limit {
        return Err(Fault::invalid_value(format!(
            "Attribute {}: the value is longer than {limit} bytes.",
            attribute.name
        )));
    }
    Ok(cell)
}

/// The text of the first value; `None` without one.
fn first_text(attribute: &Attribute, password: bool, table: &Table) -> Result<Option<Zeroizing<String>>> {
    let name = &attribute.name;
    let values = attribute.values();
    if values.len() > 1 && table.shared.tell_once(&table.settings, &format!("{name} multi-valued")) {
        tracing::warn!(
            file = %table.settings.path.display(),
            "Attribute {name} came with several values; a CSV file keeps only the first."
        );
    }
    match values.first() {
        None | Some(Value::Null) => Ok(None),
        Some(Value::GuardedString(secret)) if password => Ok(Some(secret.reveal())),
        Some(value) => match value::text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(Fault::invalid_value(format!(
                "Attribute {name}: a CSV file cannot hold a value of type {}.",
                value.type_name()
            ))),
        },
    }
}

/// The fault of a row that nobody could read again.
pub(super) fn record_too_long(table: &Table) -> Fault {
    Fault::invalid_value(format!(
        "The record would be longer than {} bytes; give shorter values.",
        table.settings.limits.record
    ))
}

/// A random UUID of version 4 as text.
fn random_key() -> String {
    let bits: u128 = rand::random();
    let bits = bits & !(0xF << 76) | 4 << 76;
    let bits = bits & !(0x3 << 62) | 2 << 62;
    let hex = format!("{bits:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
