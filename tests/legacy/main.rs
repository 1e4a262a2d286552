//! The legacy protocol over real sockets: recorded conversations with Java servers, and what a client must and must not
//! do.
#![allow(clippy::panic)]

mod differences;
mod leaving;
mod limits;
mod live;
mod printed;
mod protocol;
mod replay;
mod requests;
mod server;
