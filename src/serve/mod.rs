//! The running server: settings become a session, pools of links, a listener and a dispatcher, and all of them end in
//! order.
//!
//! Start reading at [`Server::start`].

mod dialling;
mod identity;
mod links;
mod operations;
mod reload;
mod server;
mod view;
mod watch;

pub use dialling::Dialling;
pub use identity::{IdentityError, new_identity};
pub use reload::{ReloadStatus, Reloaded};
pub use server::{Server, StartError};
pub use view::View;
