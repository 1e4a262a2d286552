//! The connector server: configuration, links to the tenant, and the dispatch of operations to connectors.

pub mod cli;
pub mod config;
pub mod dispatch;
pub mod link;
pub mod listen;
pub mod pool;
pub mod proxy;
pub mod tls;
pub mod token;
