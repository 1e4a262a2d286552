//! Straight between bytes and the types of the `icf` crate, without a tree in between.
//!
//! Each function of [`read`] takes the bytes of a one-object stream; [`Blobs`] makes such bytes. [`Objects`] reads the
//! objects of a search.

pub(crate) mod attributes;
pub(crate) mod configuration;
pub(crate) mod containers;
pub mod facade_key;
pub(crate) mod filter;
mod objects;
pub(crate) mod options;
pub mod read;
pub(crate) mod schema;
pub(crate) mod value;
mod write;

pub use objects::Objects;
pub use write::Blobs;

use super::error::{DecodeError, EncodeError};
use super::raw::Raw;
use super::writer::Writer;

type Read<T> = Result<T, DecodeError>;
type Write = Result<(), EncodeError>;

/// A rule about what a peer sent.
fn require(holds: bool, rule: &'static str) -> Read<()> {
    if holds { Ok(()) } else { Err(DecodeError::refused(rule)) }
}

/// The object in a field that must be there.
fn part<'a>(raw: &Raw<'a>, field: &str, rule: &'static str) -> Read<Raw<'a>> {
    raw.object(field)?.ok_or_else(|| DecodeError::refused(rule))
}
