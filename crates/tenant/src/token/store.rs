//! Issued tokens, kept by hash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::clock::Clock;

/// What a live token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The client it was issued to.
    pub(crate) client: String,
    /// Its scopes.
    pub(crate) scopes: Vec<String>,
}

/// All issued tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    clock: Arc<Clock>,
    issued: Mutex<HashMap<[u8; 32], Issued>>,
}

#[derive(Debug)]
struct Issued {
    grant: Grant,
    expires: Instant,
}

impl Tokens {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        Self { clock, issued: Mutex::default() }
    }

    /// Makes a token; those issued before stay valid. Expired ones are forgotten on the way.
    pub(crate) fn issue(&self, grant: Grant, life: Duration) -> String {
        let mut bytes = [0_u8; 24];
        rand::rng().fill(&mut bytes);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let now = self.clock.now();
        let mut issued = self.lock();
        issued.retain(|_, token| token.expires > now);
        issued.insert(hash(&token), Issued { grant, expires: now + life });
        token
    }

    /// What a token stands for, if it is live.
    pub(crate) fn check(&self, token: &str) -> Option<Grant> {
        let issued = self.lock();
        issued
            .get(&hash(token))
            .filter(|token| token.expires > self.clock.now())
            .map(|token| token.grant.clone())
    }

    /// Ends the tokens of one client, or all; answers how many.
    pub(crate) fn revoke(&self, client: Option<&str>) -> usize {
        let now = self.clock.now();
        let mut issued = self.lock();
        issued.retain(|_, token| token.expires > now);
        let before = issued.len();
        issued.retain(|_, token| client.is_some_and(|client| token.grant.client != client));
        before - issued.len()
    }

    /// All live tokens, shown by hash.
    pub(crate) fn list(&self) -> Vec<Json> {
        let now = self.clock.now();
        let issued = self.lock();
        let live = issued.iter().filter(|(_, token)| token.expires > now);
        live.map(|(hash, token)| {
            json!({
                "sha256": hex(hash),
                "client": token.grant.client,
                "scope": token.grant.scopes.join(" "),
                "expiresInMs": u64::try_from((token.expires - now).as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Issued>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(client: &str) -> Grant {
        Grant { client: client.to_owned(), scopes: vec!["s".to_owned()] }
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_expire_by_the_tenants_clock_and_do_not_replace_each_other() {
        let clock = Arc::new(Clock::default());
        let tokens = Tokens::new(Arc::clone(&clock));
        let old = tokens.issue(grant("a"), Duration::from_secs(60));
        let new = tokens.issue(grant("a"), Duration::from_secs(3600));
        assert!(old.len() >= 27 && old != new);
        assert_eq!(tokens.check(&old), Some(grant("a")));
        clock.advance(Duration::from_secs(61));
        assert_eq!(tokens.check(&old), None);
        assert!(tokens.check(&new).is_some());
        assert_eq!(tokens.list().len(), 1);
        assert_eq!(tokens.revoke(Some("b")), 0);
        assert_eq!(tokens.revoke(Some("a")), 1);
        assert_eq!(tokens.check(&new), None);
    }
}
