//! The tokio shell around the protocol state machine: live links, queues, timers.
//!
//! A [`Session`] owns one [`Engine`](icf_wire::session::Engine). Links are attached to it as WebSocket streams of any
//! kind; operations that peers ask for go to a [`Handler`]; operations this side asks for come back as [`Pending`]. The
//! server and the tenant both use it.

mod event;
mod execution;
mod link;
mod pending;
mod session;

pub use event::{Closed, SessionEvent};
pub use execution::{Execution, Responder};
pub use link::{LinkHandle, LinkPhase, Pong};
pub use pending::Pending;
pub use session::{Handler, Session, Submit};
