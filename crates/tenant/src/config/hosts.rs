//! `provisioner.openicf.connectorinfoprovider`: connector servers, clients and groups of them.

use serde_json::Value as Json;

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKind {
    /// A server that IDM dials.
    Server,
    /// A server that dials IDM.
    Client,
    /// A group of servers.
    ServersGroup,
    /// A group of clients.
    ClientsGroup,
}

impl HostKind {
    /// All kinds, as they stand in the configuration.
    const MEMBERS: [(&str, Self); 4] = [
        ("remoteConnectorServers", Self::Server),
        ("remoteConnectorClients", Self::Client),
        ("remoteConnectorServersGroups", Self::ServersGroup),
        ("remoteConnectorClientsGroups", Self::ClientsGroup),
    ];

    /// The name of the kind in answers.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::Server => "remoteConnectorServer",
            Self::Client => "remoteConnectorClient",
            Self::ServersGroup => "remoteConnectorServersGroup",
            Self::ClientsGroup => "remoteConnectorClientsGroup",
        }
    }

    const fn is_group(self) -> bool {
        matches!(self, Self::ServersGroup | Self::ClientsGroup)
    }
}

/// How a group chooses a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// The first that can.
    Failover,
    /// The next each time.
    RoundRobin,
}

/// A server, client or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: HostKind,
    /// Whether it may be used.
    pub(crate) enabled: bool,
    /// The OAuth client whose tokens mean this server.
    pub(crate) client_id: Option<String>,
    /// Members of a group, in order, with the way to choose.
    pub(crate) group: Option<(Algorithm, Vec<String>)>,
}

/// All servers, clients and groups, in configuration order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hosts(Vec<Host>);

impl Hosts {
    /// Reads the configuration; what cannot be used is logged and left out.
    pub(super) fn parse(content: &Json) -> Self {
        let mut hosts = Vec::new();
        for (member, entries) in content.as_object().into_iter().flatten() {
            let kind = HostKind::MEMBERS.iter().find_map(|(name, kind)| (name == member).then_some(*kind));
            if let (Some(kind), Some(entries)) = (kind, entries.as_array()) {
                hosts.extend(entries.iter().filter_map(|entry| Host::parse(kind, entry)));
            }
        }
        Self(hosts)
    }

    /// All entries.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Host> {
        self.0.iter()
    }

    /// The entry of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Host> {
        self.0.iter().find(|host| host.name == name)
    }

    /// Enabled entries that dial the tenant.
    pub(crate) fn clients(&self) -> impl Iterator<Item = &Host> {
        self.0.iter().filter(|host| host.kind == HostKind::Client && host.enabled)
    }
}

impl Host {
    fn parse(kind: HostKind, json: &Json) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let Some(name) = text("name").filter(|name| !name.is_empty()) else {
            tracing::error!(
                kind = kind.type_name(),
                "An entry of the connector servers has no name; ignored."
            );
            return None;
        };
        let group = if kind.is_group() {
            let algorithm = match text("algorithm").unwrap_or("failover").to_ascii_lowercase().as_str() {
                "failover" => Algorithm::Failover,
                "roundrobin" => Algorithm::RoundRobin,
                other => {
                    tracing::error!(
                        group = name,
                        algorithm = other,
                        "Unknown algorithm: write failover or roundrobin. The group is ignored."
                    );
                    return None;
                }
            };
            let list =
                json.get("serversList").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let member = |entry: &Json| entry.get("name").unwrap_or(entry).as_str().map(str::to_owned);
            Some((algorithm, list.iter().filter_map(member).collect()))
        } else {
            None
        };
        Some(Self {
            name: name.to_owned(),
            kind,
            enabled: json.get("enabled").and_then(Json::as_bool).unwrap_or(true),
            client_id: text("clientId").map(str::to_owned),
            group,
        })
    }

    /// The servers that stand behind the entry.
    pub(crate) fn servers(&self) -> Vec<&str> {
        match &self.group {
            Some((_, members)) => members.iter().map(String::as_str).collect(),
            None => vec![&self.name],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_keep_their_order_and_bad_ones_are_left_out() {
        let hosts = Hosts::parse(&json!({
            "connectorsLocation": "connectors",
            "remoteConnectorClientsGroups": [
                {"name": "g", "algorithm": "RoundRobin", "serversList": [{"name": "rcs1"}, {"name": "rcs2"}]},
                {"name": "bad", "algorithm": "random", "serversList": []},
            ],
            "remoteConnectorClients": [{"name": "rcs1"}, {"name": "rcs2", "enabled": false}, {"enabled": true}],
        }));
        let names: Vec<_> = hosts.iter().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["g", "rcs1", "rcs2"]);
        assert_eq!(hosts.get("g").unwrap().servers(), ["rcs1", "rcs2"]);
        assert_eq!(hosts.clients().count(), 1);
    }
}
