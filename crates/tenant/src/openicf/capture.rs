//! Frames as they pass, while somebody wants to see them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::frame::{decode, kind};
use crate::token::hex;

/// Bytes of frames kept at most; the oldest frames make room.
const CAPACITY: usize = 16 * 1024 * 1024;

/// Captured frames. They hold what travels, secrets included, so nothing is kept unless asked for.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    on: AtomicBool,
    frames: Mutex<Frames>,
}

#[derive(Debug, Default)]
struct Frames {
    bytes: usize,
    all: VecDeque<Frame>,
}

#[derive(Debug)]
struct Frame {
    at: String,
    dir: &'static str,
    socket: String,
    bytes: Bytes,
}

impl Capture {
    /// Begins anew.
    pub(crate) fn start(&self) {
        *self.lock() = Frames::default();
        self.on.store(true, Ordering::Relaxed);
    }

    /// Keeps what there is and takes no more.
    pub(crate) fn stop(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    pub(super) fn record(&self, dir: &'static str, socket: &str, bytes: &Bytes) {
        let mut frames = self.lock();
        frames.bytes += bytes.len();
        let frame = Frame { at: crate::events::now(), dir, socket: socket.to_owned(), bytes: bytes.clone() };
        frames.all.push_back(frame);
        while frames.bytes > CAPACITY {
            match frames.all.pop_front() {
                Some(oldest) => frames.bytes -= oldest.bytes.len(),
                None => break,
            }
        }
    }

    /// Every frame, one JSON object a line.
    pub(crate) fn lines(&self) -> String {
        let frames = self.lock();
        let line = |frame: &Frame| {
            let message = decode(&frame.bytes);
            let summary: Json = json!({
                "kind": message.as_ref().map(kind), "messageId": message.as_ref().map(|message| message.message_id),
                "bytes": frame.bytes.len(),
            });
            let line = json!({
                "at": frame.at, "dir": frame.dir, "socket": frame.socket, "summary": summary,
                "hex": hex(&frame.bytes),
            });
            format!("{line}\n")
        };
        frames.all.iter().map(line).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Frames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
