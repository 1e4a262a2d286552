//! From page to page until the list ends, whatever the service thinks of counting.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use icf::{CallContext, ConnectorError, ErrorKind, Result};
use serde_json::{Map, Value as Json};

use super::page::Page;
use super::{Ask, Scope, fetch};
use crate::model::Model;
use crate::object::id_of;
use crate::profile::Paging;
use crate::target::Target;

/// Resources on a page where neither the service nor a profile says anything.
const PAGE: u64 = 100;
/// Resources on a page at most.
const LARGEST_PAGE: u64 = 1_000;
/// Identities remembered at most, for the case that a cursor ends before its time.
const MOST_REMEMBERED: usize = 2_000_000;

/// Whether the service is walked by cursors.
pub(super) fn by_cursor(target: &Target, model: &Model) -> bool {
    match target.settings.knobs.paging {
        Paging::Cursor => true,
        Paging::Index | Paging::None => false,
        Paging::Auto => {
            let provider = &model.provider;
            provider.cursor && (!provider.index || provider.cursor_by_default)
        }
    }
}

/// The pages of one search, in order.
pub(crate) struct Walk<'a> {
    target: &'a Target,
    scope: Scope,
    next: Option<Ask>,
    size: u64,
    wide: bool,
    unpaged: bool,
    hasher: RandomState,
    /// Identities of the page before and of this one, as hashes; by cursor those of the whole walk.
    before: HashSet<u64>,
    current: HashSet<u64>,
    restarted: bool,
    /// Pages so far, and how many of them may come once more after a restart.
    pages: u64,
    again: u64,
    received: u64,
    repeated: u64,
    /// Resources that were left out or came, each once.
    seen: u64,
    /// How many there are, by the last page that says it.
    total: Option<u64>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(target: &'a Target, model: &Model, scope: Scope) -> Self {
        let provider = &model.provider;
        let said = [provider.max_results, provider.max_page_size].into_iter().flatten().min();
        let size =
            target.settings.knobs.page_size.unwrap_or_else(|| said.unwrap_or(PAGE)).clamp(1, LARGEST_PAGE);
        let size = said.map_or(size, |said| size.min(said));
        let next = if by_cursor(target, model) { Ask::Cursor(String::new()) } else { Ask::Index(1) };
        Self {
            target,
            scope,
            next: Some(next),
            size,
            wide: false,
            unpaged: false,
            hasher: RandomState::new(),
            before: HashSet::new(),
            current: HashSet::new(),
            restarted: false,
            pages: 0,
            again: 0,
            received: 0,
            repeated: 0,
            seen: 0,
            total: None,
        }
    }

    /// Begins after so many resources, where the service can count.
    pub(crate) fn skip(&mut self, count: u64) {
        if let Some(Ask::Index(start)) = &mut self.next {
            *start += count;
            self.seen = count;
        }
    }

    /// Whether the service refused the filter and sends everything.
    pub(crate) const fn is_wide(&self) -> bool {
        self.wide
    }

    /// The next page; none at the end.
    pub(crate) async fn next(&mut self, cx: &CallContext) -> Result<Option<Page>> {
        if self.received > 0 && self.repeated >= self.received && self.again > 0 {
            self.again -= 1;
        } else if self.received > 0 && self.repeated >= self.received {
            tracing::warn!("The service sends the same page again; the search ends there.");
            return self.complete();
        }
        loop {
            let Some(ask) = self.next.take() else {
                return if self.unpaged { self.complete() } else { Ok(None) };
            };
            // Each page has the time of a call: the search goes on as long as results flow.
            let budget = self.target.budget(cx);
            let asked = match fetch(self.target, &budget, &self.scope, &ask, self.size).await {
                Err(error) if self.may_restart(&ask, &error) => {
                    tracing::warn!(
                        "The cursor expired; the walk begins again and leaves out what was delivered."
                    );
                    self.restarted = true;
                    self.again = self.pages;
                    (self.received, self.repeated) = (0, 0);
                    self.next = Some(Ask::Cursor(String::new()));
                    continue;
                }
                asked => asked?,
            };
            self.wide |= asked.wide;
            self.unpaged = asked.unpaged;
            if asked.wide {
                self.scope.filter = None;
            }
            let page = asked.page;
            self.turn_page(&ask);
            self.pages += 1;
            self.received = page.received();
            self.total = page.total.or(self.total);
            self.repeated = 0;
            if self.received == 0 && page.next_cursor.is_none() {
                return Ok(None);
            }
            self.next = match (&page.next_cursor, &ask) {
                (Some(cursor), Ask::Cursor(old)) if cursor == old => {
                    tracing::warn!(
                        "The service answers with the cursor it was asked for; the search ends there."
                    );
                    None
                }
                (Some(cursor), _) => Some(Ask::Cursor(cursor.clone())),
                (None, Ask::Index(_)) if asked.unpaged => None,
                (None, Ask::Index(start)) => {
                    let reached = start.saturating_sub(1).saturating_add(self.received);
                    let ended = page.total.is_some_and(|total| reached >= total);
                    (!ended).then(|| Ask::Index(reached + 1))
                }
                (None, Ask::Cursor(_) | Ask::Nothing) => None,
            };
            return Ok(Some(page));
        }
    }

    /// The end of a list that cannot be walked. What is missing from it would be taken for deleted.
    fn complete(&self) -> Result<Option<Page>> {
        match self.total {
            Some(total) if self.seen < total => Err(ConnectorError::io(format!(
                "The service counts {total} objects and delivers {} of them, however it is asked for the rest; the list is not complete.",
                self.seen
            ))),
            _ => Ok(None),
        }
    }

    fn may_restart(&self, ask: &Ask, error: &ConnectorError) -> bool {
        let expired = *error.kind() == ErrorKind::Retryable
            || error
                .message()
                .is_some_and(|text| text.contains("expiredCursor") || text.contains("invalidCursor"));
        let later = matches!(ask, Ask::Cursor(cursor) if !cursor.is_empty());
        let about_cursor = error.message().is_some_and(|text| text.contains("Cursor"));
        expired && about_cursor && later && !self.restarted && self.current.len() < MOST_REMEMBERED
    }

    fn turn_page(&mut self, ask: &Ask) {
        if matches!(ask, Ask::Cursor(_)) {
            return;
        }
        self.before = std::mem::take(&mut self.current);
    }

    /// Notes a resource, and whether it came before: on the page before, or by cursor anywhere.
    pub(crate) fn is_repetition(&mut self, resource: &Map<String, Json>) -> bool {
        let Some(id) = id_of(resource) else {
            self.seen += 1;
            return false;
        };
        let hash = self.hasher.hash_one(id);
        if self.current.len() < MOST_REMEMBERED && !self.current.insert(hash) || self.before.contains(&hash) {
            self.repeated += 1;
            return true;
        }
        self.seen += 1;
        false
    }
}
