//! The protocol of the older connector servers, without I/O: the only one that ConnId speaks, and that of OpenICF 1.4.
//!
//! Each direction is one stream of [binary objects](crate::binary). For every request the client sends its locale, the
//! shared key and the request, and reads the answer. [`Requests`] reads what a client says, [`Answers`] writes what it is
//! told; `docs/protocol.md` has the rules.
//!
//! Until the key is proven nothing but a locale and a key is read, and neither may be large. What a client with a wrong
//! key asks for is looked at by its type only.

mod answers;
mod arguments;
mod delta;
mod exception;
pub mod fuzz;
mod method;
mod operation;
mod requests;

use icf::{
    ApiOperation, AttributeSet, ConnectorInfo, ConnectorKey, Locale, ObjectClass, OperationOptions, Uid,
};

pub use answers::Answers;
pub use requests::{Asked, Broken, Requests};

use crate::binary::Object;
use crate::rpc::{FacadeKey, Operation, UpdateKind};

/// Items of a stream after which the server waits for the client to ask for more.
pub const PAUSE_AFTER: usize = 200;

/// The three kinds of exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// What the server has to offer.
    Hello,
    /// An operation of a connector.
    Operation,
    /// The client's own words back.
    Echo,
}

/// How much a client wants to know of the server: a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfoLevel(pub(crate) i32);

impl InfoLevel {
    /// What a client means that does not say.
    pub(crate) const ALL: i32 = 20;

    /// When the server started.
    #[must_use]
    pub const fn server(self) -> bool {
        self.has(4)
    }

    /// The keys of the connectors.
    #[must_use]
    pub const fn keys(self) -> bool {
        self.has(16)
    }

    /// Everything about the connectors.
    #[must_use]
    pub const fn connectors(self) -> bool {
        self.has(Self::ALL)
    }

    const fn has(self, bits: i32) -> bool {
        self.0 & bits == bits
    }
}

/// A request to run an operation.
#[derive(Clone, Debug)]
pub struct Call {
    /// The client's locale, if it sent one.
    pub locale: Option<Locale>,
    /// Which connector.
    pub connector: ConnectorKey,
    /// The encoded configuration exactly as received; holds secrets, never to be logged.
    pub facade_key: FacadeKey,
    /// What to do.
    pub work: Work,
}

/// What a client wants done.
#[derive(Clone, Debug)]
pub enum Work {
    /// An operation.
    Operation(Operation),
    /// An update given as differences.
    Deltas(Deltas),
}

/// An update as differences, taken apart into updates that any connector knows, in the order in which to run them.
#[derive(Clone, Debug)]
pub struct Deltas {
    /// The class of the object.
    pub class: Option<ObjectClass>,
    /// The object; each update may give it a new identity, which the next one uses.
    pub uid: Option<Uid>,
    /// How, and with which values.
    pub updates: Vec<(UpdateKind, AttributeSet)>,
    /// Options of each of them.
    pub options: OperationOptions,
}

/// The client's own words.
#[derive(Clone, Debug)]
pub struct Echo {
    /// Any object.
    pub value: Object,
    /// A text that Java peers parse and print again.
    pub xml: Option<String>,
}

/// What a client is told of the server.
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// When the server started, in milliseconds since 1970. A client asks for the connectors again when it grows.
    pub started: i64,
    /// The connectors, as [`offered`] made them.
    pub connectors: &'a [ConnectorInfo],
}

/// Whether an operation can travel. A batch and a subscription answer in ways that have no form here; and one unknown
/// name in a list of operations would keep a client from every connector of the server.
#[must_use]
pub const fn travels(operation: ApiOperation) -> bool {
    !matches!(
        operation,
        ApiOperation::Batch | ApiOperation::ConnectorEventSubscription | ApiOperation::SyncEventSubscription
    )
}

/// Connectors without the operations that cannot travel.
#[must_use]
pub fn offered(connectors: &[ConnectorInfo]) -> Vec<ConnectorInfo> {
    let mut offered = connectors.to_vec();
    for info in &mut offered {
        let configuration = &mut info.configuration;
        if let Some(operations) = &mut configuration.supported_operations {
            operations.retain(|operation| travels(*operation));
        }
        configuration.timeouts.retain(|operation, _| travels(*operation));
        for property in &mut configuration.properties {
            property.operations.retain(|operation| travels(*operation));
        }
    }
    offered
}
