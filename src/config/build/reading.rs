//! Typed access to the winning values. A value that does not fit is reported and comes out as `None`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::config::files::{self, SECRET_LIMIT};
use crate::config::keys::{self, Key, Kind, Unit};
use crate::config::layers::{Candidate, Values};
use crate::config::origin::Origin;
use crate::config::problem::{Problem, Severity};
use crate::config::secret::Secret;

/// Reads values and collects what is wrong with them.
pub(in crate::config) struct Reading<'a> {
    values: &'a mut Values,
    problems: &'a mut Vec<Problem>,
    home: &'a Path,
}

/// What is wrong with a text; the remedy says which texts are right.
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) remedy: String,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

impl<'a> Reading<'a> {
    /// Relative paths start at `home`.
    pub(in crate::config) fn new(
        values: &'a mut Values,
        problems: &'a mut Vec<Problem>,
        home: &'a Path,
    ) -> Self {
        Self { values, problems, home }
    }

    /// Whether somebody set the key.
    pub(super) fn is_given(&self, key: &Key) -> bool {
        self.values.is_given(key)
    }

    /// Reports something about a key; the origin is that of its value.
    pub(super) fn complain(
        &mut self,
        severity: Severity,
        key: &Key,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let origin = self.values.get(key).map(|candidate| candidate.origin.clone());
        self.report(severity, key, origin, message.into(), remedy.into());
    }

    /// Reports that a key has no value but needs one.
    pub(super) fn missing(&mut self, key: &Key, message: impl Into<String>, remedy: impl Into<String>) {
        self.report(Severity::Error, key, None, message.into(), remedy.into());
    }

    fn report(
        &mut self,
        severity: Severity,
        key: &Key,
        origin: Option<Origin>,
        message: String,
        remedy: String,
    ) {
        self.problems.push(Problem { severity, key: Some(key.full_name()), origin, message, remedy });
    }

    /// The value of a key that is no secret, without blanks around it.
    pub(super) fn get<T>(
        &mut self,
        key: &Key,
        parse: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Option<T> {
        let text = self.values.get(key)?.text.trim().to_owned();
        match parse(&text) {
            Ok(value) => Some(value),
            Err(Complaint { message, remedy }) => {
                self.complain(Severity::Error, key, message, remedy);
                None
            }
        }
    }

    pub(super) fn text(&mut self, key: &Key) -> Option<String> {
        self.get(key, |text| Ok(text.to_owned()))
    }

    /// A path, resolved.
    pub(super) fn path(&mut self, key: &Key) -> Option<PathBuf> {
        self.text(key).map(|path| self.resolve(Path::new(&path)))
    }

    /// Makes a path absolute, or at least relative to the current directory.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.home.join(path)
    }

    pub(super) fn flag(&mut self, key: &Key) -> Option<bool> {
        self.get(key, |text| match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(Complaint::new(
                format!("`{text}` is neither true nor false; a Java server takes it for false"),
                format!("write {}", key.kind),
            )),
        })
    }

    pub(super) fn choice<T>(&mut self, key: &Key, from_word: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.get(key, |text| {
            from_word(text).ok_or_else(|| {
                Complaint::new(
                    format!("`{text}` is not one of the choices"),
                    format!("use one of {}", key.kind),
                )
            })
        })
    }

    /// A number inside the range of the key.
    pub(super) fn number<T: TryFrom<u64>>(&mut self, key: &Key) -> Option<T> {
        let Kind::Whole { min, max, .. } = key.kind else { return None };
        self.get(key, |text| {
            let number: Option<u64> = text.parse().ok();
            let inside = number.filter(|number| (min..=max).contains(number));
            inside.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
                let number = number.is_some() || text.parse::<i128>().is_ok();
                let message = if number { "is out of range" } else { "is not a whole number" };
                Complaint::new(format!("`{text}` {message}"), format!("use a {}", key.kind))
            })
        })
    }

    /// A time in the unit of the key.
    pub(super) fn seconds(&mut self, key: &Key) -> Option<Duration> {
        let number: u64 = self.number(key)?;
        let minutes = matches!(key.kind, Kind::Whole { unit: Unit::Minutes, .. });
        Some(Duration::from_secs(if minutes { number * 60 } else { number }))
    }

    /// A time of which 0 means none: the inner `None`.
    pub(super) fn interval(&mut self, key: &Key) -> Option<Option<Duration>> {
        self.seconds(key).map(|time| Some(time).filter(|time| !time.is_zero()))
    }

    /// A secret. Where it stands in a file of its own, [`load_secrets`](Self::load_secrets) has put it in place already.
    pub(super) fn secret(&self, key: &Key) -> Option<Secret> {
        self.values.get(key).map(|candidate| Secret::new(candidate.text.clone()))
    }

    /// The values of a key with members; `None` when one of them is malformed.
    pub(super) fn members<T>(
        &mut self,
        key: &Key,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Option<BTreeMap<String, T>> {
        let mut values = BTreeMap::new();
        let mut sound = true;
        let mut complaints = Vec::new();
        for candidate in self.values.members(key) {
            let member = candidate.member.clone().unwrap_or_default();
            match parse(candidate.text.trim()) {
                Ok(value) => {
                    values.insert(member, value);
                }
                Err(Complaint { message, remedy }) => {
                    sound = false;
                    complaints.push(Problem {
                        severity: Severity::Error,
                        key: Some(format!("{}.{member}", key.full_name())),
                        origin: Some(candidate.origin.clone()),
                        message,
                        remedy,
                    });
                }
            }
        }
        self.problems.append(&mut complaints);
        sound.then_some(values)
    }

    /// Records what the server takes for a key that nobody set, so that it shows among the effective values.
    pub(super) fn derive(&mut self, key: &'static Key, text: String) {
        let text = Zeroizing::new(text);
        self.values.put(Candidate { key, member: None, text, origin: Origin::Default });
    }

    /// Reads the secrets that stand in files of their own. A secret given in both forms, in whatever sources, is an
    /// error: nobody could tell which one the operator believes in.
    pub(in crate::config) fn load_secrets(&mut self) {
        for key in keys::all() {
            let Some(file) = key.file else { continue };
            let Some(named_by) = self.values.get(file).map(|candidate| candidate.origin.clone()) else {
                continue;
            };
            if self.is_given(key) {
                let message =
                    format!("both {} and {} are set ({named_by})", key.full_name(), file.full_name());
                self.complain(Severity::Error, key, message, "remove one of the two");
                continue;
            }
            let Some(path) = self.path(file) else { continue };
            let origin = Origin::SecretFile { path: path.clone(), named_by: Box::new(named_by) };
            match read_secret(&path) {
                Ok(text) => {
                    self.remark_secret_file(file, &text);
                    self.values.put(Candidate { key, member: None, text, origin });
                }
                Err(Complaint { message, remedy }) => self.complain(Severity::Error, file, message, remedy),
            }
        }
    }

    fn remark_secret_file(&mut self, file: &Key, text: &str) {
        let message = if text.starts_with('\u{FEFF}') {
            "the file starts with a byte order mark, which belongs to the secret"
        } else if text.contains(['\n', '\r']) {
            "the file has more than one line; all of them belong to the secret"
        } else if text.ends_with(char::is_whitespace) {
            "the file ends in blanks, which belong to the secret"
        } else {
            return;
        };
        self.complain(Severity::Warning, file, message, "write nothing but the secret into the file");
    }
}

/// The content without a final line end.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, Complaint> {
    let bytes = files::read_bounded(path, SECRET_LIMIT).map_err(|error| {
        Complaint::new(
            format!("{} cannot be read: {error}", path.display()),
            "name a file that this user can read",
        )
    })?;
    let bytes = bytes.strip_suffix(b"\n").map_or(&**bytes, |line| line.strip_suffix(b"\r").unwrap_or(line));
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => {
            Err(Complaint::new(format!("{} is not UTF-8 text", path.display()), "save the secret as UTF-8"))
        }
    }
}
