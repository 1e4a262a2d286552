//! The connector server: configuration, links to the tenant, and the dispatch of operations to connectors.

pub mod config;
pub mod proxy;
pub mod tls;
pub mod token;
