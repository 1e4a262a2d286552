//! The header of a file: which column is which attribute.

use std::path::Path;

use icf::{AttributeName, names, same_name};

use crate::fault::{Fault, Result};
use crate::record::Record;
use crate::settings::Settings;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Holds the key, which is uid and name of the object.
    Key,
    /// Holds the password.
    Password,
    /// Is literally called `__NAME__` and overrides the name of the object.
    Name,
    /// An ordinary attribute.
    Plain,
    /// Cannot be reached: its name is that of an earlier column or has a meaning of its own.
    Hidden,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Name as it stands in the header.
    pub(crate) header: String,
    /// Name of the attribute; for the password column `__PASSWORD__`.
    pub(crate) attribute: AttributeName,
    pub(crate) role: Role,
}

/// The columns of a file, in order.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    columns: Vec<Column>,
    key: usize,
    password: Option<usize>,
    name: Option<usize>,
    /// Whether the key is also reported under the name of its column.
    key_under_header: bool,
    /// What is odd about the header, for whoever tests the connection.
    pub(crate) warnings: Vec<String>,
}

/// The fault of a header that names one column twice.
pub(crate) fn duplicate_columns(path: &Path) -> Fault {
    Fault::configuration(format!(
        "Header contains duplicate columns. Verify the format in the file {}",
        path.display()
    ))
}

/// The names of a header, trimmed.
pub(crate) fn header_names(record: &Record<'_>, path: &Path) -> Result<Vec<String>> {
    (0..record.cell_count())
        .map(|cell| match record.text(cell) {
            Some(name) if !name.is_empty() => Ok(name.into_owned()),
            _ => Err(Fault::configuration(format!(
                "Invalid empty header.  Verify the format in the file {}",
                path.display()
            ))),
        })
        .collect()
}

impl Columns {
    /// Understands a header.
    pub(crate) fn new(names: Vec<String>, settings: &Settings) -> Result<Self> {
        let path = &settings.path;
        if has_duplicates(&names) {
            return Err(duplicate_columns(path));
        }
        let replaced: Vec<String> = names.iter().map(|name| replace_blanks(name, settings)).collect();
        if has_duplicates(&replaced) {
            return Err(Fault::configuration(format!(
                "Two headers of the file {} become one name when blanks are replaced; rename one, or leave spaceReplacementString empty",
                path.display()
            )));
        }
        let exactly = |wanted: &str| {
            let either = |column: &usize| {
                names.get(*column).is_some_and(|n| n == wanted)
                    || replaced.get(*column).is_some_and(|n| n == wanted)
            };
            (0..names.len()).find(either)
        };
        let Some(key) = exactly(&settings.header_uid) else {
            return Err(Fault::configuration(format!(
                "CSV file does not contain required {} column",
                settings.header_uid
            )));
        };
        let password = exactly(&settings.header_password);
        if password == Some(key) {
            return Err(Fault::configuration(
                "Properties headerUid and headerPassword name the same column; change one of them",
            ));
        }
        let mut columns = Self {
            columns: Vec::with_capacity(names.len()),
            key,
            password,
            name: None,
            key_under_header: true,
            warnings: Vec::new(),
        };
        for (index, (header, attribute)) in names.into_iter().zip(replaced).enumerate() {
            columns.add(index, header, attribute);
        }
        columns.hide_shadowed();
        Ok(columns)
    }

    fn add(&mut self, index: usize, header: String, attribute: String) {
        let special =
            [names::UID, names::NAME, names::PASSWORD].iter().find(|name| same_name(name, &attribute));
        let role = if index == self.key {
            self.key_under_header = special.is_none();
            Role::Key
        } else if Some(index) == self.password {
            Role::Password
        } else {
            match special.copied() {
                Some(names::NAME) if self.name.is_none() => {
                    self.name = Some(index);
                    self.warnings.push(format!("Column {header} overrides the name of every object."));
                    Role::Name
                }
                Some(_) => {
                    self.warnings
                        .push(format!("Column {header} is not used: its name has a meaning of its own."));
                    Role::Hidden
                }
                None => Role::Plain,
            }
        };
        let attribute = if role == Role::Password {
            AttributeName::from_static(names::PASSWORD)
        } else {
            attribute.into()
        };
        self.columns.push(Column { header, attribute, role });
    }

    /// Of names that differ only in case the first wins, for names of attributes know no case; the key column always does.
    fn hide_shadowed(&mut self) {
        for index in 0..self.columns.len() {
            let Some(column) = self.columns.get(index).filter(|column| column.role == Role::Plain) else {
                continue;
            };
            let shadowed = self.columns.iter().enumerate().any(|(other, earlier)| {
                let stronger = earlier.role == Role::Key || other < index && earlier.role == Role::Plain;
                other != index && stronger && earlier.attribute == column.attribute
            });
            if shadowed {
                let warning = format!(
                    "Column {} is not used: another column differs from it only in upper and lower case.",
                    column.header
                );
                self.warnings.push(warning);
                if let Some(column) = self.columns.get_mut(index) {
                    column.role = Role::Hidden;
                }
            }
        }
    }

    /// How many cells every record must have.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate()
    }

    /// Which column holds the key.
    pub(crate) fn key(&self) -> usize {
        self.key
    }

    /// Which column holds the password, if there is one.
    pub(crate) fn password(&self) -> Option<usize> {
        self.password
    }

    /// Which column overrides the name, if there is one.
    pub(crate) fn name(&self) -> Option<usize> {
        self.name
    }

    /// Whether the key is also an attribute under the name of its column.
    pub(crate) fn key_under_header(&self) -> bool {
        self.key_under_header
    }

    /// The header as it stands in the file.
    pub(crate) fn header(&self, index: usize) -> &str {
        self.columns.get(index).map_or("", |column| column.header.as_str())
    }

    /// The column of an attribute that is stored under its own name: exact spelling first (of the header or of the
    /// attribute), then without regard to case. The password and hidden columns are not found.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let usable = |column: &Column| matches!(column.role, Role::Key | Role::Plain | Role::Name);
        let exact = |column: &Column| column.header == name || column.attribute.as_str() == name;
        let alike = |column: &Column| column.attribute.is(name) || same_name(&column.header, name);
        let first = |test: &dyn Fn(&Column) -> bool| {
            self.columns.iter().position(|column| usable(column) && test(column))
        };
        first(&exact).or_else(|| first(&alike))
    }

    /// Where each of these columns stands in another file with the same headers; `None` if the headers differ.
    pub(crate) fn positions_in(&self, other: &[String]) -> Option<Vec<usize>> {
        if other.len() != self.columns.len() {
            return None;
        }
        self.columns.iter().map(|column| other.iter().position(|name| *name == column.header)).collect()
    }
}

fn has_duplicates(names: &[String]) -> bool {
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

fn replace_blanks(name: &str, settings: &Settings) -> String {
    match settings.space_replacement.as_str() {
        "" => name.to_owned(),
        replacement => name.replace(' ', replacement),
    }
}
