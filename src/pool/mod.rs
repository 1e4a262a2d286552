//! Which links there should be: how many to each URL, when they are replaced, how they come back.

pub mod backoff;
