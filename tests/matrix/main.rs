//! Every case of the protocol with the published Java frameworks as the identity service: OpenICF's dials our server
//! (`a`), our server dials it (`b`), ConnId's dials our server over the legacy protocol (`c`), and, so that the cases
//! themselves are proven, OpenICF's talks to the Java connector server (`java`). On the server's side the reference
//! connector answers, in Rust or in Java.
//!
//! One row of the table in `docs/interoperability.md` is one function here; [`ways::rows!`] makes a test of it for each
//! way.

mod balancing;
mod batches;
mod catalogue;
mod cuts;
mod events;
mod failures;
mod filters;
mod limits;
mod long;
mod reading;
mod streams;
mod values;
mod ways;
mod writing;

#[path = "../support/java.rs"]
mod java;
#[path = "../support/our_server.rs"]
mod our_server;
#[path = "../support/relay.rs"]
mod relay;
