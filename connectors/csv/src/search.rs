//! Searching: one pass over the file, in file order.

use std::sync::Arc;

use icf::operations::Lookup;
use icf::{
    CallContext, ConnectorObject, CountPolicy, Filter, Flow, ObjectSink, OperationOptions, SearchResult, Uid,
};
use tokio::join;

use crate::fault::{Fault, Result};
use crate::filter::Predicate;
use crate::handover::{Producer, Stop, blocking, check, start};
use crate::lookup::{self, CHECK_EVERY};
use crate::object::Projection;
use crate::paging::{self, Page, Position, Start};
use crate::record::Record;
use crate::settings::Settings;
use crate::table::{Rows, Table};

/// Delivers the rows that match.
pub(crate) async fn search(
    cx: &CallContext,
    settings: Arc<Settings>,
    filter: Option<&Filter>,
    options: &OperationOptions,
    objects: &mut ObjectSink<'_>,
) -> icf::Result<()> {
    objects.declare_exact();
    if !options.sort_keys().is_empty() {
        tracing::debug!("Sort keys are ignored: a CSV file is searched in file order.");
    }
    let (filter, options, cancellation) = (filter.cloned(), options.clone(), cx.cancellation().clone());
    let (mut batches, reading) = start(cx, move |producer| {
        let query = Query { settings: &settings, filter: filter.as_ref(), options: &options };
        query.run(producer, &cancellation)
    });
    let sink = &mut *objects;
    let delivering = async move {
        while let Some(batch) = batches.recv().await {
            for object in batch.items {
                if sink.push(object).await? == Flow::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    };
    let (result, delivered) = join!(reading, delivering);
    objects.report(result?);
    delivered
}

/// Reads the first row of a key.
pub(crate) async fn get(
    cx: &CallContext,
    settings: Arc<Settings>,
    uid: &Uid,
    options: &OperationOptions,
) -> icf::Result<Lookup> {
    let (uid, options, cancellation) = (uid.clone(), options.clone(), cx.cancellation().clone());
    let found = blocking(move || {
        let (table, spans) = lookup::find(&settings, uid.value(), true, &cancellation)?;
        let projection = Projection::new(&table.columns, &options);
        let Some(span) = spans.first() else { return Ok(None) };
        table.record_at(span.offset, |row| projection.object(row))?.transpose()
    });
    Ok(found.await?.map_or(Lookup::Missing, |object: ConnectorObject| Lookup::Found(Box::new(object))))
}

struct Query<'a> {
    settings: &'a Arc<Settings>,
    filter: Option<&'a Filter>,
    options: &'a OperationOptions,
}

impl Query<'_> {
    fn run(
        &self,
        producer: Producer<ConnectorObject>,
        cancellation: &icf::CancellationToken,
    ) -> Result<SearchResult> {
        let table = Table::open(self.settings)?;
        let predicate = Predicate::new(self.filter, &table.columns)?;
        let page = Page::new(self.options, &table)?;
        let everything = page.size.is_none() && page.start == Start::default();
        if let Some(key) = predicate.only_key(&table.columns).filter(|_| everything) {
            return self.rows_of_key(key, page.count_matches, producer, cancellation);
        }
        let projection = Projection::new(&table.columns, self.options);
        let mut pass = Pass::new(&table, &predicate, &page);
        let outcome = pass.deliver(&projection, producer)?;
        pass.result(outcome, cancellation)
    }

    /// A search for a key need not read the file if there is an index.
    fn rows_of_key(
        &self,
        key: &str,
        count: bool,
        mut producer: Producer<ConnectorObject>,
        cancellation: &icf::CancellationToken,
    ) -> Result<SearchResult> {
        let (table, spans) = lookup::find(self.settings, key, false, cancellation)?;
        let projection = Projection::new(&table.columns, self.options);
        for span in &spans {
            let object = table
                .record_at(span.offset, |row| projection.object(row).map(|object| (object, weight(row))))?;
            if let Some((object, bytes)) = object.transpose()?
                && producer.push(object, bytes).is_err()
            {
                break;
            }
        }
        match producer.flush() {
            Err(Stop::Cancelled) => Err(Fault::cancelled()),
            _ => Ok(totals(count.then_some(spans.len() as u64), spans.len() as u64)),
        }
    }
}

/// About how many bytes the object of a row takes.
pub(crate) fn weight(row: &Record<'_>) -> usize {
    row.bytes().len() + 64 * row.cell_count()
}

/// How a pass over the rows went.
enum Outcome {
    /// All rows were read.
    End,
    /// The page is full, and here is the next match.
    Full(Position),
    /// The caller wants no more.
    Enough,
}

/// One pass over the rows that match.
struct Pass<'a> {
    table: &'a Table,
    predicate: &'a Predicate,
    page: &'a Page,
    rows: Rows<'a>,
    /// Matches up to the present row, earlier pages included.
    matched: u64,
    delivered: u64,
    read: u64,
}

impl<'a> Pass<'a> {
    fn new(table: &'a Table, predicate: &'a Predicate, page: &'a Page) -> Self {
        let (rows, matched) = match page.start.shortcut {
            Some(position) => (table.rows_from(position.offset, position.line), page.start.matched),
            None => (table.rows(), 0),
        };
        Self { table, predicate, page, rows, matched, delivered: 0, read: 0 }
    }

    /// Reads rows until the page is full.
    fn deliver(
        &mut self,
        projection: &Projection,
        mut producer: Producer<ConnectorObject>,
    ) -> Result<Outcome> {
        let outcome = loop {
            let Some(row) = self.rows.next()? else { break Ok(Outcome::End) };
            self.read += 1;
            let mut stop = Ok(());
            if self.predicate.accepts(&row) {
                if self.page.size == Some(self.delivered) {
                    break Ok(Outcome::Full(Position { offset: row.offset, line: row.line }));
                }
                self.matched += 1;
                if self.matched > self.page.start.matched {
                    self.delivered += 1;
                    stop = producer.push(projection.object(&row)?, weight(&row));
                }
            }
            if self.read.is_multiple_of(CHECK_EVERY) {
                stop = stop.and_then(|()| producer.flush());
            }
            if let Err(stop) = stop {
                break Err(stop);
            }
        };
        match outcome.and_then(|outcome| producer.flush().map(|()| outcome)) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Enough) => Ok(Outcome::Enough),
            Err(Stop::Cancelled) => Err(Fault::cancelled()),
        }
    }

    /// What is told about the page: totals, and where the next one begins.
    fn result(mut self, outcome: Outcome, cancellation: &icf::CancellationToken) -> Result<SearchResult> {
        let wanted = self.predicate.is_all() || self.page.count_matches;
        let known = self.page.start.total.filter(|_| wanted);
        let total = match outcome {
            Outcome::Enough => return Ok(SearchResult::default()),
            Outcome::End => wanted.then_some(self.matched),
            Outcome::Full(_) if known.is_some() => known,
            Outcome::Full(_) if self.predicate.is_all() => Some(self.rows_in_file(cancellation)?),
            Outcome::Full(_) => self.page.count_matches.then(|| self.count_rest(cancellation)).transpose()?,
        };
        let reached = self.page.start.matched + self.delivered;
        let cookie = match outcome {
            Outcome::Full(position) => {
                let next = Start { matched: reached, shortcut: Some(position), total };
                Some(paging::encode(&next, self.table))
            }
            _ => None,
        };
        Ok(SearchResult { paged_results_cookie: cookie, ..totals(total, reached) })
    }

    fn rows_in_file(&self, cancellation: &icf::CancellationToken) -> Result<u64> {
        let mut known = None;
        self.table.shared.learn(self.table.version, &self.table.settings, |knowledge| {
            known = knowledge.sound.map(|sound| sound.rows);
        });
        known.map_or_else(|| lookup::count(self.table, cancellation), Ok)
    }

    /// Counts the matches behind a full page; its next match was read already.
    fn count_rest(&mut self, cancellation: &icf::CancellationToken) -> Result<u64> {
        let mut matched = self.matched + 1;
        while let Some(row) = self.rows.next()? {
            matched += u64::from(self.predicate.accepts(&row));
            self.read += 1;
            if self.read.is_multiple_of(CHECK_EVERY) {
                check(cancellation)?;
            }
        }
        Ok(matched)
    }
}

/// The report of a search without a further page; `reached` is how many matches are dealt with.
fn totals(total: Option<u64>, reached: u64) -> SearchResult {
    let Some(total) = total else { return SearchResult::default() };
    let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    SearchResult {
        paged_results_cookie: None,
        count_policy: CountPolicy::Exact,
        total_paged_results: number(total),
        remaining_paged_results: number(total.saturating_sub(reached)),
    }
}
