//! Changes.

/// The class of the events that `DirSync` reports.
pub(crate) const DIR_SYNC_EVENTS: &str = "__DIRSYNC_EVENTS__";
