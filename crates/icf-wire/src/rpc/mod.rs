//! Requests and answers as typed values: what stands between the bytes and whoever runs or asks for an operation.
//!
//! The side that executes reads an [`OperationRequest`] and answers through a [`Reply`]; the side that asks writes the
//! one and reads the other through [`Expected`].

mod batch;
mod error;
mod frames;
mod kind;
mod notice;
mod parts;
mod reply;
mod request;
mod response;

use bytes::Bytes;
use icf::{
    AttributeSet, BatchOutcome, BatchTask, BatchToken, ConnectorKey, ConnectorObject, Filter, GuardedString,
    Locale, ObjectClass, OperationOptions, Schema, ScriptContext, SearchResult, SyncDelta, SyncToken, Uid,
    Value,
};

pub(crate) use error::causes;
pub use kind::OperationKind;
pub use notice::{configuration_change, connector_infos, read_configuration_change, read_connector_infos};
pub use reply::{Reply, failed};
pub use response::Expected;

/// A request to run an operation.
#[derive(Clone, Debug)]
pub struct OperationRequest {
    /// Which connector.
    pub connector: ConnectorKey,
    /// The encoded configuration exactly as received; holds secrets, never to be logged.
    pub facade_key: FacadeKey,
    /// The caller's locale, if it sent one that can be read.
    pub locale: Option<Locale>,
    /// What to do.
    pub operation: Operation,
}

/// The text a caller encodes a configuration in: base64 of an encoded `ApiConfiguration`.
///
/// An opaque identity: equal bytes mean the same configuration, but one configuration has many encodings.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FacadeKey(Bytes);

impl FacadeKey {
    /// A key as received.
    #[must_use]
    pub const fn new(text: Bytes) -> Self {
        Self(text)
    }

    /// The bytes of the base64 text.
    #[must_use]
    pub const fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl std::fmt::Debug for FacadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FacadeKey({} bytes)", self.0.len())
    }
}

/// How an update treats the values it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateKind {
    /// They replace the old ones.
    Replace,
    /// They are added.
    Add,
    /// They are removed.
    Remove,
}

/// An operation with its arguments. Whatever a peer may leave out is an `Option`; the rules for that are the
/// dispatcher's.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the members are the arguments of the operation of that name")]
pub enum Operation {
    Authenticate {
        class: Option<ObjectClass>,
        username: Option<String>,
        password: Option<GuardedString>,
        options: OperationOptions,
    },
    Batch {
        tasks: Vec<BatchTask>,
        options: OperationOptions,
    },
    BatchQuery {
        token: BatchToken,
        options: OperationOptions,
    },
    Create {
        class: Option<ObjectClass>,
        attributes: Option<AttributeSet>,
        options: OperationOptions,
    },
    Delete {
        class: Option<ObjectClass>,
        uid: Option<Uid>,
        options: OperationOptions,
    },
    Get {
        class: Option<ObjectClass>,
        uid: Option<Uid>,
        options: OperationOptions,
    },
    LatestSyncToken {
        class: Option<ObjectClass>,
    },
    ResolveUsername {
        class: Option<ObjectClass>,
        username: Option<String>,
        options: OperationOptions,
    },
    Schema,
    ScriptOnConnector {
        script: Option<ScriptContext>,
        options: OperationOptions,
    },
    ScriptOnResource {
        script: Option<ScriptContext>,
        options: OperationOptions,
    },
    Search {
        class: Option<ObjectClass>,
        filter: Option<Filter>,
        options: OperationOptions,
    },
    SubscribeChanges {
        class: Option<ObjectClass>,
        token: Option<SyncToken>,
        options: OperationOptions,
    },
    SubscribeObjects {
        class: Option<ObjectClass>,
        filter: Option<Filter>,
        options: OperationOptions,
    },
    Sync {
        class: Option<ObjectClass>,
        token: Option<SyncToken>,
        options: OperationOptions,
    },
    Test,
    Update {
        kind: UpdateKind,
        class: Option<ObjectClass>,
        uid: Option<Uid>,
        attributes: Option<AttributeSet>,
        options: OperationOptions,
    },
    Validate,
}

/// One part of a streamed answer.
#[derive(Debug)]
pub enum Item {
    /// An object of a search.
    Object(ConnectorObject),
    /// A change of a synchronisation.
    Delta(SyncDelta),
    /// The outcome of the batch task at that index.
    Outcome {
        /// Index of the task, from 0.
        index: usize,
        /// What became of it.
        outcome: BatchOutcome,
        /// Whether it is the last one.
        last: bool,
    },
    /// How to ask for the results of a batch later.
    BatchToken(BatchToken),
    /// The subscription is in force.
    Accepted,
    /// An object event of a subscription.
    ObjectEvent(ConnectorObject),
    /// A change event of a subscription.
    ChangeEvent(SyncDelta),
}

/// How an operation ends when it does not fail.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// Authenticate, create, resolve username, update.
    Uid(Option<Uid>),
    /// Delete, test, validate.
    Done,
    /// Get.
    Object(Option<Box<ConnectorObject>>),
    /// Schema.
    Schema(Option<Box<Schema>>),
    /// Scripts.
    Value(Value),
    /// Latest sync token.
    LatestSyncToken(Option<SyncToken>),
    /// End of a search.
    SearchEnd(Option<SearchResult>),
    /// End of a synchronisation.
    SyncEnd(Option<SyncToken>),
    /// End of a batch.
    BatchEnd,
    /// End of a subscription by the connector.
    SubscriptionEnd,
}
