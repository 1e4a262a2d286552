//! Running what a client asks for, while watching whether it is still there.

use std::io;
use std::sync::Arc;

use icf::{CancellationToken, ConnectorError, ErrorKind, Result};
use icf_wire::binary::EncodeError;
use icf_wire::legacy::{self, Deltas, Work};
use icf_wire::rpc::{Answer, Operation, OperationRequest};
use tokio::time::Instant;
use tracing::debug;

use super::client::Client;
use super::outbox::{Inlet, Outbox};
use super::{Service, limits};
use crate::dispatch::{Call, Dispatcher};

/// Bytes that a client may send ahead while its operation runs.
const READ_AHEAD: usize = 64 * 1024;

/// How an operation ended.
enum Done {
    Operation(Result<Answer>),
    /// An update by differences: whether the object has a new identity.
    Deltas(Result<Option<icf::Uid>>),
}

impl Service {
    /// Runs an operation and answers it. The error means that the client is gone, and the operation with it.
    pub(super) async fn operate(&self, client: &mut Client, call: legacy::Call) -> io::Result<()> {
        if !self.0.knows(&call.connector) {
            // The text of Java servers, blank at the end included.
            let error = ConnectorError::connector(format!("No such connector: {} ", call.connector));
            return client.answer(|answers, out| answers.failure(&error, out)).await;
        }
        client.outbox.begin();
        let cancellation = CancellationToken::new();
        let running = run(
            self.0.dispatcher.clone(),
            call,
            client.next_request_id(),
            cancellation.clone(),
            Arc::clone(&client.outbox),
        );
        // On a task of its own, so that a client that reads slowly does not hold the connector up more than it must.
        let mut running = self.0.clients.spawn(running);
        let watched = tokio::select! {
            biased;
            () = self.0.abort.cancelled() => {
                running.abort();
                // It may just have ended by itself: that is when a server that stops has waited long enough.
                (&mut running).await.or_else(|_| Ok(Done::Operation(Err(ConnectorError::retryable(
                    "The connector server is shutting down; repeat the request, another server may take it",
                )))))
            }
            watched = client.watch(&mut running) => watched,
        };
        match watched {
            Ok(done) => {
                finish(&client.outbox, done).map_err(io::Error::other)?;
                client.flush().await
            }
            Err(gone) => {
                debug!(peer = %client.peer, "A client left before its operation ended, which is cancelled: {gone}.");
                cancellation.cancel();
                // The connector gets the dispatcher's grace; the place of the client is taken until then.
                if !running.is_finished() {
                    let _ = running.await;
                }
                Err(gone)
            }
        }
    }
}

impl Client {
    /// Sends what comes, reads what the client says at pauses, until the operation is over. An error when the client is
    /// gone, or keeps the server waiting.
    async fn watch(&mut self, running: &mut tokio::task::JoinHandle<Done>) -> io::Result<Done> {
        let outbox = Arc::clone(&self.outbox);
        let mut pause_ends = None;
        loop {
            let paused = outbox.is_paused();
            let alarm = match (paused, pause_ends) {
                (false, _) => None,
                (true, None) => Some(Instant::now() + limits::ANSWER),
                (true, set) => set,
            };
            pause_ends = alarm;
            tokio::select! {
                biased;
                done = &mut *running => return done.map_err(io::Error::other),
                () = outbox.filled() => self.flush().await?,
                read = self.read(), if paused || self.requests.waiting() < READ_AHEAD => {
                    if read? == 0 {
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the client closed the connection"));
                    }
                }
                () = tokio::time::sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "no word at a pause"));
                }
            }
            if outbox.is_paused()
                && let Some(wants_more) = self.requests.reaction().map_err(io::Error::other)?
            {
                outbox.resume(wants_more);
            }
        }
    }
}

async fn run(
    dispatcher: Dispatcher,
    call: legacy::Call,
    request_id: Arc<str>,
    cancellation: CancellationToken,
    outbox: Arc<Outbox>,
) -> Done {
    let legacy::Call { locale, connector, facade_key, work } = call;
    let request = |operation| OperationRequest {
        connector: connector.clone(),
        facade_key: facade_key.clone(),
        locale: locale.clone(),
        operation,
    };
    // It cannot be told when the connector changes its configuration: the protocol has no word for that.
    let call = Call { request_id, origin: None, cancellation };
    match work {
        Work::Operation(operation) => {
            let running = Box::pin(dispatcher.run(request(operation), call, Inlet(outbox)));
            Done::Operation(running.await.1)
        }
        Work::Deltas(deltas) => {
            let before = deltas.uid.clone();
            let mut uid = deltas.uid.clone();
            for operation in updates(deltas) {
                let operation = with_uid(operation, uid.clone());
                let running = dispatcher.run(request(operation), call.clone(), Inlet(Arc::clone(&outbox)));
                match Box::pin(running).await.1 {
                    Ok(Answer::Uid(Some(updated))) => uid = Some(updated),
                    Ok(_) => {}
                    Err(error) => return Done::Deltas(Err(error)),
                }
            }
            let is_new = uid.as_ref().map(icf::Uid::value) != before.as_ref().map(icf::Uid::value);
            Done::Deltas(Ok(uid.filter(|_| is_new)))
        }
    }
}

/// The updates of a set of differences. An empty set is one update without attributes, whose arguments are checked like
/// any other's.
fn updates(deltas: Deltas) -> Vec<Operation> {
    let Deltas { class, uid, mut updates, options } = deltas;
    if updates.is_empty() {
        updates.push((icf_wire::rpc::UpdateKind::Replace, icf::AttributeSet::new()));
    }
    let operation = |(kind, attributes)| Operation::Update {
        kind,
        class: class.clone(),
        uid: uid.clone(),
        attributes: Some(attributes),
        options: options.clone(),
    };
    updates.into_iter().map(operation).collect()
}

fn with_uid(mut operation: Operation, current: Option<icf::Uid>) -> Operation {
    if let Operation::Update { uid, .. } = &mut operation {
        *uid = current;
    }
    operation
}

/// Writes the answer, or, where it has no form, why not.
fn finish(outbox: &Outbox, done: Done) -> std::result::Result<(), EncodeError> {
    outbox.write(|answers, out| {
        let written = match &done {
            Done::Operation(Ok(answer)) => answers.answer(answer, out),
            Done::Deltas(Ok(uid)) => answers.updated(uid.as_ref(), out),
            Done::Operation(Err(error)) | Done::Deltas(Err(error)) => return answers.failure(error, out),
        };
        written.or_else(|error| {
            let kind = ConnectorError::from(error.clone()).kind().clone();
            let kind = if kind == ErrorKind::IllegalArgument { kind } else { ErrorKind::Connector };
            answers.failure(&ConnectorError::new(kind, format!("Cannot send the answer: {error}")), out)
        })
    })
}
