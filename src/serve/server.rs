//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use icf::Registration;
use icf_session::Session;
use icf_wire::session::EngineConfig;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::config::{
    ClientSettings, LinkSettings, ProtectionSettings, ServerSettings, Settings, TlsSettings,
};
use crate::dispatch::{Breaker, DispatchOptions, Dispatcher, Protection};
use crate::legacy;
use crate::link::LinkSetupError;
use crate::listen::{Entrance, ListenError, Listener};
use crate::tls::{TlsError, Trust};
use crate::token::TokenSetupError;

use super::dialling::Dialling;
use super::identity::{IdentityError, new_identity};
use super::links::Links;
use super::operations::{Arrivals, ChangeNotices, Operations};
use super::reload::{ReloadStatus, Stores};
use super::view::View;
use super::watch::log_events;

/// How long peers may take to answer the close frames of a stop.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How long peers may take to read that links will be closed.
const ANNOUNCE_LIMIT: Duration = Duration::from_secs(2);

/// When nothing came in for so long after peers have read the announcement, nothing more is on its way: a peer may have
/// queued a request just before.
const QUIET: Duration = Duration::from_millis(250);

/// Peers that do not know the announcement go on sending. After this they are refused, as retryable.
const QUIET_LIMIT: Duration = Duration::from_secs(5);

/// How long it may take until operations that are given up have said so.
const HAND_BACK_LIMIT: Duration = Duration::from_secs(1);

/// How long operations may go on after a stop was ordered, unless the settings say otherwise.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server.
#[derive(Debug)]
pub struct Server {
    name: String,
    host_id: Option<String>,
    started: Instant,
    session: Session,
    dispatcher: Dispatcher,
    arrivals: Arrivals,
    address: Option<SocketAddr>,
    /// Serves the clients of the legacy protocol, in server mode.
    pub(super) legacy: Option<legacy::Service>,
    legacy_address: Option<SocketAddr>,
    pub(super) links: Links,
    /// Changes what the listeners show and demand.
    pub(super) entrances: Vec<Entrance>,
    /// The settings in force; none if whoever made the server attaches its links.
    pub(super) settings: Option<Settings>,
    /// Contents of the stores in use.
    pub(super) stores: Stores,
    pub(super) last_reload: watch::Sender<Option<ReloadStatus>>,
    pub(super) drain_timeout: Duration,
    /// Ends pools and listeners.
    pub(super) no_new_links: CancellationToken,
    /// Ends operations that are still running when the drain time is over.
    abort: CancellationToken,
    /// One for each operation that came over a link.
    operations: TaskTracker,
    pub(super) tasks: TaskTracker,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Trust or key store.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Token source.
    #[error("cannot set up the token requests")]
    Token(#[from] TokenSetupError),
    /// Upgrade request.
    #[error(transparent)]
    Link(#[from] LinkSetupError),
    /// Listener.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Connector list.
    #[error("cannot encode the list of connectors: {0}")]
    Connectors(String),
}

impl Server {
    /// Starts a server for these connectors. Must be called within a tokio runtime. That the tenant cannot be reached is
    /// no error: the server keeps trying.
    ///
    /// # Errors
    /// What makes every attempt hopeless, such as a key store that cannot be opened or a port that is in use.
    pub async fn start(settings: Settings, registrations: Vec<Registration>) -> Result<Self, StartError> {
        let mut server = Self::prepare(&settings, registrations)?;
        if let Some(listener) = &settings.server {
            server.listen(listener, &settings.link).await?;
        }
        if let Some(client) = &settings.client {
            server.dial(client, &settings.tls, &settings.link).await?;
        }
        server.stores = Stores::read(&settings).await?;
        server.settings = Some(settings);
        Ok(server)
    }

    /// A server with these settings that neither dials nor listens. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// As [`without_links`](Self::without_links).
    pub fn prepare(settings: &Settings, registrations: Vec<Registration>) -> Result<Self, StartError> {
        let name = settings.client.as_ref().map_or("rcs", |client| &client.name);
        let dispatch = dispatch_options(settings);
        let mut server = Self::without_links(name, engine_config(&settings.link), dispatch, registrations)?;
        server.host_id = settings.client.as_ref().map(|client| client.host_id.clone());
        server.drain_timeout = settings.drain_timeout;
        Ok(server)
    }

    /// A server that opens no links by itself; whoever made it attaches them to its [`session`](Self::session). `name`
    /// is for the log. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// No identity, or a connector that cannot be described to peers.
    pub fn without_links(
        name: &str,
        engine: EngineConfig,
        dispatch: DispatchOptions,
        registrations: Vec<Registration>,
    ) -> Result<Self, StartError> {
        let (tasks, running) = (TaskTracker::new(), TaskTracker::new());
        let abort = CancellationToken::new();
        let notices = Arc::new(ChangeNotices(OnceLock::new()));
        let dispatcher = Dispatcher::new(registrations, dispatch, Arc::clone(&notices) as Arc<_>);
        let operations = Operations::new(dispatcher.clone(), running.clone(), abort.clone());
        let infos = operations.connector_infos().map_err(StartError::Connectors)?;
        let arrivals = operations.arrivals();
        let (session, events) = Session::new(engine, new_identity()?, operations);
        session.set_connector_infos(infos);
        // The only place that sets it.
        let _ = notices.0.set(session.clone());
        tasks.spawn(log_events(name.to_owned(), events));
        let no_new_links = CancellationToken::new();
        Ok(Self {
            name: name.to_owned(),
            host_id: None,
            started: Instant::now(),
            links: Links::new(session.clone()),
            session,
            dispatcher,
            arrivals,
            address: None,
            legacy: None,
            legacy_address: None,
            entrances: Vec::new(),
            settings: None,
            stores: Stores::default(),
            last_reload: watch::Sender::new(None),
            drain_timeout: DRAIN_TIMEOUT,
            no_new_links,
            abort,
            operations: running,
            tasks,
        })
    }

    /// What can be watched of it, now and while it stops.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            name: self.name.clone(),
            host_id: self.host_id.clone(),
            started: self.started,
            session: self.session.clone(),
            dispatcher: self.dispatcher.clone(),
            listens_at: self.address,
            links: self.links.seen(),
            reload: self.last_reload.subscribe(),
            stopping: self.no_new_links.clone(),
        }
    }

    /// The conversations with peers.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Where it listens, if it does.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where it listens for clients of the legacy protocol alone, if it does.
    #[must_use]
    pub const fn legacy_address(&self) -> Option<SocketAddr> {
        self.legacy_address
    }

    /// Where operations run.
    #[must_use]
    pub const fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    /// Stops in order: no new links; peers are told to send nothing more, and what they had sent before is taken, too;
    /// what runs may end within the drain time, the rest is handed back as retryable; then every link is closed with 1000.
    pub async fn stop(self) {
        let deadline = Instant::now() + self.drain_timeout;
        self.no_new_links.cancel();
        let told = self.session.announce_closing(ANNOUNCE_LIMIT.min(self.drain_timeout / 2)).await;
        if told > 0 {
            self.arrivals.cease(QUIET, QUIET_LIMIT.min((deadline - Instant::now()) / 2)).await;
        }
        self.dispatcher.stop_admitting();
        self.operations.close();
        let running = self.dispatcher.running();
        if running > 0 {
            info!("Stopping: waiting up to {:?} for {running} operations", self.drain_timeout);
        }
        // Answered is not yet sent: the tasks have ended when the answers are with the links.
        let drained = async { tokio::join!(self.dispatcher.drained(), self.operations.wait()) };
        if timeout_at(deadline, drained).await.is_err() {
            warn!(
                "Stopping: {} operations did not end within {:?} (drainTimeout) and are handed back as retryable",
                self.dispatcher.running(),
                self.drain_timeout
            );
        }
        self.abort.cancel();
        // A close on a link overtakes no answer, but an answer that comes after it has no link.
        if timeout(HAND_BACK_LIMIT, self.operations.wait()).await.is_err() {
            warn!("Stopping: connectors that do not give way keep some operations from being handed back");
        }
        let clients = async {
            if let Some(legacy) = &self.legacy {
                legacy.ended().await;
            }
        };
        let (_, clients) = tokio::join!(self.session.shutdown(CLOSE_LIMIT), timeout(CLOSE_LIMIT, clients));
        if clients.is_err() {
            warn!("Stopping: clients of the legacy protocol did not take their answers in time");
        }
        if timeout(CLOSE_LIMIT, self.dispatcher.shut_down()).await.is_err() {
            warn!("Stopping: connectors did not release their connections in time");
        }
    }

    async fn listen(&mut self, settings: &ServerSettings, link: &LinkSettings) -> Result<(), ListenError> {
        let options = legacy::Options {
            key: settings.key.clone(),
            profile: settings.legacy_profile,
            max_message_size: link.max_message_size,
        };
        let (stop, abort) = (self.no_new_links.clone(), self.abort.clone());
        let service = legacy::Service::new(self.dispatcher.clone(), options, stop, abort);
        let listener = Listener::bind(settings, link, service.clone()).await?;
        let legacy_listener = Listener::bind_legacy(settings, link, service.clone()).await?;
        self.address = listener.address().ok();
        self.legacy_address = legacy_listener.as_ref().and_then(|listener| listener.address().ok());
        self.legacy = Some(service);
        for listener in [Some(listener), legacy_listener].into_iter().flatten() {
            self.entrances.push(listener.entrance());
            self.tasks.spawn(listener.run(self.session.clone(), self.no_new_links.clone()));
        }
        Ok(())
    }

    async fn dial(
        &mut self,
        client: &ClientSettings,
        tls: &TlsSettings,
        link: &LinkSettings,
    ) -> Result<(), StartError> {
        let trust = tls.trust.clone().map_or(Trust::System, Trust::Store);
        let dialling = Dialling::try_new(client, trust, tls.identity.clone(), link).await?;
        self.links.redial(dialling, client);
        for url in &client.urls {
            let stop = self.no_new_links.clone();
            self.links.go_to(url, client, stop).into_iter().for_each(|pool| drop(self.tasks.spawn(pool)));
        }
        Ok(())
    }
}

fn dispatch_options(settings: &Settings) -> DispatchOptions {
    DispatchOptions {
        max_operation_time: settings.dispatch.max_operation_time,
        protection: settings
            .dispatch
            .protection
            .iter()
            .map(|(name, limits)| (name.clone(), protection(limits)))
            .collect(),
        facade_life: settings.dispatch.max_facade_life_time.unwrap_or(Duration::ZERO),
        ..DispatchOptions::default()
    }
}

fn protection(limits: &ProtectionSettings) -> Protection {
    let ProtectionSettings { concurrency, rate, wait, failures, pause } = *limits;
    Protection { concurrency, rate, wait, breaker: failures.map(|failures| Breaker { failures, pause }) }
}

fn engine_config(link: &LinkSettings) -> EngineConfig {
    const MINUTE: Duration = Duration::from_secs(60);
    EngineConfig {
        handshake_timeout: link.handshake_timeout,
        // Without checks the heartbeat still goes out: a peer that gets none forgets its requests.
        check_interval: link.group_check_interval.unwrap_or(4 * MINUTE),
        grace: link
            .group_check_interval
            .map_or(12 * MINUTE, |interval| (2 * interval).clamp(2 * MINUTE, 12 * MINUTE)),
        ping_interval: link.ping_interval,
        pong_timeout: link.pong_timeout,
        ..EngineConfig::default()
    }
}
