//! When a token is requested.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::OAuthSettings;
use super::exchange::Exchange;
use super::lineage::{Cached, Lineage, RotationListener};
use crate::budget::Budget;
use crate::credentials::prefixed;
use crate::fault::Fault;
use crate::service::fault_of;

/// With less time left than this a token is renewed; one that lives no longer at all, in its last tenth.
const EARLY: Duration = Duration::from_secs(60);

/// The token of one configuration.
pub(crate) struct Tokens {
    shared: Arc<Shared>,
}

struct Shared {
    exchange: Exchange,
    prefix: String,
    lineage: Arc<Lineage>,
}

impl Tokens {
    pub(crate) fn new(
        settings: OAuthSettings,
        client: Client,
        limit: Duration,
        rotated: RotationListener,
    ) -> Self {
        let prefix = settings.prefix.clone();
        let lineage = Lineage::of(&settings, rotated);
        let exchange = Exchange::new(settings, client, limit);
        Self { shared: Arc::new(Shared { exchange, prefix, lineage }) }
    }

    /// The header to send. Callers that come while a request is under way wait for that one.
    pub(crate) async fn header(&self, budget: &Budget) -> Result<HeaderValue, Fault> {
        let failures_before = match self.shared.at_hand() {
            Ok(header) => return Ok(header),
            Err(failures) => failures,
        };
        let waiting = Arc::clone(&self.shared.lineage.flight).lock_owned();
        let interrupted = |why| fault_of(why, budget, self.shared.exchange.host(), "the token request");
        let flight = budget.run(waiting).await.map_err(interrupted)?;
        match self.shared.at_hand() {
            Ok(header) => return Ok(header),
            Err(failures) if failures != failures_before => {
                if let Some(fault) = self.shared.lineage.state().last_fault.clone() {
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
        let mut state = self.shared.lineage.state();
        if state.cached.as_ref().is_some_and(|cached| cached.header == *refused) {
            state.cached = None;
            tracing::debug!("Dropped the access token because the service refused it.");
        }
    }
}

impl Shared {
    fn at_hand(&self) -> Result<HeaderValue, u64> {
        let state = self.lineage.state();
        match &state.cached {
            Some(cached) if cached.renew.is_none_or(|renew| Instant::now() < renew) => {
                Ok(cached.header.clone())
            }
            _ => Err(state.failures),
        }
    }

    async fn request(&self) -> Result<HeaderValue, Fault> {
        let refresh = self.lineage.state().refresh.clone();
        match self.exchange.request(refresh.as_ref()).await {
            Ok(granted) => {
                let header = prefixed(&self.prefix, &granted.access_token);
                let renew = granted.lifetime.map(|lifetime| {
                    let early = if lifetime > EARLY { EARLY } else { lifetime / 10 };
                    Instant::now() + (lifetime - early)
                });
                {
                    let mut state = self.lineage.state();
                    state.last_fault = None;
                    state.cached =
                        header.as_ref().ok().map(|header| Cached { header: header.clone(), renew });
                }
                // Whoever hears of it may make a new configuration at once, which finds the access token here.
                if let Some(token) = granted.refresh_token {
                    self.lineage.replace(&token);
                }
                tracing::debug!(lifetime = ?granted.lifetime, "Obtained an access token.");
                header
            }
            Err(fault) => {
                let mut state = self.lineage.state();
                state.failures += 1;
                state.cached = None;
                state.last_fault = Some(fault.clone());
                Err(fault.into())
            }
        }
    }
}
