//! Our server as an administrator runs it: a properties file, and all compiled-in connectors; on demand with the
//! reference connector besides.
// Each test program uses its own part of this module.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;

use icf::Registration;
use icf_wire::session::GroupStatus;
use rcs::config::{self, BundleSettings, Inputs};
use rcs::serve::Server;

fn with_bundled(more: Vec<Registration>) -> impl FnOnce(&BundleSettings) -> Vec<Registration> {
    move |bundles| rcs::bundled::connectors(bundles).into_iter().chain(more).collect()
}

fn csv(bundles: &BundleSettings) -> Vec<Registration> {
    let mut connectors = rcs::bundled::connectors(bundles);
    connectors.retain(|registration| registration.key().connector_name.contains("CSVFile"));
    connectors
}

fn client_properties(url: &str, lines: &str) -> String {
    format!(
        "connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={url}\n\
         connectorserver.principal=rcs1\n\
         connectorserver.password=secret\n\
         connectorserver.newConnectionsInterval=1\n\
         {lines}"
    )
}

/// A running server. It does not stop by itself; it ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct OurServer(Server);

impl OurServer {
    /// In server mode with the key `changeit`, on any free port, and with these further lines.
    pub(crate) async fn listening(lines: &str) -> Self {
        Self::listening_with(Vec::new(), lines).await
    }

    /// The same with more connectors.
    pub(crate) async fn listening_with(more: Vec<Registration>, lines: &str) -> Self {
        let key = "connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=";
        let address = "connectorserver.port=8759\nconnectorserver.ifaddress=127.0.0.1";
        Self::start(with_bundled(more), &format!("{address}\n{key}\n{lines}")).await
    }

    /// In server mode with the CSV connector alone, whose list is small enough for every peer.
    pub(crate) async fn listening_with_csv(lines: &str) -> Self {
        let key = "connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=";
        let address = "connectorserver.port=8759\nconnectorserver.ifaddress=127.0.0.1";
        Self::start(csv, &format!("{address}\n{key}\n{lines}")).await
    }

    /// In client mode, dialling `url` as `rcs1` with the password `secret`, and with these further lines.
    pub(crate) async fn dialling(url: &str, lines: &str) -> Self {
        Self::dialling_with(Vec::new(), url, lines).await
    }

    /// The same with more connectors.
    pub(crate) async fn dialling_with(more: Vec<Registration>, url: &str, lines: &str) -> Self {
        Self::start(with_bundled(more), &client_properties(url, lines)).await
    }

    /// In client mode with the CSV connector alone, whose list is small enough for every peer.
    pub(crate) async fn dialling_with_csv(url: &str, lines: &str) -> Self {
        Self::start(csv, &client_properties(url, lines)).await
    }

    async fn start(connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>, properties: &str) -> Self {
        let folder = tempfile::tempdir().expect("create a temporary folder");
        let file = folder.path().join("rcs.properties");
        fs::write(&file, properties).expect("write the properties");
        let loaded = config::load(&Inputs {
            home: folder.path().to_owned(),
            file: Some(file),
            environment: BTreeMap::new(),
            defines: Vec::new(),
            host_name: "host-7".to_owned(),
        });
        assert!(loaded.settings.is_some(), "unsound: {:?}", loaded.problems);
        let mut settings = loaded.settings.expect("checked above");
        if let Some(listener) = &mut settings.server {
            // The file has no word for any free port.
            listener.port = 0;
            listener.legacy_port = listener.legacy_port.map(|_| 0);
        }
        let connectors = connectors(&settings.bundles);
        Self(Server::start(settings, connectors).await.expect("the server starts"))
    }

    /// The port in server mode.
    pub(crate) fn port(&self) -> u64 {
        self.0.address().expect("it listens").port().into()
    }

    /// The port for legacy clients alone.
    pub(crate) fn legacy_port(&self) -> u64 {
        self.0.legacy_address().expect("they have a port of their own").port().into()
    }

    /// Stops it as a signal does.
    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }

    /// The peers that it talks to.
    pub(crate) fn groups(&self) -> Vec<GroupStatus> {
        self.0.session().groups()
    }

    /// How many messages it has sent a second time, because the first may have been lost.
    pub(crate) fn repeated(&self) -> u64 {
        self.0.session().counters().messages_repeated
    }
}
