//! Which connectors are to be had, on which server or group.

use std::sync::Arc;

use icf::{ConnectorInfo, Locale, Messages};

use crate::config::Host;
use crate::provisioner::ConnectorRef;
use crate::state::State;

/// Whether a session of a server, or of any member of a group, is operational.
pub(crate) fn is_operational(state: &State, host: &Host) -> bool {
    host.servers().iter().any(|server| {
        (0..state.options.nodes.max(1)).any(|node| state.backend.connectors(node, server).is_some())
    })
}

/// The connectors of a server or of all members of a group, each key once.
pub(super) fn offered(state: &State, host: &Host) -> Vec<Arc<ConnectorInfo>> {
    let mut all: Vec<Arc<ConnectorInfo>> = Vec::new();
    for server in host.servers() {
        for node in 0..state.options.nodes.max(1) {
            for info in state.backend.connectors(node, server).into_iter().flatten() {
                if !all.iter().any(|known| known.key == info.key) {
                    all.push(info);
                }
            }
        }
    }
    all
}

/// Why a reference does not lead to a connector now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// It names the IDM process itself.
    Local,
    /// It names a server or group that is not configured.
    UnknownHost,
    /// Nobody connected offers the connector.
    NotOffered,
}

impl Unresolved {
    /// The text in a status.
    pub(super) fn text(&self, reference: &ConnectorRef) -> String {
        match self {
            Self::Local => format!("OpenICF ConnectorInfo can not be loaded for {reference} from #LOCAL"),
            Self::UnknownHost => format!("OpenICF ConnectorInfo for {reference} is not available yet."),
            Self::NotOffered => "connector not available".to_owned(),
        }
    }
}

/// The connector that a reference means.
pub(super) fn resolve(state: &State, reference: &ConnectorRef) -> Result<Arc<ConnectorInfo>, Unresolved> {
    if reference.is_local() {
        return Err(Unresolved::Local);
    }
    let hosts = state.config.hosts();
    let host = hosts.get(&reference.host).ok_or(Unresolved::UnknownHost)?;
    reference.choose(&offered(state, host)).ok_or(Unresolved::NotOffered)
}

/// A connector's text for a message key, in the tenant's locale; the key itself when there is none.
pub(super) fn localized(messages: &Messages, key: &str) -> String {
    let text =
        tenant_locale().fallbacks().find_map(|locale| messages.catalogues.get(&locale)?.get(key).cloned());
    text.unwrap_or_else(|| key.to_owned())
}

/// The locale that goes with every request.
pub(super) fn tenant_locale() -> Locale {
    Locale::new("en", "US")
}
