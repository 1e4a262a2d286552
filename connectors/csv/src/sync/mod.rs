//! Finding changes: a copy of the file is kept with every token, and what changed since a token is what differs between
//! its copy and the file.

mod bits;
mod difference;
mod history;
mod marks;

use std::sync::Arc;

use icf::{
    CallContext, CancellationToken, DeltaSink, Flow, ObjectClass, OperationOptions, SyncDelta, SyncDeltaType,
    SyncToken, Value,
};
use tokio::join;

use crate::fault::{Fault, Result};
use crate::handover::{Producer, Stop, blocking, check, start};
use crate::lookup::CHECK_EVERY;
use crate::object::Projection;
use crate::record::Record;
use crate::search::weight;
use crate::settings::Settings;
use crate::table::Table;

use difference::{Change, Differences};
use history::{History, Snapshot};

/// Delivers what changed since a token; everything if the copy that belongs to the token is missing.
///
/// Every delta carries the incoming token, so that a caller who stops and comes back gets all of them again.
pub(crate) async fn run(
    cx: &CallContext,
    settings: Arc<Settings>,
    token: Option<&SyncToken>,
    options: &OperationOptions,
    deltas: &mut DeltaSink<'_>,
) -> icf::Result<()> {
    let pass = Pass {
        settings,
        since: token.and_then(number),
        token: token.cloned().map_or_else(|| SyncToken::try_new(0_i64), Ok)?,
        options: options.clone(),
        cancellation: cx.cancellation().clone(),
    };
    let (mut batches, reading) = start(cx, move |producer| pass.run(producer));
    let sink = &mut *deltas;
    let delivering = async move {
        while let Some(batch) = batches.recv().await {
            for delta in batch.items {
                if sink.push(delta).await? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        Ok(Flow::Continue)
    };
    let (outcome, delivered): (_, icf::Result<Flow>) = join!(reading, delivering);
    match (outcome?, delivered?) {
        (Outcome::Complete(snapshot), Flow::Continue) => {
            let new = blocking(move || snapshot.keep()).await?;
            deltas.report(SyncToken::try_new(new)?);
        }
        // A snapshot that is not kept disappears here.
        (_, _) => token.cloned().into_iter().for_each(|token| deltas.report(token)),
    }
    Ok(())
}

/// The token of now: that of the newest copy. Without any a copy is made, so that every change from now on is found.
pub(crate) fn latest_token(settings: &Arc<Settings>) -> Result<SyncToken> {
    let history = History::of(settings)?;
    let newest = match history.newest()? {
        Some(newest) => newest,
        None => history.snapshot(None)?.keep()?,
    };
    Ok(SyncToken::try_new(newest)?)
}

/// The number a token stands for; `None` if it is not ours.
fn number(token: &SyncToken) -> Option<i64> {
    match token.value() {
        Value::Long(number) => Some(*number),
        Value::Integer(number) => Some((*number).into()),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// How a pass ended.
enum Outcome {
    /// The file is as it was at the token.
    Unchanged,
    /// All deltas were handed over; this is the state they lead to.
    Complete(Snapshot),
    /// The caller wants no more.
    Stopped,
}

struct Pass {
    settings: Arc<Settings>,
    since: Option<i64>,
    token: SyncToken,
    options: OperationOptions,
    cancellation: CancellationToken,
}

impl Pass {
    fn run(&self, mut producer: Producer<SyncDelta>) -> Result<Outcome> {
        let history = History::of(&self.settings)?;
        let baseline = self.since.map(|since| history.open(since)).transpose()?.flatten();
        if let Some(baseline) = &baseline
            && history.is_unchanged(baseline, &self.cancellation)?
        {
            return Ok(Outcome::Unchanged);
        }
        let snapshot = history.snapshot(self.since)?;
        let new = snapshot.table()?;
        let told = match baseline {
            None => self.tell_all(&new, &mut producer),
            Some(old) => self.tell_differences(&old, &new, &mut producer),
        };
        match told? {
            Ok(()) => Ok(Outcome::Complete(snapshot)),
            Err(Stop::Enough) => Ok(Outcome::Stopped),
            Err(Stop::Cancelled) => Err(Fault::cancelled()),
        }
    }

    fn tell_all(&self, new: &Table, producer: &mut Producer<SyncDelta>) -> Result<Result<(), Stop>> {
        self.tell(new, producer, u64::MAX, |_| Some(SyncDeltaType::Update))
    }

    /// First what went away, then what came or changed; each in file order.
    fn tell_differences(
        &self,
        old: &Table,
        new: &Table,
        producer: &mut Producer<SyncDelta>,
    ) -> Result<Result<(), Stop>> {
        let differences = Differences::between(old, new, &self.cancellation)?;
        let deleted = |row| differences.is_deleted(row).then_some(SyncDeltaType::Delete);
        if let Err(stop) = self.tell(old, producer, differences.deleted(), deleted)? {
            return Ok(Err(stop));
        }
        self.tell(new, producer, differences.changed(), |row| match differences.change(row)? {
            Change::Created => Some(SyncDeltaType::Create),
            Change::Updated => Some(SyncDeltaType::Update),
        })
    }

    /// Tells of the rows that `kind` names, by their number; `expected` is how many there are.
    fn tell(
        &self,
        table: &Table,
        producer: &mut Producer<SyncDelta>,
        expected: u64,
        kind: impl Fn(u64) -> Option<SyncDeltaType>,
    ) -> Result<Result<(), Stop>> {
        let projection = Projection::new(&table.columns, &self.options);
        let mut rows = table.rows();
        let (mut row, mut told) = (0_u64, 0_u64);
        while told < expected {
            let Some(record) = rows.next()? else { break };
            let mut flow = Ok(());
            if let Some(kind) = kind(row) {
                told += 1;
                flow = producer.push(self.delta(&record, &projection, kind)?, weight(&record));
            }
            row += 1;
            if row.is_multiple_of(CHECK_EVERY) {
                check(&self.cancellation)?;
                flow = flow.and_then(|()| producer.flush());
            }
            if flow.is_err() {
                return Ok(flow);
            }
        }
        Ok(producer.flush())
    }

    fn delta(&self, row: &Record<'_>, projection: &Projection, kind: SyncDeltaType) -> Result<SyncDelta> {
        let object = projection.object(row)?;
        Ok(SyncDelta {
            token: self.token.clone(),
            delta_type: kind,
            previous_uid: None,
            object_class: Some(ObjectClass::ACCOUNT),
            uid: object.uid.clone(),
            object: Some(object),
        })
    }
}
