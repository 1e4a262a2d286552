//! The socket, TCP or Unix.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::error::AdminError;
use crate::config::AdminListen;

/// Connections at a time; more wait.
const MOST_CONNECTIONS: usize = 64;

/// How long requests under way may take at the end.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// A bound socket.
pub(super) enum Door {
    Tcp(TcpListener),
    /// The path, so that it can be removed at the end.
    Unix(UnixListener, PathBuf),
}

/// Binds; `None` if nothing is wanted.
pub(super) async fn bind(place: &AdminListen) -> Result<Option<Door>, AdminError> {
    let bound = match place {
        AdminListen::Off => return Ok(None),
        AdminListen::Tcp { host, port } => TcpListener::bind((host.as_str(), *port)).await.map(Door::Tcp),
        AdminListen::Unix(path) => bind_unix(path).await,
    };
    bound.map(Some).map_err(|source| AdminError { place: place.to_string(), source })
}

/// A socket that nobody listens on any more, left by a process that was killed, is replaced; anything else at that path
/// is not touched. Its group may use it, others may not.
async fn bind_unix(path: &Path) -> io::Result<Door> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket && UnixStream::connect(path).await.is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(Door::Unix(listener, path.to_owned()))
}

impl Door {
    /// Where it is, if that is TCP.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }

    /// Serves until told to stop, and then for a moment what is under way.
    pub(super) async fn serve(self, routes: Router, stop: CancellationToken) {
        match self {
            Self::Tcp(listener) => serve(listener, routes, stop).await,
            Self::Unix(listener, path) => {
                serve(listener, routes, stop).await;
                // Gone already if somebody cleaned up.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

async fn serve<L: Listener<Addr: Debug>>(listener: L, routes: Router, stop: CancellationToken) {
    let stopped = stop.clone().cancelled_owned();
    let listener = Limited { listener, room: Arc::new(Semaphore::new(MOST_CONNECTIONS)) };
    let serving = axum::serve(listener, routes).with_graceful_shutdown(stopped);
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_LIMIT).await;
    };
    tokio::select! {
        // Accepting is tried again for as long as it takes, so that this only ends when told to.
        _ = serving => {}
        () = late => {}
    }
}

/// A listener with so much room; who finds none waits in the system's queue.
struct Limited<L> {
    listener: L,
    room: Arc<Semaphore>,
}

impl<L: Listener> Listener for Limited<L> {
    type Io = Seated<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let seat = Arc::clone(&self.room).acquire_owned().await.expect("nobody closes it");
        let (io, address) = self.listener.accept().await;
        (Seated { io, _seat: seat }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection and its share of the room.
struct Seated<T> {
    io: T,
    _seat: OwnedSemaphorePermit,
}

impl<T: AsyncRead + Unpin> AsyncRead for Seated<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Seated<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
