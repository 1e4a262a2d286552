//! Hands results from a thread that reads files to the task that passes them on, in batches and with a bound on bytes:
//! the reader waits while the receiver is busy.

use std::sync::Arc;

use icf::{CallContext, CancellationToken};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::fault::{Fault, Result};

/// Results in a batch at most.
const BATCH: usize = 128;
/// Batches on the way at most.
const BATCHES: usize = 4;
/// KiB on the way at most; a single larger result travels alone.
const ROOM_KIB: u32 = 1024;
const BATCH_BYTES: usize = 256 << 10;

/// Why a reader must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The caller gave up.
    Cancelled,
    /// The receiver wants no more.
    Enough,
}

/// The reader's end.
pub(crate) struct Producer<T> {
    sender: mpsc::Sender<Batch<T>>,
    room: Arc<Semaphore>,
    runtime: Handle,
    cancellation: CancellationToken,
    items: Vec<T>,
    bytes: usize,
}

/// Results that travel together; the room they take is free again when it is dropped.
pub(crate) struct Batch<T> {
    pub(crate) items: Vec<T>,
    _room: OwnedSemaphorePermit,
}

impl<T> Producer<T> {
    /// Hands over a result of about so many bytes.
    pub(crate) fn push(&mut self, item: T, bytes: usize) -> Result<(), Stop> {
        if self.bytes + bytes > BATCH_BYTES {
            self.flush()?;
        }
        self.items.push(item);
        self.bytes += bytes;
        if self.items.len() >= BATCH || self.bytes > BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// Hands over what is collected, so that rare results are not held back; tells whether to go on. Call it every
    /// thousand rows or more often.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        if self.cancellation.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if self.sender.is_closed() {
            return Err(Stop::Enough);
        }
        if self.items.is_empty() {
            return Ok(());
        }
        let kib = u32::try_from(self.bytes / 1024).unwrap_or(u32::MAX).clamp(1, ROOM_KIB);
        let room = Arc::clone(&self.room).acquire_many_owned(kib);
        let room = self.runtime.block_on(room).map_err(|_| Stop::Enough)?;
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        self.sender.blocking_send(Batch { items, _room: room }).map_err(|_| Stop::Enough)
    }
}

/// A channel for results, and the call that fills it on a thread where it may block. Poll both at once; when the receiver
/// is dropped the reader stops.
pub(crate) fn start<T: Send + 'static, R: Send + 'static>(
    cx: &CallContext,
    read: impl FnOnce(Producer<T>) -> Result<R> + Send + 'static,
) -> (mpsc::Receiver<Batch<T>>, impl Future<Output = icf::Result<R>>) {
    let (sender, receiver) = mpsc::channel(BATCHES);
    let producer = Producer {
        sender,
        room: Arc::new(Semaphore::new(ROOM_KIB as usize)),
        runtime: Handle::current(),
        cancellation: cx.cancellation().clone(),
        items: Vec::new(),
        bytes: 0,
    };
    (receiver, blocking(move || read(producer)))
}

/// Runs something that blocks on a thread where it may.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R> + Send + 'static,
) -> icf::Result<R> {
    icf::blocking(move || Ok(work()?)).await
}

/// Fails if the caller gave up.
pub(crate) fn check(cancellation: &CancellationToken) -> Result<()> {
    if cancellation.is_cancelled() { Err(Fault::cancelled()) } else { Ok(()) }
}
