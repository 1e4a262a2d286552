//! The protocol side: `/openicf/<n>` upgrades, nodes with their sessions, live sockets, and the backend over them.
//!
//! `upgrade` decides who may open a socket; [`OpenIcf`] keeps what was opened.

mod backend;
mod capture;
mod dialer;
mod frame;
mod line;
mod node;
mod placement;
mod pong_filter;
mod refusing;
mod socket;
mod tap;
mod upgrade;
mod upgrade_log;

pub(crate) use backend::SessionBackend;
pub(crate) use dialer::run as dial_servers;
pub(crate) use node::{NodeChange, OpenIcf, SocketAction};
pub(crate) use upgrade::serve;
