//! What a client says, in the order in which it may say it: locale, key, request, and a reaction at each pause.

use icf::{GuardedString, Locale, Result as Outcome, Value};

use super::{Call, Echo, Exchange, InfoLevel, operation};
use crate::binary::raw::Raw;
use crate::binary::tree;
use crate::binary::typed::{containers, value};
use crate::binary::{DecodeError, Decoder, Limits};

/// A locale, a key, a reaction: what is read before anything is known of the client.
const SMALL: Limits = Limits {
    object_bytes: 16 << 10,
    blob_bytes: 16 << 10,
    names_per_object: 64,
    names: 1024,
    name_bytes: 256,
    depth: 8,
    objects: 64,
    digits: 64,
};

/// The request of a client with a wrong key: room for a real one, so that its user learns what is wrong.
const UNPROVEN: Limits =
    Limits { object_bytes: 256 << 10, blob_bytes: 256 << 10, names_per_object: 1024, ..SMALL };

/// Reads one client's requests as their bytes arrive.
#[derive(Debug)]
pub struct Requests {
    decoder: Decoder,
    limits: Limits,
    /// Whether the client has shown the key on this connection.
    known: bool,
    expected: Expected,
}

/// What has to come next.
#[derive(Debug)]
enum Expected {
    Locale,
    Key(Option<Locale>),
    Request { locale: Option<Locale>, proven: bool },
}

/// What a client asks for.
#[derive(Debug)]
pub enum Asked {
    /// Something, with a wrong key.
    WithoutKey(Exchange),
    /// What the server has to offer.
    Hello(InfoLevel),
    /// Its own words back.
    Echo(Box<Echo>),
    /// An operation, or the error to answer when the request makes no sense.
    Operation(Outcome<Box<Call>>),
}

/// Why no more can be read from a client: its bytes are not the protocol, or out of turn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Broken {
    /// What is wrong.
    pub error: DecodeError,
    /// Whether the client proved the key, and only its request cannot be read; ConnId servers say so before they close.
    pub in_request: bool,
}

impl Requests {
    /// A reader at the beginning of a connection; `limits` are those of a request whose sender has proven the key.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(SMALL), limits, known: false, expected: Expected::Locale }
    }

    /// Takes bytes. Ask for [`next`](Self::next) until it has none before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.decoder.feed(bytes);
    }

    /// Bytes taken and not read yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.decoder.waiting()
    }

    /// Whether the client is between two requests.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.expected, Expected::Locale) && self.waiting() == 0
    }

    /// Whether the request that is being read comes with the right key, so that it may take its time.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        matches!(self.expected, Expected::Request { proven: true, .. })
    }

    /// The next request, or `None` until more bytes come. `is_key` judges the key, before anything else is read.
    ///
    /// # Errors
    /// When the bytes are not the protocol; the connection is of no more use.
    #[allow(clippy::should_implement_trait, reason = "an iterator would be over when bytes are missing")]
    pub fn next(&mut self, is_key: impl Fn(&GuardedString) -> bool) -> Result<Option<Asked>, Broken> {
        loop {
            match &mut self.expected {
                Expected::Locale => {
                    let Some(locale) = silent(self.decoder.next_with(read_locale))? else { return Ok(None) };
                    self.expected = Expected::Key(locale);
                }
                Expected::Key(locale) => {
                    let Some(key) = silent(self.decoder.next_with(read_key))? else { return Ok(None) };
                    let proven = is_key(&key);
                    self.known |= proven;
                    self.expected = Expected::Request { locale: locale.take(), proven };
                    self.bound(if proven { self.limits } else { UNPROVEN });
                }
                Expected::Request { locale, proven } => {
                    let (proven, locale) = (*proven, locale.clone());
                    let read = self.decoder.next_with(|raw| read_request(raw, locale, proven));
                    let read = read.map_err(|error| Broken { error, in_request: proven })?;
                    let Some(request) = read else { return Ok(None) };
                    self.expected = Expected::Locale;
                    self.bound(SMALL);
                    return silent(request).map(Some);
                }
            }
        }
    }

    /// What the client says at a pause, or `None` until more bytes come: whether it wants more. Anything but a clear yes
    /// is a no.
    ///
    /// # Errors
    /// When the bytes are not the protocol.
    pub fn reaction(&mut self) -> Result<Option<bool>, Broken> {
        silent(self.decoder.next_with(|raw| Ok(raw.is("OperationRequestMoreData"))))
    }

    /// Names stay known for the whole connection: a client with the key may have used many.
    fn bound(&mut self, limits: Limits) {
        let names = if self.known { self.limits.names } else { limits.names };
        self.decoder.set_limits(Limits { names, ..limits });
    }
}

fn silent<T>(read: Result<T, DecodeError>) -> Result<T, Broken> {
    read.map_err(|error| Broken { error, in_request: false })
}

/// ConnId wants one, OpenICF takes null, too.
fn read_locale(raw: &Raw<'_>) -> Result<Option<Locale>, DecodeError> {
    if raw.is_null() { Ok(None) } else { value::read_locale(raw).map(Some) }
}

fn read_key(raw: &Raw<'_>) -> Result<GuardedString, DecodeError> {
    match value::read(raw)? {
        Value::GuardedString(key) => Ok(key),
        other => Err(DecodeError::refused(format!("Expected the key, got {}", other.type_name()))),
    }
}

/// The outer error means that the object cannot be read, the inner one that it is none that a client may send; to the
/// latter no server answers.
fn read_request(
    raw: &Raw<'_>,
    locale: Option<Locale>,
    proven: bool,
) -> Result<Result<Asked, DecodeError>, DecodeError> {
    let exchange = match raw.name().map(|name| name.text.as_ref()) {
        Some("HelloRequest") => Exchange::Hello,
        Some("OperationRequest") => Exchange::Operation,
        Some("EchoMessage") => Exchange::Echo,
        Some(other) if proven && raw.registered().is_none() => {
            return Err(DecodeError::NoSuchType(other.to_owned()));
        }
        _ => return Ok(Err(DecodeError::refused(format!("Expected a request, got {}", raw.type_name())))),
    };
    if !proven {
        return Ok(Ok(Asked::WithoutKey(exchange)));
    }
    Ok(Ok(match exchange {
        Exchange::Hello => Asked::Hello(InfoLevel(raw.i32("infoLevel", InfoLevel::ALL)?)),
        Exchange::Echo => Asked::Echo(Box::new(read_echo(raw)?)),
        Exchange::Operation => Asked::Operation(operation::read(raw, locale).map(Box::new)),
    }))
}

fn read_echo(raw: &Raw<'_>) -> Result<Echo, DecodeError> {
    let value = raw.object("value")?.map_or(Ok(tree::Object::Null), |value| tree::read(&value))?;
    let xml = raw.object("objectXml")?.map(|text| containers::read_text(&text)).transpose()?;
    Ok(Echo { value, xml })
}
