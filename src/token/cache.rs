//! When a token is requested: not before one is needed, by one caller for all, again at about four fifths
//! of its life, and once more when the tenant refuses it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rand::{Rng, RngExt};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;
use tracing::{debug, warn};

use super::Bearer;
use super::error::{TokenError, TokenSetupError};
use super::exchange::Exchange;
use crate::config::{OAuthSettings, ProxySettings};

/// Part of a token's life after which a new one is requested, before jitter.
const RENEW_AT: f64 = 0.8;
/// How far the renewal strays to either side, as a part of the above.
const JITTER: f64 = 0.1;
/// A token is not handed out in its last moments, or its last tenth if that is less: it still has to travel.
const MARGIN: Duration = Duration::from_secs(5);
/// The shortest time from a failed renewal to the next, and from one dropped token to the next.
const HOLD_OFF: Duration = Duration::from_secs(30);

/// Gets one token; behind a trait so that the timing can be tested without a network.
#[async_trait]
pub(super) trait Fetch: Send + Sync {
    /// One request, bounded in time by the implementation.
    async fn fetch(&self) -> Result<Grant, TokenError>;
}

/// What a request yields.
pub(super) struct Grant {
    pub(super) bearer: Bearer,
    pub(super) lifetime: Duration,
}

/// Hands out the token for the next connection. Clones share everything.
#[derive(Clone)]
pub struct TokenSource {
    shared: Arc<Shared>,
}

/// What monitoring wants to know about the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenStatus {
    /// Since the token in use was requested; `None` if there is none.
    pub age: Option<Duration>,
    /// Until it ends; `None` if there is none or it has ended.
    pub expires_in: Option<Duration>,
    /// Requests answered with a token, since the start.
    pub granted: u64,
    /// Requests that failed, since the start.
    pub failures: u64,
    /// Why the last request failed; `None` if it succeeded.
    pub last_error: Option<TokenError>,
}

struct Shared {
    fetch: Box<dyn Fetch>,
    rng: Mutex<Box<dyn Rng + Send>>,
    state: Mutex<State>,
    /// Held by whoever is requesting.
    flight: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    granted: u64,
    failures: u64,
    last_error: Option<TokenError>,
    /// When a refused token was dropped last.
    dropped: Option<Instant>,
}

struct Cached {
    bearer: Arc<Bearer>,
    requested: Instant,
    renew: Instant,
    usable_until: Instant,
    expires: Instant,
}

impl TokenSource {
    /// Sets a source up; nothing is requested yet. `tls` is used for an `https` endpoint, `rng` spreads the
    /// renewals of many servers over time.
    ///
    /// # Errors
    ///
    /// Proxy settings or TLS parts that no HTTP client can be made of.
    pub fn try_new(
        settings: &OAuthSettings,
        proxy: Option<&ProxySettings>,
        tls: &ClientConfig,
        rng: impl Rng + Send + 'static,
    ) -> Result<Self, TokenSetupError> {
        Ok(Self::with_fetch(Box::new(Exchange::try_new(settings, proxy, tls)?), rng))
    }

    fn with_fetch(fetch: Box<dyn Fetch>, rng: impl Rng + Send + 'static) -> Self {
        let shared =
            Shared { fetch, rng: Mutex::new(Box::new(rng)), state: Mutex::default(), flight: Arc::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The token to use now. At once while there is one; near its end a new one is requested beside it.
    /// Without one, all callers wait for the same request, for `tokenTimeout` at most.
    ///
    /// # Errors
    ///
    /// Why the request failed. The next call tries again: waiting in between is up to the caller.
    pub async fn token(&self) -> Result<Arc<Bearer>, TokenError> {
        let failures_before = match self.shared.at_hand() {
            AtHand::Fresh(bearer) => return Ok(bearer),
            AtHand::Ageing(bearer) => {
                self.renew_beside();
                return Ok(bearer);
            }
            AtHand::Nothing { failures } => failures,
        };
        let flight = Arc::clone(&self.shared.flight).lock_owned().await;
        let failures_now = match self.shared.at_hand() {
            AtHand::Fresh(bearer) | AtHand::Ageing(bearer) => return Ok(bearer),
            AtHand::Nothing { failures } => failures,
        };
        if failures_now != failures_before
            && let Some(error) = self.shared.last_error()
        {
            // The request that was under way when this caller came has failed: its answer counts for all.
            return Err(error);
        }
        self.shared.request(flight).await
    }

    /// Drops `refused` because the tenant answered 401 to it, so that the next call requests a new one.
    /// Returns whether it did: not if the token was replaced already, and not again within 30 s, so that a
    /// tenant that refuses every token does not cause a request for each refusal.
    pub fn invalidate(&self, refused: &Bearer) -> bool {
        let mut state = self.shared.state();
        let current = state.cached.as_ref().is_some_and(|cached| *cached.bearer == *refused);
        let recently = state.dropped.is_some_and(|dropped| dropped.elapsed() < HOLD_OFF);
        if !current || recently {
            return false;
        }
        state.cached = None;
        state.dropped = Some(Instant::now());
        debug!("Dropped the access token because the tenant refused it.");
        true
    }

    /// What monitoring wants to know, as of now.
    #[must_use]
    pub fn status(&self) -> TokenStatus {
        let state = self.shared.state();
        let now = Instant::now();
        let cached = state.cached.as_ref();
        TokenStatus {
            age: cached.map(|cached| now.duration_since(cached.requested)),
            expires_in: cached.and_then(|cached| cached.expires.checked_duration_since(now)),
            granted: state.granted,
            failures: state.failures,
            last_error: state.last_error.clone(),
        }
    }

    /// Requests a new token in a task of its own, which ends with the request, unless one is under way.
    fn renew_beside(&self) {
        if let Ok(flight) = Arc::clone(&self.shared.flight).try_lock_owned() {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                // The state keeps the outcome; the old token serves on if there is no new one.
                let _ = shared.request(flight).await;
            });
        }
    }
}

enum AtHand {
    Fresh(Arc<Bearer>),
    Ageing(Arc<Bearer>),
    Nothing { failures: u64 },
}

impl Shared {
    fn at_hand(&self) -> AtHand {
        let state = self.state();
        let now = Instant::now();
        match state.cached.as_ref().filter(|cached| now < cached.usable_until) {
            Some(cached) if now < cached.renew => AtHand::Fresh(Arc::clone(&cached.bearer)),
            Some(cached) => AtHand::Ageing(Arc::clone(&cached.bearer)),
            None => AtHand::Nothing { failures: state.failures },
        }
    }

    /// Makes one request and records its outcome. The guard shows that nobody else is at it.
    async fn request(&self, _flight: OwnedMutexGuard<()>) -> Result<Arc<Bearer>, TokenError> {
        // The life counts from before the request: the endpoint's clock started somewhere in between.
        let requested = Instant::now();
        match self.fetch.fetch().await {
            Ok(grant) => Ok(self.keep(grant, requested)),
            Err(error) => {
                self.note_failure(&error);
                Err(error)
            }
        }
    }

    fn keep(&self, Grant { bearer, lifetime }: Grant, requested: Instant) -> Arc<Bearer> {
        let jitter = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            rng.random_range(1.0 - JITTER..=1.0 + JITTER)
        };
        let bearer = Arc::new(bearer);
        let mut state = self.state();
        state.granted += 1;
        state.last_error = None;
        state.cached = Some(Cached {
            bearer: Arc::clone(&bearer),
            requested,
            renew: requested + lifetime.mul_f64(RENEW_AT * jitter),
            usable_until: requested + (lifetime - MARGIN.min(lifetime / 10)),
            expires: requested + lifetime,
        });
        debug!(lifetime = lifetime.as_secs(), "Obtained an access token.");
        bearer
    }

    fn note_failure(&self, error: &TokenError) {
        warn!(%error, "No access token.");
        let mut state = self.state();
        state.failures += 1;
        state.last_error = Some(error.clone());
        if let Some(cached) = &mut state.cached {
            cached.renew = Instant::now() + HOLD_OFF;
        }
    }

    fn last_error(&self) -> Option<TokenError> {
        self.state().last_error.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use tokio::time::{advance, sleep};
    use zeroize::Zeroizing;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIFETIME: Duration = Duration::from_secs(1000);

    /// Grants `0`, `1`, ... after a second, or fails while told to.
    #[derive(Clone, Default)]
    struct Fake {
        requests: Arc<AtomicUsize>,
        failing: Arc<std::sync::atomic::AtomicBool>,
    }

    #[async_trait]
    impl Fetch for Fake {
        async fn fetch(&self) -> Result<Grant, TokenError> {
            let number = self.requests.fetch_add(1, Ordering::SeqCst);
            sleep(SECOND).await;
            if self.failing.load(Ordering::SeqCst) {
                let obstacle = crate::token::Obstacle::Other;
                let (endpoint, cause) = ("e".to_owned(), "c".to_owned());
                return Err(TokenError::Unreachable { endpoint, cause, obstacle });
            }
            let bearer = Bearer::try_new(Zeroizing::new(number.to_string())).expect("a number");
            Ok(Grant { bearer, lifetime: LIFETIME })
        }
    }

    impl Fake {
        fn source(&self, seed: u64) -> TokenSource {
            TokenSource::with_fetch(Box::new(self.clone()), StdRng::seed_from_u64(seed))
        }

        fn fail(&self, failing: bool) {
            self.failing.store(failing, Ordering::SeqCst);
        }

        fn requests(&self) -> usize {
            self.requests.load(Ordering::SeqCst)
        }
    }

    async fn now(source: &TokenSource) -> String {
        source.token().await.expect("a token").expose().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_kept_and_renewed_beside_its_use_at_four_fifths() {
        for seed in 0..20 {
            let fake = Fake::default();
            let source = fake.source(seed);
            assert_eq!(now(&source).await, "0");
            advance(715 * SECOND).await;
            assert_eq!((now(&source).await.as_str(), fake.requests()), ("0", 1));
            advance(165 * SECOND).await;
            let before = Instant::now();
            assert_eq!(now(&source).await, "0", "nobody waits for the renewal");
            assert_eq!(before.elapsed(), Duration::ZERO);
            sleep(2 * SECOND).await;
            assert_eq!((now(&source).await.as_str(), fake.requests()), ("1", 2));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn renewals_of_many_servers_are_spread() {
        let mut moments = Vec::new();
        for seed in 0..20 {
            let source = Fake::default().source(seed);
            now(&source).await;
            let state = source.shared.state();
            let cached = state.cached.as_ref().expect("a token");
            moments.push(cached.renew - cached.requested);
        }
        moments.sort_unstable();
        assert!(moments[0] >= 720 * SECOND && moments[19] <= 880 * SECOND, "{moments:?}");
        assert!(moments[19] - moments[0] > 80 * SECOND, "{moments:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_leaves_the_old_token_and_is_tried_again_later() {
        let fake = Fake::default();
        let source = fake.source(1);
        now(&source).await;
        fake.fail(true);
        advance(890 * SECOND).await;
        for _ in 0..5 {
            assert_eq!(now(&source).await, "0");
            sleep(2 * SECOND).await;
        }
        assert_eq!(fake.requests(), 2, "one renewal in ten seconds");
        assert!(source.status().last_error.is_some());
        fake.fail(false);
        sleep(30 * SECOND).await;
        assert_eq!(now(&source).await, "0");
        sleep(2 * SECOND).await;
        assert_eq!(now(&source).await, "2");
        let status = source.status();
        assert_eq!((status.granted, status.failures, status.last_error), (2, 1, None));
    }

    #[tokio::test(start_paused = true)]
    async fn an_ended_token_is_not_handed_out() {
        let fake = Fake::default();
        let source = fake.source(1);
        now(&source).await;
        advance(LIFETIME - 5 * SECOND).await;
        assert_eq!(now(&source).await, "1");
    }

    #[tokio::test(start_paused = true)]
    async fn callers_share_one_request_and_its_failure() {
        let fake = Fake::default();
        let source = fake.source(1);
        fake.fail(true);
        let began = Instant::now();
        let callers: Vec<_> = (0..10)
            .map(|_| {
                let source = source.clone();
                tokio::spawn(async move { source.token().await.is_err() })
            })
            .collect();
        for caller in callers {
            assert!(caller.await.expect("no panic"));
        }
        assert_eq!((fake.requests(), began.elapsed()), (1, SECOND));
        fake.fail(false);
        assert_eq!(now(&source).await, "1", "a later caller tries again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_leaves_no_lock_behind() {
        let fake = Fake::default();
        let source = fake.source(1);
        assert!(tokio::time::timeout(SECOND / 2, source.token()).await.is_err());
        assert_eq!(now(&source).await, "1");
    }

    #[tokio::test(start_paused = true)]
    async fn wire_c03_a_refused_token_is_replaced_once() {
        let fake = Fake::default();
        let source = fake.source(1);
        let first = source.token().await.expect("a token");
        assert!(source.invalidate(&first));
        assert!(!source.invalidate(&first), "gone already");
        let second = source.token().await.expect("a token");
        assert_eq!(second.expose(), "1");
        assert!(!source.invalidate(&first), "an old one does not take the new one along");
        assert!(!source.invalidate(&second), "a tenant that refuses everything costs no request each time");
        assert_eq!(now(&source).await, "1");
        advance(31 * SECOND).await;
        assert!(source.invalidate(&second), "later, it may be outdated again");
    }

    #[tokio::test(start_paused = true)]
    async fn debug_output_shows_no_token() {
        let source = Fake::default().source(1);
        let bearer = source.token().await.expect("a token");
        assert_eq!(format!("{bearer:?}"), "***");
        assert!(!format!("{source:?}").contains("bearer"));
    }
}
