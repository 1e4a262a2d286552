//! The head of a request exactly as it came: spelling, order and repetition of header lines, which HTTP libraries lose.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes kept at most; the HTTP library accepts no longer head.
const CAPACITY: usize = 128 * 1024;

/// A request head, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawHead {
    /// Such as `GET /openicf/0 HTTP/1.1`.
    pub request_line: String,
    /// Name and value of each header line.
    pub headers: Vec<(String, String)>,
}

impl RawHead {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let request_line = lines.next()?.to_owned();
        let headers = lines
            .take_while(|line| !line.is_empty())
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                (name.to_owned(), value.trim().to_owned())
            })
            .collect();
        Some(Self { request_line, headers })
    }
}

/// Keeps what was read from a connection since the last request, until switched off.
#[derive(Debug, Default)]
pub(crate) struct HeadRecorder {
    kept: Mutex<Option<Vec<u8>>>,
}

impl HeadRecorder {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::new(Some(Vec::new())) }
    }

    /// The head of the bodyless `GET` request for `target` that was read last; recording then ends for good.
    pub(crate) fn take(&self, target: &str) -> Option<RawHead> {
        let bytes = self.lock().take()?;
        let line = format!("GET {target} HTTP/");
        let start = bytes.windows(line.len()).rposition(|window| window == line.as_bytes())?;
        RawHead::parse(bytes.get(start..)?)
    }

    /// Forgets what was read so far.
    pub(crate) fn clear(&self) {
        if let Some(kept) = &mut *self.lock() {
            kept.clear();
        }
    }

    fn record(&self, bytes: &[u8]) {
        if let Some(kept) = &mut *self.lock() {
            kept.extend_from_slice(bytes);
            let excess = kept.len().saturating_sub(CAPACITY);
            kept.drain(..excess);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream whose reader is overheard by a [`HeadRecorder`].
#[derive(Debug)]
pub(crate) struct Recorded<S> {
    pub(super) inner: S,
    pub(super) head: Arc<HeadRecorder>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(read) = buf.filled().get(before..) {
            self.head.record(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_order_and_repetition_are_kept() {
        let recorder = HeadRecorder::new();
        recorder.record(b"POST /x HTTP/1.1\r\n\r\n{}GET /openicf/0?a=b HTTP/1.1\r\nconnection: Upgrade\r\nX-B: 1\r\nx-a: 2\r\n");
        recorder.record(b"X-B:  3\r\n\r\n");
        let head = recorder.take("/openicf/0?a=b").unwrap();
        assert_eq!(head.request_line, "GET /openicf/0?a=b HTTP/1.1");
        let lines: Vec<_> = head.headers.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(lines, ["connection=Upgrade", "X-B=1", "x-a=2", "X-B=3"]);
        assert_eq!(recorder.take("/openicf/0?a=b"), None, "recording has ended");
    }

    #[test]
    fn memory_is_bounded() {
        let recorder = HeadRecorder::new();
        for _ in 0..20 {
            recorder.record(&[b'x'; 16 * 1024]);
        }
        assert_eq!(recorder.lock().as_ref().unwrap().len(), CAPACITY);
    }
}
