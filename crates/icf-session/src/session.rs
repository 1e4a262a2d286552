//! The session: one engine behind a lock, and everything that feeds it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use icf_wire::envelope::{HandshakeMessage, OperationRequest};
use icf_wire::session::{
    Action, Counters, Delivery, Engine, EngineConfig, ExecutionId, Failure, GroupId, GroupStatus, LinkId,
    NoLink, RequestId,
};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::event::SessionEvent;
use crate::execution::{Execution, Responder};
use crate::link::{LinkCommand, LinkPhase, LinkState, Pong};
use crate::pending::Pending;

/// The timer looks at least this often, so that a deadline that moved nearer is not missed by much.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Runs operations that peers ask for.
pub trait Handler: Send + Sync + 'static {
    /// Starts an operation and returns at once; the answer goes to the execution's responder.
    fn start(&self, execution: Execution);
}

/// All conversations of one side. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
}

/// A request that could not be sent in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no remote Connector Server is available at this moment")]
pub struct Submit;

pub(crate) struct Shared {
    state: Mutex<State>,
    handler: Box<dyn Handler>,
    /// Rung when a deadline may have moved nearer.
    timer: Notify,
    /// Changes whenever a group gains or loses a link.
    pub(crate) links_changed: watch::Sender<u64>,
    next_link: AtomicU64,
    /// Nanoseconds by which the engine's clock runs ahead of tokio's.
    ahead: AtomicU64,
    this: Weak<Self>,
}

pub(crate) struct State {
    pub(crate) engine: Engine,
    pub(crate) links: HashMap<LinkId, LinkState>,
    pub(crate) running: HashMap<ExecutionId, CancellationToken>,
    pub(crate) waiting: HashMap<RequestId, Waiting>,
    /// Bytes of one answer that may wait for whoever asked.
    max_waiting: usize,
    blocked: HashMap<GroupId, Vec<Waker>>,
    events: mpsc::UnboundedSender<SessionEvent>,
}

/// Who waits for an answer.
pub(crate) struct Waiting {
    parts: mpsc::UnboundedSender<Delivery>,
    /// Bytes of the parts that were not taken yet.
    bytes: Arc<AtomicUsize>,
}

impl Session {
    /// A session that introduces itself with `handshake` and hands operations to `handler`. Its events come out of the
    /// receiver; dropping that is fine.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn new(
        config: EngineConfig,
        handshake: HandshakeMessage,
        handler: impl Handler,
    ) -> (Self, mpsc::UnboundedReceiver<SessionEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new_cyclic(|this| Shared {
            state: Mutex::new(State {
                max_waiting: config.max_waiting,
                engine: Engine::new(config, handshake),
                links: HashMap::new(),
                running: HashMap::new(),
                waiting: HashMap::new(),
                blocked: HashMap::new(),
                events,
            }),
            handler: Box::new(handler),
            timer: Notify::new(),
            links_changed: watch::Sender::new(0),
            next_link: AtomicU64::new(1),
            ahead: AtomicU64::new(0),
            this: this.clone(),
        });
        tokio::spawn(run_timer(Arc::downgrade(&shared)));
        (Self { shared }, receiver)
    }

    /// Sets the encoded connector list that peers get when they ask.
    pub fn set_connector_infos(&self, infos: Bytes) {
        self.shared.with(|state, _| state.engine.set_connector_infos(infos));
    }

    /// Asks the peer of a group to run an operation, waiting up to `wait` for a usable link.
    ///
    /// # Errors
    /// When no link could carry the request in time.
    pub async fn request(
        &self,
        group: GroupId,
        operation: OperationRequest,
        wait: Duration,
    ) -> Result<Pending, Submit> {
        let deadline = Instant::now() + wait;
        let mut links = self.shared.links_changed.subscribe();
        loop {
            if let Ok(pending) = self.try_request(group, operation.clone()) {
                return Ok(pending);
            }
            match tokio::time::timeout_at(deadline, links.changed()).await {
                Ok(Ok(())) => {}
                _ => return Err(Submit),
            }
        }
    }

    /// Asks the peer of a group to run an operation, if a link can carry the request now.
    ///
    /// # Errors
    /// When none can.
    pub fn try_request(&self, group: GroupId, operation: OperationRequest) -> Result<Pending, NoLink> {
        let (sender, parts) = mpsc::unbounded_channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        let (request, message_id) = self.shared.with(|state, now| {
            let request = state.engine.submit(group, operation, now)?;
            state.waiting.insert(request, Waiting { parts: sender, bytes: Arc::clone(&bytes) });
            Ok((request, state.engine.message_id(request).unwrap_or_default()))
        })?;
        Ok(Pending::new(Arc::clone(&self.shared), request, message_id, parts, bytes))
    }

    /// Tells the peer of a group that a connector changed its configuration.
    pub fn notify_configuration_change(&self, group: GroupId, facade_key: Bytes, properties: Bytes) {
        self.shared
            .with(|state, now| state.engine.notify_configuration_change(group, facade_key, properties, now));
    }

    /// The groups as they are now.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupStatus> {
        self.shared.with(|state, _| state.engine.groups())
    }

    /// Whether a link of the group can carry a new message.
    #[must_use]
    pub fn is_operational(&self, group: GroupId) -> bool {
        self.shared.with(|state, _| state.engine.is_operational(group))
    }

    /// Counters since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.with(|state, _| state.engine.counters())
    }

    /// How many operations are being executed for peers.
    #[must_use]
    pub fn executing(&self) -> usize {
        self.shared.with(|state, _| state.running.len())
    }

    /// Checks a group now, outside the regular rhythm.
    pub fn check_now(&self, group: GroupId) {
        self.shared.with(|state, now| state.engine.check_now(group, now));
    }

    /// Moves the clock of this session forward, so that tests need not wait for pings, checks and grace times.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.shared.ahead.fetch_add(nanos, Ordering::AcqRel);
        self.shared.wake_timer();
    }

    /// Changes whenever a group gains or loses a link.
    #[must_use]
    pub fn links_changed(&self) -> watch::Receiver<u64> {
        self.shared.links_changed.subscribe()
    }

    /// Tells every peer that its links are about to be closed and waits, up to `limit`, until each has read it. Requests
    /// that a peer wrote before still come in and answers still go out. Answers on how many links it was told.
    pub async fn announce_closing(&self, limit: Duration) -> usize {
        let announced = Instant::now();
        let pongs: Vec<_> = self.shared.with(|state, now| {
            let links = state.engine.announce_all(now);
            links.iter().filter_map(|link| state.links.get(link)).map(|link| link.pong.subscribe()).collect()
        });
        let told = pongs.len();
        let since = |pong: &Option<Pong>| pong.is_some_and(|pong| pong.at - pong.latency >= announced);
        let read = pongs.into_iter().map(async |mut pong| pong.wait_for(since).await.is_ok());
        // A peer that does not answer will not become quicker by more waiting.
        let _ = tokio::time::timeout(limit, join_all(read)).await;
        told
    }

    /// Ends every conversation in order and waits, up to `limit`, until the peers have closed their side.
    pub async fn shutdown(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.shared.with(|state, now| state.engine.shutdown(now));
        let mut links = self.shared.links_changed.subscribe();
        while !self.shared.with(|state, _| state.links.is_empty()) {
            if tokio::time::timeout_at(deadline, links.changed()).await.is_err() {
                break;
            }
        }
        self.shared.with(|state, _| state.links.values().for_each(LinkState::kill));
    }
}

impl Shared {
    pub(crate) fn next_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }

    fn ahead(&self) -> Duration {
        Duration::from_nanos(self.ahead.load(Ordering::Acquire))
    }

    /// Rings when a deadline may have moved nearer than the timer expects.
    pub(crate) fn wake_timer(&self) {
        self.timer.notify_one();
    }

    /// Does something with the engine and carries out what it asks for. Nothing in here waits: links are fed through
    /// queues that the engine's windows bound, so the order of messages on a link is the order of the engine's actions.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut State, std::time::Instant) -> R) -> R {
        let mut started = Vec::new();
        let result = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = act(&mut state, Instant::now().into_std() + self.ahead());
            while let Some(action) = state.engine.next_action() {
                state.perform(self, action, &mut started);
            }
            result
        };
        for execution in started {
            self.handler.start(execution);
        }
        result
    }
}

impl State {
    pub(crate) fn wait_for_room(&mut self, group: GroupId, waker: &Waker) {
        let wakers = self.blocked.entry(group).or_default();
        if !wakers.iter().any(|waiting| waiting.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    pub(crate) fn tell(&self, event: SessionEvent) {
        // Nobody has to listen.
        let _ = self.events.send(event);
    }

    fn command(&self, link: LinkId, command: LinkCommand) {
        if let Some(link) = self.links.get(&link) {
            link.command(command);
        }
    }

    fn perform(&mut self, shared: &Shared, action: Action, started: &mut Vec<Execution>) {
        match action {
            Action::Write { link, bytes } => self.command(link, LinkCommand::Write(bytes)),
            Action::Ping { link, payload } => self.command(link, LinkCommand::Ping(payload)),
            Action::Close { link, code, reason } => {
                if let Some(link) = self.links.get_mut(&link) {
                    link.close(code.0, reason);
                }
                shared.wake_timer();
            }
            Action::Kill { link, reason } => {
                if let Some(link) = self.links.get_mut(&link) {
                    link.end(reason);
                }
            }
            Action::LinkReady { link, group } => {
                if let Some(state) = self.links.get(&link) {
                    state.phase.send_replace(LinkPhase::Ready(group));
                }
                self.tell(SessionEvent::LinkReady { link, group });
                shared.links_changed.send_modify(|version| *version += 1);
                shared.wake_timer();
            }
            Action::LinkClosingSoon { link } => {
                if let Some(state) = self.links.get(&link)
                    && let Some(group) = self.engine.group_of(link)
                {
                    state.phase.send_replace(LinkPhase::Leaving(group));
                }
                self.tell(SessionEvent::LinkClosingSoon { link });
            }
            Action::PongReceived { link, latency } => {
                if let Some(state) = self.links.get(&link) {
                    state.pong.send_replace(Some(Pong { at: Instant::now(), latency }));
                }
                self.tell(SessionEvent::Pong { link, latency });
            }
            Action::GroupUp { group, session, label } => {
                self.tell(SessionEvent::GroupUp { group, session, label });
            }
            Action::GroupDown { group } => self.tell(SessionEvent::GroupDown { group }),
            Action::GroupGone { group } => {
                self.tell(SessionEvent::GroupGone { group });
            }
            Action::Checked { group, operational } => self.tell(SessionEvent::Checked { group, operational }),
            Action::ConnectorInfos { group, infos } => {
                self.tell(SessionEvent::ConnectorInfos { group, infos })
            }
            Action::ConfigurationChanged { group, facade_key, properties } => {
                self.tell(SessionEvent::ConfigurationChanged { group, facade_key, properties });
            }
            Action::Start { execution, group, message_id, request } => {
                let Some(this) = shared.this.upgrade() else { return };
                let cancellation = CancellationToken::new();
                self.running.insert(execution, cancellation.clone());
                let responder = Responder::new(this, group, execution, message_id);
                started.push(Execution {
                    id: execution,
                    group,
                    message_id,
                    request,
                    cancellation,
                    responder,
                });
            }
            Action::Cancel { execution } => {
                if let Some(cancellation) = self.running.remove(&execution) {
                    cancellation.cancel();
                }
            }
            Action::Deliver { request, delivery } => self.deliver(request, delivery),
            Action::DueSooner => shared.wake_timer(),
            Action::Unblocked { group } => {
                for waker in self.blocked.remove(&group).unwrap_or_default() {
                    waker.wake();
                }
            }
        }
    }

    fn deliver(&mut self, request: RequestId, delivery: Delivery) {
        let Some(Waiting { parts, bytes }) = self.waiting.get(&request) else { return };
        let Delivery::Item(item) = &delivery else {
            let _ = parts.send(delivery);
            self.waiting.remove(&request);
            return;
        };
        // One part larger than the bound is let through when it is alone.
        let size = item.size();
        let before = bytes.fetch_add(size, Ordering::Relaxed);
        if before > 0 && before + size > self.max_waiting {
            let _ = parts.send(Delivery::Failed(Failure::TooMuchWaiting));
            self.waiting.remove(&request);
            self.engine.cancel(request, Instant::now().into_std());
            return;
        }
        let _ = parts.send(delivery);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

async fn run_timer(shared: Weak<Shared>) {
    loop {
        let Some(strong) = shared.upgrade() else { return };
        let next = strong.with(|state, now| {
            state.engine.tick(now);
            state.engine.next_deadline()
        });
        let now = Instant::now();
        let latest = now + LONGEST_SLEEP;
        // A deadline that is due but waits for the world, not for time, must not make the timer spin.
        let soonest = now + Duration::from_millis(5);
        let next = next.and_then(|next| next.checked_sub(strong.ahead()));
        let next = next.map_or(latest, |next| Instant::from_std(next).clamp(soonest, latest));
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = strong.timer.notified() => {}
        }
        // Here the strong reference goes: a session that nobody owns ends within one sleep.
    }
}
