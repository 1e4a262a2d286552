//! One connection: requests out, answers in. One operation uses it at a time.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::Instant;

use super::{Address, Patience};
use crate::ber::element_length;
use crate::fault::{Fault, Result};
use crate::message::control::{oid, value_of};
use crate::message::sync::{State, entry_state};
use crate::message::{Control, Intermediate, LdapResult, Message, Operation, Request, code, message};

/// The largest message that is read: more than any entry of a directory, and not enough to hurt.
const LARGEST_MESSAGE: usize = 64 << 20;

/// Room made for what comes next; a long message grows the buffer step by step, as it arrives.
const STEP: usize = 32 << 10;

/// What bytes travel over.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection to a server.
pub(crate) struct Connection {
    stream: Box<dyn Duplex>,
    address: Address,
    input: BytesMut,
    last_id: i32,
    /// The request that is being answered. One that is left over from an operation that was dropped makes the
    /// connection useless.
    pending: Option<i32>,
    /// Requests since the connection was made ready.
    requests: u64,
    used: Instant,
}

/// A part of an answer.
pub(crate) enum Answer {
    /// A message that holds an entry.
    Entry(Bytes),
    /// Where the search goes on.
    Reference(Vec<String>),
    /// A message that holds an intermediate response.
    Info(Bytes),
    /// The end.
    Done(LdapResult),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.address)
    }
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Duplex>, address: Address) -> Self {
        Self {
            stream,
            address,
            input: BytesMut::new(),
            last_id: 0,
            pending: None,
            requests: 0,
            used: Instant::now(),
        }
    }

    /// The server.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// When it was last used.
    pub(crate) const fn used(&self) -> Instant {
        self.used
    }

    /// Counts from here what was asked over it.
    pub(super) const fn is_ready(&mut self) {
        self.requests = 0;
    }

    /// Whether an operation used it before this one.
    pub(crate) const fn is_reused(&self) -> bool {
        self.requests > 1
    }

    /// The stream, for the change to TLS; what was read ahead must be nothing.
    pub(super) fn into_stream(self) -> Option<Box<dyn Duplex>> {
        self.input.is_empty().then_some(self.stream)
    }

    /// Whether it can take a request: nothing is left over, and the server has neither closed it nor said anything
    /// unasked.
    pub(crate) async fn is_usable(&mut self) -> bool {
        if self.pending.is_some() {
            return false;
        }
        let mut byte = [0_u8; 1];
        let mut buffer = ReadBuf::new(&mut byte);
        let stream = &mut self.stream;
        let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *stream).poll_read(cx, &mut buffer))).await;
        polled.is_pending() && self.input.is_empty()
    }

    /// Sends a request and answers its number.
    pub(crate) async fn send(
        &mut self,
        request: &Request<'_>,
        controls: &[Control],
        patience: &Patience,
    ) -> Result<i32> {
        let what = request.name();
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let id = self.last_id;
        let bytes = message(id, request, controls);
        let Self { stream, address, .. } = self;
        let broken = |error: std::io::Error| broken(address, what, error.to_string());
        self.pending = Some(id);
        self.requests += 1;
        self.used = Instant::now();
        let written = async {
            stream.write_all(&bytes).await.map_err(broken)?;
            stream.flush().await.map_err(broken)
        };
        patience.wait(address, what, written).await?;
        Ok(id)
    }

    /// The next part of the answer to a request.
    pub(crate) async fn next(&mut self, id: i32, what: &'static str, patience: &Patience) -> Result<Answer> {
        loop {
            let bytes = self.frame(what, patience).await?;
            let message = Message::read(&bytes)
                .map_err(|malformed| broken(&self.address, what, malformed.to_string()))?;
            if message.id == 0 {
                return Err(broken(&self.address, what, farewell(message)));
            }
            if message.id != id {
                // The rest of an answer that was given up.
                continue;
            }
            match message.operation {
                Operation::Entry(_) => return Ok(Answer::Entry(bytes)),
                Operation::Intermediate(_) => return Ok(Answer::Info(bytes)),
                Operation::Reference(urls) => return Ok(Answer::Reference(urls)),
                Operation::Done(result) => {
                    self.pending = None;
                    self.used = Instant::now();
                    return Ok(Answer::Done(result));
                }
            }
        }
    }

    /// Sends a request that has one answer, and waits for it.
    pub(crate) async fn call(
        &mut self,
        request: &Request<'_>,
        controls: &[Control],
        patience: &Patience,
    ) -> Result<LdapResult> {
        let id = self.send(request, controls, patience).await?;
        loop {
            if let Answer::Done(result) = self.next(id, request.name(), patience).await? {
                return Ok(result);
            }
        }
    }

    /// Gives up the request that is being answered; the connection stays of use.
    pub(crate) async fn abandon(&mut self, patience: &Patience) -> Result<()> {
        let Some(id) = self.pending else { return Ok(()) };
        self.send(&Request::Abandon { id }, &[], patience).await?;
        self.pending = None;
        Ok(())
    }

    /// Says good-bye.
    pub(crate) async fn unbind(mut self, patience: &Patience) {
        if self.pending.is_none() {
            // The server may be gone already; nothing depends on it.
            let _gone = self.send(&Request::Unbind, &[], patience).await;
            // With TLS this writes, which a peer that reads nothing would hold up.
            let Self { stream, address, .. } = &mut self;
            let closing =
                async { stream.shutdown().await.map_err(|e| broken(address, "unbind", e.to_string())) };
            let _closed = patience.wait(address, "unbind", closing).await;
        }
    }

    /// The next whole message.
    async fn frame(&mut self, what: &'static str, patience: &Patience) -> Result<Bytes> {
        loop {
            let length = element_length(&self.input)
                .map_err(|malformed| broken(&self.address, what, malformed.to_string()))?;
            if let Some((header, content)) = length {
                let whole = header.saturating_add(content);
                if whole > LARGEST_MESSAGE {
                    let reason = format!("a message of {whole} bytes; {LARGEST_MESSAGE} are the limit");
                    return Err(broken(&self.address, what, reason));
                }
                if self.input.len() >= whole {
                    return Ok(self.input.split_to(whole).freeze());
                }
            }
            self.input.reserve(STEP);
            let Self { stream, input, address, .. } = self;
            let read = async {
                match stream.read_buf(input).await {
                    Ok(0) => Err(broken(address, what, "the server closed it".to_owned())),
                    Ok(_) => Ok(()),
                    Err(error) => Err(broken(address, what, error.to_string())),
                }
            };
            patience.wait(address, what, read).await?;
        }
    }
}

fn broken(address: &Address, what: &'static str, reason: String) -> Fault {
    Fault::Broken { address: address.clone(), what, reason }
}

/// What a server says before it closes a connection.
fn farewell(message: Message<'_>) -> String {
    match message.operation {
        Operation::Done(result) => format!(
            "the server is closing it: result {} ({}) {}",
            result.code,
            code::name(result.code),
            result.diagnostic
        ),
        _ => "the server sent what nobody asked for".to_owned(),
    }
}

/// The state of the entry in a message of a content synchronisation.
pub(crate) fn state(bytes: &[u8]) -> Result<Option<(State, [u8; 16])>> {
    let controls = Message::read(bytes)?.controls()?;
    Ok(value_of(&controls, oid::SYNC_STATE).map(entry_state).transpose()?)
}

/// The intermediate response in a message of [`Answer::Info`].
pub(crate) fn intermediate(bytes: &[u8]) -> Result<Intermediate<'_>> {
    match Message::read(bytes)?.operation {
        Operation::Intermediate(intermediate) => Ok(intermediate),
        _ => Ok(Intermediate::default()),
    }
}

/// The entry in a message of [`Answer::Entry`].
pub(crate) fn entry(bytes: &[u8]) -> Result<crate::message::Entry<'_>> {
    match Message::read(bytes)?.operation {
        Operation::Entry(entry) => Ok(entry),
        _ => Err(Fault::general("The directory sent something else where an entry was expected")),
    }
}
