//! Keys of the log.

use super::{JAVA_INT_MAX, Kind, Unit, group};
use crate::config::choices::LogFormat;

group! {
    LOG, "Log",
    "What the process writes about itself. Secrets and values of attributes appear at no level.",
    LOG_LEVEL {
        name: "logLevel",
        kind: Kind::Directives,
        default: Some("info"),
        environment: &["LOG"],
        description: "How much is written, for all modules or for some, as in `info,rcs::token=debug,rcs::link=trace`."
    }
    LOG_FORMAT {
        name: "logFormat",
        kind: Kind::Choice(LogFormat::WORDS),
        default: Some("text"),
        description: "Lines for people, or one JSON object a line."
    }
    LOG_FILE {
        name: "logFile",
        kind: Kind::Path,
        default_text: "standard error",
        example: "logs/rcs.log",
        description: "Where the log goes in place of standard error: a file for each day (UTC), with the date behind this name."
    }
    LOG_KEEP {
        name: "logKeep",
        kind: Kind::Whole { unit: Unit::Files, min: 0, max: 10_000 },
        default: Some("14"),
        description: "How many files of `logFile` are kept, today's included; `0` keeps all."
    }
    LOG_REPEAT_LIMIT {
        name: "logRepeatLimit",
        kind: Kind::Whole { unit: Unit::Messages, min: 0, max: JAVA_INT_MAX },
        default: Some("60"),
        description: "Warnings and errors from one place in the program that are written in a minute; the others are \
            counted, and the count is written. `0` writes all."
    }
}
