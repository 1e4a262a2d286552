//! A configured connector: makes calls to it, within its time limits and rate limits.

use std::collections::BTreeMap;
use std::time::Duration;

use icf::{ApiOperation, ConnectorError, ConnectorKey, ErrorKind, OperationSet};
use icf_wire::rpc::{Answer, FacadeKey, Operation, OperationRequest};
use serde_json::json;

use super::connectors::tenant_locale;
use super::limiter::Limiter;
use super::operation::{class, is_streamed, label};
use super::routing::{Outgoing, submit};
use super::stream::{Next, OperationStream, Progress};
use crate::crest::Context;
use crate::events::EventKind;
use crate::faults::{FaultKind, Hit, Point, Subject};
use crate::provisioner::RateLimit;
use crate::state::State;

/// How long a stream waits for its next item when its limit is 0.
const STREAM_DEFAULT: Duration = Duration::from_secs(60);

/// A configured connector on a server or group.
#[derive(Debug)]
pub(crate) struct Facade {
    /// Name of the system, for faults and events.
    pub(crate) system: String,
    /// Name of the server or group.
    pub(crate) host: String,
    /// Which connector.
    pub(crate) key: ConnectorKey,
    /// Its configuration, encoded.
    pub(crate) facade_key: FacadeKey,
    /// Operations it has; `None` means all.
    pub(crate) supported: Option<OperationSet>,
    /// Time limits in milliseconds; negative means none.
    pub(crate) timeouts: BTreeMap<ApiOperation, i32>,
    /// Rate limits.
    pub(crate) limits: BTreeMap<ApiOperation, RateLimit>,
    /// Where requests stand in them.
    pub(super) limiter: Limiter,
}

impl Facade {
    /// Whether the connector has an operation.
    pub(crate) fn supports(&self, operation: ApiOperation) -> bool {
        self.supported.as_ref().is_none_or(|supported| supported.contains(&operation))
    }

    /// Makes a call with a single answer.
    ///
    /// # Errors
    /// What the connector threw, or that it could not be reached in time.
    pub(crate) async fn call(
        &self,
        state: &State,
        context: &Context,
        operation: Operation,
    ) -> Result<Answer, ConnectorError> {
        let mut stream = self.open(state, context, operation, None).await?;
        loop {
            match stream.next(state).await? {
                // A connector may not stream here; what it streams is ignored.
                Next::Item(_) => {}
                Next::End(answer) => return Ok(answer),
            }
        }
    }

    /// Starts a call whose answer comes in parts. `pin` is the server and session to prefer.
    ///
    /// # Errors
    /// That no server took the request in time, or a rate limit.
    pub(crate) async fn open(
        &self,
        state: &State,
        context: &Context,
        operation: Operation,
        pin: Option<(String, String)>,
    ) -> Result<OperationStream, ConnectorError> {
        let kind = operation.api_operation();
        if let Some(limit) = self.limits.get(&kind)
            && !self.limiter.pass(&state.clock, kind, *limit).await
        {
            return Err(ConnectorError::retryable("The rate limit of the operation is exceeded"));
        }
        let label = label(&operation);
        let object_class = class(&operation).map(|class| class.as_str().to_owned());
        let streamed = is_streamed(&operation);
        let transaction = operation.transaction_id().map(str::to_owned);
        let mut request = OperationRequest {
            connector: self.key.clone(),
            facade_key: self.facade_key.clone(),
            locale: Some(tenant_locale()),
            operation,
        };
        let hit = self.fault(state, label, object_class.clone());
        if let Some(hit) = &hit {
            state.clock.sleep(hit.delay).await;
            spoil(&mut request, hit.kind);
        }
        let outgoing = Outgoing {
            host: &self.host,
            node: context.node,
            pin,
            request,
            fault: hit.as_ref().map(|hit| hit.kind),
        };
        let progress = Progress {
            system: self.system.clone(),
            label,
            object_class,
            started: state.clock.now(),
            items: 0,
        };
        let call = match submit(state, &outgoing).await {
            Ok(call) => call,
            Err(error) => {
                progress.ended(state, None, Some(&error));
                return Err(error);
            }
        };
        state.events.emit(
            EventKind::OpStart,
            json!({
                "system": self.system, "op": label, "objectClass": progress.object_class,
                "node": call.id.node, "server": call.id.server, "session": call.id.session,
                "messageId": call.id.message_id, "txId": transaction,
            }),
        );
        Ok(OperationStream::new(call, progress, self.limit(kind, streamed), streamed, hit))
    }

    fn fault(&self, state: &State, op: &'static str, object_class: Option<String>) -> Option<Hit> {
        let subject =
            Subject { op: Some(op), system: Some(self.system.clone()), object_class, ..Subject::default() };
        state.faults.hit(Point::Op, &subject)
    }

    /// How long to wait for an answer, or for each next item of a stream.
    fn limit(&self, operation: ApiOperation, streamed: bool) -> Option<Duration> {
        match self.timeouts.get(&operation) {
            Some(0) if streamed => Some(STREAM_DEFAULT),
            Some(limit) => u64::try_from(*limit).ok().map(Duration::from_millis),
            None => None,
        }
    }
}

/// Plays the faults that change the request itself.
fn spoil(request: &mut OperationRequest, kind: FaultKind) {
    match (kind, &mut request.operation) {
        (FaultKind::BadFacadeKey, _) => {
            request.facade_key = FacadeKey::new(bytes::Bytes::from_static(b"this is not base64"));
        }
        (FaultKind::NullSyncToken, Operation::Sync { token, .. }) => *token = None,
        _ => {}
    }
}

/// The failure of a call whose answer does not fit its operation.
pub(crate) fn unexpected(answer: &Answer) -> ConnectorError {
    ConnectorError::new(ErrorKind::Connector, format!("Unknown response message type: {answer:?}"))
}
