//! The connector server: configuration, links to the tenant, and the dispatch of operations to connectors.

pub mod cli;
pub mod config;
