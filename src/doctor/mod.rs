//! What keeps a server from its tenant, step by step: DNS, proxy, TCP, TLS, token, upgrade, handshake, list of connectors
//! for every URL; in server mode the port and the key; the servers that run already.
//!
//! Every step is the server's own code: its dialler with a [`Witness`](crate::link::Witness), its token source, a
//! [`Server`] that holds the links. So a link that the doctor opens is a real one, and operations that arrive on it are
//! served; at the end it is given up in order. Start reading at [`examine`].

mod cause;
mod certificate;
mod configuration;
mod diagnosis;
mod listener;
mod report;
mod servers;
mod tenant;
mod text;

pub use cause::Cause;
pub use report::{Kind, Outcome, Part, Report, Step};

use icf::Registration;

use crate::config::{AdminListen, BundleSettings, ClientSettings, Loaded, Probe, Secret, Settings};
use crate::report::with_causes;
use crate::serve::{Dialling, Server, StartError};
use tenant::Walker;

/// What is examined besides the configuration.
#[derive(Debug, Default)]
pub struct Also {
    /// The plain shared key of server mode, to be compared with its hash.
    pub key: Option<Secret>,
    /// Where other servers answer that might claim the same host id.
    pub servers: Vec<AdminListen>,
}

/// Examines everything; `stores` opens the stores that the settings name. Must be called within a tokio runtime.
///
/// # Errors
/// When nothing can be examined at all: no random numbers, or connectors that cannot be described.
pub async fn examine(
    loaded: &Loaded,
    stores: Probe,
    also: &Also,
    connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>,
) -> Result<Report, StartError> {
    let mut report = Report::default();
    let Some(settings) = &loaded.settings else {
        report.parts.push(configuration::examine(&loaded.problems, None));
        return Ok(report);
    };
    let found = stores(settings, loaded);
    report.parts.push(configuration::examine(&loaded.problems, Some(&found)));
    if report.first_failure().is_some() {
        return Ok(report);
    }
    let registrations = connectors(&settings.bundles);
    let (own, has_port) = servers::own(settings).await;
    if let Some(client) = &settings.client {
        report.parts.extend(tenant(settings, client, registrations.clone()).await?);
    }
    if let Some(listener) = &settings.server {
        let key = also.key.as_ref();
        report.parts.push(listener::examine(settings, listener, registrations, has_port, key).await);
    }
    report.parts.push(own);
    for place in also.servers.iter().filter(|place| **place != settings.admin) {
        report.parts.push(servers::other(settings, place).await);
    }
    Ok(report)
}

async fn tenant(
    settings: &Settings,
    client: &ClientSettings,
    registrations: Vec<Registration>,
) -> Result<Vec<Part>, StartError> {
    let trust = settings.tls.trust.clone().map_or(crate::tls::Trust::System, crate::tls::Trust::Store);
    let identity = settings.tls.identity.clone();
    let dialling = match Dialling::try_new(client, trust, identity, &settings.link).await {
        Ok(dialling) => dialling,
        Err(error) => {
            let mut part = Part::new(Kind::Configuration, "what opens links");
            let cause = if matches!(error, StartError::Tls(_)) { Cause::Store } else { Cause::Configuration };
            part.steps.push(Step::failed("setup", with_causes(&error), cause));
            return Ok(vec![part]);
        }
    };
    let server = Server::prepare(settings, registrations)?;
    let mut walker =
        Walker { client, link: &settings.link, dialling: &dialling, server: &server, groups: Vec::new() };
    let mut parts = Vec::with_capacity(client.urls.len());
    for url in &client.urls {
        parts.push(walker.walk(url).await);
    }
    server.stop().await;
    Ok(parts)
}
