//! The place where results leave: one door for each call, which the dispatcher can shut while the connector still runs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use icf::{ConnectorError, Flow};
use icf_wire::rpc::Item;
use tokio::task::coop;
use tokio::time::Instant;

use super::call::Results;

/// The door as connectors' sinks see it.
pub(super) trait Outlet: Send + Sync {
    /// Ready when an item can be put, or when no more is wanted.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Flow>;

    /// Has what was put passed on; to be called whenever the connector waits, from the task that polls it.
    fn flush(&self, cx: &mut Context<'_>);

    /// Puts an item; dropped once the door is shut.
    fn put(&self, item: Item) -> Flow;

    /// Shuts the door because the operation has failed. The first failure is the one that counts, whatever the
    /// connector makes of it.
    fn fail(&self, failure: ConnectorError) -> Flow;

    /// Shuts the door because the caller has left.
    fn stop(&self);

    /// Who keeps the other waiting.
    fn waiting_for(&self) -> WaitingFor;
}

/// Who keeps the other waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitingFor {
    /// The receiver has been ready since then.
    Connector(Instant),
    /// The connector waits to put an item.
    Receiver,
}

/// The door of one call.
pub(super) struct Gate<R> {
    state: Mutex<State<R>>,
}

struct State<R> {
    results: Option<R>,
    stopped: bool,
    failure: Option<ConnectorError>,
    ready_since: Instant,
    /// The connector that waits for the receiver.
    waiting: Option<Waker>,
}

impl<R: Results> Gate<R> {
    pub(super) fn new(results: R) -> Self {
        let state = State {
            results: Some(results),
            stopped: false,
            failure: None,
            ready_since: Instant::now(),
            waiting: None,
        };
        Self { state: Mutex::new(state) }
    }

    /// Shuts the door for good; answers what stood behind it, and the failure if there was one.
    pub(super) fn close(&self) -> (R, Option<ConnectorError>) {
        let mut state = self.lock();
        state.stopped = true;
        let results = state.results.take().expect("a gate is closed once, by the call it was made for");
        (results, state.failure.take())
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Results> Outlet for Gate<R> {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Flow> {
        let mut state = self.lock();
        if state.stopped {
            return Poll::Ready(Flow::Stop);
        }
        let Some(results) = &mut state.results else {
            return Poll::Ready(Flow::Stop);
        };
        // A connector that never waits would otherwise keep everything else on its thread waiting.
        let turn = ready!(coop::poll_proceed(cx));
        let polled = results.poll_ready(cx);
        match polled {
            Poll::Pending => state.waiting = Some(cx.waker().clone()),
            Poll::Ready(flow) => {
                turn.made_progress();
                if state.waiting.take().is_some() {
                    state.ready_since = Instant::now();
                }
                state.stopped = flow == Flow::Stop;
            }
        }
        polled
    }

    fn flush(&self, cx: &mut Context<'_>) {
        let mut state = self.lock();
        if let Some(results) = &mut state.results
            && results.poll_flush(cx) == Poll::Ready(Flow::Stop)
        {
            state.stopped = true;
        }
    }

    fn put(&self, item: Item) -> Flow {
        let mut state = self.lock();
        if state.stopped {
            return Flow::Stop;
        }
        let Some(results) = &mut state.results else {
            return Flow::Stop;
        };
        let flow = match results.item(item) {
            Ok(flow) => flow,
            Err(failure) => {
                state.failure = Some(failure);
                Flow::Stop
            }
        };
        state.stopped = flow == Flow::Stop;
        state.ready_since = Instant::now();
        flow
    }

    fn fail(&self, failure: ConnectorError) -> Flow {
        let mut state = self.lock();
        if !state.stopped {
            state.failure = Some(failure);
            state.stopped = true;
        }
        Flow::Stop
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    fn waiting_for(&self) -> WaitingFor {
        let state = self.lock();
        match state.waiting {
            Some(_) => WaitingFor::Receiver,
            None => WaitingFor::Connector(state.ready_since),
        }
    }
}
