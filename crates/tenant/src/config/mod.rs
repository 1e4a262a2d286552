//! `/openidm/config`: stored configurations, the folder they come from, and what some of them mean to the tenant.

mod access;
mod conceal;
mod files;
mod hosts;
mod rest;
mod store;

pub(crate) use access::{SERVER_ROLE, may_open, roles_of};
pub(crate) use files::watch;
pub(crate) use hosts::{Algorithm, Host, HostKind, Hosts};
pub(crate) use rest::{serve, serve_all};
pub(crate) use store::{Store, provisioner_id};

/// The configuration that lists connector servers.
pub(crate) const HOSTS_ID: &str = "provisioner.openicf.connectorinfoprovider";

/// What the ids of provisioner files begin with.
pub(crate) const PROVISIONER: &str = "provisioner.openicf";

/// The alias in the id of a provisioner file.
pub(crate) fn alias_of(id: &str) -> Option<&str> {
    id.strip_prefix(PROVISIONER)?.strip_prefix('/')
}
