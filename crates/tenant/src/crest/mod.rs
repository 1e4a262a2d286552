//! The conventions of all of `/openidm`: how a request becomes a verb with parameters, and how answers and errors look.
//!
//! Start at [`Request`]. What the resources mean is elsewhere.

mod answer;
mod error;
mod fields;
mod parameters;
mod patch;
mod path;
mod pointer;
mod query_request;
mod request;

pub(crate) use answer::{Answer, resource};
pub use error::CrestError;
pub(crate) use fields::project;
pub(crate) use parameters::Parameters;
pub(crate) use patch::{
    PatchKind, PatchOperation, add_numbers, apply_patch, missing, not_a_number, parse_patch,
};
pub(crate) use path::encode_segment;
pub(crate) use pointer::Pointer;
pub(crate) use query_request::{QueryRequest, Selector, query_envelope};
pub(crate) use request::{Context, PutMode, Request, Verb, header_text};
