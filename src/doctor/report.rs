//! What an examination found: parts, and in each the steps in the order in which they were taken.

use serde_json::{Value, json};

use super::cause::Cause;

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order in which they were examined.
    pub parts: Vec<Part>,
}

/// One thing that was examined, such as the way to one URL.
#[derive(Debug)]
pub struct Part {
    /// What kind of thing.
    pub kind: Kind,
    /// Which one, such as the URL.
    pub subject: String,
    /// What was tried.
    pub steps: Vec<Step>,
}

/// What kind of thing was examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Properties and stores.
    Configuration,
    /// The port of server mode, and its key.
    Listener,
    /// The way to a URL of the tenant.
    Tenant,
    /// Servers that run already.
    Servers,
}

/// One step: what was tried and how it went.
#[derive(Debug)]
pub struct Step {
    /// Its name, such as `dns`.
    pub name: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What came of it, in one line; or why it was not taken.
    pub said: String,
    /// What was sent, secrets masked. Shown when the step failed.
    pub sent: Option<String>,
    /// What to think of it; there is one for every failure and warning.
    pub cause: Option<Cause>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// It will do, for now.
    Warning,
    /// The first that did not work.
    Failed,
    /// Not taken.
    Skipped,
}

impl Report {
    /// The first step that failed, and in what.
    #[must_use]
    pub fn first_failure(&self) -> Option<(&Part, &Step)> {
        let mut steps = self.parts.iter().flat_map(|part| part.steps.iter().map(move |step| (part, step)));
        steps.find(|(_, step)| step.outcome == Outcome::Failed)
    }

    /// The report for machines; docs/troubleshooting.md describes it.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "well": self.first_failure().is_none(),
            "parts": self.parts.iter().map(Part::json).collect::<Vec<_>>(),
        })
    }
}

impl Part {
    /// A part without steps yet.
    pub(super) fn new(kind: Kind, subject: impl Into<String>) -> Self {
        Self { kind, subject: subject.into(), steps: Vec::new() }
    }

    /// Names the steps that a failure kept from being taken.
    pub(super) fn not_reached(mut self, names: &[&'static str]) -> Self {
        let after = self.steps.last().and_then(|last| names.iter().position(|name| *name == last.name));
        let rest = names.iter().skip(after.map_or(0, |position| position + 1));
        self.steps.extend(rest.map(|name| Step::skipped(name, "not reached")));
        self
    }

    fn json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            "subject": self.subject,
            "steps": self.steps.iter().map(Step::json).collect::<Vec<_>>(),
        })
    }
}

impl Kind {
    /// The word in the report for machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Listener => "listener",
            Self::Tenant => "tenant",
            Self::Servers => "servers",
        }
    }
}

impl Step {
    pub(super) fn passed(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Passed, said: said.into(), sent: None, cause: None }
    }

    pub(super) fn skipped(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Skipped, said: said.into(), sent: None, cause: None }
    }

    pub(super) fn failed(name: &'static str, said: impl Into<String>, cause: Cause) -> Self {
        Self { name, outcome: Outcome::Failed, said: said.into(), sent: None, cause: Some(cause) }
    }

    pub(super) fn warning(name: &'static str, said: impl Into<String>, cause: Cause) -> Self {
        Self { name, outcome: Outcome::Warning, said: said.into(), sent: None, cause: Some(cause) }
    }

    pub(super) fn sent(self, sent: Option<String>) -> Self {
        Self { sent, ..self }
    }

    fn json(&self) -> Value {
        json!({
            "step": self.name,
            "outcome": self.outcome.name(),
            "said": self.said,
            "sent": self.sent,
            "cause": self.cause.map(Cause::code),
            "likely": self.cause.map(Cause::likely),
            "next": self.cause.map(Cause::next),
        })
    }
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
