//! The names a reader has seen in a stream, by code.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cursor::{self, Cursor};
use super::error::DecodeError;
use super::limits::Limits;
use super::registry::{self, Registered};

/// A declared name and, if it is that of a type, which.
#[derive(Debug)]
pub(crate) struct Name<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) registered: Option<&'static Registered>,
}

/// Names by code. A peer may use any codes in any order and declare one again; real ones count from 0.
#[derive(Debug, Default)]
pub(crate) struct Pool<'a> {
    dense: Vec<Name<'a>>,
    sparse: HashMap<i32, Name<'a>>,
}

impl<'a> Pool<'a> {
    #[inline]
    pub(crate) fn get(&self, code: i32) -> Result<&Name<'a>, DecodeError> {
        match usize::try_from(code).ok().and_then(|place| self.dense.get(place)) {
            Some(name) => Ok(name),
            None => self.get_sparse(code),
        }
    }

    #[cold]
    fn get_sparse(&self, code: i32) -> Result<&Name<'a>, DecodeError> {
        self.sparse.get(&code).ok_or(DecodeError::UndeclaredCode(code))
    }

    fn declare(&mut self, code: i32, text: Cow<'a, str>, limits: &Limits) -> Result<(), DecodeError> {
        let registered = registry::find(&text);
        let name = Name { text, registered };
        let place = usize::try_from(code).unwrap_or(usize::MAX);
        if let Some(known) = self.dense.get_mut(place) {
            *known = name;
        } else if place == self.dense.len() {
            if !self.sparse.is_empty() {
                self.sparse.remove(&code);
            }
            self.dense.push(name);
        } else {
            self.sparse.insert(code, name);
        }
        if self.dense.len() + self.sparse.len() > limits.names {
            return Err(DecodeError::Limit { what: "names in a stream", limit: limits.names });
        }
        Ok(())
    }

    /// Reads the names that precede an object.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'a>, limits: &Limits) -> Result<(), DecodeError> {
        let count = count(cursor, limits)?;
        // What objects of usual size have; more is not reserved on a peer's word.
        self.dense.reserve(count.min(32));
        for _ in 0..count {
            let (code, text) = constant(cursor, limits)?;
            self.declare(code, text, limits)?;
        }
        Ok(())
    }
}

impl Pool<'static> {
    /// As [`read`](Self::read), for a pool that outlives the bytes.
    pub(crate) fn read_owned(&mut self, cursor: &mut Cursor<'_>, limits: &Limits) -> Result<(), DecodeError> {
        let count = count(cursor, limits)?;
        self.dense.reserve(count.min(32));
        for _ in 0..count {
            let (code, text) = constant(cursor, limits)?;
            self.declare(code, Cow::Owned(text.into_owned()), limits)?;
        }
        Ok(())
    }
}

/// How many names are declared next.
pub(crate) fn count(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<usize, DecodeError> {
    cursor.length("names before an object", limits.names_per_object)
}

/// One declaration.
pub(crate) fn constant<'a>(
    cursor: &mut Cursor<'a>,
    limits: &Limits,
) -> Result<(i32, Cow<'a, str>), DecodeError> {
    let length = cursor.length("bytes in a name", limits.name_bytes)?;
    let text = cursor::text(cursor.take(length)?);
    Ok((cursor.i32()?, text))
}
