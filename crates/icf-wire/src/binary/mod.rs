//! The binary object format: how ICF objects become bytes.
//!
//! A stream begins with a magic number and a version; then come objects, each preceded by the names it uses for the
//! first time. Every field carries its length, so a reader passes over what it does not know. Facade keys and the
//! `bytes` members of the protobuf messages hold streams of one object; the older TCP protocol is one long stream in
//! each direction.
//!
//! Two ways lead in and out:
//!
//! * [`Object`] is a tree that holds whatever the format can express, in the order of the wire. [`Decoder`] and
//!   [`Encoder`] read and write streams of them; [`Object::interpret`] judges them as a Java peer does.
//! * [`read`], [`Objects`] and [`Blobs`] go straight between bytes and the types of the `icf` crate, without a tree.

mod cipher;
mod class;
mod cursor;
mod decoder;
mod encoder;
mod error;
pub mod fuzz;
mod limits;
mod names;
mod number;
mod pool;
pub(crate) mod profile;
pub(crate) mod raw;
pub(crate) mod registry;
pub(crate) mod tree;
pub(crate) mod typed;
pub(crate) mod writer;

pub use class::ClassRef;
pub use decoder::{Decoder, decode_one};
pub use encoder::{Encoder, encode_one};
pub use error::{DecodeError, EncodeError};
pub use limits::Limits;
pub use profile::{ConnIdRelease, Profile};
pub use tree::{Array, Field, Foreign, Map, Object, Record, Set};
pub use typed::{Blobs, Objects, facade_key, read};
