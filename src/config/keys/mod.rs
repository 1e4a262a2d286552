//! The one table of keys. Reading, messages, `ConnectorServer.properties.example`, `docs/configuration.md` and the
//! list in `--help` all come from it; a key that is not here does not exist.
//!
//! The table is cut into [`GROUPS`], in the order in which they are documented. A [`Key`] is referred to by its
//! constant, never by its text.

use std::fmt;

mod client;
mod connection;
mod connectors;
mod former;
mod log;
mod operation;
mod server;
mod tls;

pub(crate) use client::*;
pub(crate) use connection::*;
pub(crate) use connectors::*;
pub(crate) use log::*;
pub(crate) use operation::*;
pub(crate) use server::*;
pub(crate) use tls::*;

/// Every key of the server.
pub(crate) static GROUPS: &[&Group] = &[
    &IDENTITY,
    &AUTHENTICATION,
    &PROXY,
    &UPGRADE,
    &POOL,
    &LINK,
    &LISTENER,
    &STORES,
    &CONNECTORS,
    &OPERATION,
    &LOG,
    &former::FORMER,
];

/// All keys, in documentation order.
pub(crate) fn all() -> impl Iterator<Item = &'static Key> {
    GROUPS.iter().flat_map(|group| group.keys.iter().copied())
}

/// Keys that are documented under one heading.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) introduction: &'static str,
    pub(crate) keys: &'static [&'static Key],
}

/// One row of the table.
pub(crate) struct Key {
    /// Name behind the prefix `connectorserver.`.
    pub(crate) name: &'static str,
    /// Type, unit and range.
    pub(crate) kind: Kind,
    /// Written as in the file.
    pub(crate) default: Option<&'static str>,
    /// What stands for the default where it is not a constant.
    pub(crate) default_text: &'static str,
    /// In which modes it has a meaning.
    pub(crate) scope: Scope,
    /// Other spellings met in files, accepted with a warning.
    pub(crate) aliases: &'static [&'static str],
    /// Short environment names, behind `RCS_`.
    pub(crate) environment: &'static [&'static str],
    /// The key that names a file with this key's value.
    pub(crate) file: Option<&'static Self>,
    /// Value for the generated example file where there is no default.
    pub(crate) example: &'static str,
    /// One paragraph of Markdown.
    pub(crate) description: &'static str,
    /// Whether the server uses it.
    pub(crate) status: Status,
}

/// Start of every row: `..Key::ROW`.
impl Key {
    pub(crate) const ROW: Self = Self {
        name: "",
        kind: Kind::Text,
        default: None,
        default_text: "",
        scope: Scope::Always,
        aliases: &[],
        environment: &[],
        file: None,
        example: "",
        description: "",
        status: Status::Live,
    };

    /// The key as it is written in the file.
    pub(crate) fn full_name(&self) -> String {
        match self.status {
            Status::Former { bare: true, .. } => self.name.to_owned(),
            _ => format!("{PREFIX}{}", self.name),
        }
    }

    /// The name in lower snake case: one flat word, whatever the spelling in the file.
    pub(crate) fn flat_name(&self) -> String {
        let mut flat = String::with_capacity(self.name.len() + 4);
        for character in self.name.chars() {
            if character.is_ascii_uppercase() {
                flat.push('_');
            }
            flat.push(character.to_ascii_lowercase());
        }
        flat
    }

    /// The names behind `RCS_` and `CONNECTORSERVER_` under which the environment may set it.
    pub(crate) fn environment_names(&self) -> Vec<String> {
        if self.status != Status::Live || self.kind.has_members() {
            return Vec::new();
        }
        let canonical = self.flat_name().to_ascii_uppercase();
        std::iter::once(canonical).chain(self.environment.iter().map(|&name| name.to_owned())).collect()
    }

    /// Whether the value must not be shown.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::KeyHash)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Type, unit and range of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Secret,
    Path,
    Host,
    Boolean,
    /// One `http` or `https` URL.
    Endpoint,
    /// Tenant URLs, separated by blanks or commas.
    Urls,
    Whole {
        unit: Unit,
        min: u64,
        max: u64,
    },
    Choice(&'static [&'static str]),
    KeyHash,
    Placement,
    Pairs,
    Listen,
    /// What the log shows, by module.
    Directives,
    /// A version for each name that follows the key after a dot.
    Version,
    /// Limits for each name that follows the key after a dot.
    Protection,
}

/// What a whole number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Minutes,
    Bytes,
    Links,
    Port,
    Messages,
    Files,
}

impl Kind {
    pub(crate) const fn seconds(min: u64) -> Self {
        Self::Whole { unit: Unit::Seconds, min, max: JAVA_INT_MAX }
    }

    /// Whether a name follows the key after a dot.
    pub(crate) const fn has_members(self) -> bool {
        matches!(self, Self::Version | Self::Protection)
    }

    pub(crate) const PORT: Self = Self::Whole { unit: Unit::Port, min: 1, max: 65_535 };
}

/// Stands in remedies and in the documentation.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Secret => f.write_str("text (secret)"),
            Self::Path => f.write_str("path"),
            Self::Host => f.write_str("host name or IP address"),
            Self::Boolean => f.write_str("`true` or `false`"),
            Self::Endpoint => f.write_str("`https` URL"),
            Self::Urls => f.write_str("`wss` or `ws` URLs, separated by blanks or commas"),
            Self::Whole { unit, min, max } => {
                let unit = match unit {
                    Unit::Seconds => "whole number of seconds",
                    Unit::Minutes => "whole number of minutes",
                    Unit::Bytes => "whole number of bytes",
                    Unit::Links => "whole number of links",
                    Unit::Port => "TCP port",
                    Unit::Messages => "whole number of messages",
                    Unit::Files => "whole number of files",
                };
                match *max {
                    JAVA_INT_MAX => write!(f, "{unit}, {min} or more"),
                    max => write!(f, "{unit}, {min} to {max}"),
                }
            }
            Self::Choice(words) => {
                for (index, word) in words.iter().enumerate() {
                    write!(f, "{}`{word}`", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::KeyHash => f.write_str("28 characters of Base64 (secret)"),
            Self::Placement => f.write_str("`auto`, `query:<name>`, `header:<name>`, `path`, `none`"),
            Self::Pairs => f.write_str("`name=value` pairs, separated by `;` or line ends"),
            Self::Listen => f.write_str("`<host>:<port>`, `unix:<path>`, `off`"),
            Self::Directives => f.write_str("`error`, `warn`, `info`, `debug`, `trace` or `off`, for all or as `module=level`, separated by commas"),
            Self::Version => f.write_str("version"),
            Self::Protection => {
                f.write_str("`concurrency=`, `rate=`, `wait=`, `failures=`, `pause=` with whole numbers, separated by `;`")
            }
        }
    }
}

/// In which modes a key has a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Client,
    Server,
    Always,
}

/// Whether the server uses a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Live,
    /// Part of a sound Java configuration that has no meaning here: a note, not a warning.
    Unused,
    /// Removed, never effective, or another product's: a warning.
    Former {
        /// The key has no prefix.
        bare: bool,
        /// What to do, as the remedy of the warning.
        instead: &'static str,
    },
}

/// Declares a group with its keys: a constant for each.
macro_rules! group {
    (
        $(#[$meta:meta])* $group:ident, $title:literal, $introduction:literal,
        $($key:ident { $($field:tt)* })+
    ) => {
        $(#[$meta])*
        pub(crate) static $group: $crate::config::keys::Group = $crate::config::keys::Group {
            title: $title,
            introduction: $introduction,
            keys: &[$(&$key),+],
        };
        $(
            pub(crate) static $key: $crate::config::keys::Key =
                $crate::config::keys::Key { $($field)*, ..$crate::config::keys::Key::ROW };
        )+
    };
}
use group;

/// What every key of the server begins with.
pub(crate) const PREFIX: &str = "connectorserver.";

/// Java reads numbers into a 32-bit integer, so no existing file holds more.
pub(crate) const JAVA_INT_MAX: u64 = 2_147_483_647;

#[cfg(test)]
mod tests;
