//! What configurations have in common whose refresh tokens come from one another.
//!
//! A caller that is told a replaced refresh token makes a new configuration of it. Were that to begin with a token
//! request of its own, the endpoint would replace the token again, the caller be told again, and so for ever; and a
//! caller that still holds an older token would be locked out, as endpoints take the use of a replaced token for theft.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use icf::GuardedString;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::{Grant, OAuthSettings, TokenFault};

/// Replaced tokens that are remembered.
const MOST_REPLACED: usize = 32;

/// Is told a refresh token that replaces the configured one; answers whether it wants to be told again.
pub(crate) type RotationListener = Box<dyn Fn(GuardedString) -> bool + Send + Sync>;

/// Everything in use that began with a refresh token, by whom it is shown to.
static LINEAGES: Mutex<Vec<(Origin, Weak<Lineage>)>> = Mutex::new(Vec::new());

#[derive(PartialEq, Eq)]
struct Origin {
    endpoint: String,
    client: Option<String>,
    scope: Option<String>,
    prefix: String,
}

/// One access token, and where the next comes from.
#[derive(Default)]
pub(super) struct Lineage {
    state: Mutex<State>,
    /// Held while a token is requested.
    pub(super) flight: Arc<tokio::sync::Mutex<()>>,
    listeners: Mutex<Vec<RotationListener>>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) cached: Option<Cached>,
    pub(super) failures: u64,
    pub(super) last_fault: Option<TokenFault>,
    /// The refresh token in force.
    pub(super) refresh: Option<GuardedString>,
    replaced: VecDeque<GuardedString>,
}

#[derive(Clone)]
pub(super) struct Cached {
    pub(super) header: HeaderValue,
    pub(super) renew: Option<Instant>,
}

impl Lineage {
    /// The one that the settings belong to.
    pub(super) fn of(settings: &OAuthSettings, listener: RotationListener) -> Arc<Self> {
        let lineage = match &settings.grant {
            Grant::RefreshToken(token) => Self::known_or_new(settings, token),
            _ => Arc::default(),
        };
        lineage.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
        lineage
    }

    fn known_or_new(settings: &OAuthSettings, token: &GuardedString) -> Arc<Self> {
        let origin = Origin {
            endpoint: settings.endpoint.to_string(),
            client: settings.client.as_ref().map(|client| client.id.clone()),
            scope: settings.scope.clone(),
            prefix: settings.prefix.clone(),
        };
        let mut all = LINEAGES.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, lineage)| lineage.strong_count() > 0);
        let mut in_use =
            all.iter().filter(|(known, _)| *known == origin).filter_map(|(_, known)| known.upgrade());
        if let Some(known) = in_use.find(|known| known.state().has(token)) {
            tracing::debug!("The refresh token is one that is in use, or was; its access token serves.");
            return known;
        }
        let new = Arc::new(Self::default());
        new.state().refresh = Some(token.clone());
        all.push((origin, Arc::downgrade(&new)));
        new
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another refresh token is in force from now on.
    pub(super) fn replace(&self, token: &GuardedString) {
        let replaced = self.state().refresh.replace(token.clone());
        if let Some(replaced) = replaced {
            let mut state = self.state();
            state.replaced.push_back(replaced);
            if state.replaced.len() > MOST_REPLACED {
                state.replaced.pop_front();
            }
        }
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener(token.clone()));
    }
}

impl State {
    fn has(&self, token: &GuardedString) -> bool {
        self.refresh.as_ref() == Some(token) || self.replaced.contains(token)
    }
}
