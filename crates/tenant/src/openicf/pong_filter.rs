//! Keeps pongs of a WebSocket server from leaving, or spoils them, beneath a library that answers pings by itself.
//!
//! Only what the tenant writes passes here, one whole frame after the other, so frame heads are easily followed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What happens to pongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PongMode {
    /// They leave.
    #[default]
    Honest,
    /// They are dropped.
    Dropped,
    /// Their payload is changed.
    Wrong,
}

/// The switch of one socket.
#[derive(Clone, Debug, Default)]
pub(super) struct PongSwitch(Arc<AtomicU8>);

impl PongSwitch {
    pub(super) fn set(&self, mode: PongMode) {
        self.0.store(mode as u8, Ordering::Relaxed);
    }

    fn get(&self) -> PongMode {
        match self.0.load(Ordering::Relaxed) {
            1 => PongMode::Dropped,
            2 => PongMode::Wrong,
            _ => PongMode::Honest,
        }
    }
}

/// Where in a frame the written bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In the head of so many bytes, of which so many have passed. Those up to `sized` tell the length.
    Head { seen: usize, length: u64, sized: usize, head: usize },
    /// In the payload, of which so many bytes are left.
    Payload { left: u64, mode: PongMode },
}

const START: At = At::Head { seen: 0, length: 0, sized: 2, head: 2 };

/// A stream whose written pongs obey a switch.
#[derive(Debug)]
pub(super) struct PongFilter<S> {
    inner: S,
    switch: PongSwitch,
    at: At,
    /// Whether the frame of the head under way is a pong that is dropped.
    mode: PongMode,
    /// Filtered bytes that the stream has not taken yet.
    pending: Vec<u8>,
    written: usize,
}

impl<S> PongFilter<S> {
    pub(super) const fn new(inner: S, switch: PongSwitch) -> Self {
        Self { inner, switch, at: START, mode: PongMode::Honest, pending: Vec::new(), written: 0 }
    }

    /// Lets bytes through the frame machine into `pending`.
    fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            match self.at {
                At::Head { .. } => {
                    self.pass_head(*first);
                    bytes = rest;
                }
                At::Payload { left, mode } => {
                    let (part, rest) =
                        bytes.split_at(bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                    match mode {
                        PongMode::Honest => self.pending.extend_from_slice(part),
                        PongMode::Dropped => {}
                        PongMode::Wrong => self.pending.extend(part.iter().map(|byte| !byte)),
                    }
                    let left = left - part.len() as u64;
                    self.at = if left == 0 { START } else { At::Payload { left, mode } };
                    bytes = rest;
                }
            }
        }
    }

    fn pass_head(&mut self, byte: u8) {
        let At::Head { seen, length, sized, head } = self.at else { return };
        let (length, sized, head) = match seen {
            0 => {
                self.mode = if byte & 0x0f == 0x0a { self.switch.get() } else { PongMode::Honest };
                (0, 2, 2)
            }
            1 => {
                let (length, sized) = match byte & 0x7f {
                    126 => (0, 4),
                    127 => (0, 10),
                    short => (u64::from(short), 2),
                };
                (length, sized, if byte & 0x80 == 0 { sized } else { sized + 4 })
            }
            seen if seen < sized => (length << 8 | u64::from(byte), sized, head),
            _ => (length, sized, head),
        };
        if self.mode != PongMode::Dropped {
            self.pending.push(byte);
        }
        let seen = seen + 1;
        self.at = if seen < head {
            At::Head { seen, length, sized, head }
        } else if length == 0 {
            START
        } else {
            At::Payload { left: length, mode: self.mode }
        };
    }
}

impl<S: AsyncWrite + Unpin> PongFilter<S> {
    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.pending.get(self.written..).filter(|rest| !rest.is_empty()) {
            let taken = ready!(Pin::new(&mut self.inner).poll_write(cx, rest))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
        }
        self.pending.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PongFilter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PongFilter<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(cx))?;
        self.pass(buf);
        // What the stream does not take now goes before the next write or flush.
        if let Poll::Ready(Err(error)) = self.poll_pending(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const BINARY: &[u8] = &[0x82, 0x03, 1, 2, 3];
    const PONG: &[u8] = &[0x8a, 0x02, 7, 8];

    async fn written(mode: PongMode, portion: usize) -> Vec<u8> {
        let (near, mut far) = tokio::io::duplex(64);
        let switch = PongSwitch::default();
        switch.set(mode);
        let mut filter = PongFilter::new(near, switch);
        let mut long = vec![0x82, 126, 1, 44];
        long.extend([0x8a; 300]);
        let all = [PONG, BINARY, PONG, &long, PONG, MASKED].concat();
        let writer = tokio::spawn(async move {
            for part in all.chunks(portion) {
                filter.write_all(part).await.unwrap();
            }
            filter.shutdown().await.unwrap();
        });
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        writer.await.unwrap();
        got
    }

    /// A masked pong and a masked message, as a client writes them.
    const MASKED: &[u8] = &[0x8a, 0x82, 9, 9, 9, 9, 7, 8, 0x82, 0x81, 9, 9, 9, 9, 1];

    #[tokio::test]
    async fn pongs_pass_are_dropped_or_spoilt_and_nothing_else_is_touched() {
        let mut long = vec![0x82, 126, 1, 44];
        long.extend([0x8a; 300]);
        for portion in [1, 3, 1000] {
            let honest = written(PongMode::Honest, portion).await;
            assert_eq!(honest, [PONG, BINARY, PONG, &long, PONG, MASKED].concat());
            assert_eq!(written(PongMode::Dropped, portion).await, [BINARY, &long, &MASKED[8..]].concat());
            let wrong: &[u8] = &[0x8a, 0x02, !7, !8];
            let masked = [&MASKED[..6], &[!7, !8], &MASKED[8..]].concat();
            let expected = [wrong, BINARY, wrong, &long, wrong, &masked].concat();
            assert_eq!(written(PongMode::Wrong, portion).await, expected);
        }
    }
}
