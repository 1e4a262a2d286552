//! What the entries of the server look like: its own schema (RFC 4512), or a built-in one, as ICF classes and attributes.

mod definition;
mod describe;
mod fixed;
mod model;
mod special;

pub(crate) use model::{Model, transfer_name};
