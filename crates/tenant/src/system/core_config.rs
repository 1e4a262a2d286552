//! Generated configurations: what an administrator starts from.

use icf::{ConfigurationProperty, ConnectorInfo, Value, ValueType};
use serde_json::{Map, Value as Json, json};

use super::connectors::{Unresolved, localized, offered, resolve};
use crate::config::{HostKind, PROVISIONER};
use crate::crest::CrestError;
use crate::provisioner::ConnectorRef;
use crate::state::State;
use crate::types::natural_json;

/// Time limits that are written into a new configuration, in milliseconds.
const TIME_LIMITS: [(&str, i32); 13] = [
    ("CREATE", 15_000),
    ("UPDATE", 15_000),
    ("DELETE", 15_000),
    ("TEST", 5_000),
    ("SCRIPT_ON_CONNECTOR", 15_000),
    ("SCRIPT_ON_RESOURCE", 15_000),
    ("GET", 15_000),
    ("RESOLVEUSERNAME", 10_000),
    ("AUTHENTICATE", 10_000),
    ("SEARCH", 15_000),
    ("VALIDATE", 5_000),
    ("SYNC", 15_000),
    ("SCHEMA", 10_000),
];

/// `testConnectorServers`
pub(super) fn test_servers(state: &State) -> Json {
    let hosts = state.config.hosts();
    let entries: Vec<Json> = hosts
        .iter()
        .map(|host| {
            let ok = super::connectors::is_operational(state, host);
            json!({"name": host.name, "type": host.kind.type_name(), "ok": ok})
        })
        .collect();
    json!({"openicf": entries})
}

/// `availableConnectorServers`: the kinds of servers that can be configured.
pub(super) fn server_kinds() -> Json {
    let entry = |kind: HostKind, name: &str| json!({"displayName": name, "systemType": PROVISIONER, "type": kind.type_name()});
    json!({"connectorServers": [
        entry(HostKind::Server, "Remote Connector Server"),
        entry(HostKind::ServersGroup, "Remote Connector Servers Group"),
        entry(HostKind::Client, "Remote Connector Client"),
        entry(HostKind::ClientsGroup, "Remote Connector Clients Group"),
    ]})
}

/// `createConnectorServerCoreConfig`: what an entry of a kind consists of.
pub(super) fn server_template(content: &Json) -> Result<Json, CrestError> {
    let kind = content.get("type").and_then(Json::as_str).unwrap_or_default();
    Ok(match kind {
        "remoteConnectorClient" => json!({"displayName": "", "name": "", "enabled": true, "usessl": false}),
        "remoteConnectorServer" => json!({
            "displayName": "", "name": "", "enabled": true, "usessl": false, "host": "", "port": "",
            "key": "password", "proxyHost": "", "proxyPort": 8080, "proxyUser": "", "proxyPassword": "",
            "housekeepingInterval": 20, "connectionGroupCheckInterval": 60, "pingPongInterval": 60,
            "webSocketConnections": 2,
        }),
        "remoteConnectorServersGroup" | "remoteConnectorClientsGroup" => {
            json!({"displayName": "", "name": "", "serversList": [], "algorithm": "failover"})
        }
        other => return Err(CrestError::bad_request(format!("Unknown connector server type: {other}"))),
    })
}

/// `availableConnectors`: what the connected servers offer, and groups through their members.
pub(super) fn available_connectors(state: &State) -> Json {
    let hosts = state.config.hosts();
    let entries = hosts.iter().flat_map(|host| {
        let infos = offered(state, host);
        infos.into_iter().map(|info| describe(&host.name, &info)).collect::<Vec<_>>()
    });
    json!({"connectorRef": entries.collect::<Vec<_>>()})
}

fn describe(host: &str, info: &ConnectorInfo) -> Json {
    json!({
        "connectorHostRef": host,
        "displayName": localized(&info.messages, &info.display_name_key),
        "bundleVersion": info.key.bundle_version,
        "systemType": PROVISIONER,
        "bundleName": info.key.bundle_name,
        "connectorName": info.key.connector_name,
    })
}

/// `createCoreConfig`: a connector's properties with their defaults. Calls nobody.
pub(super) fn create_core_config(state: &State, content: &Json) -> Result<Json, CrestError> {
    let Some(reference) = content.get("connectorRef") else { return Ok(json!({})) };
    if content.get("configurationProperties").is_some() {
        return Ok(json!({}));
    }
    let reference = ConnectorRef::parse(reference);
    let info = find(state, &reference)?;
    let mut answer = content.as_object().cloned().unwrap_or_else(Map::new);
    let configuration = &info.configuration;
    if configuration.pooling {
        answer.insert(
            "poolConfigOption".to_owned(),
            json!({
                "maxObjects": 10, "maxIdle": 10, "maxWait": 150_000,
                "minEvictableIdleTimeMillis": 120_000, "minIdle": 1,
            }),
        );
    }
    answer.insert(
        "resultsHandlerConfig".to_owned(),
        json!({
            "enableNormalizingResultsHandler": false, "enableFilteredResultsHandler": false,
            "enableCaseInsensitiveFilter": false, "enableAttributesToGetSearchResultsHandler": true,
        }),
    );
    let limits: Map<String, Json> =
        TIME_LIMITS.iter().map(|(name, ms)| ((*name).to_owned(), (*ms).into())).collect();
    answer.insert("operationTimeout".to_owned(), Json::Object(limits));
    let properties: Map<String, Json> = configuration
        .properties
        .iter()
        .map(|property| (property.name.clone(), property_json(state, property)))
        .collect();
    answer.insert("configurationProperties".to_owned(), Json::Object(properties));
    Ok(Json::Object(answer))
}

/// The connector that a reference in a request means.
pub(super) fn find(
    state: &State,
    reference: &ConnectorRef,
) -> Result<std::sync::Arc<ConnectorInfo>, CrestError> {
    if reference.connector_name.is_empty() {
        return Err(CrestError::not_found("No connector name provided"));
    }
    let hosts = state.config.hosts();
    let somebody = hosts.iter().any(|host| {
        offered(state, host).iter().any(|info| info.key.connector_name == reference.connector_name)
    });
    resolve(state, reference).map_err(|reason| {
        if somebody || reason == Unresolved::Local {
            CrestError::not_found(format!("Connector not found: {reference}"))
        } else {
            CrestError::unavailable("The required service is not available")
        }
    })
}

/// A property's value as it is shown: texts for bytes and characters, references for secrets.
pub(super) fn property_json(state: &State, property: &ConfigurationProperty) -> Json {
    match &property.value {
        Value::GuardedString(secret) => state.vault.conceal(&secret.reveal()),
        Value::GuardedBytes(secret) => state.vault.conceal(&String::from_utf8_lossy(secret.reveal())),
        Value::String(text) if property.confidential && !text.is_empty() => state.vault.conceal(text),
        Value::Array(array) if array.component.boxed() == ValueType::Character => {
            let characters = array.items.iter().filter_map(|item| match item {
                Value::Character(c) => Some(*c),
                _ => None,
            });
            Json::String(characters.collect())
        }
        value => natural_json(value),
    }
}
