//! `connectorRef`: which connector, on which host.

use std::sync::Arc;

use icf::ConnectorInfo;
use serde_json::{Value as Json, json};

use super::version::{Version, VersionSpec};

/// A reference to a connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConnectorRef {
    /// Name of a server, client or group; empty means the IDM process itself.
    pub(crate) host: String,
    /// Name of the bundle.
    pub(crate) bundle_name: String,
    /// Version or range.
    pub(crate) bundle_version: String,
    /// Name of the connector.
    pub(crate) connector_name: String,
    /// Name for people.
    pub(crate) display_name: Option<String>,
}

impl ConnectorRef {
    /// Reads the members of a reference; what is absent stays empty.
    pub(crate) fn parse(json: &Json) -> Self {
        let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        Self {
            host: text("connectorHostRef").trim().to_owned(),
            bundle_name: text("bundleName"),
            bundle_version: text("bundleVersion"),
            connector_name: text("connectorName"),
            display_name: json.get("displayName").and_then(Json::as_str).map(str::to_owned),
        }
    }

    /// Whether it names connectors inside the IDM process, which this tenant has none of.
    pub(crate) fn is_local(&self) -> bool {
        self.host.is_empty() || self.host == "#LOCAL" || self.host.starts_with("osgi:")
    }

    /// The matching connector of the highest version.
    pub(crate) fn choose(&self, offered: &[Arc<ConnectorInfo>]) -> Option<Arc<ConnectorInfo>> {
        let versions = VersionSpec::parse(&self.bundle_version);
        let matching = offered.iter().filter(|info| {
            info.key.bundle_name == self.bundle_name
                && info.key.connector_name == self.connector_name
                && versions.admits(&info.key.bundle_version)
        });
        matching.max_by_key(|info| Version::parse(&info.key.bundle_version)).map(Arc::clone)
    }

    /// The members that a status shows.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "connectorHostRef": self.host,
            "bundleVersion": self.bundle_version,
            "bundleName": self.bundle_name,
            "connectorName": self.connector_name,
        })
    }
}

impl std::fmt::Display for ConnectorRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ConnectorKey( bundleName={} bundleVersion={} connectorName={} )",
            self.bundle_name, self.bundle_version, self.connector_name
        )
    }
}
