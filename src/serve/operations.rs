//! Between the session and the dispatcher: messages become typed requests, results become messages.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use icf::{Flow, Result};
use icf_session::{Execution, Handler, Responder, Session};
use icf_wire::binary::Limits;
use icf_wire::rpc::{self, Item, OperationRequest, Reply};
use icf_wire::session::GroupId;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::dispatch::{Call, ConfigurationChange, ConfigurationChangeNotifier, Dispatcher, Results};

/// Runs the operations that peers ask for.
pub(super) struct Operations {
    dispatcher: Dispatcher,
    tasks: TaskTracker,
    /// Ends operations whose time is over; their callers get a retryable error.
    abort: CancellationToken,
    arrivals: Arrivals,
}

/// How many operations came in since the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals(Arc<AtomicU64>);

impl Arrivals {
    /// Waits, up to `limit`, until nothing has come in for a time of `quiet`.
    pub(super) async fn cease(&self, quiet: Duration, limit: Duration) {
        let ceased = async {
            loop {
                let before = self.0.load(Ordering::Relaxed);
                sleep(quiet).await;
                if self.0.load(Ordering::Relaxed) == before {
                    return;
                }
            }
        };
        // Whoever goes on sending has not understood the announcement.
        let _ = timeout(limit, ceased).await;
    }
}

impl Operations {
    pub(super) fn new(dispatcher: Dispatcher, tasks: TaskTracker, abort: CancellationToken) -> Self {
        Self { dispatcher, tasks, abort, arrivals: Arrivals::default() }
    }

    pub(super) fn arrivals(&self) -> Arrivals {
        self.arrivals.clone()
    }

    /// The encoded list of connectors.
    pub(super) fn connector_infos(&self) -> Result<Bytes, String> {
        rpc::connector_infos(self.dispatcher.connector_infos()).map_err(|error| error.to_string())
    }
}

impl Handler for Operations {
    fn start(&self, execution: Execution) {
        self.arrivals.0.fetch_add(1, Ordering::Relaxed);
        let dispatcher = self.dispatcher.clone();
        let abort = self.abort.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                // Dropped without an answer, the responder hands the operation back as retryable.
                () = abort.cancelled() => {}
                () = execute(dispatcher, execution) => {}
            }
        });
    }
}

async fn execute(dispatcher: Dispatcher, execution: Execution) {
    let Execution { id, group, message_id, request, cancellation, responder } = execution;
    let request = match OperationRequest::from_message(*request, &Limits::default()) {
        Ok(request) => request,
        Err(error) => return responder.finish(rpc::failed(&error)),
    };
    let call =
        Call { request_id: format!("{group}-{message_id}-{id}").into(), origin: Some(group), cancellation };
    let results = Sender { reply: Reply::to(&request.operation), responder };
    // The future of an operation is large; it lives on the heap once, not in every caller's frame.
    let (mut results, answer) = Box::pin(dispatcher.run(request, call, results)).await;
    // The end would take along what has come together before it, whether the peer has room for that or not.
    let _sent_or_unwanted = poll_fn(|cx| results.responder.poll_flush(cx)).await;
    results.responder.finish(results.reply.end(&answer));
}

/// Encodes results and gives them to the session.
struct Sender {
    reply: Reply,
    responder: Responder,
}

impl Results for Sender {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.responder.poll_ready(cx)
    }

    fn item(&mut self, item: Item) -> Result<Flow> {
        let (message, class) = self.reply.message(self.responder.message_id(), &item)?;
        self.responder.take(message, class);
        Ok(Flow::Continue)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.responder.poll_flush(cx)
    }
}

/// Tells peers that a connector changed its configuration. The session is there once the server has started.
pub(super) struct ChangeNotices(pub(super) OnceLock<Session>);

impl ConfigurationChangeNotifier for ChangeNotices {
    fn changed(&self, group: GroupId, change: ConfigurationChange) {
        let Some(session) = self.0.get() else { return };
        match rpc::configuration_change(&change.properties) {
            Ok(properties) => {
                session.notify_configuration_change(group, change.facade_key.as_bytes().clone(), properties);
            }
            Err(error) => warn!("A changed configuration cannot be told to the tenant: {error}"),
        }
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operations")
    }
}
