//! What a provisioner file makes of the configuration that a connector advertises.

use icf::{ApiConfiguration, ConfigurationProperty, PoolConfiguration, Value, ValueType};
use serde_json::Value as Json;

use super::Document;
use super::secrets::{Revealed, Vault};
use crate::types::{OPERATION_NAMES, coerce};

/// Results between connector and sender when the file does not say.
const BUFFER_SIZE: i32 = 100;

/// A configuration, and what was wrong with it without stopping it.
pub(crate) struct Overlaid {
    /// What travels as the facade key.
    pub(crate) configuration: ApiConfiguration,
    /// Remarks for the status.
    pub(crate) remarks: Vec<String>,
}

impl std::fmt::Debug for Overlaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration may hold secrets as plain texts.
        f.debug_struct("Overlaid").field("remarks", &self.remarks).finish_non_exhaustive()
    }
}

/// Lays a file over the advertised configuration.
///
/// # Errors
/// A text for the status of the system.
pub(crate) fn overlay(
    document: &Document,
    advertised: &ApiConfiguration,
    vault: &Vault,
) -> Result<Overlaid, String> {
    let mut configuration = advertised.clone();
    configuration.pool = pool(document.member("poolConfigOption"), advertised.pool);
    let handlers = document.member("resultsHandlerConfig");
    let flag = |name: &str, default| handlers.get(name).and_then(Json::as_bool).unwrap_or(default);
    let results = &mut configuration.results_handlers;
    results.normalizing = flag("enableNormalizingResultsHandler", results.normalizing);
    results.filtered = flag("enableFilteredResultsHandler", results.filtered);
    results.case_insensitive = flag("enableCaseInsensitiveFilter", results.case_insensitive);
    results.attributes_to_get = flag("enableAttributesToGetSearchResultsHandler", results.attributes_to_get);
    let size =
        ["producerBufferSize", "bufferSize"].into_iter().find_map(|name| integer(document.member(name)));
    configuration.producer_buffer_size = size.unwrap_or(BUFFER_SIZE);
    timeouts(document.member("operationTimeout"), &mut configuration)?;
    let mut remarks = Vec::new();
    properties(document, &mut configuration.properties, vault, &mut remarks)?;
    Ok(Overlaid { configuration, remarks })
}

fn integer(json: &Json) -> Option<i32> {
    json.as_i64().and_then(|number| i32::try_from(number).ok())
}

fn pool(json: &Json, advertised: PoolConfiguration) -> PoolConfiguration {
    let long = |name: &str, default| json.get(name).and_then(Json::as_i64).unwrap_or(default);
    let int = |name: &str, default| json.get(name).and_then(integer).unwrap_or(default);
    PoolConfiguration {
        max_objects: int("maxObjects", advertised.max_objects),
        max_idle: int("maxIdle", advertised.max_idle),
        max_wait: long("maxWait", advertised.max_wait),
        min_evictable_idle_time_millis: long(
            "minEvictableIdleTimeMillis",
            advertised.min_evictable_idle_time_millis,
        ),
        min_idle: int("minIdle", advertised.min_idle),
    }
}

fn timeouts(json: &Json, configuration: &mut ApiConfiguration) -> Result<(), String> {
    for (name, operation) in OPERATION_NAMES {
        match json.get(name) {
            None | Some(Json::Null) => {}
            Some(given) => match integer(given) {
                Some(limit) => {
                    configuration.timeouts.insert(operation, limit);
                }
                None if given.is_number() => {
                    tracing::error!(operation = name, value = %given, "A time limit must be whole milliseconds; ignored.");
                }
                None => return Err(errors(&format!("operationTimeout/{name} is not a number"))),
            },
        }
    }
    Ok(())
}

fn errors(what: &str) -> String {
    format!("OpenICF connector jsonConfiguration has errors: {what}")
}

fn properties(
    document: &Document,
    properties: &mut [ConfigurationProperty],
    vault: &Vault,
    remarks: &mut Vec<String>,
) -> Result<(), String> {
    let Json::Object(given) = document.member("configurationProperties") else {
        return Err(errors("configurationProperties is missing"));
    };
    for property in properties {
        let Some(json) = given.get(&property.name) else { continue };
        let secret = match vault.reveal(json, &document.alias, &property.name) {
            Revealed::Plain => None,
            Revealed::Secret(secret) => Some(Json::String(secret.reveal().to_string())),
            Revealed::Unusable => {
                let name = &property.name;
                remarks.push(format!("configurationProperties/{name}: encrypted value not usable here"));
                Some(Json::Null)
            }
        };
        let json = secret.as_ref().unwrap_or(json);
        let value_type = property.value_type.clone().unwrap_or(ValueType::String);
        property.value = if json.is_null() {
            Value::Null
        } else {
            coerce(json, &value_type).map_err(|mismatch| {
                errors(&format!("configurationProperties/{}: {mismatch}", property.name))
            })?
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use icf::{ApiOperation, GuardedString, ResultsHandlerConfiguration};
    use serde_json::{Map, json};

    use super::*;
    use crate::provisioner::Placeholders;

    fn advertised() -> ApiConfiguration {
        let property = |name, value_type, value: Value| ConfigurationProperty::new(name, value_type, value);
        ApiConfiguration {
            producer_buffer_size: 7,
            pooling: true,
            pool: PoolConfiguration::default(),
            results_handlers: ResultsHandlerConfiguration::default(),
            properties: vec![
                property("host", ValueType::String, "localhost".into()),
                property("port", ValueType::PrimitiveInteger, 389.into()),
                property("password", ValueType::GuardedString, Value::Null),
            ],
            timeouts: BTreeMap::new(),
            supported_operations: None,
        }
    }

    fn lay(content: Json) -> Result<Overlaid, String> {
        let document = Document::parse("t1", &content, &Placeholders::new(Map::new())).unwrap();
        overlay(&document, &advertised(), &Vault::new())
    }

    #[test]
    fn the_file_wins_where_it_says_something() {
        let laid = lay(json!({
            "poolConfigOption": {"maxObjects": 3},
            "resultsHandlerConfig": {"enableFilteredResultsHandler": false},
            "operationTimeout": {"GET": 200, "SEARCH": 1.5, "TEST": -1},
            "configurationProperties": {"host": null, "port": "636", "password": "p", "unknown": 1},
        }))
        .unwrap();
        let configuration = laid.configuration;
        assert_eq!((configuration.pool.max_objects, configuration.pool.max_idle), (3, 10));
        assert_eq!(configuration.producer_buffer_size, 100);
        assert!(!configuration.results_handlers.filtered && configuration.results_handlers.normalizing);
        assert_eq!(
            configuration.timeouts,
            BTreeMap::from([(ApiOperation::Get, 200), (ApiOperation::Test, -1)])
        );
        let values: Vec<&Value> = configuration.properties.iter().map(|property| &property.value).collect();
        assert_eq!(values, [&Value::Null, &636.into(), &GuardedString::new("p").into()]);
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let wrong = lay(json!({"configurationProperties": {"port": "x"}})).unwrap_err();
        assert!(
            wrong.contains("configurationProperties/port: java.lang.String to java.lang.Integer"),
            "{wrong}"
        );
        assert!(lay(json!({})).unwrap_err().contains("configurationProperties is missing"));
        assert!(lay(json!({"configurationProperties": {}, "operationTimeout": {"GET": "x"}})).is_err());
        let foreign = json!({"password": {"$crypto": {"type": "x-simple-encryption"}}});
        let laid = lay(json!({"configurationProperties": foreign})).unwrap();
        assert_eq!(laid.remarks, ["configurationProperties/password: encrypted value not usable here"]);
    }
}
