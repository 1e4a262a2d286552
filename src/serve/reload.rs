//! New settings for a running server: what can change without a restart, and what cannot.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_rustls::rustls::ServerConfig;

use super::dialling::Dialling;
use super::server::{Server, StartError};
use crate::config::{
    Authentication, ClientSettings, LinkSettings, ProxySettings, ServerSettings, Settings, TlsSettings,
    UpgradeSettings,
};
use crate::tls::{self, Fingerprint, TlsError, Trust};

/// What a reload did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// What has changed, in words for the log.
    pub changed: Vec<String>,
    /// Keys whose new values take effect at the next start.
    pub needs_restart: Vec<&'static str>,
}

/// The last attempt to reload.
#[derive(Debug, Clone)]
pub struct ReloadStatus {
    /// When.
    pub at: Instant,
    /// What came of it; if it was refused, why. The settings before are in force then.
    pub outcome: Result<Reloaded, String>,
}

/// Contents of the stores: a certificate may be replaced under the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stores {
    trust: Fingerprint,
    identity: Fingerprint,
    listener: Fingerprint,
}

impl Stores {
    pub(super) async fn read(settings: &Settings) -> Result<Self, TlsError> {
        let identity = settings.tls.identity.as_ref().map(|identity| &identity.store);
        let listener = settings.server.as_ref().and_then(|server| server.tls.as_ref());
        Ok(Self {
            trust: tls::fingerprint(settings.tls.trust.as_ref()).await?,
            identity: tls::fingerprint(identity).await?,
            listener: tls::fingerprint(listener.map(|identity| &identity.store)).await?,
        })
    }
}

/// All that can fail, done before anything changes.
struct Prepared {
    dialling: Option<Dialling>,
    listener: Option<Arc<ServerConfig>>,
    stores: Stores,
}

impl Server {
    /// Goes over to other settings as far as that is possible at run time. New links use them; links made with the old
    /// ones are replaced one after the other and go when their successors are in use, so nothing is dropped.
    ///
    /// # Errors
    /// A store that cannot be used, or credentials that cannot be sent. Nothing has changed then.
    pub async fn reload(&mut self, wanted: Settings) -> Result<Reloaded, StartError> {
        let Some(old) = self.settings.clone() else { return Ok(Reloaded::default()) };
        let needs_restart = needs_restart(&wanted, &old);
        let new = possible(wanted, &old);
        let Prepared { dialling, listener, stores } = self.prepare_reload(&new, &old).await?;
        let mut changed = Vec::new();
        self.change_listener(listener, &new, &old, &mut changed);
        self.change_dialling(dialling, &new, &old, &mut changed);
        if new.drain_timeout != old.drain_timeout {
            self.drain_timeout = new.drain_timeout;
            changed.push("the drain time".to_owned());
        }
        self.stores = stores;
        self.settings = Some(new);
        Ok(Reloaded { changed, needs_restart })
    }

    /// Keeps the outcome of an attempt to reload for those who watch.
    pub fn note_reload(&self, outcome: Result<Reloaded, String>) {
        self.last_reload.send_replace(Some(ReloadStatus { at: Instant::now(), outcome }));
    }

    async fn prepare_reload(&self, new: &Settings, old: &Settings) -> Result<Prepared, StartError> {
        let stores = Stores::read(new).await?;
        let dialling = match (&new.client, &old.client) {
            (Some(client), Some(before))
                if Way::of(client, new) != Way::of(before, old)
                    || (stores.trust, stores.identity) != (self.stores.trust, self.stores.identity) =>
            {
                let TlsSettings { trust, identity } = new.tls.clone();
                let trust = trust.map_or(Trust::System, Trust::Store);
                Some(Dialling::try_new(client, trust, identity, &new.link).await?)
            }
            _ => None,
        };
        let shown = |settings: &Settings| settings.server.as_ref().and_then(|server| server.tls.clone());
        let listener = match shown(new) {
            Some(identity)
                if shown(old).as_ref() != Some(&identity) || stores.listener != self.stores.listener =>
            {
                Some(tls::server_config(identity).await?)
            }
            _ => None,
        };
        Ok(Prepared { dialling, listener, stores })
    }

    fn change_listener(
        &self,
        listener: Option<Arc<ServerConfig>>,
        new: &Settings,
        old: &Settings,
        changed: &mut Vec<String>,
    ) {
        let (Some(server), Some(before)) = (&new.server, &old.server) else { return };
        if let Some(config) = listener {
            self.entrances.iter().for_each(|entrance| entrance.show(Arc::clone(&config)));
            changed.push("the listener's certificate".to_owned());
        }
        if server.key != before.key {
            self.entrances.iter().for_each(|entrance| entrance.demand(server.key.clone()));
            if let Some(legacy) = &self.legacy {
                legacy.demand(server.key.clone());
            }
            changed.push("the shared key".to_owned());
        }
    }

    fn change_dialling(
        &mut self,
        dialling: Option<Dialling>,
        new: &Settings,
        old: &Settings,
        changed: &mut Vec<String>,
    ) {
        let (Some(client), Some(before)) = (&new.client, &old.client) else { return };
        if client.pool != before.pool {
            self.links.resize(&client.pool);
            changed.push("number and life of links".to_owned());
        }
        if let Some(dialling) = dialling {
            self.links.redial(dialling, client);
            changed.push("how links are made (those in use are replaced one by one)".to_owned());
        }
        for url in before.urls.iter().filter(|url| !client.urls.contains(url)) {
            self.links.leave(url);
            changed.push(format!("no more links to {url}"));
        }
        for url in client.urls.iter().filter(|url| !before.urls.contains(url)) {
            let pool = self.links.go_to(url, client, self.no_new_links.clone());
            pool.into_iter().for_each(|pool| drop(self.tasks.spawn(pool)));
            changed.push(format!("links to {url}"));
        }
    }
}

/// What a link is made from.
#[derive(PartialEq)]
struct Way<'a> {
    host_id: &'a str,
    proxy: Option<&'a ProxySettings>,
    authentication: &'a Authentication,
    upgrade: &'a UpgradeSettings,
    connect_timeout: Duration,
    max_message_size: usize,
    tls: &'a TlsSettings,
}

impl<'a> Way<'a> {
    fn of(client: &'a ClientSettings, settings: &'a Settings) -> Self {
        Self {
            host_id: &client.host_id,
            proxy: client.proxy.as_ref(),
            authentication: &client.authentication,
            upgrade: &client.upgrade,
            connect_timeout: client.pool.connect_timeout,
            max_message_size: settings.link.max_message_size,
            tls: &settings.tls,
        }
    }
}

/// The keys with new values that a running server cannot go over to.
fn needs_restart(new: &Settings, old: &Settings) -> Vec<&'static str> {
    let mut keys = Vec::new();
    let mut note = |differs: bool, key: &'static str| {
        if differs {
            keys.push(key);
        }
    };
    note(
        new.client.is_some() != old.client.is_some() || new.server.is_some() != old.server.is_some(),
        "mode (client, server or both)",
    );
    if let (Some(new), Some(old)) = (&new.client, &old.client) {
        note(new.name != old.name, "connectorServerName");
    }
    if let (Some(new), Some(old)) = (&new.server, &old.server) {
        note(new.interface != old.interface, "ifaddress");
        note(new.port != old.port, "port");
        note(new.tls.is_some() != old.tls.is_some(), "usessl");
        note(new.legacy_profile != old.legacy_profile, "legacyProfile");
        note(new.legacy_port != old.legacy_port, "legacyPort");
    }
    note(new.link.ping_interval != old.link.ping_interval, "pingPongInterval");
    note(new.link.pong_timeout != old.link.pong_timeout, "pongTimeout");
    note(new.link.handshake_timeout != old.link.handshake_timeout, "handshakeTimeout");
    note(new.link.group_check_interval != old.link.group_check_interval, "groupCheckInterval");
    note(new.dispatch.max_operation_time != old.dispatch.max_operation_time, "maxOperationTime");
    note(new.dispatch.max_facade_life_time != old.dispatch.max_facade_life_time, "maxFacadeLifeTime");
    note(new.dispatch.protection != old.dispatch.protection, "protect");
    note(new.bundles.names != old.bundles.names, "bundleNames");
    note(new.bundles.versions != old.bundles.versions, "bundleVersion");
    note(new.admin != old.admin, "adminListen");
    note(new.log.format != old.log.format, "logFormat");
    note(new.log.file != old.log.file, "logFile");
    note(new.log.keep != old.log.keep, "logKeep");
    keys
}

/// The new settings with the old values of what needs a restart.
fn possible(new: Settings, old: &Settings) -> Settings {
    let client = match (new.client, &old.client) {
        // The name stands in sessions, groups and placeholders.
        (Some(client), Some(old)) if client.name != old.name => {
            Some(ClientSettings { name: old.name.clone(), upgrade: old.upgrade.clone(), ..client })
        }
        (Some(client), Some(_)) => Some(client),
        (_, old) => old.clone(),
    };
    let server = match (new.server, &old.server) {
        (Some(server), Some(old)) => {
            let tls = if server.tls.is_some() == old.tls.is_some() { server.tls } else { old.tls.clone() };
            Some(ServerSettings { key: server.key, tls, ..old.clone() })
        }
        (_, old) => old.clone(),
    };
    Settings {
        client,
        server,
        tls: new.tls,
        link: LinkSettings { max_message_size: new.link.max_message_size, ..old.link.clone() },
        dispatch: old.dispatch.clone(),
        bundles: old.bundles.clone(),
        admin: old.admin.clone(),
        drain_timeout: new.drain_timeout,
        watch_interval: new.watch_interval,
        log: old.log.clone(),
    }
}
