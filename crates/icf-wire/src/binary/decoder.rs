//! Streams of objects to trees.

use bytes::{Buf as _, BytesMut};

use super::cursor::Cursor;
use super::error::DecodeError;
use super::limits::Limits;
use super::pool::{self, Pool};
use super::raw::{self, Context, Raw, tag};
use super::tree::{self, Object};

/// Reads the object of a one-object stream. Bytes after it are ignored, as Java peers do.
///
/// Takes any bytes at all; made for fuzzing, too.
///
/// # Errors
/// When the bytes are not such a stream, or pass a limit.
pub fn decode_one(bytes: &[u8], limits: &Limits) -> Result<Object, DecodeError> {
    raw::one(bytes, limits, tree::read)
}

/// Reads the objects of a stream as its bytes arrive.
///
/// An object is parsed only when all of it is there; until then the decoder holds its bytes, never more than the limit
/// and what came with the last [`feed`](Self::feed). After an error the stream is of no more use, and every further
/// call answers the same error.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    pool: Pool<'static>,
    buffer: BytesMut,
    phase: Phase,
    /// How much of the buffer is known to be whole.
    scanned: usize,
    in_stream: bool,
    failure: Option<DecodeError>,
}

/// What is expected next in the buffer.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Header,
    NameCount,
    Names(usize),
    Class,
    Field,
    Whole,
}

impl Decoder {
    /// A reader at the beginning of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            pool: Pool::default(),
            buffer: BytesMut::new(),
            phase: Phase::Header,
            scanned: 0,
            in_stream: false,
            failure: None,
        }
    }

    /// Changes the limits for the objects to come, such as after a peer has said who it is.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Takes bytes of the stream. Ask for [`next`](Self::next) until it has none before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failure.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// How many bytes are waiting: those of an unfinished object, or of objects not asked for yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Whether bytes of an unfinished object are waiting.
    #[must_use]
    pub fn is_inside_object(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next object, or `None` until more bytes come.
    ///
    /// # Errors
    /// When the bytes are not such a stream, or pass a limit.
    #[allow(clippy::should_implement_trait, reason = "an iterator would be over when bytes are missing")]
    pub fn next(&mut self) -> Result<Option<Object>, DecodeError> {
        self.next_with(tree::read)
    }

    /// As [`next`](Self::next), with `read` to make something of the object.
    pub(crate) fn next_with<T>(
        &mut self,
        read: impl FnOnce(&Raw<'_>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let object = self.try_next(read);
        if let Err(failure) = &object {
            self.failure = Some(failure.clone());
            self.buffer = BytesMut::new();
        }
        object
    }

    fn try_next<T>(
        &mut self,
        read: impl FnOnce(&Raw<'_>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if !self.scan()? {
            return Ok(None);
        }
        let mut cursor = Cursor::new(self.buffer.get(..self.scanned).unwrap_or_default());
        if !self.in_stream {
            raw::header(&mut cursor)?;
            self.in_stream = true;
        }
        self.pool.read_owned(&mut cursor, &self.limits)?;
        let context = Context::new(&self.pool, &self.limits);
        let object = read(&Raw::read(&mut cursor, &context, 1)?)?;
        self.buffer.advance(self.scanned);
        self.scanned = 0;
        self.phase = Phase::NameCount;
        Ok(Some(object))
    }

    /// Looks how far the object is there; true when it is whole.
    fn scan(&mut self) -> Result<bool, DecodeError> {
        loop {
            let waiting = self.buffer.get(self.scanned..).unwrap_or_default();
            let mut cursor = Cursor::new(waiting);
            let room = self.limits.object_bytes.saturating_sub(self.scanned);
            let next = step(self.phase, &mut cursor, &self.limits, room);
            match next {
                Err(DecodeError::Truncated) if waiting.len() <= room => return Ok(false),
                Err(DecodeError::Truncated) => return Err(self.too_long()),
                Err(other) => return Err(other),
                Ok(phase) => {
                    let passed = waiting.len() - cursor.rest().len();
                    if passed > room {
                        return Err(self.too_long());
                    }
                    self.scanned += passed;
                    self.phase = phase;
                }
            }
            if matches!(self.phase, Phase::Whole) {
                return Ok(true);
            }
        }
    }

    fn too_long(&self) -> DecodeError {
        DecodeError::Limit { what: "bytes in an object", limit: self.limits.object_bytes }
    }
}

/// Passes over one part of an object and says what comes after it.
fn step(phase: Phase, cursor: &mut Cursor<'_>, limits: &Limits, room: usize) -> Result<Phase, DecodeError> {
    let names = |left: usize| if left == 0 { Phase::Class } else { Phase::Names(left) };
    Ok(match phase {
        Phase::Header => {
            raw::header(cursor)?;
            Phase::NameCount
        }
        Phase::NameCount => names(pool::count(cursor, limits)?),
        Phase::Names(left) => {
            pool::constant(cursor, limits)?;
            names(left.saturating_sub(1))
        }
        Phase::Class => match cursor.u8()? {
            tag::TYPE_NULL => Phase::Field,
            tag::TYPE_NAMED => {
                cursor.i32()?;
                Phase::Field
            }
            tag::TYPE_ARRAY => Phase::Class,
            other => return Err(DecodeError::BadTypeTag(other)),
        },
        Phase::Field => {
            match cursor.u8()? {
                tag::END => return Ok(Phase::Whole),
                tag::FIELD_NAMED => {
                    cursor.i32()?;
                }
                tag::FIELD_ANONYMOUS => {}
                other => return Err(DecodeError::BadFieldTag(other)),
            }
            // Told at once, not after waiting for bytes that would not be taken.
            let length = cursor.length("bytes in a field", limits.blob_bytes.min(room))?;
            cursor.take(length)?;
            Phase::Field
        }
        Phase::Whole => Phase::Whole,
    })
}
