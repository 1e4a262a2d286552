//! Connections to servers: opened, secured, authenticated, used by one operation at a time.
//!
//! An operation writes its request and reads its answers itself. There is no task and no queue between it and the
//! socket, so a caller that is slow slows the server down, and an operation that is dropped leaves nothing behind.
//! Start at [`Link`].

mod address;
mod connection;
mod open;
mod patience;
mod session;
mod srv;
mod tls;
mod verify;

pub(crate) use address::{Address, LdapUrl};
pub(crate) use connection::{Answer, Connection, entry, intermediate, state};
pub(crate) use open::{Opener, bind, close};
pub(crate) use patience::Patience;
pub(crate) use session::{Answers, Link, Session};
