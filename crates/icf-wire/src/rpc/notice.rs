//! What travels outside operations: connector lists and changed configurations.

use bytes::Bytes;
use icf::{ConfigurationProperty, ConnectorInfo, Result};

use super::error::{unreadable, unwritable};
use crate::binary::{Blobs, Limits, Profile, read};

/// The list of this side's connectors as a control response carries it.
///
/// # Errors
/// When a default value has no form on the wire.
pub fn connector_infos(infos: &[ConnectorInfo]) -> Result<Bytes> {
    let blob = Blobs::new(Profile::OpenIcf2).connector_infos(infos);
    blob.map_err(|error| unwritable("the connector list", error))
}

/// The connectors a peer lists; no bytes mean none.
///
/// # Errors
/// When the list cannot be read.
pub fn read_connector_infos(bytes: &[u8], limits: &Limits) -> Result<Vec<ConnectorInfo>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    read::connector_infos(bytes, limits).map_err(|error| unreadable("the connector list", error))
}

/// The changed properties of a configuration as an event carries them.
///
/// # Errors
/// When a value has no form on the wire.
pub fn configuration_change(properties: &[ConfigurationProperty]) -> Result<Bytes> {
    let blob = Blobs::new(Profile::OpenIcf2).properties(properties);
    blob.map_err(|error| unwritable("the changed configuration", error))
}

/// The changed properties a peer tells of; no bytes mean none.
///
/// # Errors
/// When the list cannot be read.
pub fn read_configuration_change(bytes: &[u8], limits: &Limits) -> Result<Vec<ConfigurationProperty>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    read::properties(bytes, limits).map_err(|error| unreadable("the changed configuration", error))
}
