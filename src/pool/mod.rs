//! Which links should exist: how many to each URL, when each is replaced, how soon a lost one comes back.
//!
//! A [`Pool`] keeps the links to one URL. It opens them one after the other, replaces each when it has reached its age
//! (the new one is in use before the old one goes), and waits between attempts that fail. What a link carries is none of
//! its business.

pub mod backoff;
mod control;
mod keeper;
mod open;
mod status;

#[cfg(test)]
mod tests;

pub use control::Control;
pub use keeper::{Pool, PoolOptions};
pub use open::{DialedLinks, Open, OpenFailure};
pub use status::{Failure, PoolStatus, SeenLink};
