//! When a token is requested.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::GuardedString;
use reqwest::Client;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::exchange::Exchange;
use super::{OAuthSettings, TokenFault};
use crate::budget::Budget;
use crate::credentials::prefixed;
use crate::fault::Fault;
use crate::service::fault_of;

/// With less time left than this a token is renewed; one that lives no longer at all, in its last tenth.
const EARLY: Duration = Duration::from_secs(60);

/// Is told a refresh token that replaces the configured one.
pub(crate) type RotationListener = Box<dyn Fn(GuardedString) + Send + Sync>;

/// The token of one configuration.
pub(crate) struct Tokens {
    shared: Arc<Shared>,
}

struct Shared {
    exchange: Exchange,
    prefix: String,
    state: Mutex<State>,
    flight: Arc<tokio::sync::Mutex<()>>,
    rotated: RotationListener,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    failures: u64,
    last_fault: Option<TokenFault>,
}

#[derive(Clone)]
struct Cached {
    header: HeaderValue,
    renew: Option<Instant>,
}

impl Tokens {
    pub(crate) fn new(
        settings: OAuthSettings,
        client: Client,
        limit: Duration,
        rotated: RotationListener,
    ) -> Self {
        let prefix = settings.prefix.clone();
        let shared = Shared {
            exchange: Exchange::new(settings, client, limit),
            prefix,
            state: Mutex::default(),
            flight: Arc::default(),
            rotated,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The header to send. Callers that come while a request is under way wait for that one.
    pub(crate) async fn header(&self, budget: &Budget) -> Result<HeaderValue, Fault> {
        let failures_before = match self.shared.at_hand() {
            Ok(header) => return Ok(header),
            Err(failures) => failures,
        };
        let waiting = Arc::clone(&self.shared.flight).lock_owned();
        let interrupted = |why| fault_of(why, budget, self.shared.exchange.host(), "the token request");
        let flight = budget.run(waiting).await.map_err(interrupted)?;
        match self.shared.at_hand() {
            Ok(header) => return Ok(header),
            Err(failures) if failures != failures_before => {
                if let Some(fault) = self.shared.state().last_fault.clone() {
                    return Err(fault.into());
                }
            }
            Err(_) => {}
        }
        // In a task of its own: a caller that leaves must not take a new refresh token along into nowhere.
        let shared = Arc::clone(&self.shared);
        let request = tokio::spawn(async move {
            let outcome = shared.request().await;
            drop(flight);
            outcome
        });
        match budget.run(request).await.map_err(interrupted)? {
            Ok(outcome) => outcome,
            Err(error) => Err(Fault::Configuration(format!("The token request ended: {error}"))),
        }
    }

    /// Drops the token that a service refused, unless it was replaced already.
    pub(crate) fn invalidate(&self, refused: &HeaderValue) {
        let mut state = self.shared.state();
        if state.cached.as_ref().is_some_and(|cached| cached.header == *refused) {
            state.cached = None;
            tracing::debug!("Dropped the access token because the service refused it.");
        }
    }
}

impl Shared {
    fn at_hand(&self) -> Result<HeaderValue, u64> {
        let state = self.state();
        match &state.cached {
            Some(cached) if cached.renew.is_none_or(|renew| Instant::now() < renew) => {
                Ok(cached.header.clone())
            }
            _ => Err(state.failures),
        }
    }

    async fn request(&self) -> Result<HeaderValue, Fault> {
        match self.exchange.request().await {
            Ok(granted) => {
                if let Some(token) = granted.refresh_token {
                    (self.rotated)(token);
                }
                let header = prefixed(&self.prefix, &granted.access_token)?;
                let renew = granted.lifetime.map(|lifetime| {
                    let early = if lifetime > EARLY { EARLY } else { lifetime / 10 };
                    Instant::now() + (lifetime - early)
                });
                let mut state = self.state();
                state.last_fault = None;
                state.cached = Some(Cached { header: header.clone(), renew });
                tracing::debug!(lifetime = ?granted.lifetime, "Obtained an access token.");
                Ok(header)
            }
            Err(fault) => {
                let mut state = self.state();
                state.failures += 1;
                state.cached = None;
                state.last_fault = Some(fault.clone());
                Err(fault.into())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
