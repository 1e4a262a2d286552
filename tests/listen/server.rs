//! A listener with a session whose operations nobody runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use icf_session::{Execution, Handler, Session, SessionEvent};
use icf_wire::envelope::HandshakeMessage;
use icf_wire::session::{EngineConfig, GroupId};
use rcs::config::{KeyHash, KeyStoreSettings, LegacyProfile, LinkSettings, ServerSettings};
use rcs::dispatch::{ConfigurationChange, ConfigurationChangeNotifier, DispatchOptions, Dispatcher};
use rcs::legacy::{self, Service};
use rcs::listen::Listener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::HANG_GUARD;

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

impl ConfigurationChangeNotifier for Nobody {
    fn changed(&self, _: GroupId, _: ConfigurationChange) {}
}

/// A service for legacy clients without a single connector.
pub(crate) fn legacy_service(key: &str, stop: CancellationToken) -> Service {
    let dispatcher = Dispatcher::new(Vec::new(), DispatchOptions::default(), Arc::new(Nobody));
    let options = legacy::Options {
        key: KeyHash::of(key),
        profile: LegacyProfile::OpenIcf,
        max_message_size: 64 * 1024 * 1024,
    };
    Service::new(dispatcher, options, stop, CancellationToken::new())
}

/// What may differ between tests.
pub(crate) struct Options {
    pub(crate) key: &'static str,
    pub(crate) tls: Option<KeyStoreSettings>,
    /// For the upgrade, and then for the handshake.
    pub(crate) handshake_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { key: "changeit", tls: None, handshake_timeout: HANG_GUARD }
    }
}

/// A running listener. It stops with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// As log lines show it.
    pub(crate) shown: String,
    pub(crate) session: Session,
    pub(crate) events: UnboundedReceiver<SessionEvent>,
    pub(crate) running: Option<JoinHandle<()>>,
    pub(crate) stop: CancellationToken,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let settings = ServerSettings {
            interface: Some("127.0.0.1".to_owned()),
            port: 0,
            tls: options.tls,
            key: KeyHash::of(options.key),
            legacy_profile: LegacyProfile::OpenIcf,
            legacy_port: None,
        };
        let stop = CancellationToken::new();
        let service = legacy_service(options.key, stop.clone());
        let listener = Listener::bind(&settings, &link_settings(options.handshake_timeout), service).await;
        let listener = listener.expect("a free port");
        let (address, shown) = (listener.address().expect("bound"), listener.to_string());
        let config = EngineConfig { handshake_timeout: options.handshake_timeout, ..Default::default() };
        let handshake =
            HandshakeMessage { session_id: "CD".to_owned(), server_type: 2, public_key: Bytes::new() };
        let (session, events) = Session::new(config, handshake, Nobody);
        let running = Some(tokio::spawn(listener.run(session.clone(), stop.clone())));
        Self { address, shown, session, events, running, stop }
    }

    /// The next event of the session.
    pub(crate) async fn event(&mut self) -> SessionEvent {
        timeout(HANG_GUARD, self.events.recv()).await.expect("an event").expect("a session")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn link_settings(handshake_timeout: Duration) -> LinkSettings {
    LinkSettings {
        ping_interval: Some(Duration::from_secs(60)),
        pong_timeout: Duration::from_secs(20),
        handshake_timeout,
        group_check_interval: Some(Duration::from_secs(60)),
        send_wait: Duration::from_secs(30),
        max_message_size: 64 * 1024 * 1024,
    }
}
