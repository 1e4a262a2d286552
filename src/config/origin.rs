//! Where a value came from.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a value came from, for messages and for `rcs check`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody gave it.
    Default,
    /// A line of a properties file.
    File {
        /// The file.
        path: Arc<PathBuf>,
        /// Line number, from 1.
        line: usize,
    },
    /// An environment variable of this name.
    Environment(String),
    /// `-D` with this key.
    Define {
        /// The key as it was written.
        key: String,
        /// Where the argument stood.
        place: DefinePlace,
    },
    /// A file that holds nothing but this value.
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What named it.
        named_by: Box<Self>,
    },
    /// The file or variable as a whole.
    Source(String),
}

/// Where a `-D` argument stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinePlace {
    /// On the command line of this process.
    CommandLine,
    /// In `OPENICF_OPTS`, or in a file that it names with `@`.
    OpenIcfOpts,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Define { key, place: DefinePlace::CommandLine } => write!(f, "-D{key} on the command line"),
            Self::Define { key, place: DefinePlace::OpenIcfOpts } => write!(f, "-D{key} in OPENICF_OPTS"),
            Self::SecretFile { path, named_by } => write!(f, "{}, named by {named_by}", path.display()),
            Self::Source(name) => f.write_str(name),
        }
    }
}
