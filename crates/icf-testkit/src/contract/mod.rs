//! What every connector must do, whatever its target, as checks that run against a real or a fake target.

mod check;
mod reads;
mod subject;
mod writes;

use std::fmt;
use std::time::Duration;

use icf::{Attribute, AttributeName, AttributeSet, ObjectClass, Registration, Value, names};

pub use check::Check;
use subject::Subject;

/// Describes objects that a test may create at the target, change and delete.
pub struct Sample {
    object_class: ObjectClass,
    create: Box<dyn Fn(usize) -> AttributeSet + Send + Sync>,
    write_only: Vec<AttributeName>,
    change: Option<Attribute>,
    clear: Option<AttributeName>,
    ignores_case: bool,
}

impl Sample {
    /// Objects of a class. `create` answers the attributes, `__NAME__` among them, of the n-th object; another number
    /// gives another name.
    #[must_use]
    pub fn new(
        object_class: ObjectClass,
        create: impl Fn(usize) -> AttributeSet + Send + Sync + 'static,
    ) -> Self {
        Self {
            object_class,
            create: Box::new(create),
            write_only: [names::PASSWORD, names::CURRENT_PASSWORD].map(AttributeName::from_static).to_vec(),
            change: None,
            clear: None,
            ignores_case: false,
        }
    }

    /// Names an attribute that create takes and a search does not return; passwords are known to be such.
    #[must_use]
    pub fn write_only(mut self, name: &str) -> Self {
        self.write_only.push(name.into());
        self
    }

    /// Gives an attribute that can be updated, with values other than those it is created with.
    #[must_use]
    pub fn change(mut self, attribute: Attribute) -> Self {
        self.change = Some(attribute);
        self
    }

    /// Names an attribute that create sets and an update may clear.
    #[must_use]
    pub fn clear(mut self, name: &str) -> Self {
        self.clear = Some(name.into());
        self
    }

    /// Says that the target ignores the case of identities and names.
    #[must_use]
    pub const fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample").field("object_class", &self.object_class).finish_non_exhaustive()
    }
}

/// The suite for one connector.
#[derive(Debug)]
pub struct Contract {
    registration: Registration,
    properties: Vec<(String, Value)>,
    sample: Sample,
    exemptions: Vec<(Check, &'static str)>,
}

impl Contract {
    /// The suite for a connector with a configuration that works. The checks create objects at the target and delete
    /// them again as far as the connector can.
    #[must_use]
    pub const fn new(registration: Registration, properties: Vec<(String, Value)>, sample: Sample) -> Self {
        Self { registration, properties, sample, exemptions: Vec::new() }
    }

    /// Declares that the connector does not keep a rule, and why. A declared rule that is kept after all is a failure,
    /// so that declarations do not outlive their reason.
    #[must_use]
    pub fn exempt(mut self, check: Check, reason: &'static str) -> Self {
        self.exemptions.push((check, reason));
        self
    }

    /// Runs every check.
    pub async fn run(&self) -> Report {
        let mut outcomes = Vec::with_capacity(Check::ALL.len());
        for &check in Check::ALL {
            let outcome = tokio::time::timeout(HANG, self.run_one(check))
                .await
                .unwrap_or_else(|_| Outcome::Broken(format!("it hangs: no end after {HANG:?}")));
            let reason =
                self.exemptions.iter().find(|(exempt, _)| *exempt == check).map(|(_, reason)| *reason);
            outcomes.push((check, outcome.with_exemption(reason)));
        }
        Report { outcomes }
    }

    async fn run_one(&self, check: Check) -> Outcome {
        // Far apart, so that what one check leaves behind cannot meet another's objects.
        let first = 1 + 100 * Check::ALL.iter().position(|candidate| *candidate == check).unwrap_or_default();
        match Subject::open(&self.registration, &self.properties, &self.sample, first).await {
            Ok(mut subject) => {
                let outcome = check.run(&mut subject).await;
                subject.close().await;
                outcome
            }
            Err(error) => Outcome::Broken(format!("the connector cannot be opened: {error:?}")),
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule is kept.
    Kept,
    /// The rule does not concern this connector.
    NotApplicable(&'static str),
    /// The rule is broken, with this explanation.
    Broken(String),
    /// The rule is broken, and that was declared with this reason.
    Exempt(&'static str),
}

impl Outcome {
    fn with_exemption(self, reason: Option<&'static str>) -> Self {
        match (self, reason) {
            (Self::Broken(_), Some(reason)) => Self::Exempt(reason),
            (Self::Kept | Self::NotApplicable(_), Some(reason)) => Self::Broken(format!(
                "declared as exempt ('{reason}') although nothing is broken; drop the declaration"
            )),
            (outcome, _) => outcome,
        }
    }
}

/// What came of all checks.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every check with its outcome.
    pub outcomes: Vec<(Check, Outcome)>,
}

impl Report {
    /// What came of one check.
    #[must_use]
    pub fn outcome(&self, check: Check) -> Option<&Outcome> {
        self.outcomes.iter().find_map(|(candidate, outcome)| (*candidate == check).then_some(outcome))
    }

    /// Fails the test if any rule is broken without declaration.
    ///
    /// # Panics
    /// With the whole report.
    pub fn assert_kept(&self) {
        let broken = self.outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Broken(_)));
        assert!(!broken, "The connector breaks its contract:\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (check, outcome) in &self.outcomes {
            match outcome {
                Outcome::Kept => writeln!(f, "  kept    {check}")?,
                Outcome::NotApplicable(why) => writeln!(f, "  -       {check}: {why}")?,
                Outcome::Exempt(why) => writeln!(f, "  exempt  {check}: {why}")?,
                Outcome::Broken(why) => writeln!(f, "  BROKEN  {check}: {why}")?,
            }
        }
        Ok(())
    }
}

/// How long a check may take before it counts as hanging.
const HANG: Duration = Duration::from_secs(60);
