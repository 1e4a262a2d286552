//! Works out, without touching the file, what a group of changes answers and which rows it changes. Each change sees the
//! effect of those before it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use icf::{ErrorKind, Uid};
use zeroize::Zeroizing;

use super::Answer;
use super::request::{Cell, Intent, record_too_long};
use crate::fault::{Fault, Result};
use crate::lookup::Span;
use crate::table::Table;

/// New cells of a row, by column.
pub(super) type Cells = BTreeMap<usize, Cell>;

/// What happens to a row of the file.
#[derive(Clone)]
pub(super) enum Edit {
    /// It goes.
    Delete,
    /// It gets these cells, and perhaps another key.
    Change { cells: Rc<Cells>, new_key: Option<Rc<str>> },
}

/// What a group does to the file.
#[derive(Default)]
pub(super) struct Changes {
    /// Rows that change, with their present key, in file order.
    pub(super) edits: Vec<(Span, Rc<str>, Edit)>,
    /// New rows with their keys.
    pub(super) appends: Vec<(Rc<str>, Cells)>,
}

/// The accounts a group deals with, as they are after the changes applied so far.
pub(super) struct Plan<'a> {
    table: &'a Table,
    rows: HashMap<String, Vec<Span>>,
    accounts: Vec<Account>,
    /// Which account has a key now; `None` if none has it any more.
    by_key: HashMap<String, Option<usize>>,
}

struct Account {
    /// Rows of the file, none for a new account.
    spans: Vec<Span>,
    /// Key in the file, or of the new account.
    old_key: Rc<str>,
    new_key: Option<Rc<str>>,
    cells: Cells,
    /// Bytes of the longest row at most.
    size: usize,
    deleted: bool,
}

impl<'a> Plan<'a> {
    /// A plan that knows the rows of every key it will meet.
    pub(super) fn new(table: &'a Table, rows: HashMap<String, Vec<Span>>) -> Self {
        Self { table, rows, accounts: Vec::new(), by_key: HashMap::new() }
    }

    /// Applies a change and says what it answers.
    pub(super) fn apply(&mut self, intent: Intent) -> Answer {
        match intent {
            Intent::Create { key, cells } => self.create(key, cells),
            Intent::Change { key, new_key, cells } => self.change(&key, new_key, cells),
            Intent::Delete { key } => self.delete(&key),
        }
    }

    fn create(&mut self, key: String, cells: Vec<(usize, Cell)>) -> Answer {
        if self.find(&key).is_some() {
            return Err(Fault::already_exists(&key));
        }
        let uid = Uid::try_new(key.as_str())?;
        let key_cell = self.key_cell(&key);
        let cells = Cells::from_iter(cells.into_iter().chain([(self.table.columns.key(), key_cell)]));
        let size = size_of_cells(&cells) + self.table.columns.len() * 4;
        self.check_size(size)?;
        self.by_key.insert(key.clone(), Some(self.accounts.len()));
        let account =
            Account { spans: Vec::new(), old_key: key.into(), new_key: None, cells, size, deleted: false };
        self.accounts.push(account);
        Ok(Some(uid))
    }

    fn change(&mut self, key: &str, new_key: Option<String>, cells: Vec<(usize, Cell)>) -> Answer {
        let unknown = || Fault::new(ErrorKind::UnknownUid, format!("Uid {key} does not exist"));
        let id = self.find(key).ok_or_else(unknown)?;
        let new_key = new_key.filter(|new_key| new_key != key);
        if let Some(new_key) = &new_key
            && self.find(new_key).is_some()
        {
            return Err(Fault::already_exists(new_key));
        }
        let mut cells: Cells = cells.into_iter().collect();
        if let Some(new_key) = &new_key {
            cells.insert(self.table.columns.key(), self.key_cell(new_key));
        }
        let uid = Uid::try_new(new_key.as_deref().unwrap_or(key))?;
        let Some(size) = self.accounts.get(id).map(|account| account.size + size_of_cells(&cells)) else {
            return Err(unknown());
        };
        self.check_size(size)?;
        if let Some(new_key) = &new_key {
            self.by_key.insert(key.to_owned(), None);
            self.by_key.insert(new_key.clone(), Some(id));
        }
        if let Some(account) = self.accounts.get_mut(id) {
            account.size = size;
            account.cells.extend(cells);
            account.new_key = new_key.map(Rc::from).or_else(|| account.new_key.take());
        }
        Ok(Some(uid))
    }

    fn delete(&mut self, key: &str) -> Answer {
        let Some(id) = self.find(key) else {
            return Err(Fault::new(
                ErrorKind::UnknownUid,
                format!("Object for uid Attribute: {{Name=__UID__, Value=[{key}]}} does not exist"),
            ));
        };
        self.by_key.insert(key.to_owned(), None);
        if let Some(account) = self.accounts.get_mut(id) {
            account.deleted = true;
        }
        Ok(None)
    }

    /// The account that has a key now.
    fn find(&mut self, key: &str) -> Option<usize> {
        if let Some(known) = self.by_key.get(key) {
            return *known;
        }
        let spans = self.rows.remove(key)?;
        let longest = spans.iter().map(|span| span.end - span.offset).max().unwrap_or(0);
        self.accounts.push(Account {
            spans,
            old_key: key.into(),
            new_key: None,
            cells: Cells::new(),
            size: usize::try_from(longest).unwrap_or(usize::MAX),
            deleted: false,
        });
        let id = self.accounts.len() - 1;
        self.by_key.insert(key.to_owned(), Some(id));
        Some(id)
    }

    fn key_cell(&self, key: &str) -> Cell {
        self.table.settings.dialect.cell(key)
    }

    fn check_size(&self, bytes: usize) -> Result<()> {
        if bytes > self.table.settings.limits.record { Err(record_too_long(self.table)) } else { Ok(()) }
    }

    /// What all changes together do to the file.
    pub(super) fn into_changes(self) -> Changes {
        let mut changes = Changes::default();
        for account in self.accounts {
            let is_new = account.spans.is_empty();
            if is_new {
                if !account.deleted {
                    let key = account.new_key.unwrap_or(account.old_key);
                    changes.appends.push((key, account.cells));
                }
                continue;
            }
            let edit = if account.deleted {
                Edit::Delete
            } else if account.cells.is_empty() {
                continue;
            } else {
                Edit::Change { cells: Rc::new(account.cells), new_key: account.new_key }
            };
            let key = account.old_key;
            changes.edits.extend(account.spans.into_iter().map(|span| (span, Rc::clone(&key), edit.clone())));
        }
        changes.edits.sort_unstable_by_key(|(span, _, _)| *span);
        changes
    }
}

impl Changes {
    /// Whether the file stays as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.appends.is_empty()
    }
}

/// A new row as it will stand in the file, with its line end.
pub(super) fn new_row(table: &Table, cells: &Cells) -> Zeroizing<Vec<u8>> {
    let dialect = &table.settings.dialect;
    let delimiter = dialect.delimiter.as_bytes();
    let length = size_of_cells(cells) + table.columns.len() * delimiter.len() + 2;
    let mut row = Zeroizing::new(Vec::with_capacity(length));
    for column in 0..table.columns.len() {
        if column > 0 {
            row.extend_from_slice(delimiter);
        }
        row.extend_from_slice(cells.get(&column).and_then(Option::as_ref).map_or(&[], |cell| cell));
    }
    row.extend_from_slice(dialect.line_end.as_bytes());
    row
}

pub(super) fn size_of_cells(cells: &Cells) -> usize {
    cells.values().flatten().map(|cell| cell.len()).sum()
}
