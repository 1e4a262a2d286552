//! Query filters: text to tree, tree against JSON, tree to ICF filter.

mod evaluate;
mod parser;
mod translate;

pub(crate) use parser::parse;
pub(crate) use translate::{Folded, translate};

use serde_json::Value as Json;

use crate::crest::Pointer;

/// A parsed query filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum QueryFilter {
    /// Always true or always false.
    Constant(bool),
    /// All of them.
    And(Vec<Self>),
    /// Any of them.
    Or(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// The field is there.
    Present(Pointer),
    /// The field compares with a value.
    Compare {
        /// Which field.
        field: Pointer,
        /// How.
        operator: Operator,
        /// With what: text, number or truth value.
        value: Json,
    },
}

/// How a field is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after what it tests")]
pub(crate) enum Operator {
    Equal,
    Contains,
    StartsWith,
    EndsWith,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    ContainsAll,
    In,
    /// An operator of the target's own.
    Other(String),
}
