//! What will be written, and what will be told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use icf::ConnectorKey;
use zeroize::Zeroizing;

use super::ImportError;
use super::jar::{self, Bundle};
use crate::config::carry::{self, Carried, Fate};
use crate::config::files::read_bounded;

/// No sensible properties file or store is larger, in bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// What the names of the Open Identity Platform's bundles begin with.
const OIP: &str = "org.openidentityplatform.";

/// What will be written where, and what becomes of each part of the installation.
#[derive(Debug)]
pub struct Plan {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
    pub(super) files: Vec<Planned>,
    pub(super) lines: Vec<Told>,
    pub(super) credentials: Vec<Credential>,
    pub(super) jars: Vec<Jar>,
    /// Where the jars were looked for.
    pub(super) bundles: PathBuf,
    pub(super) leftovers: Vec<Leftover>,
}

/// A file to be written.
pub(super) struct Planned {
    pub(super) path: PathBuf,
    pub(super) content: Zeroizing<Vec<u8>>,
    /// Only its owner may read it.
    pub(super) private: bool,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planned").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What became of a line of the properties file.
#[derive(Debug)]
pub(super) enum Told {
    Kept { key: String, value: String, written: String },
    Moved { key: String, to: PathBuf, written: String },
    Left { written: String, line: usize, why: String },
}

/// A secret that the service manager can hand over.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) variable: String,
}

/// A jar among the bundles.
#[derive(Debug)]
pub(super) struct Jar {
    pub(super) file: String,
    pub(super) holds: Holds,
}

/// What a jar holds.
#[derive(Debug)]
pub(super) enum Holds {
    Known(Bundle),
    Unknown(Bundle),
    NoBundle,
    Unreadable(String),
}

/// Something that stays where it is.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) path: &'static str,
    pub(super) count: usize,
    pub(super) why: &'static str,
}

/// Parts of an installation that have no counterpart.
const LEFTOVERS: [(&str, &str); 3] = [
    ("lib", "Java libraries; the connectors here need none"),
    ("scripts", "scripts of scripted Groovy connectors, which have no counterpart here"),
    ("conf/logback.xml", "logLevel, logFile and logFormat take its place"),
];

impl Plan {
    /// Looks at the installation in `from`; what will be written goes to `to`, both absolute. `offered` are the keys of
    /// all connectors that there are here, under whatever names.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn of(from: &Path, to: &Path, offered: &[ConnectorKey]) -> Result<Self, ImportError> {
        let properties = from.join("conf").join("ConnectorServer.properties");
        let bytes = read_bounded(&properties, MOST_BYTES)
            .map_err(|source| ImportError::Properties { path: properties.clone(), source })?;
        let carried = carry::carry(&bytes)
            .map_err(|source| ImportError::Grammar { path: properties.clone(), source })?;
        let mut plan = Self {
            from: from.to_owned(),
            to: to.to_owned(),
            files: Vec::new(),
            lines: Vec::new(),
            credentials: Vec::new(),
            jars: Vec::new(),
            bundles: default_bundles(from),
            leftovers: leftovers(from),
        };
        let mut text = Zeroizing::new(format!("# Taken over from {} by `rcs import`.\n", from.display()));
        for line in carried {
            plan.take(line, &mut text)?;
        }
        plan.look_at_jars(offered, &mut text);
        let content = Zeroizing::new(text.as_bytes().to_vec());
        plan.files.insert(0, Planned { path: plan.properties(), content, private: false });
        Ok(plan)
    }

    /// The properties file that will be written.
    #[must_use]
    pub fn properties(&self) -> PathBuf {
        self.to.join("ConnectorServer.properties")
    }

    fn take(&mut self, carried: Carried, text: &mut String) -> Result<(), ImportError> {
        let Carried { line, written, fate } = carried;
        let told = match fate {
            Fate::Kept { key, value } => {
                text.push_str(&carry::line(&key, &value));
                Told::Kept { key, value, written }
            }
            Fate::Secret { key, file, variable, value } => {
                let path = self.to.join("secrets").join(&file);
                text.push_str(&carry::line(&key, &path.to_string_lossy()));
                let content = Zeroizing::new(value.expose().as_bytes().to_vec());
                self.files.push(Planned { path: path.clone(), content, private: true });
                self.credentials.push(Credential { name: file, file: path.clone(), variable });
                Told::Moved { key, to: path, written }
            }
            Fate::Store { key, path, private } => {
                let source = self.from.join(&path);
                let content = read_bounded(&source, MOST_BYTES).map_err(|error| ImportError::Store {
                    key: key.clone(),
                    path: source.clone(),
                    source: error,
                })?;
                let name = source.file_name().map(Path::new).unwrap_or_else(|| Path::new("store"));
                let to = self.to.join("security").join(name);
                text.push_str(&carry::line(&key, &to.to_string_lossy()));
                if !self.files.iter().any(|planned| planned.path == to) {
                    self.files.push(Planned { path: to.clone(), content, private });
                }
                Told::Moved { key, to, written }
            }
            Fate::Bundles { path } => {
                self.bundles = self.from.join(path);
                let why = "connectors are compiled in; the jars are listed below".to_owned();
                Told::Left { written, line, why }
            }
            Fate::Left { why } => Told::Left { written, line, why },
        };
        self.lines.push(told);
        Ok(())
    }

    /// Finds the counterparts of the jars. They are advertised under the names and versions that the tenant knows.
    fn look_at_jars(&mut self, offered: &[ConnectorKey], text: &mut String) {
        for (file, path) in jars(&self.bundles) {
            let holds = match jar::bundle(&path) {
                Err(error) => Holds::Unreadable(error.to_string()),
                Ok(None) => Holds::NoBundle,
                Ok(Some(bundle)) if offered.iter().any(|key| *key.bundle_name == *bundle.name) => {
                    Holds::Known(bundle)
                }
                Ok(Some(bundle)) => Holds::Unknown(bundle),
            };
            self.jars.push(Jar { file, holds });
        }
        let known: Vec<&Bundle> = self
            .jars
            .iter()
            .filter_map(|jar| if let Holds::Known(bundle) = &jar.holds { Some(bundle) } else { None })
            .collect();
        let kinds: BTreeSet<bool> = known.iter().map(|bundle| bundle.name.starts_with(OIP)).collect();
        if kinds.contains(&true) {
            let names = if kinds.contains(&false) { "both" } else { "oip" };
            text.push_str(&carry::line("connectorserver.bundleNames", names));
        }
        let mut written = BTreeSet::new();
        for bundle in known {
            // Of two versions of one bundle the first counts; the page shows both.
            if written.insert(&bundle.name) {
                let key = format!("connectorserver.bundleVersion.{}", bundle.name);
                text.push_str(&carry::line(&key, &bundle.version));
            }
        }
    }
}

fn default_bundles(from: &Path) -> PathBuf {
    let connectors = from.join("connectors");
    if connectors.is_dir() { connectors } else { from.join("bundles") }
}

/// Names and paths, by name.
fn jars(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut jars: Vec<_> = entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| name.ends_with(".jar"))
        .collect();
    jars.sort();
    jars
}

fn leftovers(from: &Path) -> Vec<Leftover> {
    let count = |path: &Path| {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.filter(|entry| entry.path().is_file()).count()
        } else {
            usize::from(path.is_file())
        }
    };
    LEFTOVERS
        .iter()
        .map(|&(path, why)| Leftover { path, count: count(&from.join(path)), why })
        .filter(|leftover| leftover.count > 0)
        .collect()
}
