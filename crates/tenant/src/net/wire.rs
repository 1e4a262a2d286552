//! A TCP connection under control: it can be closed, reset, frozen (half-open) or read slowly, from outside.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

const MAX_WAKERS: usize = 16;

/// What a connection does at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Bytes pass.
    #[default]
    Open,
    /// Nothing is read or written, yet TCP stays: a half-open connection.
    Frozen,
    /// It ends with FIN.
    Closed,
    /// It ends with RST.
    Reset,
}

/// The handle of one connection.
#[derive(Debug)]
pub(crate) struct Wire {
    id: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    mode: Mode,
    bytes_per_second: Option<u64>,
    wakers: Vec<Waker>,
}

impl Wire {
    /// Cuts the connection with FIN.
    pub(crate) fn close(&self) {
        self.change(|state| state.mode = Mode::Closed);
    }

    /// Cuts the connection with RST.
    pub(crate) fn reset(&self) {
        self.change(|state| state.mode = Mode::Reset);
    }

    /// Stops reading and writing while TCP stays.
    pub(crate) fn freeze(&self) {
        self.change(|state| {
            if state.mode == Mode::Open {
                state.mode = Mode::Frozen;
            }
        });
    }

    /// Undoes [`freeze`](Self::freeze).
    pub(crate) fn thaw(&self) {
        self.change(|state| {
            if state.mode == Mode::Frozen {
                state.mode = Mode::Open;
            }
        });
    }

    /// Reads at most so many bytes a second from now on.
    pub(crate) fn slow_read(&self, bytes_per_second: u64) {
        self.change(|state| state.bytes_per_second = Some(bytes_per_second.max(1)));
    }

    /// What the connection does at present.
    pub(crate) fn mode(&self) -> Mode {
        self.lock().mode
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready while bytes may pass; keeps the task's waker so that a change of mode reaches it at any time.
    fn poll_open(&self, cx: &Context<'_>) -> Poll<Result<Option<u64>, Mode>> {
        let mut state = self.lock();
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            // One task may show ever new wakers: beyond a few, all are woken for nothing and forgotten.
            if state.wakers.len() == MAX_WAKERS {
                state.wakers.drain(..).for_each(Waker::wake);
            }
            state.wakers.push(cx.waker().clone());
        }
        match state.mode {
            Mode::Open => Poll::Ready(Ok(state.bytes_per_second)),
            Mode::Frozen => Poll::Pending,
            ended => Poll::Ready(Err(ended)),
        }
    }
}

/// All live connections.
#[derive(Debug, Default)]
pub(crate) struct Wires {
    next: AtomicU64,
    live: Mutex<HashMap<u64, Weak<Wire>>>,
}

impl Wires {
    /// Takes a connection under control.
    pub(crate) fn adopt(self: &Arc<Self>, tcp: TcpStream) -> WireStream {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let wire = Arc::new(Wire { id, state: Mutex::default() });
        self.lock().insert(id, Arc::downgrade(&wire));
        WireStream { tcp, wire, wires: Arc::clone(self), pause: None }
    }

    /// Cuts every live connection.
    pub(crate) fn close_all(&self) {
        let live: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        live.iter().for_each(|wire| wire.close());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Weak<Wire>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A TCP stream that obeys its [`Wire`].
#[derive(Debug)]
pub(crate) struct WireStream {
    tcp: TcpStream,
    wire: Arc<Wire>,
    wires: Arc<Wires>,
    /// Set while a slowed connection waits before it reads on.
    pause: Option<Pin<Box<Sleep>>>,
}

impl WireStream {
    pub(crate) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire)
    }

    /// The rate limit while the connection is open, or the error with which it ends.
    fn poll_open(&self, cx: &Context<'_>) -> Poll<io::Result<Option<u64>>> {
        self.wire.poll_open(cx).map_err(|ended| {
            if ended == Mode::Reset {
                // Without the linger the kernel would send FIN. A failure leaves FIN, which is still an end.
                let _ = SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO));
                io::ErrorKind::ConnectionReset.into()
            } else {
                io::ErrorKind::ConnectionAborted.into()
            }
        })
    }

    fn poll_slowly(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        bytes_per_second: u64,
    ) -> Poll<io::Result<()>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        // A tenth of a second's bytes at a time keeps the flow steady.
        let portion = usize::try_from(bytes_per_second.div_ceil(10)).unwrap_or(usize::MAX);
        let mut small = vec![0; portion.min(buf.remaining()).min(16 * 1024)];
        let mut part = ReadBuf::new(&mut small);
        ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut part))?;
        let read = part.filled();
        let rest = Duration::from_micros((read.len() as u64).saturating_mul(1_000_000) / bytes_per_second);
        self.pause = Some(Box::pin(tokio::time::sleep_until(Instant::now() + rest)));
        buf.put_slice(read);
        Poll::Ready(Ok(()))
    }
}

impl Drop for WireStream {
    fn drop(&mut self) {
        self.wires.lock().remove(&self.wire.id);
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(self.poll_open(cx))? {
            None => Pin::new(&mut self.tcp).poll_read(cx, buf),
            Some(bytes_per_second) => self.poll_slowly(cx, buf, bytes_per_second),
        }
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?;
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    async fn pair() -> (WireStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (near, _) = listener.accept().await.unwrap();
        (Arc::new(Wires::default()).adopt(near), far)
    }

    #[tokio::test]
    async fn a_frozen_connection_is_silent_until_thawed() {
        let (mut near, mut far) = pair().await;
        let wire = near.wire();
        wire.freeze();
        far.write_all(b"hello").await.unwrap();
        let mut buf = [0; 5];
        assert!(timeout(Duration::from_millis(50), near.read_exact(&mut buf)).await.is_err());
        assert!(timeout(Duration::from_millis(50), near.write_all(b"x")).await.is_err());
        let reader = tokio::spawn(async move { near.read_exact(&mut buf).await.map(|_| buf) });
        tokio::task::yield_now().await;
        wire.thaw();
        assert_eq!(&timeout(Duration::from_secs(5), reader).await.unwrap().unwrap().unwrap(), b"hello");
    }

    #[tokio::test]
    async fn a_reset_reaches_a_waiting_reader_and_the_peer() {
        let (mut near, mut far) = pair().await;
        let wire = near.wire();
        let reader = tokio::spawn(async move { near.read_u8().await.unwrap_err().kind() });
        tokio::task::yield_now().await;
        wire.reset();
        assert_eq!(reader.await.unwrap(), io::ErrorKind::ConnectionReset);
        assert_eq!(far.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_slow_reader_takes_its_time() {
        let (mut near, mut far) = pair().await;
        near.wire().slow_read(1000);
        far.write_all(&[7; 300]).await.unwrap();
        let before = Instant::now();
        let mut buf = [0; 300];
        near.read_exact(&mut buf).await.unwrap();
        assert!(before.elapsed() >= Duration::from_millis(150), "{:?}", before.elapsed());
    }
}
