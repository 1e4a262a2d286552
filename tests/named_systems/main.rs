//! The whole path: a provisioner file as an administrator has it, the tenant's REST interface, a server, a connector, and
//! the system that the file names, or a stand-in for it. The stand-ins are those of the connectors' own tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

#[path = "../../connectors/scim/tests/it/directory.rs"]
mod directory;
#[path = "../../connectors/pingone/tests/it/fake.rs"]
#[allow(dead_code, reason = "the connector's own tests use more of it")]
mod fake;
#[path = "../../connectors/scim/tests/it/patch.rs"]
mod patch;
#[path = "../../connectors/scim/tests/it/service.rs"]
#[allow(dead_code, reason = "the connector's own tests use more of it")]
mod service;

mod ldap;
mod password_safe;
mod pingone;
mod portal;
mod sailpoint;
mod scene;
mod scim;
