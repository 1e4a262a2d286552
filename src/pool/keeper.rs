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

type Attempt = BoxFuture<'static, Result<LinkHandle, OpenFailure>>;
type End = BoxFuture<'static, (LinkId, LinkPhase)>;

/// What a pool waits for.
enum Happening {
    Opened(Result<LinkHandle, OpenFailure>),
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
        Self {
            status: watch::Sender::new(status),
            opener: Arc::new(opener),
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

    /// Opens, replaces and reopens links until cancelled. The links that exist then are left to the session.
    pub async fn run(mut self, stop: CancellationToken) {
        info!("ConnectorAgent connecting to : {}#", self.options.url);
        let mut ends: FuturesUnordered<End> = FuturesUnordered::new();
        let mut attempt: Option<Attempt> = None;
        loop {
            self.retire_replaced();
            if attempt.is_none() && self.wants_link() && Instant::now() >= self.not_before {
                let opener = Arc::clone(&self.opener);
                attempt = Some(async move { opener.open().await }.boxed());
            }
            let alarm = if attempt.is_some() { None } else { self.next_alarm() };
            let happening = tokio::select! {
                biased;
                () = stop.cancelled() => Happening::Stop,
                Some((id, phase)) = ends.next() => Happening::Unusable(id, phase),
                outcome = running(&mut attempt) => Happening::Opened(outcome),
                () = at(alarm) => Happening::Time,
            };
            match happening {
                Happening::Stop => return,
                Happening::Time => {}
                Happening::Opened(outcome) => {
                    attempt = None;
                    ends.extend(self.opened(outcome));
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
        count < settings.connections
            || count < settings.max_connections && self.in_use().any(|kept| kept.is_due(now))
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

    fn opened(&mut self, outcome: Result<LinkHandle, OpenFailure>) -> Option<End> {
        let now = Instant::now();
        match outcome {
            Ok(link) => {
                // Links that were opened together must not all be replaced together.
                let spread = self.rng.random_range(0.9..=1.1);
                let expires = self.options.settings.ttl.map(|ttl| now + ttl.mul_f64(spread));
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

async fn running(attempt: &mut Option<Attempt>) -> Result<LinkHandle, OpenFailure> {
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
