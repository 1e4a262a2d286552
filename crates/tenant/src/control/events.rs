//! `GET /tenant/events`: events as a stream, or as a list to wait for.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value as Json;
use tokio::sync::watch;

use crate::crest::{Answer, Parameters, header_text};
use crate::events::{Event, KindFilter};
use crate::state::State;

/// A long poll waits at most this long.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Where a reader stands.
struct Reader {
    state: Arc<State>,
    filter: KindFilter,
    last: u64,
    latest: watch::Receiver<u64>,
    ready: VecDeque<Arc<Event>>,
}

impl Reader {
    fn fetch(&mut self) {
        self.ready.extend(self.state.events.since(self.last, &self.filter));
        if let Some(newest) = self.ready.back() {
            self.last = newest.seq;
        }
    }

    /// The next event; `None` when the tenant stops.
    async fn next(&mut self) -> Option<Arc<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.latest.mark_unchanged();
            self.fetch();
            if !self.ready.is_empty() {
                continue;
            }
            tokio::select! {
                () = self.state.shutdown.cancelled() => return None,
                changed = self.latest.changed() => changed.ok()?,
            }
        }
    }
}

/// Answers as a list if JSON is asked for, else as a stream that never ends.
pub(super) async fn serve(state: Arc<State>, parts: &Parts) -> Response {
    let parameters = Parameters::parse(parts.uri.query());
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let since = header_text(&parts.headers, "Last-Event-ID").as_deref().and_then(number);
    let since = since.or_else(|| parameters.get("since").and_then(number)).unwrap_or(0);
    let filter = KindFilter::parse(parameters.get("kinds").unwrap_or_default());
    let latest = state.events.latest();
    let mut reader = Reader { state, filter, last: since, latest, ready: VecDeque::new() };
    let accept = header_text(&parts.headers, "Accept").unwrap_or_default();
    if accept.contains("application/json") {
        let wait = parameters.get("wait").and_then(number).map_or(Duration::ZERO, Duration::from_secs);
        return list(&mut reader, wait.min(MAX_WAIT)).await;
    }
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        let shown = SseEvent::default()
            .id(event.seq.to_string())
            .event(event.kind.as_str())
            .data(Json::Object(event.data.clone()).to_string());
        Some((Ok::<_, Infallible>(shown), reader))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

async fn list(reader: &mut Reader, wait: Duration) -> Response {
    let first = tokio::time::timeout(wait, reader.next()).await.ok().flatten();
    reader.fetch();
    let all = first.into_iter().chain(reader.ready.drain(..));
    let list: Json = all.map(|event| Json::Object(event.data.clone())).collect();
    Answer::ok(list).into_response(false)
}
