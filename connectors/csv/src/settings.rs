//! A configuration that was understood: every text of it is checked and turned into what the connector works with.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::charset::Charset;
use crate::dialect::{Dialect, LineEnd, Mark};
use crate::fault::{Fault, Result};
use crate::record::{Limits, Records};

/// The configuration as texts, before it is understood. Null counts as empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawSettings<'a> {
    pub(crate) csv_file: Option<&'a Path>,
    pub(crate) header_uid: &'a str,
    pub(crate) header_password: &'a str,
    pub(crate) newline_string: &'a str,
    pub(crate) quote_character: &'a str,
    pub(crate) field_delimiter: &'a str,
    pub(crate) space_replacement: &'a str,
    pub(crate) encoding: &'a str,
    pub(crate) quoted_empty_as_null: bool,
    pub(crate) sync_file_retention_count: i32,
    pub(crate) maximum_record_size: i32,
    pub(crate) maximum_cell_size: i32,
}

/// What the connector works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The file as configured; symbolic links are not resolved.
    pub(crate) path: PathBuf,
    pub(crate) dialect: Dialect,
    pub(crate) limits: Limits,
    /// Header of the key column.
    pub(crate) header_uid: String,
    /// Header of the password column, which need not exist; may be empty.
    pub(crate) header_password: String,
    /// Stands for a blank inside a header in the attribute's name; empty for no replacement.
    pub(crate) space_replacement: String,
    /// History files to keep; at least one.
    pub(crate) retention: usize,
}

impl RawSettings<'_> {
    /// Checks everything: first the file, then the other properties, then that the file has a header.
    pub(crate) fn validate(&self) -> Result<()> {
        check_file(self.path()?)?;
        check_header(&self.settings()?)
    }

    /// Understands the properties; does not look at the file.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let path = self.path()?.to_owned();
        let charset = Charset::from_name(self.encoding).ok_or_else(|| {
            Fault::configuration(format!(
                "Property encoding: '{}' is not known; use UTF-8 or an encoding with one byte a character, such as ISO-8859-1",
                self.encoding
            ))
        })?;
        let quote = mark("quoteCharacter", self.quote_character.chars().next(), charset)?;
        let delimiter = mark("fieldDelimiter", typed_character(self.field_delimiter), charset)?;
        if quote == delimiter {
            return Err(Fault::configuration(
                "Properties quoteCharacter and fieldDelimiter are the same character; change one of them",
            ));
        }
        if self.header_uid.trim().is_empty() {
            return Err(Fault::configuration("Property headerUid is blank; name the key column of the file"));
        }
        let retention = usize::try_from(self.sync_file_retention_count).map_err(|_| {
            Fault::configuration(format!(
                "Property syncFileRetentionCount is {}; it must not be negative",
                self.sync_file_retention_count
            ))
        })?;
        let dialect = Dialect {
            quote,
            delimiter,
            line_end: self.line_end()?,
            charset,
            quoted_empty_is_null: self.quoted_empty_as_null,
        };
        Ok(Settings {
            path,
            dialect,
            limits: Limits {
                record: size("maximumRecordSize", self.maximum_record_size)?,
                cell: size("maximumCellSize", self.maximum_cell_size)?,
            },
            header_uid: self.header_uid.trim().to_owned(),
            header_password: self.header_password.trim().to_owned(),
            space_replacement: self.space_replacement.to_owned(),
            retention: retention.max(1),
        })
    }

    fn path(&self) -> Result<&Path> {
        self.csv_file
            .filter(|path| !path.as_os_str().is_empty())
            .ok_or_else(|| Fault::configuration("CSV file path is not defined"))
    }

    fn line_end(&self) -> Result<LineEnd> {
        match self.newline_string {
            "" => {
                tracing::warn!("Property newlineString is empty; records will end with a line feed.");
                Ok(LineEnd::Lf)
            }
            "\n" | "\\n" => Ok(LineEnd::Lf),
            "\r\n" | "\\r\\n" => Ok(LineEnd::CrLf),
            "\r" | "\\r" => Ok(LineEnd::Cr),
            _ => Err(Fault::configuration(
                "Property newlineString is no line end; use \\n, \\r\\n or \\r, or leave it empty",
            )),
        }
    }
}

/// Checks the path in the order in which the original does, with its texts.
fn check_file(path: &Path) -> Result<()> {
    let shown = path.display();
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Fault::configuration(format!(
                "File '{shown}' doesn't exist. A file containing a csv header must exist."
            )));
        }
        Err(error) => return Err(Fault::configuration(format!("File '{shown}' can't be read. {error}"))),
    };
    if metadata.is_dir() {
        return Err(Fault::configuration(format!("File path '{shown}' points to a directory.")));
    }
    if let Err(error) = File::open(path) {
        return Err(Fault::configuration(format!("File '{shown}' can't be read. {error}")));
    }
    if let Err(error) = OpenOptions::new().append(true).open(path) {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return Err(Fault::configuration(format!("Can't write to file '{}'. {error}", absolute.display())));
    }
    Ok(())
}

fn check_header(settings: &Settings) -> Result<()> {
    let path = &settings.path;
    let read = || {
        let file = File::open(path)?;
        let mut records = Records::new(file, settings.dialect, settings.limits, 8 << 10)?;
        records.next().map(|record| record.is_some())
    };
    match read().map_err(|error| Fault::record(path, error))? {
        true => Ok(()),
        false => Err(no_header(path)),
    }
}

/// The fault of a file without any record.
pub(crate) fn no_header(path: &Path) -> Fault {
    Fault::configuration(format!(
        "File '{}' is empty. A file containing a csv header must exist.",
        path.display()
    ))
}

/// The first character, or the one that a backslash and a letter stand for: a form in a browser cannot hold a tab.
fn typed_character(text: &str) -> Option<char> {
    match text {
        "\\t" => Some('\t'),
        "\\n" => Some('\n'),
        "\\r" => Some('\r'),
        _ => text.chars().next(),
    }
}

fn mark(property: &str, character: Option<char>, charset: Charset) -> Result<Mark> {
    let fault = |text: &str| Fault::configuration(format!("Property {property} {text}"));
    let character = character.ok_or_else(|| fault("is empty; give one character"))?;
    if matches!(character, '\r' | '\n') {
        return Err(fault("is a line end; give another character"));
    }
    Mark::new(character, charset)
        .ok_or_else(|| fault("is a character that the property encoding does not have; change one of them"))
}

fn size(property: &str, bytes: i32) -> Result<usize> {
    const MOST: i32 = 1 << 30;
    usize::try_from(bytes).ok().filter(|_| (1..=MOST).contains(&bytes)).ok_or_else(|| {
        Fault::configuration(format!("Property {property} is {bytes}; it must be between 1 and {MOST}"))
    })
}
