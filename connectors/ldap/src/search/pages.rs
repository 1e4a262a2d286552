//! Pages that the caller turns by cookies.

use std::task::{Context as TaskContext, Poll};

use icf::filter::Queries;
use icf::{ConnectorObject, Flow, ObjectSink, OperationOptions, Receive, SearchResult};
use tracing::debug;

use super::deliver::Delivery;
use super::run::{ended, next_cookie, query, round};
use super::{Context, Request};
use crate::fault::{Fault, Result};
use crate::filter::plan::{Place, Query};
use crate::link::{Link, close};
use crate::message::control::oid;
use crate::message::{Control, code};
use crate::paging::Cookie;
use crate::projection::Projection;

/// The size of pages that are only skipped.
const SKIPPED_PAGE: u32 = 500;

/// Delivers one page and reports where the next one begins.
#[allow(clippy::too_many_arguments, reason = "the parts of one search, which no other place needs together")]
pub(super) async fn page(
    context: &Context<'_>,
    link: &mut Link<'_>,
    request: &Request,
    queries: &[Query],
    projection: &Projection,
    size: u32,
    options: &OperationOptions,
    objects: &mut ObjectSink<'_>,
) -> Result<()> {
    let cookie =
        options.paged_results_cookie().map(|text| Cookie::parse(text, request.bases.len())).transpose()?;
    let offset = options.paged_results_offset()?.and_then(|offset| u64::try_from(offset).ok()).unwrap_or(0);
    let next = match queries {
        [query] if query.place == Place::Bases && context.facts.supports(oid::PAGED_RESULTS) => {
            let delivery = Delivery::new(context, projection, query, objects);
            let mut page =
                Page { context, link, request, query, delivery, size, skip: 0, sort: sort(request) };
            page.skip = if cookie.is_none() { offset } else { 0 };
            page.read(cookie.unwrap_or_default()).await?
        }
        _ => {
            let skip = cookie.map_or(offset, |cookie| cookie.offset.unwrap_or(0));
            counted(context, link, request, queries, projection, (skip, size), objects).await?
        }
    };
    objects.report(SearchResult {
        paged_results_cookie: next.map(|cookie| cookie.text()),
        ..SearchResult::default()
    });
    Ok(())
}

fn sort(request: &Request) -> Vec<Control> {
    if request.sort.is_empty() { Vec::new() } else { vec![Control::sort(&request.sort, false)] }
}

/// A page by the server's own cookies.
struct Page<'a, 'l, 's, 'k> {
    context: &'a Context<'a>,
    link: &'a mut Link<'l>,
    request: &'a Request,
    query: &'a Query,
    delivery: Delivery<'a, 's, 'k>,
    size: u32,
    /// Entries that are left out before the first.
    skip: u64,
    sort: Vec<Control>,
}

impl Page<'_, '_, '_, '_> {
    /// Reads from the cookie on; answers where the next page begins, if there is one.
    async fn read(&mut self, start: Cookie) -> Result<Option<Cookie>> {
        let (mut base, mut server) = (start.base, start.server.clone());
        let (mut in_base, mut replay) = self.go_on(&start).await;
        if replay > 0 {
            // The cookie was that of a connection which is no more.
            server.clear();
        }
        // How far the search had come on a connection that was kept.
        let mut kept = in_base;
        let mut wanted = u64::from(self.size);
        loop {
            let Some(name) = self.request.bases.get(base) else { return Ok(None) };
            let left_out = if replay > 0 { replay } else { self.skip };
            let step = if left_out == 0 {
                wanted.min(u64::from(self.size))
            } else if self.size < 20 && left_out > 1000 {
                left_out.min(u64::from(SKIPPED_PAGE))
            } else {
                left_out.min(u64::from(self.size.max(1)))
            };
            let step = u32::try_from(step).unwrap_or(self.size).max(1);
            let search = self.request.below(name, self.query, self.delivery.projection());
            let mut controls = vec![Control::paged(step, &server)];
            controls.extend_from_slice(&self.sort);
            let resumed = !server.is_empty();
            let outcome =
                round(self.context, self.link, &search, &controls, &mut self.delivery, resumed, left_out)
                    .await;
            let round = match outcome {
                // That the kept connection is dead shows only when it is used.
                Err(fault) if fault.is_broken_connection() && kept > 0 => {
                    (replay, kept, in_base) = (kept, 0, 0);
                    server.clear();
                    continue;
                }
                outcome => outcome?,
            };
            kept = 0;
            if round.flow == Flow::Stop {
                return Ok(None);
            }
            if resumed
                && matches!(
                    round.result.code,
                    code::UNWILLING_TO_PERFORM | code::PROTOCOL_ERROR | code::UNAVAILABLE_CRITICAL_EXTENSION
                )
            {
                return Err(Fault::general(format!(
                    "Bad cookie: the directory does not know the page any more ({}); begin with the first page",
                    round.result.diagnostic
                )));
            }
            if !self.sort.is_empty()
                && round.result.code == code::INAPPROPRIATE_MATCHING
                && round.entries == 0
            {
                tracing::warn!("The directory cannot sort by these keys; the page is not sorted.");
                self.sort.clear();
                continue;
            }
            server = next_cookie(&round.result)?;
            ended(self.context, name, round.result)?;
            in_base += round.entries;
            let out = round.entries.min(left_out);
            if replay > 0 {
                replay -= out
            } else {
                self.skip -= out
            }
            wanted = wanted.saturating_sub(round.entries - out);
            if server.is_empty() {
                (base, in_base) = (base + 1, 0);
            }
            if wanted == 0 {
                return Ok(self.next(base, server, in_base).await);
            }
        }
    }

    /// Makes the link ready to go on: with the kept connection, or by reading again what was delivered.
    async fn go_on(&mut self, start: &Cookie) -> (u64, u64) {
        let waiting = start.id.as_deref().and_then(|id| self.context.session.directory().reserved.take(id));
        let Some(waiting) = waiting else { return (0, 0) };
        if let Some(mut connection) = waiting.connection
            && connection.is_usable().await
        {
            if let Some(other) = self.link.take() {
                close(other, &self.context.patience).await;
            }
            self.link.put(connection);
            return (waiting.delivered, 0);
        }
        debug!("The connection of a page is gone; reading what was delivered again and leaving it out.");
        (0, waiting.delivered)
    }

    /// The cookie of the next page; none if there is nothing more.
    async fn next(&mut self, base: usize, server: Vec<u8>, in_base: u64) -> Option<Cookie> {
        if base >= self.request.bases.len() {
            return None;
        }
        let mut id = None;
        if !server.is_empty() && self.context.facts.profile().pages_need_connection {
            let connection = self.link.take();
            id = Some(self.context.session.directory().reserved.keep(connection, in_base));
        }
        Some(Cookie { server, base, id, offset: None })
    }
}

/// A page where the server has none, or where several questions make one search: by counting.
async fn counted(
    context: &Context<'_>,
    link: &mut Link<'_>,
    request: &Request,
    queries: &[Query],
    projection: &Projection,
    (skip, size): (u64, u32),
    objects: &mut ObjectSink<'_>,
) -> Result<Option<Cookie>> {
    let mut window = Window { objects, skip, left: size, more: false };
    {
        let mut sink = ObjectSink::new(&mut window);
        let mut queries = Queries::new(queries.to_vec(), &mut sink);
        while let Some((each, mut sink)) = queries.next() {
            let mut delivery = Delivery::new(context, projection, &each, &mut sink);
            query(context, link, request, &each, &mut delivery).await?;
        }
    }
    let offset = Some(skip + u64::from(size));
    Ok(window.more.then(|| Cookie { offset, ..Cookie::default() }))
}

/// Passes on a part of what it receives.
struct Window<'a, 'b> {
    objects: &'a mut ObjectSink<'b>,
    skip: u64,
    left: u32,
    /// Whether there is something behind the part.
    more: bool,
}

impl Receive<ConnectorObject> for Window<'_, '_> {
    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Flow> {
        if self.more { Poll::Ready(Flow::Stop) } else { self.objects.poll_ready(cx) }
    }

    fn receive(&mut self, object: ConnectorObject) -> icf::Result<Flow> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(Flow::Continue);
        }
        if self.left == 0 {
            self.more = true;
            return Ok(Flow::Stop);
        }
        self.left -= 1;
        self.objects.receive(object)
    }
}
