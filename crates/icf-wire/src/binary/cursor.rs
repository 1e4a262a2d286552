//! Reading primitives from a slice: big-endian, without padding, never past the end.

use std::borrow::Cow;

use super::error::DecodeError;
use super::limits::Limits;

type Result<T> = std::result::Result<T, DecodeError>;

/// A place in a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(DecodeError::Truncated);
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(DecodeError::Truncated);
        };
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn i8(&mut self) -> Result<i8> {
        self.array().map(i8::from_be_bytes)
    }

    /// Any byte but zero is true.
    pub(crate) fn bool(&mut self) -> Result<bool> {
        self.u8().map(|byte| byte != 0)
    }

    #[inline]
    pub(crate) fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn f64(&mut self) -> Result<f64> {
        self.array().map(f64::from_be_bytes)
    }

    /// A count or a length, never negative and never over the limit.
    #[inline]
    pub(crate) fn length(&mut self, what: &'static str, limit: usize) -> Result<usize> {
        let length = self.i32()?;
        match usize::try_from(length) {
            Ok(length) if length <= limit => Ok(length),
            Ok(_) => Err(DecodeError::Limit { what, limit }),
            Err(_) => Err(DecodeError::NegativeLength(length)),
        }
    }

    #[inline]
    pub(crate) fn blob(&mut self, limits: &Limits) -> Result<&'a [u8]> {
        let length = self.length("bytes in a field", limits.blob_bytes)?;
        self.take(length)
    }

    /// Standard UTF-8; what is malformed becomes U+FFFD.
    #[inline]
    pub(crate) fn utf8(&mut self, limits: &Limits) -> Result<Cow<'a, str>> {
        self.blob(limits).map(text)
    }
}

/// Bytes as text; what is malformed becomes U+FFFD. The check alone is much faster than the replacement.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
