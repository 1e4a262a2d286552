//! From what somebody wrote to a key of the table, and from a slip to the key that was probably meant.

use super::keys::{self, Key, PREFIX, Status};

/// A written name that stands for a key.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) key: &'static Key,
    /// What follows after a dot, for keys that have members.
    pub(super) member: Option<&'a str>,
    /// The name is not the key's own but another accepted spelling.
    pub(super) alias: bool,
}

/// Finds the key for a full name as it stands in a file. Letter case counts, as in Java.
pub(super) fn look_up(full_name: &str) -> Option<Named<'_>> {
    let Some(name) = full_name.strip_prefix(PREFIX) else {
        return keys::all()
            .find(|key| matches!(key.status, Status::Former { bare: true, .. }) && key.name == full_name)
            .map(|key| Named { key, member: None, alias: false });
    };
    keys::all().filter(|key| !matches!(key.status, Status::Former { bare: true, .. })).find_map(|key| {
        if key.kind.has_members() {
            let member =
                name.strip_prefix(key.name)?.strip_prefix('.').filter(|member| !member.is_empty())?;
            return Some(Named { key, member: Some(member), alias: false });
        }
        if key.name == name {
            return Some(Named { key, member: None, alias: false });
        }
        key.aliases.contains(&name).then_some(Named { key, member: None, alias: true })
    })
}

/// The full name of the key that was probably meant.
pub(super) fn did_you_mean(written: &str) -> Option<String> {
    let name = written.strip_prefix(PREFIX).unwrap_or(written);
    nearest(name, keys::all().map(|key| key.name)).map(|name| format!("{PREFIX}{name}"))
}

/// The name behind `RCS_` that was probably meant.
pub(super) fn did_you_mean_variable(written: &str) -> Option<String> {
    let names: Vec<String> = keys::all().flat_map(Key::environment_names).collect();
    nearest(written, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The name that differs least, if it differs little. Letter case counts for nothing.
fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // No name is near that long a text, and the comparison takes time and memory by its length.
    if written.len() > 64 {
        return None;
    }
    let written = written.to_ascii_lowercase();
    let tolerated = written.len() / 5 + 1;
    names
        .map(|name| (strsim::osa_distance(&written, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_aliases_and_members() {
        let found = look_up("connectorserver.useSSL").unwrap();
        assert_eq!((found.key.name, found.alias), ("usessl", true));
        let found = look_up("connectorserver.bundleVersion.org.example.x").unwrap();
        assert_eq!((found.key.name, found.member), ("bundleVersion", Some("org.example.x")));
        assert_eq!(
            look_up("ClientConnectionManagerFactoryClass").unwrap().key.name,
            "ClientConnectionManagerFactoryClass"
        );
        for unknown in ["url", "connectorserver.URL", "connectorserver.bundleVersion", "connectorserver.", ""]
        {
            assert!(look_up(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn suggests_what_was_meant() {
        for (written, meant) in [
            ("connectorserver.conectionTtl", "connectorserver.connectionTtl"),
            ("connectorserver.connectorservername", "connectorserver.connectorServerName"),
            ("url", "connectorserver.url"),
            ("connectorserver.trustStorePassword", "connectorserver.trustStorePass"),
            ("connectorserver.websocketConnection", "connectorserver.webSocketConnections"),
        ] {
            assert_eq!(did_you_mean(written).as_deref(), Some(meant));
        }
        assert_eq!(did_you_mean("connectorserver.colour"), None);
        assert_eq!(did_you_mean_variable("CLIENTSECRET").as_deref(), Some("CLIENT_SECRET"));
        assert_eq!(did_you_mean_variable("VECTORS"), None);
        assert_eq!(did_you_mean_variable("SERVICE_HOST"), None);
    }
}
