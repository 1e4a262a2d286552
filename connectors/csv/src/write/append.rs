//! Adds rows at the end of a file in place: one write, then a wait until it is on the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::fault::{Fault, Result};
use crate::table::{Table, ends_with_line_end};
use crate::version::FileVersion;

/// The end of a file, ready for new rows.
pub(super) struct Tail {
    file: File,
    bytes: Zeroizing<Vec<u8>>,
    appended_at: Vec<u64>,
}

impl Tail {
    /// Prepares the new rows; nothing is written yet.
    pub(super) fn new(table: &Table, new_rows: &[impl AsRef<[u8]>]) -> Result<Self> {
        let path = &table.shared.path;
        let file = OpenOptions::new().append(true).open(path).map_err(|error| fault(table, error))?;
        let length = new_rows.iter().map(|row| row.as_ref().len()).sum::<usize>() + 2;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        if !ends_with_line_end(&table.file, table.end()).map_err(|error| fault(table, error))? {
            bytes.extend_from_slice(table.line_end().as_bytes());
        }
        let appended_at = new_rows
            .iter()
            .map(|row| {
                let begins = table.end() + bytes.len() as u64;
                bytes.extend_from_slice(row.as_ref());
                begins
            })
            .collect();
        Ok(Self { file, bytes, appended_at })
    }

    /// Writes the rows, and cuts off first what an unfinished write left. A write that does not succeed as a whole is
    /// taken back.
    pub(super) fn write(&mut self, table: &Table) -> Result<()> {
        if table.end() < table.version.size() {
            self.file.set_len(table.end()).map_err(|error| fault(table, error))?;
        }
        let written = loop {
            match self.file.write(&self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        match written {
            Ok(written) if written == self.bytes.len() => Ok(()),
            incomplete => {
                self.take_back(table);
                Err(fault(table, incomplete.err().unwrap_or_else(no_room)))
            }
        }
    }

    /// Cuts off what was written. What another program appended meanwhile is not touched, and then ours stays too.
    pub(super) fn take_back(&self, table: &Table) {
        let longest = table.end() + self.bytes.len() as u64;
        let cut = self.file.metadata().and_then(|metadata| match metadata.len() {
            length if length <= longest => self.file.set_len(table.end()),
            _ => Err(io::Error::other("another program appended to the file")),
        });
        if let Err(error) = cut {
            tracing::error!(
                file = %table.settings.path.display(), %error,
                "A record that was not completely written could not be taken back from the end of the file."
            );
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether the file at the path is the one written to.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let metadata = path.metadata().and_then(|at_path| Ok((at_path, self.file.metadata()?)));
        metadata.is_ok_and(|(at_path, written)| FileVersion::same_file(&at_path, &written))
    }

    /// Where the new rows begin.
    pub(super) fn appended_at(&self) -> &[u64] {
        &self.appended_at
    }

    /// Waits until the rows are on the disk.
    pub(super) fn synchronise(&self, table: &Table) -> Result<()> {
        self.file.sync_data().map_err(|error| fault(table, error))
    }
}

fn no_room() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "there is room for a part of it only")
}

fn fault(table: &Table, error: io::Error) -> Fault {
    Fault::io(format!("Error writing to file {}: {error}", table.settings.path.display()), error)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::OipConfiguration;
    use crate::profile::ProfileConfiguration;

    #[test]
    fn rows_are_taken_back_unless_another_program_appended_to_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, "uid\nu1").unwrap();
        let configuration = OipConfiguration { csv_file: Some(path.clone()), ..OipConfiguration::default() };
        let table = Table::open(&Arc::new(configuration.settings().unwrap())).unwrap();
        let content = || std::fs::read_to_string(&path).unwrap();
        let mut tail = Tail::new(&table, &["\"u2\"\n"]).unwrap();
        tail.write(&table).unwrap();
        assert_eq!(content(), "uid\nu1\n\"u2\"\n");
        tail.file().set_len(table.end() + 3).unwrap();
        tail.take_back(&table);
        assert_eq!(content(), "uid\nu1", "what was written of it is gone");
        tail.write(&table).unwrap();
        std::fs::write(&path, format!("{}u3\n", content())).unwrap();
        tail.take_back(&table);
        assert_eq!(content(), "uid\nu1\n\"u2\"\nu3\n");
    }
}
