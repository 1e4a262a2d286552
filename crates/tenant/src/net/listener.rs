//! Accepts connections, does the TLS handshakes beside each other, and tells handlers whom they talk to.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::head::{HeadRecorder, Recorded};
use super::wire::{Wire, WireStream, Wires};

/// A TLS handshake may take this long.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// The far side of a connection, and the handles on it.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) addr: SocketAddr,
    /// What TLS settled, unless the connection is plain.
    pub(crate) tls: Option<Arc<TlsFacts>>,
    /// The handle to cut or freeze the connection.
    pub(crate) wire: Arc<Wire>,
    /// The request head as it came.
    pub(crate) head: Arc<HeadRecorder>,
}

/// What a TLS handshake settled.
#[derive(Debug)]
pub(crate) struct TlsFacts {
    /// Such as `TLSv1_3`.
    pub(crate) version: Option<String>,
    /// Server name asked for.
    pub(crate) sni: Option<String>,
    /// Application protocol agreed on.
    pub(crate) alpn: Option<String>,
}

/// A connection, plain or TLS.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Recorded<Stream>,
    peer: Peer,
}

#[derive(Debug)]
enum Stream {
    Plain(WireStream),
    Tls(Box<TlsStream<WireStream>>),
}

/// Accepts connections on one address.
#[derive(Debug)]
pub(crate) struct TenantListener {
    tcp: TcpListener,
    tls: Option<Acceptor>,
    wires: Arc<Wires>,
    handshakes: JoinSet<Option<Connection>>,
}

struct Acceptor(TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

impl TenantListener {
    pub(crate) fn new(tcp: TcpListener, tls: Option<TlsAcceptor>, wires: Arc<Wires>) -> Self {
        Self { tcp, tls: tls.map(Acceptor), wires, handshakes: JoinSet::new() }
    }

    fn start(&mut self, tcp: TcpStream, addr: SocketAddr) -> Option<Connection> {
        // Small frames must not wait for each other; a connection without the option still works.
        let _ = tcp.set_nodelay(true);
        let stream = self.wires.adopt(tcp);
        let Some(Acceptor(acceptor)) = &self.tls else {
            return Some(Connection::new(Stream::Plain(stream), addr, None));
        };
        let acceptor = acceptor.clone();
        self.handshakes.spawn(async move {
            match timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                Ok(Ok(tls)) => Some(Connection::from_tls(tls, addr)),
                Ok(Err(error)) => {
                    tracing::info!(%addr, %error, "A TLS handshake failed.");
                    None
                }
                Err(_) => None,
            }
        });
        None
    }
}

impl Listener for TenantListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let connection = tokio::select! {
                accepted = self.tcp.accept() => match accepted {
                    Ok((tcp, addr)) => self.start(tcp, addr),
                    Err(error) => {
                        tracing::warn!(%error, "Cannot accept a connection; trying again in a second.");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        None
                    }
                },
                Some(handshake) = self.handshakes.join_next() => handshake.ok().flatten(),
            };
            if let Some(connection) = connection {
                let addr = connection.peer.addr;
                return (connection, addr);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Connection {
    fn new(stream: Stream, addr: SocketAddr, tls: Option<Arc<TlsFacts>>) -> Self {
        let wire = match &stream {
            Stream::Plain(stream) => stream.wire(),
            Stream::Tls(stream) => stream.get_ref().0.wire(),
        };
        let head = Arc::new(HeadRecorder::new());
        let peer = Peer { addr, tls, wire, head: Arc::clone(&head) };
        Self { stream: Recorded { inner: stream, head }, peer }
    }

    fn from_tls(stream: TlsStream<WireStream>, addr: SocketAddr) -> Self {
        let session = stream.get_ref().1;
        let facts = TlsFacts {
            version: session.protocol_version().map(|version| format!("{version:?}")),
            sni: session.server_name().map(str::to_owned),
            alpn: session.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
        };
        Self::new(Stream::Tls(Box::new(stream)), addr, Some(Arc::new(facts)))
    }
}

impl Peer {
    /// The far side of a connection that the tenant opened itself.
    pub(crate) fn dialled(addr: SocketAddr, wire: Arc<Wire>) -> Self {
        Self { addr, tls: None, wire, head: Arc::default() }
    }
}

impl Connected<IncomingStream<'_, TenantListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TenantListener>) -> Self {
        stream.io().peer.clone()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
