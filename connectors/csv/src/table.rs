//! One state of a CSV file, opened for reading: its columns and its rows.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use crate::columns::{Columns, header_names};
use crate::dialect::LineEnd;
use crate::fault::{Fault, Result};
use crate::record::{ReadError, Record, Records};
use crate::settings::{Settings, no_header};
use crate::shared::{Knowledge, SharedFile};
use crate::version::FileVersion;

/// Bytes read at a time when all rows are wanted.
const SCAN_BUFFER: usize = 256 << 10;
/// Bytes read at a time when one record is wanted.
const RECORD_BUFFER: usize = 4 << 10;

/// A file as it was when it was opened. Later changes to the file are not seen.
pub(crate) struct Table {
    pub(crate) settings: Arc<Settings>,
    pub(crate) shared: Arc<SharedFile>,
    pub(crate) file: File,
    pub(crate) version: FileVersion,
    pub(crate) columns: Columns,
    /// How the header ends; `None` if nothing follows it.
    header_end: Option<LineEnd>,
    first_row: u64,
    first_line: u64,
    /// Where the rows end; before the end of the file if something unusable follows.
    end: u64,
}

impl Table {
    /// Opens the file of a configuration.
    pub(crate) fn open(settings: &Arc<Settings>) -> Result<Self> {
        Self::open_knowing(settings, |_| ()).map(|(table, ())| table)
    }

    /// Opens the file and looks at what is known about just this state of it.
    pub(crate) fn open_knowing<T>(
        settings: &Arc<Settings>,
        look: impl FnOnce(&mut Knowledge) -> T,
    ) -> Result<(Self, T)> {
        let shared = SharedFile::at(&settings.path)?;
        let (file, version, seen) = shared.open(settings, look)?;
        let table = Self::new(Arc::clone(settings), shared, file, version)?;
        Ok((table, seen))
    }

    /// Opens another file, such as a copy, as if it were that of a configuration.
    pub(crate) fn of_file(settings: Arc<Settings>, shared: Arc<SharedFile>, file: File) -> Result<Self> {
        let metadata = file.metadata().map_err(|error| Fault::reading(&settings.path, error))?;
        Self::new(settings, shared, file, FileVersion::of(&metadata))
    }

    fn new(
        settings: Arc<Settings>,
        shared: Arc<SharedFile>,
        file: File,
        version: FileVersion,
    ) -> Result<Self> {
        let header = Header::read(&file, version.size(), &settings)?;
        let columns = Columns::new(header.names, &settings)?;
        Ok(Self {
            settings,
            shared,
            file,
            version,
            columns,
            header_end: header.line_end,
            first_row: header.end,
            first_line: header.next_line,
            end: version.size(),
        })
    }

    /// All rows.
    pub(crate) fn rows(&self) -> Rows<'_> {
        self.rows_from(self.first_row, self.first_line)
    }

    /// The rows from an offset at which one begins, and the number of its line.
    pub(crate) fn rows_from(&self, offset: u64, line: u64) -> Rows<'_> {
        let window = Window { file: &self.file, at: offset, end: self.end };
        let Settings { dialect, limits, .. } = *self.settings;
        Rows {
            records: Records::at(window, dialect, limits, SCAN_BUFFER, offset, line),
            settings: &self.settings,
            cells: self.columns.len(),
            key: self.columns.key(),
        }
    }

    /// Where the rows end.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The same table without what begins at an offset.
    pub(crate) fn cut_at(self, end: u64) -> Self {
        Self { end, ..self }
    }

    /// Whether all of the file belongs to the table.
    pub(crate) fn is_whole(&self) -> bool {
        self.end == self.version.size()
    }

    /// The line end that the file uses.
    pub(crate) fn line_end(&self) -> LineEnd {
        self.header_end.unwrap_or(self.settings.dialect.line_end)
    }

    /// Some bytes of the file; only for short stretches.
    pub(crate) fn bytes(&self, from: u64, to: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut window = Window { file: &self.file, at: from, end: to };
        window.read_to_end(&mut bytes).map_err(|error| Fault::reading(&self.settings.path, error))?;
        Ok(bytes)
    }

    /// Reads the one record that begins at an offset; `None` if there is none.
    pub(crate) fn record_at<T>(&self, offset: u64, take: impl FnOnce(&Record<'_>) -> T) -> Result<Option<T>> {
        let window = Window { file: &self.file, at: offset, end: self.end };
        let Settings { dialect, limits, .. } = *self.settings;
        let mut records = Records::at(window, dialect, limits, RECORD_BUFFER, offset, 0);
        let record = records.next().map_err(|error| Fault::record(&self.settings.path, error))?;
        Ok(record.map(|record| take(&record)))
    }

    /// The rows of a file about how many there are, from the length of the first ones.
    pub(crate) fn estimated_rows(&self) -> u64 {
        const SAMPLE: u64 = 500;
        let mut rows = self.rows();
        let mut seen = 0;
        while seen < SAMPLE && matches!(rows.next(), Ok(Some(_))) {
            seen += 1;
        }
        let bytes = rows.position().saturating_sub(self.first_row).max(1);
        let whole = self.end.saturating_sub(self.first_row);
        let estimate = u128::from(whole) * u128::from(seen) / u128::from(bytes);
        u64::try_from(estimate).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// The header of a file and what follows it.
struct Header {
    names: Vec<String>,
    line_end: Option<LineEnd>,
    end: u64,
    next_line: u64,
}

impl Header {
    /// Reads the header of a file of that size.
    fn read(file: &File, size: u64, settings: &Settings) -> Result<Self> {
        let path = &settings.path;
        let fault = |error| Fault::record(path, error);
        let window = Window { file, at: 0, end: size };
        let mut records =
            Records::new(window, settings.dialect, settings.limits, RECORD_BUFFER).map_err(fault)?;
        let Some(record) = records.next().map_err(fault)? else { return Err(no_header(path)) };
        let names = header_names(&record, path)?;
        let (body, end) = (record.offset + record.bytes().len() as u64, record.end);
        let next_line = records.line();
        Ok(Self { names, line_end: line_end_between(file, body, end)?, end, next_line })
    }
}

/// Whether the byte before an offset ends a line.
pub(crate) fn ends_with_line_end(file: &File, offset: u64) -> io::Result<bool> {
    let Some(last) = offset.checked_sub(1) else { return Ok(true) };
    let mut byte = [0];
    Window { file, at: last, end: offset }.read_exact(&mut byte)?;
    Ok(matches!(byte, [b'\n' | b'\r']))
}

fn line_end_between(file: &File, body: u64, end: u64) -> Result<Option<LineEnd>> {
    let mut bytes = Vec::new();
    Window { file, at: body, end }
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::io("Error reading the header".to_owned(), error))?;
    Ok(match bytes.as_slice() {
        b"\n" => Some(LineEnd::Lf),
        b"\r\n" => Some(LineEnd::CrLf),
        b"\r" => Some(LineEnd::Cr),
        _ => None,
    })
}

/// Reads the rows of a file and refuses malformed ones.
pub(crate) struct Rows<'a> {
    records: Records<Window<'a>>,
    settings: &'a Settings,
    cells: usize,
    key: usize,
}

/// A row that cannot be used.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) fault: Fault,
    /// Where the row begins, if it reaches to the end of the file without a line end: it may be what is left of a write
    /// that did not finish.
    pub(crate) torn_at: Option<u64>,
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        malformed.fault
    }
}

impl Rows<'_> {
    /// The next row; `None` at the end. A malformed row is an error, never skipped: to a reconciliation a skipped row is
    /// a deleted account.
    pub(crate) fn next(&mut self) -> Result<Option<Record<'_>>, Malformed> {
        let path = &self.settings.path;
        let record = match self.records.next() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(None),
            Err(error) => {
                let torn_at = match error {
                    ReadError::UnterminatedQuote { offset, .. } => Some(offset),
                    _ => None,
                };
                return Err(Malformed { fault: Fault::record(path, error), torn_at });
            }
        };
        let found = record.cell_count();
        let fault = if found != self.cells {
            format!(
                "File {}: the record in line {} has {found} cells, but the header has {}",
                path.display(),
                record.line,
                self.cells
            )
        } else if record.content(self.key).is_none_or(|key| key.is_empty()) {
            format!("File {}: the record in line {} has no key", path.display(), record.line)
        } else {
            return Ok(Some(record));
        };
        let torn_at = (!record.is_terminated()).then_some(record.offset);
        Err(Malformed { fault: Fault::connector(fault), torn_at })
    }

    /// Offset after the last row read.
    pub(crate) fn position(&self) -> u64 {
        self.records.position()
    }
}

/// A stretch of a file as a reader of its own: several can read one open file at once.
pub(crate) struct Window<'a> {
    pub(crate) file: &'a File,
    pub(crate) at: u64,
    pub(crate) end: u64,
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let read = read_at(self.file, buffer.get_mut(..length).unwrap_or_default(), self.at)?;
        if read == 0 && length > 0 {
            // An ordinary end here would pass for the end of the rows.
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file was cut short while it was read",
            ));
        }
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OipConfiguration;
    use crate::profile::ProfileConfiguration;

    /// To a reader of rows the end of a file that was cut short would look like the end of the rows.
    #[test]
    fn a_file_that_is_cut_short_while_it_is_read_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("uid,a\n{}", "u,x\n".repeat(100_000))).unwrap();
        let path = Some(file.path().to_owned());
        let configuration = OipConfiguration { csv_file: path, ..OipConfiguration::default() };
        let table = Table::open(&Arc::new(configuration.settings().unwrap())).unwrap();
        let mut rows = table.rows();
        assert!(rows.next().unwrap().is_some());
        file.as_file().set_len(300_006).unwrap();
        let fault = loop {
            match rows.next() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the rows seem to end"),
                Err(malformed) => break malformed.fault,
            }
        };
        assert_eq!(fault.kind, icf::ErrorKind::ConnectorIo);
        assert!(fault.message.contains("cut short"), "{}", fault.message);
    }
}
