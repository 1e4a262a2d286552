//! Keeps the links to one URL as they should be.

use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use icf_session::{Closed, LinkHandle, LinkPhase};
use icf_wire::session::LinkId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::backoff::{Backoff, Setback};
use super::control::{Control, Plan};
use super::open::{Open, OpenFailure};
use super::status::{Failure, PoolStatus, SeenLink};
use crate::config::PoolSettings;

/// A link that lived this long was a working one: its loss is answered at once.
const STABLE: Duration = Duration::from_secs(10);

/// WebSocket close code of a message larger than the peer accepts.
const TOO_LARGE: u16 = 1009;

/// What a pool needs to know.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// How many links, how old, how far apart.
    pub settings: PoolSettings,
    /// The URL, for logs.
    pub url: String,
    /// Seed of the jitter.
    pub seed: u64,
}

/// The links to one URL. [`run`](Self::run) keeps them until it is cancelled.
pub struct Pool {
    status: watch::Sender<PoolStatus>,
    control: Control,
    plan: watch::Receiver<Plan>,
    generation: u64,
    opener: Arc<dyn Open>,
    options: PoolOptions,
    rng: StdRng,
    backoff: Backoff,
    links: Vec<Kept>,
    /// When the next attempt may begin.
    not_before: Instant,
}

/// A link of the pool.
#[derive(Debug)]
struct Kept {
    link: LinkHandle,
    born: Instant,
    expires: Option<Instant>,
    /// On its way out; does not count any more.
    retired: bool,
}

impl Kept {
    fn is_due(&self, now: Instant) -> bool {
        !self.retired && self.expires.is_some_and(|expires| expires <= now)
    }
}

/// The generation of the opener comes back with the outcome.
type Attempt = BoxFuture<'static, (u64, Result<LinkHandle, OpenFailure>)>;
type End = BoxFuture<'static, (LinkId, LinkPhase)>;

/// What a pool waits for.
enum Happening {
    Plan,
    Opened(u64, Result<LinkHandle, OpenFailure>),
    Unusable(LinkId, LinkPhase),
    Time,
    Stop,
}

impl Pool {
    /// A pool without links.
    pub fn new(opener: impl Open, options: PoolOptions) -> Self {
        let settings = &options.settings;
        let backoff = Backoff::new(settings.reconnect_min_delay, settings.reconnect_max_delay, STABLE);
        let rng = StdRng::seed_from_u64(options.seed);
        let status =
            PoolStatus { url: options.url.clone(), wanted: settings.connections, ..PoolStatus::default() };
        let opener: Arc<dyn Open> = Arc::new(opener);
        let (control, plan) = Control::new(Arc::clone(&opener), options.settings.clone());
        Self {
            status: watch::Sender::new(status),
            control,
            plan,
            generation: 0,
            opener,
            options,
            rng,
            backoff,
            links: Vec::new(),
            not_before: Instant::now(),
        }
    }

    /// What monitoring wants to know, kept up to date while the pool runs.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<PoolStatus> {
        self.status.subscribe()
    }

    /// Changes the pool while it runs.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Opens, replaces and reopens links until cancelled, or until it was told to leave and the last link is closed. The
    /// links that exist then are left to the session.
    pub async fn run(mut self, stop: CancellationToken) {
        info!("ConnectorAgent connecting to : {}#", self.options.url);
        let mut ends: FuturesUnordered<End> = FuturesUnordered::new();
        let mut attempt: Option<Attempt> = None;
        loop {
            self.retire_replaced();
            if self.options.settings.connections == 0 && self.links.is_empty() && attempt.is_none() {
                return;
            }
            if attempt.is_none() && self.wants_link() && Instant::now() >= self.not_before {
                let (opener, generation) = (Arc::clone(&self.opener), self.generation);
                attempt = Some(async move { (generation, opener.open().await) }.boxed());
            }
            let alarm = if attempt.is_some() { None } else { self.next_alarm() };
            let happening = tokio::select! {
                biased;
                () = stop.cancelled() => Happening::Stop,
                Some((id, phase)) = ends.next() => Happening::Unusable(id, phase),
                _ = self.plan.changed() => Happening::Plan,
                (generation, outcome) = running(&mut attempt) => Happening::Opened(generation, outcome),
                () = at(alarm) => Happening::Time,
            };
            match happening {
                Happening::Stop => return,
                Happening::Time => {}
                Happening::Plan => self.follow_plan(),
                Happening::Opened(generation, outcome) => {
                    attempt = None;
                    ends.extend(self.opened(generation, outcome));
                }
                Happening::Unusable(id, phase) => ends.extend(self.unusable(id, &phase)),
            }
            self.publish_links();
        }
    }

    fn publish_links(&self) {
        self.status.send_if_modified(|status| {
            let seen = status.links.iter().map(|seen| (seen.link.id(), seen.retiring));
            let changed = !seen.eq(self.links.iter().map(|kept| (kept.link.id(), kept.retired)));
            if changed {
                let seen = |kept: &Kept| SeenLink {
                    link: kept.link.clone(),
                    since: kept.born,
                    retiring: kept.retired,
                };
                status.links = self.links.iter().map(seen).collect();
            }
            changed
        });
    }

    fn publish_failure(&self, message: String) {
        self.status.send_modify(|status| {
            status.failures += 1;
            status.last_failure = Some(Failure { at: Instant::now(), message });
        });
    }

    fn in_use(&self) -> impl Iterator<Item = &Kept> {
        self.links.iter().filter(|kept| !kept.retired)
    }

    /// Whether there are too few links, or one has reached its age and there is room for its replacement.
    fn wants_link(&self) -> bool {
        let now = Instant::now();
        let count = self.in_use().count();
        let settings = &self.options.settings;
        // Links that an operator wants replaced are, even if none may be opened beyond the usual number.
        let most = if settings.connections == 0 {
            0
        } else {
            settings.max_connections.max(settings.connections + 1)
        };
        count < settings.connections || count < most && self.in_use().any(|kept| kept.is_due(now))
    }

    /// Goes over to the plan as it is now.
    fn follow_plan(&mut self) {
        let now = Instant::now();
        let Plan { opener, generation, settings } = self.plan.borrow_and_update().clone();
        self.backoff = Backoff::new(settings.reconnect_min_delay, settings.reconnect_max_delay, STABLE);
        let wanted = settings.connections;
        self.options.settings = settings;
        self.status.send_modify(|status| status.wanted = wanted);
        if generation != self.generation {
            (self.generation, self.opener) = (generation, opener);
            self.links.iter_mut().for_each(|kept| kept.expires = Some(now));
            self.not_before = now;
        }
        let surplus = self.in_use().count().saturating_sub(wanted);
        self.links.sort_by_key(|kept| kept.born);
        self.links
            .iter_mut()
            .filter(|kept| !kept.retired)
            .take(surplus)
            .for_each(|kept| kept.expires = Some(now));
    }

    /// Retires links that are due, oldest first, as long as enough others are in use.
    fn retire_replaced(&mut self) {
        let now = Instant::now();
        let mut surplus = self.in_use().count().saturating_sub(self.options.settings.connections);
        for kept in self.links.iter_mut().filter(|kept| kept.is_due(now)) {
            if surplus == 0 {
                return;
            }
            surplus -= 1;
            kept.retired = true;
            debug!(link = %kept.link.id(), age = ?kept.born.elapsed(), "Retiring a link that has been replaced");
            kept.link.retire();
        }
    }

    /// When something may have to be done although nothing happens.
    fn next_alarm(&self) -> Option<Instant> {
        if self.wants_link() {
            return Some(self.not_before);
        }
        self.in_use().filter_map(|kept| kept.expires).min()
    }

    fn opened(&mut self, generation: u64, outcome: Result<LinkHandle, OpenFailure>) -> Option<End> {
        let now = Instant::now();
        match outcome {
            Ok(link) => {
                // Links that were opened together must not all be replaced together.
                let spread = self.rng.random_range(0.9..=1.1);
                let is_outdated = generation != self.generation || self.options.settings.connections == 0;
                let expires = if is_outdated {
                    Some(now)
                } else {
                    self.options.settings.ttl.map(|ttl| now + ttl.mul_f64(spread))
                };
                self.not_before = now + self.options.settings.new_connections_interval;
                info!(link = %link.id(), url = self.options.url, "Link is up");
                self.links.push(Kept { link: link.clone(), born: now, expires, retired: false });
                Some(async move { (link.id(), link.unusable().await) }.boxed())
            }
            Err(failure) => {
                let delay = self.backoff.after_failure(failure.setback, &mut self.rng);
                self.not_before = now + delay;
                warn!(
                    retry_in = ?delay,
                    "StaggeredConnectionCreator: exception while connecting WebSocket: {}", failure.message
                );
                self.publish_failure(failure.message);
                None
            }
        }
    }

    /// A link cannot be counted on any more: it left, or said that it will.
    fn unusable(&mut self, id: LinkId, phase: &LinkPhase) -> Option<End> {
        let now = Instant::now();
        let position = self.links.iter().position(|kept| kept.link.id() == id)?;
        let LinkPhase::Closed(closed) = phase else {
            let kept = self.links.get_mut(position)?;
            info!(link = %id, "The tenant will close a link soon; opening its replacement");
            kept.expires = Some(now);
            // Its replacement is not an additional link: no need to wait for the next turn.
            self.not_before = self.not_before.min(now);
            let link = kept.link.clone();
            return Some(async move { (link.id(), LinkPhase::Closed(link.closed().await)) }.boxed());
        };
        let lost = self.links.swap_remove(position);
        if lost.retired {
            debug!(link = %id, "Link {closed}");
            return None;
        }
        let setback = match closed {
            Closed::ByPeer { code: TOO_LARGE, .. } => {
                warn!(
                    link = %id,
                    "The tenant closed a link with code 1009: a message was larger than it accepts. Raise the message size limit of its openicf endpoint, or lower the page size of the search"
                );
                Setback::Refused
            }
            _ => Setback::Transient,
        };
        let delay = self.backoff.after_loss(now - lost.born, setback, &mut self.rng);
        self.not_before = now + delay;
        warn!(link = %id, url = self.options.url, lived = ?(now - lost.born), retry_in = ?delay, "Link {closed}");
        self.publish_failure(format!("a link was lost: {closed}"));
        None
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("url", &self.options.url)
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}

async fn running(attempt: &mut Option<Attempt>) -> (u64, Result<LinkHandle, OpenFailure>) {
    match attempt {
        Some(attempt) => attempt.await,
        None => pending().await,
    }
}

async fn at(alarm: Option<Instant>) {
    match alarm {
        Some(alarm) => sleep_until(alarm).await,
        None => pending().await,
    }
}
