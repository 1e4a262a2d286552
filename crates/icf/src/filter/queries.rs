//! For targets whose query language cannot express a filter in one query: several queries, one after the other, whose
//! results are delivered once each.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::error::{ConnectorError, Result};
use crate::object::ConnectorObject;
use crate::sink::{Flow, ObjectSink, Receive};
use crate::sync::SearchResult;

/// Runs queries one after the other in front of one sink; an object whose identity was already delivered is dropped.
///
/// ```ignore
/// let mut queries = Queries::new(translate(filter), objects);
/// while let Some((query, mut sink)) = queries.next() {
///     self.run(query, &mut sink).await?;
///     let end = sink.into_result();
///     queries.report(end);
/// }
/// ```
pub struct Queries<'a, 'b, Q> {
    waiting: std::vec::IntoIter<Q>,
    distinct: Distinct<'a, 'b>,
}

impl<'a, 'b, Q: PartialEq> Queries<'a, 'b, Q> {
    /// How many identities are remembered at most, unless set otherwise: about 100 MB of them.
    pub const DEFAULT_LIMIT: usize = 1_000_000;

    /// The queries in order; identical ones run once.
    #[must_use]
    pub fn new(queries: Vec<Q>, objects: &'a mut ObjectSink<'b>) -> Self {
        let mut unique: Vec<Q> = Vec::with_capacity(queries.len());
        for query in queries {
            if !unique.contains(&query) {
                unique.push(query);
            }
        }
        let seen = (unique.len() > 1).then(HashSet::new);
        let distinct = Distinct { objects, seen, limit: Self::DEFAULT_LIMIT };
        Self { waiting: unique.into_iter(), distinct }
    }

    /// Sets how many identities are remembered at most. One more makes the search fail, because from there on a
    /// duplicate could no longer be told.
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.distinct.limit = limit;
        self
    }

    /// The next query and the sink for its objects; none when all have run or the caller has stopped.
    #[allow(
        clippy::should_implement_trait,
        reason = "the sink borrows from self, which Iterator cannot express"
    )]
    pub fn next(&mut self) -> Option<(Q, ObjectSink<'_>)> {
        if self.distinct.objects.is_stopped() {
            return None;
        }
        Some((self.waiting.next()?, ObjectSink::new(&mut self.distinct)))
    }

    /// Passes on what a query reported at its end.
    pub fn report(&mut self, result: Option<SearchResult>) {
        if let Some(result) = result {
            self.distinct.objects.report(result);
        }
    }
}

impl<Q> fmt::Debug for Queries<'_, '_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queries").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

struct Distinct<'a, 'b> {
    objects: &'a mut ObjectSink<'b>,
    /// None while a single query makes remembering pointless.
    seen: Option<HashSet<Arc<str>>>,
    limit: usize,
}

impl Receive<ConnectorObject> for Distinct<'_, '_> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.objects.poll_ready(cx)
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        if let Some(seen) = &mut self.seen {
            if !seen.contains(object.uid.value()) && seen.len() >= self.limit {
                return Err(ConnectorError::new(
                    crate::ErrorKind::Connector,
                    format!(
                        "The filter needs several queries at the target, and they found more than {} objects; \
                         use a filter that finds fewer.",
                        self.limit
                    ),
                ));
            }
            if !seen.insert(object.uid.shared_value()) {
                return Ok(Flow::Continue);
            }
        }
        self.objects.receive(object)
    }

    fn filter_is_exact(&mut self) {
        self.objects.declare_exact();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ObjectClass;
    use crate::object::Uid;

    struct Upto(usize, Vec<String>);

    impl Receive<ConnectorObject> for Upto {
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
            Poll::Ready(Flow::Continue)
        }

        fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
            self.1.push(object.name);
            Ok(if self.1.len() == self.0 { Flow::Stop } else { Flow::Continue })
        }
    }

    /// Runs queries that each find the objects listed; answers what was delivered and which queries ran.
    async fn run(
        stop_after: usize,
        limit: usize,
        queries: &[&[&'static str]],
    ) -> (Vec<String>, usize, Result<()>) {
        let mut upto = Upto(stop_after, Vec::new());
        let mut objects = ObjectSink::new(&mut upto);
        let mut ran = 0;
        let mut queries = Queries::new(queries.to_vec(), &mut objects).with_limit(limit);
        let mut end = Ok(());
        'all: while let Some((found, mut sink)) = queries.next() {
            ran += 1;
            for id in found {
                let object = ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new(*id).unwrap(), *id);
                match sink.push(object).await {
                    Ok(Flow::Continue) => {}
                    Ok(Flow::Stop) => break,
                    Err(error) => {
                        end = Err(error);
                        break 'all;
                    }
                }
            }
            queries.report(None);
        }
        (upto.1, ran, end)
    }

    #[tokio::test]
    async fn an_object_found_twice_is_delivered_once() {
        let (delivered, ran, end) = run(9, 9, &[&["1", "2"], &["2", "3"], &["1", "2"]]).await;
        assert_eq!((delivered.as_slice(), ran), (["1", "2", "3"].map(String::from).as_slice(), 2));
        end.unwrap();
    }

    #[tokio::test]
    async fn a_caller_that_stops_ends_the_queries_that_wait() {
        let (delivered, ran, _) = run(2, 9, &[&["1", "2"], &["3"]]).await;
        assert_eq!((delivered.len(), ran), (2, 1));
    }

    #[tokio::test]
    async fn more_objects_than_can_be_remembered_are_an_error_not_a_duplicate() {
        let (delivered, _, end) = run(9, 2, &[&["1", "2"], &["2", "3"]]).await;
        assert_eq!(delivered.len(), 2);
        assert!(end.unwrap_err().to_string().contains("more than 2 objects"));
    }
}
