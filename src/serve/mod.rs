//! The running server: settings become a session, pools of links, a listener and a dispatcher, and all of them end in
//! order.
//!
//! Start reading at [`Server::start`].

mod dialling;
mod identity;
mod operations;
mod server;
mod view;
mod watch;

pub use dialling::Dialling;
pub use identity::{IdentityError, new_identity};
pub use server::{Server, StartError};
pub use view::View;
