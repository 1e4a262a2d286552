//! The protocol side: `/openicf/<n>` upgrades, nodes with their sessions, live sockets, and the backend over them.
//!
//! `upgrade` decides who may open a socket; [`OpenIcf`] keeps what was opened.

mod admin;
mod backend;
mod candidate;
mod capture;
mod dialer;
mod frame;
mod line;
mod node;
mod placement;
mod pong_filter;
mod refusing;
mod serving;
mod socket;
mod tap;
mod upgrade;
mod upgrade_log;

pub(crate) use admin::SocketAction;
pub(crate) use backend::SessionBackend;
pub(crate) use dialer::run as dial_servers;
pub(crate) use node::{ChangedProperties, NodeChange, OpenIcf};
pub(crate) use upgrade::serve;
