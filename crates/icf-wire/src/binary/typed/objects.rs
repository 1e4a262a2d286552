//! Reading the objects of a search: many streams of one object each, all much alike.

use icf::{ConnectorObject, ObjectClass};

use super::Read;
use super::attributes::{self, Spellings};
use crate::binary::cursor::Cursor;
use crate::binary::error::DecodeError;
use crate::binary::limits::Limits;
use crate::binary::pool::Pool;
use crate::binary::raw::{Context, Raw, header};

/// Reads objects one after the other, with what they have in common read once. Each is judged by itself: the result is
/// that of [`read::object_attributes`](super::read::object_attributes).
#[derive(Debug)]
pub struct Objects {
    limits: Limits,
    /// How the last stream began: its header and the names that it declared. Empty if that is not worth keeping.
    preamble: Vec<u8>,
    /// Those names.
    pool: Pool<'static>,
    spellings: Spellings,
}

/// A longer preamble is not kept.
const KEPT_PREAMBLE: usize = 4 << 10;

/// Names of attributes that are kept.
const KEPT_NAMES: usize = 64;

impl Objects {
    /// A reader with these limits for each object.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let spellings = Spellings::keeping(KEPT_NAMES);
        Self { limits, preamble: Vec::new(), pool: Pool::default(), spellings }
    }

    /// Reads the set of attributes of an object of that class.
    ///
    /// # Errors
    /// When the bytes are not such a stream, pass a limit, or break a rule of the framework.
    pub fn read(&mut self, bytes: &[u8], class: ObjectClass) -> Read<ConnectorObject> {
        let limit = self.limits.object_bytes;
        if bytes.len() > limit {
            return Err(DecodeError::Limit { what: "bytes in an object", limit });
        }
        let mut cursor = match bytes.strip_prefix(self.preamble.as_slice()) {
            Some(rest) if !self.preamble.is_empty() => Cursor::new(rest),
            _ => self.begin(bytes)?,
        };
        let context = Context::new(&self.pool, &self.limits);
        let raw = Raw::read(&mut cursor, &context, 1)?;
        attributes::read_object_attributes(&raw, class, &mut self.spellings)
    }

    /// Reads header and names.
    fn begin<'a>(&mut self, bytes: &'a [u8]) -> Read<Cursor<'a>> {
        self.preamble.clear();
        self.pool = Pool::default();
        let mut cursor = Cursor::new(bytes);
        header(&mut cursor)?;
        self.pool.read_owned(&mut cursor, &self.limits)?;
        let (preamble, _) = bytes.split_at(bytes.len() - cursor.rest().len());
        if preamble.len() <= KEPT_PREAMBLE {
            self.preamble.extend_from_slice(preamble);
        }
        Ok(cursor)
    }
}
