//! From the bytes of one-object streams. None of the functions panics or reserves memory on a peer's word, whatever the
//! bytes are.

use icf::{
    ApiConfiguration, AttributeSet, ConfigurationProperty, ConnectorInfo, ConnectorObject, Filter,
    GuardedString, ObjectClass, OperationOptions, Schema, SyncToken, Value, ValueMap,
};

use super::attributes::Spellings;
use super::{Read, attributes, configuration, containers, filter, options, schema, value};
use crate::binary::error::DecodeError;
use crate::binary::limits::Limits;
use crate::binary::raw::one;

/// Reads a set of attributes, in the order of the wire; `Uid` and `Name` become attributes of those names.
///
/// # Errors
/// When the bytes are not such a stream, pass a limit, or break a rule of the framework.
pub fn attributes(bytes: &[u8], limits: &Limits) -> Read<AttributeSet> {
    one(bytes, limits, attributes::read_set)
}

/// Reads the set of attributes of an object of that class.
///
/// # Errors
/// As [`attributes`]; also when uid or name is missing.
pub fn object_attributes(bytes: &[u8], class: ObjectClass, limits: &Limits) -> Read<ConnectorObject> {
    one(bytes, limits, |raw| attributes::read_object_attributes(raw, class, &mut Spellings::default()))
}

/// Reads an object with its class.
///
/// # Errors
/// As [`object_attributes`].
pub fn connector_object(bytes: &[u8], limits: &Limits) -> Read<ConnectorObject> {
    one(bytes, limits, attributes::read_object)
}

/// Reads operation options.
///
/// # Errors
/// As [`attributes`].
pub fn options(bytes: &[u8], limits: &Limits) -> Read<OperationOptions> {
    one(bytes, limits, options::read)
}

/// Reads a filter whose operands are in order.
///
/// # Errors
/// As [`attributes`].
pub fn filter(bytes: &[u8], limits: &Limits) -> Read<Filter> {
    one(bytes, limits, filter::read)
}

/// Reads a secret text.
///
/// # Errors
/// As [`attributes`].
pub fn guarded_string(bytes: &[u8], limits: &Limits) -> Read<GuardedString> {
    match value(bytes, limits)? {
        Value::GuardedString(secret) => Ok(secret),
        other => Err(DecodeError::refused(format!("Expected a GuardedString, got {}", other.type_name()))),
    }
}

/// Reads the value of a sync token.
///
/// # Errors
/// As [`attributes`].
pub fn sync_token(bytes: &[u8], limits: &Limits) -> Read<SyncToken> {
    Ok(SyncToken::try_new(value(bytes, limits)?)?)
}

/// Reads any value.
///
/// # Errors
/// As [`attributes`].
pub fn value(bytes: &[u8], limits: &Limits) -> Read<Value> {
    one(bytes, limits, value::read)
}

/// Reads a map, such as the arguments of a script.
///
/// # Errors
/// As [`attributes`].
pub fn map(bytes: &[u8], limits: &Limits) -> Read<ValueMap> {
    one(bytes, limits, value::read_map)
}

/// Reads a schema.
///
/// # Errors
/// As [`attributes`].
pub fn schema(bytes: &[u8], limits: &Limits) -> Read<Schema> {
    one(bytes, limits, schema::read)
}

/// Reads what a server tells of its connectors.
///
/// # Errors
/// As [`attributes`].
pub fn connector_infos(bytes: &[u8], limits: &Limits) -> Read<Vec<ConnectorInfo>> {
    one(bytes, limits, |raw| containers::elements(raw)?.iter().map(configuration::read_info).collect())
}

/// Reads a list of configuration properties.
///
/// # Errors
/// As [`attributes`].
pub fn properties(bytes: &[u8], limits: &Limits) -> Read<Vec<ConfigurationProperty>> {
    one(bytes, limits, |raw| containers::elements(raw)?.iter().map(configuration::read_property).collect())
}

/// Reads a configuration.
///
/// # Errors
/// As [`attributes`].
pub fn configuration(bytes: &[u8], limits: &Limits) -> Read<ApiConfiguration> {
    one(bytes, limits, configuration::read)
}
