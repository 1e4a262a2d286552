//! Pages that a caller turns: the text of their cookies, and the connections that some servers tie them to.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use crate::fault::{Fault, Result};
use crate::link::Connection;

/// Connections kept for a next page, of one configuration.
const MOST: usize = 16;

/// Searches of which it is remembered how far they got.
const MOST_REMEMBERED: usize = 1000;

/// How long a connection is kept for a next page.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// Where a search goes on: `<base64 of the server's cookie>:<index of the base context>`, then `:<id>` of the kept
/// connection, or `:o<number>` of entries to leave out where the server has no pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) server: Vec<u8>,
    pub(crate) base: usize,
    pub(crate) id: Option<String>,
    pub(crate) offset: Option<u64>,
}

impl Cookie {
    /// Reads a cookie.
    pub(crate) fn parse(text: &str, bases: usize) -> Result<Self> {
        let bad = || {
            Fault::general(
                "Bad cookie: the text of the page is not one that this connector made; begin with the first page",
            )
        };
        let mut parts = text.split(':');
        let server = STANDARD.decode(parts.next().unwrap_or_default()).map_err(|_| bad())?;
        let base = parts
            .next()
            .and_then(|index| index.parse().ok())
            .filter(|index| *index < bases)
            .ok_or_else(bad)?;
        let mut cookie = Self { server, base, ..Self::default() };
        if let Some(last) = parts.next() {
            match last.strip_prefix('o').and_then(|number| number.parse().ok()) {
                Some(offset) => cookie.offset = Some(offset),
                None => cookie.id = Some(last.to_owned()),
            }
        }
        if parts.next().is_some() { Err(bad()) } else { Ok(cookie) }
    }

    /// The cookie as text.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}:{}", STANDARD.encode(&self.server), self.base);
        if let Some(id) = &self.id {
            text.push(':');
            text.push_str(id);
        }
        if let Some(offset) = self.offset {
            text.push_str(":o");
            text.push_str(&offset.to_string());
        }
        text
    }
}

/// The searches that wait for their next page.
#[derive(Debug, Default)]
pub(crate) struct Reserved(Mutex<Vec<Waiting>>);

/// A search that waits for its next page.
#[derive(Debug)]
pub(crate) struct Waiting {
    id: String,
    pub(crate) connection: Option<Connection>,
    /// Entries of the base context that were delivered.
    pub(crate) delivered: u64,
    since: Instant,
}

impl Reserved {
    /// Keeps a connection for the next page and answers the id of the search.
    pub(crate) fn keep(&self, connection: Option<Connection>, delivered: u64) -> String {
        let id = format!("{:016x}", rand::random::<u64>());
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiter = Waiting { id: id.clone(), connection, delivered, since: Instant::now() };
        waiting.push(waiter);
        // Of the oldest only how far they got is remembered; their connections close.
        let mut connections = 0;
        for old in waiting.iter_mut().rev() {
            connections += usize::from(old.connection.is_some());
            if connections > MOST || old.since.elapsed() > KEPT_FOR {
                old.connection = None;
            }
        }
        let spare = waiting.len().saturating_sub(MOST_REMEMBERED);
        waiting.drain(..spare);
        id
    }

    /// The search of that id.
    pub(crate) fn take(&self, id: &str) -> Option<Waiting> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|waiter| waiter.id == id)?;
        let mut waiter = waiting.remove(at);
        if waiter.since.elapsed() > KEPT_FOR {
            waiter.connection = None;
        }
        Some(waiter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cookies_have_two_or_three_parts() {
        assert_eq!(
            Cookie::parse("AQI=:1", 2).unwrap(),
            Cookie { server: vec![1, 2], base: 1, ..Cookie::default() }
        );
        assert_eq!(Cookie::parse(":0", 1).unwrap(), Cookie::default());
        assert_eq!(Cookie::parse(":0:o45", 1).unwrap().offset, Some(45));
        for text in ["abc", "!!:0", ":", ":2", "AQI=:x", ":0:a:b"] {
            assert!(Cookie::parse(text, 2).is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_search_is_found_once_by_its_id() {
        let reserved = Reserved::default();
        let id = reserved.keep(None, 7);
        assert_eq!(reserved.take(&id).map(|waiting| waiting.delivered), Some(7));
        assert!(reserved.take(&id).is_none());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(server in proptest::collection::vec(any::<u8>(), 0..20), base in 0_usize..3) {
            let cookie = Cookie { server, base, id: Some("00ff".to_owned()), offset: None };
            prop_assert_eq!(Cookie::parse(&cookie.text(), 3).unwrap(), cookie);
        }
    }
}
