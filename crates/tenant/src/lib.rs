//! A local stand-in for the identity cloud, for tests and demonstrations: OAuth 2.0 tokens, the `/openicf` end points
//! that a connector server dials, IDM's REST interface driven by unmodified provisioner files, and faults on demand.
//!
//! It never contains connectors, and it is never part of the shipped server. Start at [`Tenant`].

mod backend;
mod clock;
mod config;
mod control;
mod crest;
mod events;
mod faults;
mod http;
mod livesync;
mod net;
mod objects;
mod openicf;
mod options;
mod provisioner;
mod query;
mod rest;
mod state;
mod system;
mod tenant;
mod token;
mod types;

pub use backend::{Call, CallId, Disturbance, IcfBackend, Reply, Submission};
pub use crest::CrestError;
pub use events::{Event, EventKind, Events, KindFilter};
pub use faults::{Fault, FaultError, FaultKind, FaultMatch, Faults, Hit, Point, Subject};
pub use net::RawHead;
pub use options::{Dispatch, NamePlace, OptionError, RestAuth, SinkTarget, TenantOptions};
pub use tenant::{StartError, Tenant};
pub use token::{AuthMethod, Client, SCOPE};
