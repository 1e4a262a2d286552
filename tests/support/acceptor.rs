//! A tenant's endpoint without any library between: it records the upgrade request byte for byte and
//! answers what the test says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::HANG_GUARD;

pub(crate) const SUB_PROTOCOL_LINE: &str = "Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\n";

/// What an upgrade request is answered with.
#[derive(Clone)]
pub(crate) enum Answer {
    /// 101 with the right key and the sub-protocol.
    Accept,
    /// 101 with the right key and these header lines instead of the sub-protocol's.
    AcceptWith(&'static str),
    /// 101 as it should be, and these bytes in the same write.
    AcceptThen(Vec<u8>),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, with the connection left open.
    Hang,
    /// The end of the connection.
    Close,
}

impl Answer {
    /// A refusal with a JSON body, as a tenant writes it.
    pub(crate) fn status(status: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        Self::Raw(format!("{head}{body}").into_bytes())
    }
}

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An upgrade request as it was received, and the connection after the answer.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) stream: Box<dyn Duplex>,
}

impl Received {
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).expect("a request line")
    }

    /// Names and values of the header lines, in order.
    pub(crate) fn headers(&self) -> Vec<(&str, &str)> {
        let lines = self.head.trim_end().split("\r\n").skip(1);
        lines.map(|line| line.split_once(": ").expect("a header line")).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers().into_iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value);
        assert!(values.next().is_none(), "{name} is sent twice");
        value
    }
}

/// A listening endpoint; ends with the test.
pub(crate) struct Acceptor {
    pub(crate) address: SocketAddr,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Acceptor {
    /// Answers every request alike.
    pub(crate) async fn always(answer: Answer) -> Self {
        Self::start(None, move |_, _| answer.clone()).await
    }

    /// Answers each request according to its head and its number, counted from 0.
    pub(crate) async fn start(
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (sender, received) = mpsc::unbounded_channel();
        let script = Arc::new(script);
        tokio::spawn(async move {
            for number in 0.. {
                let (tcp, _) = listener.accept().await.expect("accepting");
                let (tls, script, sender) = (tls.clone(), Arc::clone(&script), sender.clone());
                tokio::spawn(async move {
                    let stream: Box<dyn Duplex> = match tls {
                        None => Box::new(tcp),
                        Some(config) => match TlsAcceptor::from(config).accept(tcp).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    serve(stream, &*script, number, sender).await;
                });
            }
        });
        Self { address, received }
    }

    pub(crate) fn url(&self, path_and_query: &str) -> String {
        format!("ws://{}{path_and_query}", self.address)
    }

    /// The next request, answered already.
    pub(crate) async fn next(&mut self) -> Received {
        timeout(HANG_GUARD, self.received.recv()).await.expect("a request").expect("running")
    }

    /// Whether no further request came.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

async fn serve(
    mut stream: Box<dyn Duplex>,
    script: &(dyn Fn(&str, usize) -> Answer + Send + Sync),
    number: usize,
    sender: mpsc::UnboundedSender<Received>,
) {
    let Some(head) = read_head(&mut stream).await else { return };
    let answer = script(&head, number);
    let accept = |lines: &str| {
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{lines}\r\n",
            accept_key(&head)
        )
        .into_bytes()
    };
    let (bytes, keep) = match answer {
        Answer::Accept => (accept(SUB_PROTOCOL_LINE), true),
        Answer::AcceptWith(lines) => (accept(lines), true),
        Answer::AcceptThen(more) => ([accept(SUB_PROTOCOL_LINE), more].concat(), true),
        Answer::Raw(bytes) => (bytes, false),
        Answer::Hang => (Vec::new(), true),
        Answer::Close => (Vec::new(), false),
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.flush().await;
    if !keep {
        let _ = stream.shutdown().await;
    }
    let hang = bytes.is_empty() && keep;
    let _ = sender.send(Received { head, stream });
    if hang {
        sleep(HANG_GUARD).await;
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        assert!(head.len() < 64 * 1024, "an endless head");
    }
    Some(String::from_utf8(head).expect("an ASCII head"))
}

/// Computed here, not by the library under test.
fn accept_key(head: &str) -> String {
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).expect("a key");
    let digest =
        Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    STANDARD.encode(digest)
}

/// One frame as it is on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawFrame {
    pub(crate) first_byte: u8,
    pub(crate) masked: bool,
    pub(crate) payload: Vec<u8>,
}

/// Reads one frame by RFC 6455 §5.2.
pub(crate) async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> RawFrame {
    let first_byte = stream.read_u8().await.expect("a frame");
    let second = stream.read_u8().await.expect("a length");
    let length = match second & 0x7f {
        126 => u64::from(stream.read_u16().await.expect("a length")),
        127 => stream.read_u64().await.expect("a length"),
        short => u64::from(short),
    };
    let masked = second & 0x80 != 0;
    let mut mask = [0; 4];
    if masked {
        stream.read_exact(&mut mask).await.expect("a mask");
    }
    let mut payload = vec![0; usize::try_from(length).expect("fits")];
    stream.read_exact(&mut payload).await.expect("a payload");
    for (index, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[index % 4];
    }
    RawFrame { first_byte, masked, payload }
}

/// An unmasked frame, as an acceptor sends it.
pub(crate) fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first_byte];
    match payload.len() {
        length @ 0..=125 => bytes.push(u8::try_from(length).expect("short")),
        length => {
            bytes.push(127);
            bytes.extend(u64::try_from(length).expect("fits").to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// Whether nothing more comes within a moment.
pub(crate) async fn is_silent(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    timeout(Duration::from_millis(200), stream.read_u8()).await.is_err()
}
