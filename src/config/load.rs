//! From the outside of the process to settings and findings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::build::{self, Reading};
use super::keys::{self, Key, Kind, Scope, Status};
use super::layers::{self, Candidate, Values};
use super::origin::{DefinePlace, Origin};
use super::problem::{Problem, Severity, one_line};
use super::settings::Settings;
use super::sources::Intake;

/// Everything outside that configures the server. Nothing else is consulted.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The installation directory; relative paths in the configuration start here.
    pub home: PathBuf,
    /// The properties file. Without one, `conf/ConnectorServer.properties` in `home` is read if it exists.
    pub file: Option<PathBuf>,
    /// The environment: `RCS_*`, `CONNECTORSERVER_*` and `OPENICF_OPTS`.
    pub environment: BTreeMap<String, String>,
    /// `key=value` of the command line's `-D` arguments, in order.
    pub defines: Vec<String>,
    /// The host's name, the default of `hostId`.
    pub host_name: String,
}

impl Inputs {
    /// The inputs of this process: its environment, and `CONNECTOR_SERVER_HOME` or the current directory as home.
    #[must_use]
    pub fn from_process(file: Option<PathBuf>, defines: Vec<String>) -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        let home = environment.get("CONNECTOR_SERVER_HOME").map(PathBuf::from).unwrap_or_default();
        let host_name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { home, file, environment, defines, host_name }
    }

    /// The properties file that is read, whether or not it exists.
    #[must_use]
    pub fn file_path(&self) -> PathBuf {
        self.file.clone().unwrap_or_else(|| self.home.join("conf").join("ConnectorServer.properties"))
    }
}

/// The outcome of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The settings; `None` when there is at least one error.
    pub settings: Option<Settings>,
    /// All findings, in the order in which they turned up.
    pub problems: Vec<Problem>,
    /// Every value that has an effect, in the order of the documentation; if there are errors, of every mode.
    pub effective: Vec<Effective>,
    /// The files that were read, or would have been if they existed: properties, secrets, stores.
    pub files: Vec<PathBuf>,
}

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key as it is written in the file.
    pub key: String,
    /// The value as it was written, in one line; `***` for a secret.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Loaded {
    /// Whether anything keeps the server from starting.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Where the value of a key came from, for findings that are made later.
    #[must_use]
    pub fn origin_of(&self, full_name: &str) -> Option<&Origin> {
        self.effective.iter().find(|effective| effective.key == full_name).map(|effective| &effective.origin)
    }
}

/// Reads all sources. It never fails: what is wrong is among the findings.
#[must_use]
pub fn load(inputs: &Inputs) -> Loaded {
    let mut problems = Vec::new();
    let layers = vec![
        vec![Candidate {
            key: &keys::HOST_ID,
            member: None,
            text: Zeroizing::new(inputs.host_name.clone()),
            origin: Origin::Default,
        }],
        file(inputs, &mut problems),
        environment(inputs, &mut problems),
        defines(inputs, &mut problems),
    ];
    // What a source that cannot be read would have held is anybody's guess, so nothing is missed for its sake.
    let complete =
        !problems.iter().any(|problem| problem.severity == Severity::Error && problem.key.is_none());
    let mut values = layers::resolve(layers);
    let mut reading = Reading::new(&mut values, &mut problems, &inputs.home);
    let settings = complete.then(|| {
        reading.load_secrets();
        build::settings(&mut reading)
    });
    let settings = settings.flatten();
    let effective = effective(&values, settings.as_ref());
    let files = files(inputs, &values);
    let mut loaded = Loaded { settings, problems, effective, files };
    if loaded.has_errors() {
        loaded.settings = None;
    }
    loaded
}

fn files(inputs: &Inputs, values: &Values) -> Vec<PathBuf> {
    let named = keys::all()
        .filter(|key| {
            key.kind == Kind::Path && key.status == Status::Live && !std::ptr::eq(*key, &keys::LOG_FILE)
        })
        .filter_map(|key| values.get(key))
        .map(|candidate| inputs.home.join(candidate.text.trim()));
    std::iter::once(inputs.file_path()).chain(named).collect()
}

fn file(inputs: &Inputs, problems: &mut Vec<Problem>) -> Vec<Candidate> {
    let path = inputs.file_path();
    let mut intake = Intake::new(problems);
    // A container may be configured by its environment alone; a file that somebody named must be there.
    if inputs.file.is_some() || path.exists() {
        intake.file(&path);
    }
    intake.finish()
}

fn environment(inputs: &Inputs, problems: &mut Vec<Problem>) -> Vec<Candidate> {
    let mut intake = Intake::new(problems);
    intake.environment(&inputs.environment);
    intake.finish()
}

fn defines(inputs: &Inputs, problems: &mut Vec<Problem>) -> Vec<Candidate> {
    let mut intake = Intake::new(problems);
    if let Some(options) = inputs.environment.get("OPENICF_OPTS") {
        intake.java_options(options, &inputs.home);
    }
    for define in &inputs.defines {
        intake.define(define, DefinePlace::CommandLine);
    }
    intake.finish()
}

fn effective(values: &Values, settings: Option<&Settings>) -> Vec<Effective> {
    let dials = settings.is_none_or(|settings| settings.client.is_some());
    let listens = settings.is_none_or(|settings| settings.server.is_some());
    let shown = |key: &&Key| {
        key.status == Status::Live
            && match key.scope {
                Scope::Client => dials,
                Scope::Server => listens,
                Scope::Always => true,
            }
    };
    keys::all()
        .filter(shown)
        .filter(|key| values.is_given(key) || !is_idle(key, values))
        .flat_map(|key| values.get(key).into_iter().chain(values.members(key)))
        .map(|candidate| {
            let key = candidate.key;
            let name = key.full_name();
            Effective {
                key: match &candidate.member {
                    Some(member) => format!("{name}.{member}"),
                    None => name,
                },
                value: if key.is_secret() {
                    "***".to_owned()
                } else {
                    one_line(candidate.text.trim()).into_owned()
                },
                origin: candidate.origin.clone(),
            }
        })
        .collect()
}

/// Whether a default has no effect, because the thing that it belongs to is not configured.
fn is_idle(key: &Key, values: &Values) -> bool {
    let among = |keys: &[&Key]| keys.iter().any(|other| std::ptr::eq(*other, key));
    if values.is_given(&keys::TOKEN_ENDPOINT) {
        if among(&[&keys::PRINCIPAL, &keys::PASSWORD]) {
            return true;
        }
    } else if among(&[
        &keys::CLIENT_ID,
        &keys::SCOPE,
        &keys::TOKEN_ENDPOINT_AUTH_METHOD,
        &keys::TOKEN_TIMEOUT,
    ]) {
        return true;
    }
    let needs = |keys: &[&Key], needed: &Key| among(keys) && values.get(needed).is_none();
    needs(&[&keys::PROXY_PORT], &keys::PROXY_HOST)
        || needs(&[&keys::TRUST_STORE_PASS], &keys::TRUST_STORE_FILE)
        || needs(&[&keys::KEY_STORE_PASS], &keys::KEY_STORE_FILE)
}

#[cfg(test)]
mod tests;
