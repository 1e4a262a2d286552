//! Receivers that keep what a connector delivers.

use std::task::{Context, Poll};

use icf::operations::{SearchOp, SyncOp};
use icf::{
    CallContext, ConnectorObject, DeltaSink, Filter, Flow, ObjectClass, ObjectSink, OperationOptions,
    Receive, Result, SearchResult, SyncDelta, SyncToken,
};

/// Keeps everything it receives, up to a number after which it asks the connector to stop.
#[derive(Debug)]
pub struct Collector<T> {
    /// What was received, in order.
    pub items: Vec<T>,
    /// Whether the connector declared that it evaluates the whole filter.
    pub exact: bool,
    stop_after: usize,
}

impl<T> Default for Collector<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Collector<T> {
    /// Takes everything.
    #[must_use]
    pub const fn new() -> Self {
        Self::stopping_after(usize::MAX)
    }

    /// Asks the connector to stop once it has this many.
    #[must_use]
    pub const fn stopping_after(count: usize) -> Self {
        Self { items: Vec::new(), exact: false, stop_after: count }
    }
}

impl<T: Send> Receive<T> for Collector<T> {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(if self.items.len() < self.stop_after { Flow::Continue } else { Flow::Stop })
    }

    fn receive(&mut self, item: T) -> Result<Flow> {
        self.items.push(item);
        Ok(if self.items.len() < self.stop_after { Flow::Continue } else { Flow::Stop })
    }

    fn filter_is_exact(&mut self) {
        self.exact = true;
    }
}

/// What a search delivered.
#[derive(Debug)]
pub struct Found {
    /// Objects in order, as the connector gave them: neither filtered nor reduced.
    pub objects: Vec<ConnectorObject>,
    /// The last report.
    pub result: Option<SearchResult>,
    /// Whether the connector declared that it evaluates the whole filter.
    pub exact: bool,
}

/// Searches and collects.
///
/// # Errors
/// Those of the connector.
pub async fn search(
    connector: &dyn SearchOp,
    class: &ObjectClass,
    filter: Option<&Filter>,
    options: &OperationOptions,
) -> Result<Found> {
    let mut collector = Collector::new();
    let mut objects = ObjectSink::new(&mut collector);
    connector.search(&CallContext::new("test"), class, filter, options, &mut objects).await?;
    let result = objects.into_result();
    Ok(Found { objects: collector.items, result, exact: collector.exact })
}

/// Synchronises and collects: the changes in order and the final token.
///
/// # Errors
/// Those of the connector.
pub async fn sync(
    connector: &dyn SyncOp,
    class: &ObjectClass,
    token: Option<&SyncToken>,
    options: &OperationOptions,
) -> Result<(Vec<SyncDelta>, Option<SyncToken>)> {
    let mut collector = Collector::new();
    let mut deltas = DeltaSink::new(&mut collector);
    connector.sync(&CallContext::new("test"), class, token, options, &mut deltas).await?;
    let token = deltas.into_token();
    Ok((collector.items, token))
}
