//! Systems: a provisioner file brought to life on a connector server, the calls it makes there, and the actions of
//! `/openidm/system`.
//!
//! Start at [`System`]; [`Facade`] makes the calls.

mod activation;
mod changed;
mod connectors;
mod core_config;
mod facade;
mod full_config;
mod limiter;
mod operation;
mod registry;
mod rest;
mod routing;
mod script;
mod status;
mod stream;

pub(crate) use activation::Active;
pub(crate) use changed::keep_changes;
pub(crate) use connectors::is_operational;
pub(crate) use facade::unexpected;
pub(crate) use registry::{
    System, Systems, await_activation, has_meta_data, remove_configuration, reset_configurations,
    store_configuration,
};
pub(crate) use rest::{active, serve_all, serve_system};
pub(crate) use routing::Routing;
pub(crate) use stream::{Next, OperationStream};
