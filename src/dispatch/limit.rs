//! How long an operation may take.

use std::collections::BTreeMap;
use std::time::Duration;

use icf::{ApiOperation, ConnectorError, ConnectorKey, ErrorKind};
use icf_wire::rpc::Operation;
use tokio::time::Instant;

use super::outlet::WaitingFor;

/// The limit of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// None.
    None,
    /// For the whole call, waiting for an instance included.
    Whole {
        /// When it ends.
        deadline: Instant,
        /// How long that is from the start.
        limit: Duration,
    },
    /// For each wait for the next item or the end; the time in which the receiver is slow does not count.
    Idle(Duration),
}

/// How an operation answers, which decides what its limit means.
enum Shape {
    Single,
    Stream,
    /// Streams without a limit of their own, but under the operator's cap.
    Batch,
    /// Lives for as long as the caller wants.
    Subscription,
}

impl Limit {
    /// The limit of an operation that starts now: the caller's (milliseconds; absent or negative for none), else the
    /// operator's cap.
    pub(super) fn starting_now(
        operation: &Operation,
        timeouts: &BTreeMap<ApiOperation, i32>,
        cap: Option<Duration>,
    ) -> Self {
        let shape = shape(operation);
        let limit = match shape {
            Shape::Subscription => return Self::None,
            Shape::Batch => None,
            Shape::Single | Shape::Stream => timeouts.get(&operation.api_operation()).copied(),
        };
        let limit = limit.and_then(|limit| u64::try_from(limit).ok()).map(Duration::from_millis);
        match (shape, limit, cap) {
            (Shape::Single, limit, cap) => limit
                .or(cap)
                .map_or(Self::None, |limit| Self::Whole { deadline: Instant::now() + limit, limit }),
            (_, Some(Duration::ZERO), _) => Self::Idle(ZERO_FOR_STREAMS),
            (_, limit, cap) => limit.or(cap).map_or(Self::None, Self::Idle),
        }
    }

    /// When the call expires as things stand; none if it does not.
    pub(super) fn expiry(self, waiting_for: WaitingFor) -> Option<Instant> {
        match (self, waiting_for) {
            (Self::None, _) => None,
            (Self::Whole { deadline, .. }, _) => Some(deadline),
            (Self::Idle(limit), WaitingFor::Connector(since)) => Some(since + limit),
            // The earliest moment at which it could expire should the receiver become ready at once.
            (Self::Idle(limit), WaitingFor::Receiver) => Some(Instant::now() + limit),
        }
    }

    /// The absolute deadline, for the connector.
    pub(super) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Whole { deadline, .. } => Some(deadline),
            Self::None | Self::Idle(_) => None,
        }
    }

    /// The limit of each wait, for the connector.
    pub(super) const fn idle_limit(self) -> Option<Duration> {
        match self {
            Self::Idle(limit) => Some(limit),
            Self::None | Self::Whole { .. } => None,
        }
    }

    /// What an expired call answers.
    pub(super) fn exceeded(self, operation: ApiOperation, connector: &ConnectorKey) -> ConnectorError {
        let operation = operation.name();
        let name = &connector.connector_name;
        let message = match self {
            Self::Idle(limit) => {
                format!("Operation {operation} of {name} delivered nothing for {} ms", limit.as_millis())
            }
            Self::Whole { limit, .. } => {
                format!("Operation {operation} of {name} did not end within {} ms", limit.as_millis())
            }
            Self::None => format!("Operation {operation} of {name} took too long"),
        };
        ConnectorError::new(ErrorKind::OperationTimeout, message)
    }
}

const fn shape(operation: &Operation) -> Shape {
    match operation {
        Operation::Search { .. } | Operation::Sync { .. } => Shape::Stream,
        Operation::Batch { .. } | Operation::BatchQuery { .. } => Shape::Batch,
        Operation::SubscribeChanges { .. } | Operation::SubscribeObjects { .. } => Shape::Subscription,
        _ => Shape::Single,
    }
}

/// What a limit of zero means to a stream.
const ZERO_FOR_STREAMS: Duration = Duration::from_secs(60);
