//! The answer of a call, part by part, with its time limit and the faults that strike in its middle.

use std::time::Duration;

use icf::{ConnectorError, ErrorKind};
use icf_wire::rpc::{Answer, Item};
use serde_json::json;
use tokio::time::Instant;

use crate::backend::{Call, CallId, Disturbance, Reply};
use crate::events::EventKind;
use crate::faults::{FaultKind, Hit};
use crate::state::State;

/// Items are reported the first time and then every so many.
const REPORT_EVERY: u64 = 1000;

/// What came.
#[derive(Debug)]
pub(crate) enum Next {
    /// A part.
    Item(Item),
    /// The end.
    End(Answer),
}

/// How far a call has come, for events.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) system: String,
    pub(super) label: &'static str,
    pub(super) object_class: Option<String>,
    pub(super) started: Instant,
    pub(super) items: u64,
}

impl Progress {
    pub(super) fn ended(&self, state: &State, id: Option<&CallId>, error: Option<&ConnectorError>) {
        let millis = (state.clock.now() - self.started).as_millis();
        let failure = error.map(|error| error.kind().class_name().to_owned());
        state.events.emit(
            EventKind::OpEnd,
            json!({
                "system": self.system, "op": self.label, "objectClass": self.object_class,
                "node": id.map(|id| id.node), "server": id.map(|id| id.server.clone()),
                "session": id.map(|id| id.session.clone()), "messageId": id.map(|id| id.message_id),
                "items": self.items, "ms": u64::try_from(millis).unwrap_or(u64::MAX),
                "exception": failure, "message": error.and_then(ConnectorError::message),
            }),
        );
    }
}

/// A call under way. Dropping it before its end cancels a streamed call.
#[derive(Debug)]
pub(crate) struct OperationStream {
    call: Call,
    progress: Progress,
    limit: Option<Duration>,
    streamed: bool,
    /// A fault for the middle of the stream, with the number of items before it.
    strike: Option<(FaultKind, u64, Disturbance)>,
    ended: bool,
}

impl OperationStream {
    pub(super) fn new(
        call: Call,
        progress: Progress,
        limit: Option<Duration>,
        streamed: bool,
        hit: Option<Hit>,
    ) -> Self {
        let strike = hit.filter(|hit| strikes_mid_stream(hit.kind)).map(|hit| {
            let how = match hit.text("how") {
                Some("close") => Disturbance::Close,
                Some("allSockets") => Disturbance::AllSockets,
                Some("nodeRestart") => Disturbance::NodeRestart,
                _ => Disturbance::Reset,
            };
            (hit.kind, hit.number("afterItems").unwrap_or(0), how)
        });
        Self { call, progress, limit, streamed, strike, ended: false }
    }

    /// Which call it is.
    pub(crate) fn id(&self) -> &CallId {
        &self.call.id
    }

    /// The next part, or the end.
    ///
    /// # Errors
    /// What the connector threw, a lost answer, or `OperationTimeoutException`.
    pub(crate) async fn next(&mut self, state: &State) -> Result<Next, ConnectorError> {
        self.strike(state).await;
        let timeout = async {
            match self.limit {
                Some(limit) => state.clock.sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let reply = tokio::select! {
            biased;
            reply = self.call.replies.recv() => reply,
            () = timeout => return Err(self.timed_out(state)),
        };
        match reply {
            Some(Reply::Item(item)) => {
                self.progress.items += 1;
                self.report_item(state);
                Ok(Next::Item(item))
            }
            Some(Reply::End(Ok(answer))) => {
                self.end(state, None);
                Ok(Next::End(answer))
            }
            Some(Reply::End(Err(error))) => {
                self.end(state, Some(&error));
                Err(error)
            }
            None => {
                let error = ConnectorError::connection_failed("The connector server's answer was lost");
                self.end(state, Some(&error));
                Err(error)
            }
        }
    }

    /// Ends the call early: the server is told to stop.
    pub(crate) fn cancel(&mut self, state: &State) {
        if !self.ended {
            self.cancel_call(state);
            self.end(state, None);
        }
    }

    fn cancel_call(&self, state: &State) {
        self.call.cancel.cancel();
        let id = &self.call.id;
        state.events.emit(
            EventKind::OpCancel,
            json!({
                "system": self.progress.system, "op": self.progress.label, "node": id.node,
                "server": id.server, "session": id.session, "messageId": id.message_id,
            }),
        );
    }

    fn timed_out(&mut self, state: &State) -> ConnectorError {
        let error = ConnectorError::new(ErrorKind::OperationTimeout, "The operation took too long");
        let (system, op) = (&self.progress.system, self.progress.label);
        let limit = self.limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        state.events.emit(EventKind::OpTimeout, json!({"system": system, "op": op, "limitMs": limit}));
        if self.streamed && state.options.cancel_on_timeout {
            self.cancel_call(state);
        }
        self.end(state, Some(&error));
        error
    }

    fn end(&mut self, state: &State, error: Option<&ConnectorError>) {
        self.ended = true;
        self.progress.ended(state, Some(&self.call.id), error);
    }

    fn report_item(&self, state: &State) {
        let items = self.progress.items;
        if items == 1 || items.is_multiple_of(REPORT_EVERY) {
            state.events.emit(
                EventKind::OpItem,
                json!({"system": self.progress.system, "op": self.progress.label, "items": items}),
            );
        }
    }

    async fn strike(&mut self, state: &State) {
        let Some((kind, _, how)) = self.strike.filter(|(_, after, _)| self.progress.items >= *after) else {
            return;
        };
        self.strike = None;
        match kind {
            FaultKind::KillMidSearch => state.backend.disturb(&self.call.id, how),
            FaultKind::CancelMidSearch => self.cancel_call(state),
            // Only the caller's patience, or its going away, ends this.
            FaultKind::StopReading => match self.limit {
                Some(limit) => state.clock.sleep(limit).await,
                None => std::future::pending().await,
            },
            _ => {}
        }
    }
}

impl Drop for OperationStream {
    fn drop(&mut self) {
        if !self.ended && self.streamed {
            self.call.cancel.cancel();
        }
    }
}

const fn strikes_mid_stream(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::KillMidSearch | FaultKind::CancelMidSearch | FaultKind::StopReading)
}
