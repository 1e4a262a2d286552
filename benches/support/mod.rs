//! What the figures are taken with.

pub(crate) mod bare;
pub(crate) mod connector;
pub(crate) mod loopback;
pub(crate) mod pair;
pub(crate) mod taken;
