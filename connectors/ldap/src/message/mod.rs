//! LDAP messages (RFC 4511) as bytes: requests to write, responses to read. No I/O.

pub(crate) mod code;
pub(crate) mod control;
mod request;
mod response;
pub(crate) mod sync;

pub(crate) use control::Control;
pub(crate) use request::{Change, ChangeKind, Deref, Request, Scope, SearchRequest, message};
pub(crate) use response::{Entry, Intermediate, LdapResult, Message, Operation, Values};
