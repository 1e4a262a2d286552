//! Batches: several writes in one call.

use crate::attribute::AttributeSet;
use crate::error::ConnectorError;
use crate::name::ObjectClass;
use crate::object::Uid;
use crate::options::OperationOptions;

/// One write of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchTask {
    /// Create an object.
    Create {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its attributes.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Delete an object.
    Delete {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Replace values.
    Update {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// New values.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Add values.
    AddValues {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Values to add.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Remove values.
    RemoveValues {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Values to remove.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
}

/// What became of one task.
#[derive(Debug)]
pub enum BatchOutcome {
    /// Done; create and update tell the identity.
    Done(Option<Uid>),
    /// Done, with a text for the caller.
    Message(String),
    /// Failed; the batch goes on unless the caller asked otherwise.
    Failed(ConnectorError),
}

/// How to ask later for the results of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchToken {
    /// Opaque texts.
    pub tokens: Vec<String>,
    /// Whether the caller must ask for results with these tokens.
    pub query_required: bool,
    /// Whether results arrive after the call has ended.
    pub asynchronous_results: bool,
    /// Whether the batch reports results at all.
    pub returns_results: bool,
}

impl Default for BatchToken {
    fn default() -> Self {
        Self { tokens: Vec::new(), query_required: false, asynchronous_results: false, returns_results: true }
    }
}
