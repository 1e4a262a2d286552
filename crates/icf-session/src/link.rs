//! One live link: a task that reads, a task that writes, and the handle its owner holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use icf_wire::envelope::RemoteMessage;
use icf_wire::session::{GroupId, LinkId, Role};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::event::{Closed, SessionEvent};
use crate::session::{Session, Shared};

/// Bytes after which what was queued is flushed even if more is waiting.
const FLUSH_BYTES: usize = 256 * 1024;

/// WebSocket close code of a message larger than the peer accepts.
const TOO_LARGE: u16 = 1009;

/// What the writer of a link is told.
#[derive(Debug)]
pub(crate) enum LinkCommand {
    Write(Bytes),
    Ping([u8; 8]),
    Close(u16, &'static str),
}

/// A link as the session knows it.
pub(crate) struct LinkState {
    commands: mpsc::UnboundedSender<LinkCommand>,
    end: CancellationToken,
    pub(crate) phase: watch::Sender<LinkPhase>,
    pub(crate) pong: watch::Sender<Option<Pong>>,
    why: Option<&'static str>,
}

impl LinkState {
    pub(crate) fn command(&self, command: LinkCommand) {
        // A writer that is gone is reported by its reader.
        let _ = self.commands.send(command);
    }

    pub(crate) fn close(&mut self, code: u16, reason: &'static str) {
        self.why.get_or_insert(reason);
        self.command(LinkCommand::Close(code, reason));
    }

    pub(crate) fn end(&mut self, reason: &'static str) {
        self.why.get_or_insert(reason);
        self.kill();
    }

    pub(crate) fn kill(&self) {
        self.end.cancel();
    }
}

/// Where a link is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPhase {
    /// Waiting for the peer's handshake.
    Handshaking,
    /// In use, as part of this group.
    Ready(GroupId),
    /// The peer has announced that it will close it; it carries nothing new.
    Leaving(GroupId),
    /// Gone.
    Closed(Closed),
}

/// The peer answered a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// When the answer arrived.
    pub at: Instant,
    /// From the ping to its answer.
    pub latency: Duration,
}

/// A link's owner: waits for it, and takes it out of use.
#[derive(Clone, Debug)]
pub struct LinkHandle {
    id: LinkId,
    shared: Arc<Shared>,
    phase: watch::Receiver<LinkPhase>,
    pong: watch::Receiver<Option<Pong>>,
}

impl LinkHandle {
    /// Its name in the session.
    #[must_use]
    pub const fn id(&self) -> LinkId {
        self.id
    }

    /// Where it is in its life.
    #[must_use]
    pub fn phase(&self) -> LinkPhase {
        self.phase.borrow().clone()
    }

    /// Waits for the handshake.
    ///
    /// # Errors
    /// How the link ended, if it did before.
    pub async fn ready(&self) -> Result<GroupId, Closed> {
        let mut phase = self.phase.clone();
        let outcome = phase.wait_for(|phase| *phase != LinkPhase::Handshaking).await;
        match outcome.as_deref() {
            Ok(LinkPhase::Ready(group) | LinkPhase::Leaving(group)) => Ok(*group),
            Ok(LinkPhase::Closed(closed)) => Err(closed.clone()),
            Ok(LinkPhase::Handshaking) | Err(_) => Err(gone()),
        }
    }

    /// Waits for the end.
    pub async fn closed(&self) -> Closed {
        let mut phase = self.phase.clone();
        match phase.wait_for(|phase| matches!(phase, LinkPhase::Closed(_))).await.as_deref() {
            Ok(LinkPhase::Closed(closed)) => closed.clone(),
            _ => gone(),
        }
    }

    /// Waits until the link can no longer be counted on: the peer announced its end, or it ended.
    pub async fn unusable(&self) -> LinkPhase {
        let mut phase = self.phase.clone();
        let outcome =
            phase.wait_for(|phase| matches!(phase, LinkPhase::Leaving(_) | LinkPhase::Closed(_))).await;
        outcome.map_or_else(|_| LinkPhase::Closed(gone()), |phase| phase.clone())
    }

    /// The last answer to a ping.
    #[must_use]
    pub fn last_pong(&self) -> Option<Pong> {
        *self.pong.borrow()
    }

    /// Whether the link can carry new messages and its peer answers on it: a ping was answered in the last `fresh`, or
    /// one that is sent now is within `limit`.
    pub async fn answers(&self, fresh: Duration, limit: Duration) -> bool {
        let ready = || matches!(*self.phase.borrow(), LinkPhase::Ready(_));
        if !ready() {
            return false;
        }
        if self.last_pong().is_some_and(|pong| pong.at.elapsed() < fresh) {
            return true;
        }
        let mut pong = self.pong.clone();
        pong.mark_unchanged();
        self.shared.with(|state, now| state.engine.ping(self.id, now));
        matches!(tokio::time::timeout(limit, pong.changed()).await, Ok(Ok(()))) && ready()
    }

    /// Takes the link out of use; it is closed once everything on it is known to have been read.
    pub fn retire(&self) {
        self.shared.with(|state, now| state.engine.retire(self.id, now));
        self.shared.wake_timer();
    }

    /// Drops the connection without a word.
    pub fn kill(&self, reason: &'static str) {
        self.shared.with(|state, _| {
            if let Some(link) = state.links.get_mut(&self.id) {
                link.end(reason);
            }
        });
    }
}

fn gone() -> Closed {
    Closed::ByUs { reason: "the session is gone" }
}

impl Session {
    /// Takes over an upgraded WebSocket. `label` says who it belongs to: links of different labels never share a group.
    ///
    /// Must be called within a tokio runtime.
    pub fn attach<W>(&self, socket: W, role: Role, label: &str) -> LinkHandle
    where
        W: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Send + 'static,
    {
        let id = self.shared.next_link();
        let (commands, queue) = mpsc::unbounded_channel();
        let (phase, watcher) = watch::channel(LinkPhase::Handshaking);
        let (pong, pongs) = watch::channel(None);
        let end = CancellationToken::new();
        let state = LinkState { commands, end: end.clone(), phase, pong, why: None };
        self.shared.with(|session, now| {
            session.links.insert(id, state);
            session.engine.opened(id, role, label, now);
        });
        self.shared.wake_timer();
        let (sink, stream) = socket.split();
        tokio::spawn(run(Arc::clone(&self.shared), id, sink, stream, queue, end));
        LinkHandle { id, shared: Arc::clone(&self.shared), phase: watcher, pong: pongs }
    }
}

/// Runs a link to its end and tells the session.
async fn run<W>(
    shared: Arc<Shared>,
    id: LinkId,
    sink: SplitSink<W, Message>,
    stream: SplitStream<W>,
    queue: mpsc::UnboundedReceiver<LinkCommand>,
    end: CancellationToken,
) where
    W: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Send + 'static,
{
    let attempted = Arc::new(AtomicU64::new(0));
    let writer = tokio::spawn(write(sink, queue, Arc::clone(&attempted), end.clone()));
    let ended = read(&shared, id, stream, &end).await;
    end.cancel();
    // The writer must have stopped before what it attempted is counted.
    let _ = writer.await;
    shared.with(|state, now| {
        let Some(link) = state.links.remove(&id) else { return };
        let closed = match (link.why, ended) {
            (Some(reason), _) => Closed::ByUs { reason },
            (None, ended) => ended,
        };
        debug!(link = id.0, "Link {closed}");
        if matches!(closed, Closed::ByPeer { code: TOO_LARGE, .. }) {
            state.engine.too_large(id, now);
        }
        state.engine.closed(id, attempted.load(Ordering::Acquire), now);
        link.phase.send_replace(LinkPhase::Closed(closed.clone()));
        state.tell(SessionEvent::LinkClosed { link: id, closed });
    });
    shared.links_changed.send_modify(|version| *version += 1);
    shared.wake_timer();
}

async fn read<W>(shared: &Shared, id: LinkId, mut stream: SplitStream<W>, end: &CancellationToken) -> Closed
where
    W: Stream<Item = Result<Message, Error>>,
{
    let mut closed = None;
    loop {
        let message = tokio::select! {
            biased;
            () = end.cancelled() => return closed.unwrap_or(Closed::ByUs { reason: "ended" }),
            message = stream.next() => message,
        };
        match message {
            Some(Ok(Message::Binary(bytes))) => match RemoteMessage::from_bytes(bytes) {
                Ok(message) => shared.with(|state, now| state.engine.received(id, message, now)),
                Err(error) => {
                    warn!(link = id.0, "Ignoring a message: {error}");
                    shared.with(|state, now| state.engine.activity(id, now));
                }
            },
            Some(Ok(Message::Pong(payload))) => {
                shared.with(|state, now| state.engine.pong(id, &payload, now));
            }
            Some(Ok(Message::Text(_))) => {
                warn!(link = id.0, "Ignoring a text message: the protocol has binary messages only");
                shared.with(|state, now| state.engine.activity(id, now));
            }
            // The library answers pings itself.
            Some(Ok(Message::Ping(_) | Message::Frame(_))) => {
                shared.with(|state, now| state.engine.activity(id, now));
            }
            // The library answers the close; reading goes on until that has left.
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame
                    .map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                closed = Some(Closed::ByPeer { code, reason });
            }
            Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => {
                return closed
                    .unwrap_or_else(|| Closed::Broken { error: "the connection was closed".into() });
            }
            Some(Err(error)) => return closed.unwrap_or_else(|| Closed::Broken { error: error.to_string() }),
        }
    }
}

/// Writes until told to end. Counts the messages whose writing was begun; one that the WebSocket refused, because the
/// peer had closed already, certainly did not leave and does not count.
async fn write<W>(
    mut sink: SplitSink<W, Message>,
    mut queue: mpsc::UnboundedReceiver<LinkCommand>,
    attempted: Arc<AtomicU64>,
    end: CancellationToken,
) where
    W: Sink<Message, Error = Error>,
{
    let writing = async {
        while let Some(first) = queue.recv().await {
            let mut next = Some(first);
            let mut bytes = 0;
            while let Some(command) = next {
                let counts = matches!(command, LinkCommand::Write(_));
                bytes += command.size();
                let last = matches!(command, LinkCommand::Close(..));
                if counts {
                    attempted.fetch_add(1, Ordering::AcqRel);
                }
                if let Err(error) = sink.feed(command.into_message()).await {
                    if counts && was_refused(&error) {
                        attempted.fetch_sub(1, Ordering::AcqRel);
                    }
                    return;
                }
                if last {
                    // Nothing may follow a close. The reader ends the link when the peer has answered.
                    let _ = sink.flush().await;
                    return std::future::pending().await;
                }
                next = if bytes < FLUSH_BYTES { queue.try_recv().ok() } else { None };
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        () = end.cancelled() => {}
        () = writing => {
            // A broken connection shows at the reader too; a peer that closed is still to be read to its end.
        }
    }
}

fn was_refused(error: &Error) -> bool {
    matches!(
        error,
        Error::AlreadyClosed | Error::ConnectionClosed | Error::Protocol(ProtocolError::SendAfterClosing)
    )
}

impl LinkCommand {
    fn size(&self) -> usize {
        match self {
            Self::Write(bytes) => bytes.len(),
            Self::Ping(_) | Self::Close(..) => 16,
        }
    }

    fn into_message(self) -> Message {
        match self {
            Self::Write(bytes) => Message::Binary(bytes),
            Self::Ping(payload) => Message::Ping(Bytes::copy_from_slice(&payload)),
            Self::Close(code, reason) => {
                Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
            }
        }
    }
}
