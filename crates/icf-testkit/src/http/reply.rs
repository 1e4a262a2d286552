//! What a service says, and how badly.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame};
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    chunks: Vec<Bytes>,
    pub(super) delay: Duration,
    between: Duration,
    hang_up: bool,
    endless: bool,
}

impl Reply {
    /// An answer without body.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            chunks: Vec::new(),
            delay: Duration::ZERO,
            between: Duration::ZERO,
            hang_up: false,
            endless: false,
        }
    }

    /// An answer with JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// An answer of SCIM's type.
    #[must_use]
    pub fn scim(status: u16, body: &Value) -> Self {
        Self::text(status, "application/scim+json", body.to_string())
    }

    /// An answer of any type.
    #[must_use]
    pub fn text(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self::status(status).header("content-type", kind);
        reply.chunks.push(body.into());
        reply
    }

    /// The connection ends without an answer.
    #[must_use]
    pub const fn hang_up() -> Self {
        let mut reply = Self::status(200);
        reply.hang_up = true;
        reply
    }

    /// Whether the status is one of an error.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        self.status >= 400
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before the answer begins.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the body in pieces with pauses between them.
    #[must_use]
    pub fn slowly(mut self, size: usize, between: Duration) -> Self {
        let body: Vec<u8> = self.chunks.concat();
        self.chunks = body.chunks(size.max(1)).map(Bytes::copy_from_slice).collect();
        self.between = between;
        self
    }

    /// Repeats the last piece of the body for ever.
    #[must_use]
    pub const fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// None to hang up.
    pub(super) fn into_response(self) -> Option<Response<Parts>> {
        if self.hang_up {
            return None;
        }
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        let length = (!self.endless).then(|| self.chunks.iter().map(Bytes::len).sum::<usize>());
        if let Some(length) = length.filter(|_| self.status != 204 && self.status != 304) {
            response = response.header("content-length", length);
        }
        let pause = Box::pin(tokio::time::sleep(Duration::ZERO));
        let parts = Parts { chunks: self.chunks.into(), between: self.between, pause, endless: self.endless };
        response.body(parts).ok()
    }
}

/// A body in pieces.
#[derive(Debug)]
pub(super) struct Parts {
    chunks: VecDeque<Bytes>,
    between: Duration,
    pause: Pin<Box<tokio::time::Sleep>>,
    endless: bool,
}

impl Body for Parts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<super::Chunk>> {
        if !self.between.is_zero() && self.pause.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let next = if self.endless && self.chunks.len() == 1 {
            self.chunks.front().cloned()
        } else {
            self.chunks.pop_front()
        };
        let Some(chunk) = next else { return Poll::Ready(None) };
        let until = tokio::time::Instant::now() + self.between;
        self.pause.as_mut().reset(until);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}
