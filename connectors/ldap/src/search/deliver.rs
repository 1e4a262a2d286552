//! From an entry to an object in the hands of the caller: decoded, completed, judged, pushed.

use bytes::Bytes;
use icf::filter::{Case, Judgement};
use icf::{Flow, Locale, ObjectSink};

use super::Context;
use crate::complete::Completer;
use crate::dn;
use crate::fault::Result;
use crate::filter::plan::Query;
use crate::link::entry;
use crate::projection::Projection;

/// Delivers the entries of a query.
pub(crate) struct Delivery<'a, 's, 'k> {
    projection: &'a Projection,
    query: &'a Query,
    sink: &'s mut ObjectSink<'k>,
    completer: Completer<'a>,
    locale: Locale,
    /// Name of the entry delivered last, and whether the next one may be that one again.
    last: Option<String>,
    window_begins: bool,
    pub(super) delivered: u64,
}

impl<'a, 's, 'k> Delivery<'a, 's, 'k> {
    /// Delivers into a sink.
    pub(crate) fn new(
        context: &'a Context<'a>,
        projection: &'a Projection,
        query: &'a Query,
        sink: &'s mut ObjectSink<'k>,
    ) -> Self {
        Self {
            projection,
            query,
            sink,
            completer: Completer::new(context, projection),
            locale: Locale::default(),
            last: None,
            window_begins: false,
            delivered: 0,
        }
    }

    pub(super) const fn projection(&self) -> &'a Projection {
        self.projection
    }

    /// The next entry may be the last one of the window before: old servers round their lists.
    pub(super) const fn begin_window(&mut self) {
        self.window_begins = true;
    }

    /// Delivers the entry in a message.
    pub(crate) async fn deliver(&mut self, bytes: &Bytes) -> Result<Flow> {
        let entry = entry(bytes)?;
        if self.window_begins {
            self.window_begins = false;
            if self.last.as_deref() == Some(entry.dn) {
                return Ok(Flow::Continue);
            }
        }
        if self.query.excluded.contains(&dn::normalized_if(!self.query.excluded.is_empty(), entry.dn)) {
            return Ok(Flow::Continue);
        }
        let decoded = self.projection.decode(entry)?;
        let mut object = self.completer.complete(decoded).await?;
        if !self.query.rest.is_empty() && !self.accepts(&object)? {
            return Ok(Flow::Continue);
        }
        self.projection.reduce(&mut object);
        self.last = Some(object.name.clone());
        self.delivered += 1;
        Ok(self.sink.push(object).await?)
    }

    fn accepts(&self, object: &icf::ConnectorObject) -> Result<bool> {
        let judgement = Judgement { case: Case::Ignore, locale: &self.locale };
        for (filter, negated) in &self.query.rest {
            if filter.judge(object, judgement)?.is_true() == *negated {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
