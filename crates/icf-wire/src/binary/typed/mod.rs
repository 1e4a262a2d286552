//! Straight between bytes and the types of the `icf` crate, without a tree in between.
//!
//! Each function of [`read`] takes the bytes of a one-object stream; [`Blobs`] makes such bytes.

mod attributes;
mod configuration;
mod containers;
pub mod facade_key;
mod filter;
mod options;
pub mod read;
mod schema;
mod value;
mod write;

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
