//! What is to be sent to one client: the connector's results go in at one end, the connection takes bytes out at the
//! other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use icf::{Flow, Result};
use icf_wire::binary::Profile;
use icf_wire::legacy::{Answers, PAUSE_AFTER};
use icf_wire::rpc::Item;
use tokio::sync::Notify;

use crate::dispatch::Results;

/// With so many bytes waiting, a connector has to wait.
const FULL: usize = 64 * 1024;

/// The way out.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Debug)]
struct State {
    answers: Answers,
    bytes: Vec<u8>,
    /// Items of the stream under way.
    items: usize,
    stream: Stream,
    /// The connector that waits for room or for the client's word.
    waiting: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Flowing,
    /// The client has to say whether it wants more.
    Paused,
    /// The client wants no more.
    Stopped,
}

impl Outbox {
    pub(super) fn new(profile: Profile) -> Self {
        let state = State {
            answers: Answers::new(profile),
            bytes: Vec::new(),
            items: 0,
            stream: Stream::Flowing,
            waiting: None,
        };
        Self { state: Mutex::new(state), filled: Notify::new() }
    }

    /// Begins an operation.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.items = 0;
        state.stream = Stream::Flowing;
    }

    /// Writes an answer.
    pub(super) fn write<T>(&self, write: impl FnOnce(&mut Answers, &mut Vec<u8>) -> T) -> T {
        let state = &mut *self.lock();
        write(&mut state.answers, &mut state.bytes)
    }

    /// Waits until there may be something to take.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// The bytes to send, which make room for more.
    pub(super) fn take(&self) -> Vec<u8> {
        let mut state = self.lock();
        let bytes = std::mem::take(&mut state.bytes);
        if state.stream != Stream::Paused {
            state.wake();
        }
        bytes
    }

    pub(super) fn is_paused(&self) -> bool {
        self.lock().stream == Stream::Paused
    }

    /// The client's word at a pause.
    pub(super) fn resume(&self, wants_more: bool) {
        let mut state = self.lock();
        state.stream = if wants_more { Stream::Flowing } else { Stream::Stopped };
        state.wake();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }
}

/// The end of the way out that an operation holds.
#[derive(Debug)]
pub(super) struct Inlet(pub(super) Arc<Outbox>);

impl Results for Inlet {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        let mut state = self.0.lock();
        match state.stream {
            Stream::Stopped => Poll::Ready(Flow::Stop),
            Stream::Flowing if state.bytes.len() < FULL => Poll::Ready(Flow::Continue),
            Stream::Flowing | Stream::Paused => {
                state.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn item(&mut self, item: Item) -> Result<Flow> {
        let state = &mut *self.0.lock();
        state.answers.item(&item, &mut state.bytes)?;
        state.items += 1;
        if state.items.is_multiple_of(PAUSE_AFTER) {
            state.answers.pause(&mut state.bytes)?;
            state.stream = Stream::Paused;
        }
        self.0.filled.notify_one();
        Ok(Flow::Continue)
    }
}
