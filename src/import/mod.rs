//! `rcs import`: taking over a Java server's installation. What will be written is planned first, from the properties
//! file, the stores and the manifests of the jars; then it is written all at once, over nothing that is there unless that
//! is wanted; then the page says what became of everything. Secrets move into files of their own and are never shown.
//!
//! Start reading at [`Plan::of`].

mod jar;
mod page;
mod plan;
mod write;

pub use page::Page;
pub use plan::Plan;
pub use write::WriteError;

use std::io;
use std::path::PathBuf;

use crate::config::ParseError;

/// Why an installation cannot be taken over. Nothing has been written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is no such installation.
    #[error("{} cannot be read: {source}; name the folder that holds conf/ConnectorServer.properties", path.display())]
    Properties {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Java could not load the file either.
    #[error("{} cannot be understood: {source}", path.display())]
    Grammar {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ParseError,
    },
    /// A store that the properties name is not there.
    #[error("{key} names {}, which cannot be read: {source}", path.display())]
    Store {
        /// The key.
        key: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
