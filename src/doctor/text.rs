//! The report for people.

use std::fmt;

use super::report::{Outcome, Part, Report, Step};

/// Wide enough for the longest name of a step.
const NAMES: usize = 14;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            writeln!(f, "{part}")?;
        }
        match self.first_failure() {
            None => writeln!(f, "Nothing is wrong."),
            Some((part, step)) => writeln!(f, "It stops at {}, step {}.", part.subject, step.name),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.subject)?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.outcome {
            Outcome::Passed => "ok  ",
            Outcome::Warning => "warn",
            Outcome::Failed => "FAIL",
            Outcome::Skipped => "-   ",
        };
        writeln!(f, "  {mark}  {:NAMES$} {}", self.name, Visible(&self.said))?;
        if self.outcome == Outcome::Failed
            && let Some(sent) = &self.sent
        {
            for (number, line) in sent.lines().enumerate() {
                let label = if number == 0 { "sent:" } else { "" };
                writeln!(f, "        {label:7} {}", Visible(line))?;
            }
        }
        if let Some(cause) = self.cause {
            writeln!(f, "        cause:  {} [{}]", cause.likely(), cause.code())?;
            writeln!(f, "        next:   {}", cause.next())?;
        }
        Ok(())
    }
}

/// A text that may hold what others sent: no control characters reach the terminal.
struct Visible<'a>(&'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if character.is_control() {
                write!(f, "{}", character.escape_default())
            } else {
                write!(f, "{character}")
            }
        })
    }
}
