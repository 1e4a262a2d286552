//! Every attempt to open a socket, in full: what an unknown connector server sends is the one thing nobody can look up.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::net::{Peer, RawHead};
use crate::token::hex;

/// Attempts kept; older ones are dropped.
const CAPACITY: usize = 1000;

/// All attempts, by number from 1.
#[derive(Debug, Default)]
pub(crate) struct UpgradeLog(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    records: VecDeque<(u64, Json)>,
}

/// An attempt as it is recorded.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) peer: &'a Peer,
    pub(super) head: RawHead,
    pub(super) query: &'a [(String, String)],
    pub(super) log_secrets: bool,
}

impl UpgradeLog {
    /// Records an attempt before anything is decided; answers its number.
    pub(super) fn begin(&self, attempt: Attempt<'_>) -> u64 {
        let Attempt { peer, head, query, log_secrets } = attempt;
        let tls =
            peer.tls.as_ref().map(|tls| json!({"version": tls.version, "sni": tls.sni, "alpn": tls.alpn}));
        let headers: Vec<Json> = head
            .headers
            .iter()
            .map(|(name, value)| json!([name, if log_secrets { value.clone() } else { veil(name, value) }]))
            .collect();
        let mut inner = self.lock();
        inner.next += 1;
        let number = inner.next;
        let record = json!({
            "number": number, "time": crate::events::now(), "peer": peer.addr.to_string(), "tls": tls,
            "requestLine": head.request_line, "headers": headers,
            "query": query.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
        });
        if inner.records.len() == CAPACITY {
            inner.records.pop_front();
        }
        inner.records.push_back((number, record));
        number
    }

    /// Adds what was decided.
    pub(super) fn finish(&self, number: u64, outcome: Json) {
        let mut inner = self.lock();
        let record = inner.records.iter_mut().rev().find(|(known, _)| *known == number);
        if let (Some((_, Json::Object(record))), Json::Object(outcome)) = (record, outcome) {
            record.extend(outcome);
        }
    }

    /// All attempts still kept, oldest first.
    pub(crate) fn list(&self) -> Vec<Json> {
        self.lock().records.iter().map(|(_, record)| record.clone()).collect()
    }

    /// One attempt.
    pub(crate) fn get(&self, number: u64) -> Option<Json> {
        let inner = self.lock();
        inner.records.iter().find_map(|(known, record)| (*known == number).then(|| record.clone()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Credentials as their scheme and the beginning of their hash.
fn veil(name: &str, value: &str) -> String {
    let secret = ["authorization", "proxy-authorization", "cookie"];
    if !secret.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
        return value.to_owned();
    }
    let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
    let hash = hex(&Sha256::digest(credentials.as_bytes()));
    format!("{scheme} sha256:{}", hash.get(..8).unwrap_or_default())
}
