//! The connector server: configuration, links to the tenant, and the dispatch of operations to connectors.
//!
//! A server with connectors of one's own is [`main`] with another list:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     rcs::main(|bundles| rcs::bundled::connectors(bundles))
//! }
//! ```

pub mod admin;
pub mod bundled;
pub mod cli;
pub mod config;
pub mod dispatch;
pub mod doctor;
pub mod import;
pub mod legacy;
pub mod link;
pub mod listen;
pub mod pool;
pub mod proxy;
pub mod report;
pub mod serve;
pub mod tls;
pub mod token;

pub use cli::main;
