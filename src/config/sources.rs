//! The places values come from, each turned into a layer of [`Candidate`]s: a properties file, the environment,
//! `-D` arguments. Everything that can be said about a value without knowing its type is said here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::files::{self, CONFIGURATION_LIMIT};
use super::java_options::{self, JavaOption};
use super::keys::{self, Key, Kind, PREFIX, Status};
use super::layers::Candidate;
use super::names;
use super::origin::{DefinePlace, Origin};
use super::problem::{Problem, Severity};
use super::properties::{self, Notes, ParseError};

/// Collects the values of one source.
pub(super) struct Intake<'a> {
    problems: &'a mut Vec<Problem>,
    candidates: Vec<Candidate>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(problems: &'a mut Vec<Problem>) -> Self {
        Self { problems, candidates: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<Candidate> {
        self.candidates
    }

    /// Reads a properties file.
    pub(super) fn file(&mut self, path: &Path) {
        let source = Origin::Source(path.display().to_string());
        let bytes = match files::read_bounded(path, CONFIGURATION_LIMIT) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                return self.report(
                    Severity::Error,
                    None,
                    source,
                    message,
                    "name a readable file with --config",
                );
            }
        };
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            let remedy = "save it as ISO-8859-1 (plain ASCII is best)";
            return self.report(Severity::Error, None, source, "the file is UTF-16".to_owned(), remedy);
        }
        let path = Arc::new(path.to_owned());
        match properties::parse(&bytes) {
            Ok(document) => self.entries(&path, document),
            Err(error @ ParseError::MalformedUnicodeEscape { line }) => {
                let remedy = "write four hexadecimal digits after `\\u`, or `\\\\u` for a backslash and a u";
                self.report(Severity::Error, None, Origin::File { path, line }, error.to_string(), remedy);
            }
        }
    }

    fn entries(&mut self, path: &Arc<PathBuf>, document: properties::Document) {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        let mut byte_order_mark = document.byte_order_mark;
        for mut entry in document.entries {
            let origin = Origin::File { path: Arc::clone(path), line: entry.line };
            if std::mem::take(&mut byte_order_mark) {
                entry.key = self.without_byte_order_mark(entry.key, &origin);
            }
            if let Some(earlier) = lines.insert(entry.key.clone(), entry.line) {
                let message = format!("the key stands in line {earlier} too; this later line counts");
                self.report(
                    Severity::Warning,
                    Some(&entry.key),
                    origin.clone(),
                    message,
                    "remove one of the two",
                );
            }
            self.offer(&entry.key, entry.value, origin, entry.notes);
        }
    }

    /// Java makes a byte order mark part of the first key. When that key is one of ours its value would be lost,
    /// which nobody intends; when it is a comment, nothing is lost.
    fn without_byte_order_mark(&mut self, key: String, origin: &Origin) -> String {
        let Some(rest) = key.strip_prefix("\u{EF}\u{BB}\u{BF}") else { return key };
        let remedy = "save the file without byte order mark";
        if names::look_up(rest).is_some() {
            let message = "the file starts with a byte order mark, which becomes part of this key".to_owned();
            self.report(Severity::Error, Some(rest), origin.clone(), message, remedy);
        } else {
            let message = "the file starts with a byte order mark".to_owned();
            self.report(Severity::Warning, None, origin.clone(), message, remedy);
        }
        if rest.starts_with(['#', '!']) { String::new() } else { rest.to_owned() }
    }

    /// Picks the variables that stand for keys: `RCS_` or `CONNECTORSERVER_` with the key in upper snake case or one
    /// of its short names.
    pub(super) fn environment(&mut self, variables: &BTreeMap<String, String>) {
        for key in keys::all() {
            // Ascending precedence: the later one counts.
            let names = key.environment_names();
            let spellings = ["CONNECTORSERVER_", "RCS_"]
                .into_iter()
                .flat_map(|prefix| names.iter().rev().map(move |name| format!("{prefix}{name}")));
            let mut earlier: Option<(String, &str)> = None;
            for name in spellings {
                let Some(value) = variables.get(&name) else { continue };
                let origin = Origin::Environment(name.clone());
                if value.starts_with("tcp://") && key.kind == Kind::PORT {
                    let message =
                        "the value is a Kubernetes service link, not a setting; it is ignored".to_owned();
                    let remedy = "set enableServiceLinks: false in the pod, or rename the service";
                    self.report(Severity::Warning, Some(&key.full_name()), origin, message, remedy);
                    continue;
                }
                if let Some((other, _)) = earlier.take().filter(|(_, other)| other != value) {
                    let message =
                        format!("the environment variable {other} gives another value; this one counts");
                    let remedy = "remove one of the two";
                    self.report(Severity::Warning, Some(&key.full_name()), origin.clone(), message, remedy);
                }
                earlier = Some((name, value));
                self.offer_key(key, None, Zeroizing::new(value.clone()), origin, Notes::default());
            }
        }
        self.misspelled_variables(variables);
    }

    /// Other programs' variables may begin with `RCS_` too, so only what comes close to a key is reported.
    fn misspelled_variables(&mut self, variables: &BTreeMap<String, String>) {
        let known: Vec<String> = keys::all().flat_map(Key::environment_names).collect();
        for variable in variables.keys() {
            for prefix in ["RCS_", "CONNECTORSERVER_"] {
                let Some(name) = variable.strip_prefix(prefix) else { continue };
                if known.iter().any(|known| known == name) {
                    continue;
                }
                if let Some(meant) = names::did_you_mean_variable(name) {
                    let origin = Origin::Environment(variable.clone());
                    let message = "the variable stands for no key and is ignored".to_owned();
                    self.report(
                        Severity::Warning,
                        None,
                        origin,
                        message,
                        &format!("did you mean {prefix}{meant}?"),
                    );
                }
            }
        }
    }

    /// Takes the `-D` arguments out of `OPENICF_OPTS`.
    pub(super) fn java_options(&mut self, text: &str, home: &Path) {
        for option in java_options::from_variable(text) {
            match option {
                JavaOption::Define(define) => self.define(&define, DefinePlace::OpenIcfOpts),
                JavaOption::ArgumentFile(name) => {
                    let path = home.join(name);
                    match files::read_bounded(&path, CONFIGURATION_LIMIT) {
                        Ok(bytes) => {
                            let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
                            for define in
                                java_options::from_argument_file(&text).into_iter().map(Zeroizing::new)
                            {
                                self.define(&define, DefinePlace::OpenIcfOpts);
                            }
                        }
                        Err(error) => {
                            let origin = Origin::Source(format!("@{} in OPENICF_OPTS", path.display()));
                            let message = format!("the argument file cannot be read: {error}");
                            self.report(Severity::Error, None, origin, message, "name a readable file");
                        }
                    }
                }
            }
        }
    }

    /// Takes one `key=value` of a `-D` argument. Without `=` the value is empty.
    pub(super) fn define(&mut self, define: &str, place: DefinePlace) {
        let (key, value) = define.split_once('=').unwrap_or((define, ""));
        let origin = Origin::Define { key: key.to_owned(), place };
        if let Some(instead) = instead_of_system_property(key) {
            let message = "system properties of the JVM are not read".to_owned();
            let remedy = format!("set {}", instead.full_name());
            return self.report(Severity::Warning, None, origin, message, &remedy);
        }
        if !key.starts_with(PREFIX) && place == DefinePlace::OpenIcfOpts {
            // The other system properties are meant for the JVM.
            return;
        }
        self.offer(key, Zeroizing::new(value.to_owned()), origin, Notes::default());
    }

    /// Takes a value for a key as somebody wrote it.
    fn offer(&mut self, written: &str, text: Zeroizing<String>, origin: Origin, notes: Notes) {
        let Some(named) = names::look_up(written) else {
            if !written.is_empty() {
                let remedy = names::did_you_mean(written)
                    .map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean {meant}?"));
                let message = "this key is unknown and ignored".to_owned();
                self.report(Severity::Warning, Some(written), origin, message, &remedy);
            }
            return;
        };
        if named.alias {
            let message = "Java servers ignore this spelling; it is accepted here".to_owned();
            let remedy = format!("write {}", named.key.full_name());
            self.report(Severity::Warning, Some(written), origin.clone(), message, &remedy);
        }
        self.offer_key(named.key, named.member.map(str::to_owned), text, origin, notes);
    }

    fn offer_key(
        &mut self,
        key: &'static Key,
        member: Option<String>,
        text: Zeroizing<String>,
        origin: Origin,
        notes: Notes,
    ) {
        match key.status {
            Status::Live => {}
            Status::Unused => {
                let message = "the key is for Java servers; it has no effect here".to_owned();
                let remedy = "nothing needs to be done";
                return self.report(Severity::Note, Some(&key.full_name()), origin, message, remedy);
            }
            Status::Former { instead, .. } => {
                let message = "the key has no effect".to_owned();
                return self.report(Severity::Warning, Some(&key.full_name()), origin, message, instead);
            }
        }
        // A blank value counts as none, in every source: templates and compose files are full of them.
        if text.trim().is_empty() {
            return;
        }
        self.remark(key, &text, &origin, notes);
        self.candidates.push(Candidate { key, member, text, origin });
    }

    /// Points at accidents of writing.
    fn remark(&mut self, key: &'static Key, text: &str, origin: &Origin, notes: Notes) {
        let mut warn = |message: &str, remedy: &str| {
            self.report(
                Severity::Warning,
                Some(&key.full_name()),
                origin.clone(),
                message.to_owned(),
                remedy,
            );
        };
        let ends_in_blank = text.ends_with(char::is_whitespace);
        if key.is_secret()
            && (notes.trailing_blanks || ends_in_blank && !matches!(origin, Origin::File { .. }))
        {
            warn(
                "the value ends in blanks, which belong to it",
                "remove them, or write the last one as `\\u0020` if they are meant",
            );
        }
        if notes.windows_path {
            warn("single backslashes vanish from the value", "write `\\\\` for each, or use `/`");
        }
        if notes.utf8 {
            warn(
                "the value holds UTF-8 characters, but the file is read as ISO-8859-1",
                "write each character outside ASCII as `\\uXXXX`",
            );
        }
        if notes.lone_surrogate {
            warn(
                "a `\\uD800` to `\\uDFFF` stands alone and becomes U+FFFD",
                "write both halves of the surrogate pair",
            );
        }
        if key.kind != Kind::Pairs && (text.contains("&{") || text.contains("${")) {
            warn(
                "placeholders such as `${...}` or `&{...}` are not replaced",
                "write the value itself, or give it in the environment",
            );
        }
        if key.is_secret() && matches!(origin, Origin::Define { place: DefinePlace::CommandLine, .. }) {
            let remedy = key.file.map_or_else(String::new, |file| format!("use {}", file.full_name()));
            warn("every user of this machine can see it in the list of processes", &remedy);
        }
    }

    fn report(
        &mut self,
        severity: Severity,
        key: Option<&str>,
        origin: Origin,
        message: String,
        remedy: &str,
    ) {
        self.problems.push(Problem {
            severity,
            key: key.map(str::to_owned),
            origin: Some(origin),
            message,
            remedy: remedy.to_owned(),
        });
    }
}

/// The key that takes the place of a system property of the JVM's TLS.
fn instead_of_system_property(property: &str) -> Option<&'static Key> {
    Some(match property.strip_prefix("javax.net.ssl.")? {
        "trustStore" => &keys::TRUST_STORE_FILE,
        "trustStoreType" => &keys::TRUST_STORE_TYPE,
        "trustStorePassword" => &keys::TRUST_STORE_PASS,
        "keyStore" => &keys::KEY_STORE_FILE,
        "keyStoreType" => &keys::KEY_STORE_TYPE,
        "keyStorePassword" => &keys::KEY_STORE_PASS,
        _ => return None,
    })
}
