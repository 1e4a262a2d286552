//! A live socket: who is behind it, and what can be done to it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icf::CancellationToken;
use icf_session::LinkHandle;
use icf_wire::session::Role;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::pong_filter::{PongMode, PongSwitch};
use crate::faults::{FaultKind, Hit, Subject};
use crate::net::{Peer, Wire};

/// What a socket is made from.
#[derive(Debug)]
pub(super) struct NewSocket {
    /// Who dialled.
    pub(super) role: Role,
    pub(super) node: usize,
    pub(super) server: String,
    pub(super) client: Option<String>,
    pub(super) peer: Peer,
    /// Number of the attempt in the upgrade log.
    pub(super) upgrade: Option<u64>,
    /// Fires when the socket is no longer wanted; it is then closed in order.
    pub(super) stop: CancellationToken,
}

/// A message that a fault or an administrator puts into a socket.
#[derive(Debug)]
pub(super) enum Injected {
    /// To be sent.
    Out(Message),
    /// To be taken for received.
    In(Message),
}

/// A live socket.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) id: String,
    pub(super) node: usize,
    pub(super) server: String,
    pub(super) client: Option<String>,
    upgrade: Option<u64>,
    peer: String,
    opened: String,
    wire: Arc<Wire>,
    pub(super) pongs: PongSwitch,
    pub(super) inject: mpsc::UnboundedSender<Injected>,
    link: Mutex<Option<LinkHandle>>,
    frames: AtomicU64,
    /// What happens once so many frames have passed.
    strikes: Mutex<Vec<(u64, Blow)>>,
}

/// Something that is done to a socket.
#[derive(Clone, Debug)]
pub(super) enum Blow {
    Close(u16, String),
    Reset,
    Freeze,
    NoPong,
    WrongPong,
    SlowRead(u64),
}

impl Socket {
    pub(super) fn new(id: String, new: NewSocket, inject: mpsc::UnboundedSender<Injected>) -> Self {
        Self {
            id,
            node: new.node,
            server: new.server,
            client: new.client,
            upgrade: new.upgrade,
            peer: new.peer.addr.to_string(),
            opened: crate::events::now(),
            wire: Arc::clone(&new.peer.wire),
            pongs: PongSwitch::default(),
            inject,
            link: Mutex::default(),
            frames: AtomicU64::new(0),
            strikes: Mutex::default(),
        }
    }

    pub(super) fn set_link(&self, link: LinkHandle) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
    }

    pub(super) fn link(&self) -> Option<LinkHandle> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What faults match on.
    pub(super) fn subject(&self) -> Subject {
        Subject {
            node: Some(self.node),
            server: Some(self.server.clone()),
            client: self.client.clone(),
            socket: Some(self.id.clone()),
            ..Subject::default()
        }
    }

    /// Does something to the socket.
    pub(super) fn suffer(&self, blow: &Blow) {
        match blow {
            Blow::Close(code, reason) => {
                let frame = CloseFrame { code: (*code).into(), reason: reason.as_str().into() };
                // A socket that is gone needs no close.
                let _ = self.inject.send(Injected::Out(Message::Close(Some(frame))));
            }
            Blow::Reset => self.wire.reset(),
            Blow::Freeze => self.wire.freeze(),
            Blow::NoPong => self.pongs.set(PongMode::Dropped),
            Blow::WrongPong => self.pongs.set(PongMode::Wrong),
            Blow::SlowRead(rate) => self.wire.slow_read(*rate),
        }
    }

    /// Plays a fault of point `socket`: at once, after a time, or after so many frames.
    pub(super) fn play(self: &Arc<Self>, hit: &Hit) {
        let blow = match hit.kind {
            FaultKind::Close => {
                let code = hit.number("code").and_then(|code| u16::try_from(code).ok()).unwrap_or(1000);
                Blow::Close(code, hit.text("reason").unwrap_or_default().to_owned())
            }
            FaultKind::Reset => Blow::Reset,
            FaultKind::HalfOpen => Blow::Freeze,
            FaultKind::NoPong => Blow::NoPong,
            FaultKind::WrongPong => Blow::WrongPong,
            FaultKind::SlowRead => Blow::SlowRead(hit.number("bytesPerSec").unwrap_or(1024)),
            _ => return,
        };
        if let Some(after) = hit.number("afterFrames") {
            let at = self.frames.load(Ordering::Relaxed) + after;
            self.strikes.lock().unwrap_or_else(PoisonError::into_inner).push((at, blow));
            return;
        }
        let wait = hit.delay + Duration::from_millis(hit.number("afterMs").unwrap_or(0));
        if wait.is_zero() {
            return self.suffer(&blow);
        }
        let socket = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(socket) = socket.upgrade() {
                socket.suffer(&blow);
            }
        });
    }

    /// Counts a frame, and strikes if something waits for it.
    pub(super) fn count_frame(&self) {
        let frames = self.frames.fetch_add(1, Ordering::Relaxed) + 1;
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        if strikes.is_empty() {
            return;
        }
        let (due, waiting): (Vec<_>, Vec<_>) = strikes.drain(..).partition(|(at, _)| *at <= frames);
        *strikes = waiting;
        drop(strikes);
        due.iter().for_each(|(_, blow)| self.suffer(blow));
    }

    /// Lets a frozen socket go on.
    pub(super) fn thaw(&self) {
        self.wire.thaw();
    }

    /// What an administrator sees.
    pub(super) fn describe(&self) -> Json {
        let phase = self.link().map(|link| format!("{:?}", link.phase()));
        json!({
            "id": self.id, "node": self.node, "server": self.server, "client": self.client,
            "peer": self.peer, "opened": self.opened, "upgrade": self.upgrade,
            "frames": self.frames.load(Ordering::Relaxed), "phase": phase,
            "wire": format!("{:?}", self.wire.mode()),
        })
    }
}
