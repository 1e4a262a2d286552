//! What becomes of the lines of a Java server's properties file when its installation is taken over.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::keys::{self, Kind, Status};
use super::names;
use super::properties::{self, ParseError};
use super::secret::Secret;

/// A line, and what becomes of it.
#[derive(Debug)]
pub struct Carried {
    /// Its number, from 1.
    pub line: usize,
    /// The key as it was written.
    pub written: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fate {
    /// It stays, under its proper name.
    Kept {
        /// The name.
        key: String,
        /// The value.
        value: String,
    },
    /// It moves into a file of its own.
    Secret {
        /// The key that names the file.
        key: String,
        /// A name for the file, such as `client-secret`.
        file: String,
        /// The environment variable that does the same, for the service manager.
        variable: String,
        /// What goes into the file.
        value: Secret,
    },
    /// It names a store, which moves along.
    Store {
        /// The key.
        key: String,
        /// The path, from the installation's directory.
        path: String,
        /// Whether it holds a private key.
        private: bool,
    },
    /// It names the directory of the bundles, which does not move along.
    Bundles {
        /// The path, from the installation's directory.
        path: String,
    },
    /// It stays behind.
    Left {
        /// Why.
        why: String,
    },
}

/// Says it for each line.
///
/// # Errors
/// A file that Java could not have read either.
pub fn carry(bytes: &[u8]) -> Result<Vec<Carried>, ParseError> {
    let entries = properties::parse(bytes)?.entries;
    // Java lets the last of several lines count.
    let last: HashMap<String, usize> = entries.iter().map(|entry| (entry.key.clone(), entry.line)).collect();
    let carried = entries.iter().map(|entry| {
        let counts = last.get(&entry.key) == Some(&entry.line);
        let fate = if counts {
            fate(&entry.key, &entry.value)
        } else {
            Fate::Left { why: "a later line for this key counts".to_owned() }
        };
        Carried { line: entry.line, written: entry.key.clone(), fate }
    });
    Ok(carried.collect())
}

fn fate(written: &str, value: &str) -> Fate {
    let left = |why: &str| Fate::Left { why: why.to_owned() };
    let Some(named) = names::look_up(written) else {
        return left("no key of this server, and none of the Java server that is known");
    };
    let key = named.key;
    if std::ptr::eq(key, &keys::BUNDLE_DIR) {
        return Fate::Bundles { path: value.to_owned() };
    }
    match key.status {
        Status::Unused => return left("for Java alone; it has no effect here"),
        Status::Former { instead, .. } => {
            let what =
                instead.strip_prefix("remove it").map_or_else(|| format!("; {instead}"), str::to_owned);
            return Fate::Left { why: format!("it has no effect here{what}") };
        }
        Status::Live => {}
    }
    let name = named.member.map_or_else(|| key.full_name(), |member| format!("{}.{member}", key.full_name()));
    match key.file {
        Some(file) if key.is_secret() && !value.is_empty() => Fate::Secret {
            key: file.full_name(),
            file: key.flat_name().replace('_', "-"),
            variable: format!("RCS_{}", file.flat_name().to_ascii_uppercase()),
            value: value.into(),
        },
        _ if std::ptr::eq(key, &keys::TRUST_STORE_FILE) || std::ptr::eq(key, &keys::KEY_STORE_FILE) => {
            let private = std::ptr::eq(key, &keys::KEY_STORE_FILE);
            Fate::Store { key: name, path: value.to_owned(), private }
        }
        _ if key.kind == Kind::Secret && value.is_empty() => left("the value is empty"),
        _ => Fate::Kept { key: name, value: value.to_owned() },
    }
}

/// A line of a properties file that Java and this server read back as this key and value.
#[must_use]
pub fn line(key: &str, value: &str) -> String {
    let mut text = format!("{key}=");
    for (index, character) in value.chars().enumerate() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{c}' => text.push_str("\\f"),
            ' ' if index == 0 => text.push_str("\\ "),
            ' '..='~' => text.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    let _ = write!(text, "\\u{unit:04X}");
                }
            }
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fates(file: &str) -> Vec<String> {
        carry(file.as_bytes()).unwrap().into_iter().map(|carried| format!("{:?}", carried.fate)).collect()
    }

    #[test]
    fn every_line_has_a_fate() {
        let file = "connectorserver.url=wss\\://h/openicf/0\nconnectorserver.clientSecret=top\n\
            connectorserver.useSSL=true\nconnectorserver.key=k\\=\nconnectorserver.trustStoreFile=security/t\n\
            connectorserver.bundleDir=connectors\nconnectorserver.libDir=lib\nconnectorserver.nameInterval=3\n\
            connectorserver.colour=red\nconnectorserver.password=\n";
        assert_eq!(
            fates(file),
            [
                r#"Kept { key: "connectorserver.url", value: "wss://h/openicf/0" }"#,
                r#"Secret { key: "connectorserver.clientSecretFile", file: "client-secret", variable: "RCS_CLIENT_SECRET_FILE", value: *** }"#,
                r#"Kept { key: "connectorserver.usessl", value: "true" }"#,
                r#"Secret { key: "connectorserver.keyFile", file: "key", variable: "RCS_KEY_FILE", value: *** }"#,
                r#"Store { key: "connectorserver.trustStoreFile", path: "security/t", private: false }"#,
                r#"Bundles { path: "connectors" }"#,
                r#"Left { why: "for Java alone; it has no effect here" }"#,
                r#"Left { why: "it has no effect here" }"#,
                r#"Left { why: "no key of this server, and none of the Java server that is known" }"#,
                r#"Left { why: "the value is empty" }"#,
            ]
        );
    }

    #[test]
    fn of_two_lines_the_later_counts() {
        assert_eq!(
            fates("connectorserver.port=1\nconnectorserver.port=2\n"),
            [
                r#"Left { why: "a later line for this key counts" }"#,
                r#"Kept { key: "connectorserver.port", value: "2" }"#,
            ]
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any::<String>()) {
            let written = line("connectorserver.url", &value);
            prop_assert!(written.is_ascii() && written.lines().count() == 1);
            let read = properties::parse(written.as_bytes()).unwrap().entries;
            prop_assert_eq!((read.len(), read[0].value.as_str()), (1, value.as_str()));
        }
    }
}
