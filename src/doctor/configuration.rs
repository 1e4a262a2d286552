//! Properties and stores: what `rcs check` finds, as steps.

use super::cause::Cause;
use super::report::{Kind, Part, Step};
use crate::config::{Problem, Severity};

const PROPERTIES: &str = "properties";
const STORES: &str = "stores";

/// The findings about the properties, and those about the stores they name; `None` for stores that were not opened.
pub(super) fn examine(properties: &[Problem], stores: Option<&[Problem]>) -> Part {
    let mut part = Part::new(Kind::Configuration, "configuration");
    part.steps.push(step(PROPERTIES, properties, "sound"));
    match stores {
        None => part.steps.push(Step::skipped(STORES, "not reached")),
        Some(found) => part.steps.push(step(STORES, found, "each opens and is in date")),
    }
    part
}

/// The worst finding stands for all; warnings about properties are the business of `rcs check`.
fn step(name: &'static str, problems: &[Problem], sound: &str) -> Step {
    let worst = problems
        .iter()
        .max_by_key(|problem| (problem.severity, std::cmp::Reverse(position(problems, problem))));
    match worst {
        Some(problem) if problem.severity == Severity::Error => {
            Step::failed(name, problem.to_string(), cause(name, problem))
        }
        Some(problem) if problem.severity == Severity::Warning && name == STORES => {
            Step::warning(name, problem.to_string(), Cause::Certificate)
        }
        Some(problem) if problem.severity == Severity::Warning => {
            let count = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
            Step::passed(name, format!("sound; `rcs check` has {count} remarks"))
        }
        _ => Step::passed(name, sound),
    }
}

fn position(problems: &[Problem], problem: &Problem) -> usize {
    problems.iter().position(|other| std::ptr::eq(other, problem)).unwrap_or_default()
}

fn cause(step: &str, problem: &Problem) -> Cause {
    match (step, problem.key.as_deref().unwrap_or_default()) {
        (STORES, key) if key.ends_with("Pass") => Cause::StorePassword,
        (STORES, _) => Cause::Store,
        (_, "connectorserver.key" | "connectorserver.keyFile") => Cause::KeyHash,
        _ => Cause::Configuration,
    }
}
