//! One connection: requests come, answers go, strictly in turn.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use icf::{ConnectorError, GuardedString};
use icf_wire::binary::EncodeError;
use icf_wire::legacy::{Answers, Asked, Broken, Exchange, Hello, InfoLevel, Requests};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{debug, warn};

use super::outbox::Outbox;
use super::{Service, limits};
use crate::link::Duplex;

/// A read takes that much at most.
const CHUNK: usize = 16 * 1024;
/// Wrong keys that a connection may show.
const MAX_WRONG_KEYS: usize = 3;
/// How much of what a client still sends is read when the server ends the connection, and for how long.
const MAX_LINGER: u64 = 64 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);

/// Why a connection did not become a client.
#[derive(Debug, thiserror::Error)]
pub enum Unserved {
    /// It sent no request.
    #[error("no request was sent")]
    Silent,
    /// The key is wrong, and no better one came.
    #[error("the key is not the one whose hash is in connectorserver.key")]
    WrongKey,
    /// What it sent is not the protocol.
    #[error("what was sent is not the legacy protocol: {0}")]
    Broken(#[from] Broken),
    /// It began a request and did not go on.
    #[error("no request was complete within {0:?}")]
    Late(Duration),
    /// The connection broke.
    #[error("the connection broke")]
    Io(#[from] io::Error),
    /// There are too many clients.
    #[error("too many clients of the legacy protocol are connected")]
    Full,
}

/// A connection whose first request came with the right key. That request is answered when it is served.
pub struct Client {
    pub(super) peer: SocketAddr,
    pub(super) outbox: Arc<Outbox>,
    pub(super) requests: Requests,
    stream: Box<dyn Duplex>,
    chunk: Vec<u8>,
    first: Option<Asked>,
    served: usize,
    wrong_keys: usize,
    /// Part of an answer was sent, and its rest never will be.
    cut_off: bool,
    _place: OwnedSemaphorePermit,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Service {
    /// Waits for the first request with the right key; `received` are the bytes that came already. Has no time limit of
    /// its own.
    ///
    /// # Errors
    /// When none comes.
    pub async fn greet(
        &self,
        stream: Box<dyn Duplex>,
        received: &[u8],
        peer: SocketAddr,
    ) -> Result<Client, Unserved> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| Unserved::Full)?;
        let mut client = Client {
            peer,
            outbox: Arc::new(Outbox::new(self.0.profile)),
            requests: Requests::new(self.0.limits),
            stream,
            chunk: Vec::with_capacity(CHUNK),
            first: None,
            served: 0,
            wrong_keys: 0,
            cut_off: false,
            _place: place,
        };
        client.requests.feed(received);
        loop {
            match client.requests.next(|key| self.is_key(key)) {
                Ok(Some(Asked::WithoutKey(exchange))) => client.refuse(exchange).await?,
                Ok(Some(asked)) => {
                    client.first = Some(asked);
                    return Ok(client);
                }
                // The key is right: from here on there is time.
                Ok(None) if client.requests.is_proven() => return Ok(client),
                Ok(None) => {
                    if client.read().await? == 0 {
                        return Err(if client.wrong_keys > 0 {
                            Unserved::WrongKey
                        } else {
                            Unserved::Silent
                        });
                    }
                }
                Err(broken) => return Err(client.tell(broken).await),
            }
        }
    }

    /// Serves a client on a task of its own until it leaves.
    pub fn serve(&self, client: Client) {
        let service = self.clone();
        self.0.clients.spawn(async move {
            let peer = client.peer;
            match Box::pin(service.attend(client)).await {
                Ok(()) => debug!(%peer, "A client of the legacy protocol has left."),
                Err(Unserved::Io(error)) => debug!(%peer, %error, "A client of the legacy protocol is gone."),
                Err(unserved) => warn!(%peer, "Closed a connection: {unserved}."),
            }
        });
    }

    async fn attend(&self, mut client: Client) -> Result<(), Unserved> {
        loop {
            let Some(asked) = self.next(&mut client).await? else { return Ok(()) };
            match asked {
                Asked::WithoutKey(exchange) => client.refuse(exchange).await?,
                Asked::Hello(level) => self.introduce(&mut client, level).await?,
                Asked::Echo(echo) => {
                    let write = |answers: &mut Answers, out: &mut Vec<u8>| {
                        answers.echo(&echo, out).or_else(|error| answers.failure(&error.into(), out))
                    };
                    client.answer(write).await?;
                }
                Asked::Operation(Ok(call)) => self.operate(&mut client, *call).await?,
                Asked::Operation(Err(error)) => {
                    client.answer(|answers, out| answers.failure(&error, out)).await?;
                }
            }
        }
    }

    async fn introduce(&self, client: &mut Client, level: InfoLevel) -> io::Result<()> {
        let hello = Hello { started: self.0.started, connectors: &self.0.connectors };
        let write = |answers: &mut Answers, out: &mut Vec<u8>| {
            answers.hello(level, hello, out).or_else(|error| {
                warn!("The connectors cannot be told to a client of the legacy protocol: {error}");
                answers.hello_failed(&ConnectorError::from(error), out)
            })
        };
        client.answer(write).await
    }

    /// The next request; none when the client leaves, or is to leave because the server stops.
    async fn next(&self, client: &mut Client) -> Result<Option<Asked>, Unserved> {
        if let Some(first) = client.first.take() {
            return Ok(Some(first));
        }
        let mut waiting = None;
        loop {
            match client.requests.next(|key| self.is_key(key)) {
                Ok(Some(asked)) => return Ok(Some(asked)),
                Ok(None) => {}
                Err(broken) => return Err(client.tell(broken).await),
            }
            let stage = Stage::of(&client.requests);
            let until = match waiting {
                Some((before, until)) if before == stage => until,
                _ => Instant::now() + stage.limit(),
            };
            waiting = Some((stage, until));
            let read = tokio::select! {
                biased;
                () = self.0.stop.cancelled(), if stage == Stage::Idle => return Ok(None),
                read = timeout_at(until, client.read()) => read,
            };
            match read {
                Ok(Err(error)) => return Err(error.into()),
                Ok(Ok(0)) if client.wrong_keys > 0 => return Err(Unserved::WrongKey),
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) => {}
                Err(_) if stage == Stage::Idle => return Ok(None),
                Err(_) => return Err(Unserved::Late(stage.limit())),
            }
        }
    }

    fn is_key(&self, key: &GuardedString) -> bool {
        self.0.key.read().unwrap_or_else(PoisonError::into_inner).matches(&key.reveal())
    }
}

/// What a client is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Introduction,
    Request,
}

impl Stage {
    fn of(requests: &Requests) -> Self {
        match (requests.is_idle(), requests.is_proven()) {
            (true, _) => Self::Idle,
            (false, false) => Self::Introduction,
            (false, true) => Self::Request,
        }
    }

    const fn limit(self) -> Duration {
        match self {
            Self::Idle => limits::BETWEEN_REQUESTS,
            Self::Introduction => limits::INTRODUCTION,
            Self::Request => limits::REQUEST,
        }
    }
}

impl Client {
    /// Takes what has come; 0 at the end of the connection. May be dropped at any time.
    pub(super) async fn read(&mut self) -> io::Result<usize> {
        self.chunk.clear();
        let read = self.stream.read_buf(&mut self.chunk).await?;
        self.requests.feed(&self.chunk);
        Ok(read)
    }

    /// Sends what is in the outbox.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let bytes = self.outbox.take();
        if bytes.is_empty() {
            return Ok(());
        }
        if self.cut_off {
            return Err(io::Error::other("an answer was cut off"));
        }
        self.cut_off = true;
        let stream = &mut self.stream;
        let sending = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        match timeout(limits::ANSWER, sending).await {
            Ok(sent) => sent?,
            Err(_) => return Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes no bytes")),
        }
        self.cut_off = false;
        Ok(())
    }

    /// Writes and sends an answer.
    pub(super) async fn answer(
        &mut self,
        write: impl FnOnce(&mut Answers, &mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> io::Result<()> {
        self.outbox.write(write).map_err(io::Error::other)?;
        self.flush().await
    }

    /// Identifies the next operation in logs.
    pub(super) fn next_request_id(&mut self) -> Arc<str> {
        self.served += 1;
        format!("{}-{}", self.peer, self.served).into()
    }

    async fn refuse(&mut self, exchange: Exchange) -> Result<(), Unserved> {
        self.answer(|answers, out| answers.wrong_key(exchange, out)).await?;
        self.wrong_keys += 1;
        if self.wrong_keys < MAX_WRONG_KEYS {
            return Ok(());
        }
        self.close().await;
        Err(Unserved::WrongKey)
    }

    /// Tells the client that nothing more can be read from it, if that may be told.
    async fn tell(&mut self, broken: Broken) -> Unserved {
        if broken.in_request {
            let told = self.answer(|answers, out| answers.unreadable(&broken.error, out).map(drop)).await;
            if told.is_ok() {
                self.close().await;
            }
        }
        broken.into()
    }

    /// Ends the connection so that the last answer arrives: one closed over unread bytes is reset.
    async fn close(&mut self) {
        if self.stream.shutdown().await.is_ok() {
            let rest = (&mut self.stream).take(MAX_LINGER);
            let _ = timeout(LINGER_TIME, tokio::io::copy(&mut { rest }, &mut tokio::io::sink())).await;
        }
    }
}
