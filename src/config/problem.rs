//! What is wrong with a configuration, in one line each.

use std::borrow::Cow;
use std::fmt;

use super::origin::Origin;

/// One finding: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The key as it is written in the file; `None` when the finding concerns a whole file or variable.
    pub key: Option<String>,
    /// Where the value came from; `None` when there is no value.
    pub origin: Option<Origin>,
    /// What is wrong. It never contains a secret.
    pub message: String,
    /// What to do, as an imperative without a full stop.
    pub remedy: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not intended, but the server runs.
    Warning,
    /// The server does not start.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One line: `error: connectorserver.port (conf/x.properties:7): 70000 is ...; use ...`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match (&self.key, &self.origin) {
            (Some(key), Some(origin)) => format!("{key} ({origin}): "),
            (Some(key), None) => format!("{key} (not set): "),
            (None, Some(origin)) => format!("{origin}: "),
            (None, None) => String::new(),
        };
        write!(f, "{}: {}{}; {}", self.severity, one_line(&place), one_line(&self.message), self.remedy)
    }
}

/// The text with control characters escaped: a message quotes what stands in a file, and that may hold line ends or
/// the control sequences of a terminal.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |character: char| {
        let (escaped, plain) = if character.is_control() {
            (Some(character.escape_default()), None)
        } else {
            (None, Some(character))
        };
        escaped.into_iter().flatten().chain(plain)
    };
    Cow::Owned(text.chars().flat_map(escape).collect())
}
