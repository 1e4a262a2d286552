//! Synchronising: the journal from a token on.

use icf::operations::SyncOp;
use icf::{
    CallContext, ConnectorError, DeltaSink, Flow, ObjectClass, OperationOptions, Result, SyncDelta,
    SyncToken, Value, async_trait,
};

use crate::connector::Reference;
use crate::describe::describe;
use crate::schema;
use crate::stream::{self, Pace};
use crate::world::token as token_of;

#[async_trait]
impl SyncOp for Reference {
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        let mut pace = Pace::new(cx, options);
        let end = if let Some(numbers) = pace.made_up() {
            for i in numbers {
                pace.before_item().await?;
                let flow = deltas.push(pace.delta(class, i)?).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            usize::try_from(pace.orders.generate.unwrap_or_default()).unwrap_or(0)
        } else {
            let (found, end) = if pace.orders.describe {
                let token = token.map_or_else(|| "null".to_owned(), |token| describe(token.value()));
                (vec![stream::created(1, stream::call(class, ("token", token), options)?)?], 1)
            } else {
                schema::check_class_or_all(class)?;
                self.changes(class, position(token)?.unwrap_or(0), options)?
            };
            for delta in found {
                pace.before_item().await?;
                if deltas.push(delta).await? == Flow::Stop {
                    return Ok(());
                }
            }
            end
        };
        pace.at_end().await?;
        if !pace.orders.null {
            deltas.report(token_of(end)?);
        }
        Ok(())
    }

    async fn latest_sync_token(&self, _: &CallContext, class: &ObjectClass) -> Result<Option<SyncToken>> {
        if self.settings.obey("latestSyncToken")? {
            return Ok(None);
        }
        schema::check_class_or_all(class)?;
        let length = self.world.state().journal.len();
        token_of(length).map(Some)
    }
}

impl Reference {
    /// What the journal holds of a class after a position, and its length.
    pub(crate) fn changes(
        &self,
        class: &ObjectClass,
        after: usize,
        options: &OperationOptions,
    ) -> Result<(Vec<SyncDelta>, usize)> {
        let state = self.world.state();
        let found = state
            .journal
            .iter()
            .enumerate()
            .skip(after)
            .filter(|(_, change)| *class == ObjectClass::ALL || change.object.class == *class)
            .map(|(index, change)| change.delta(index + 1, &self.settings, options))
            .collect::<Result<_>>()?;
        Ok((found, state.journal.len()))
    }
}

/// The position that a token stands for.
pub(crate) fn position(token: Option<&SyncToken>) -> Result<Option<usize>> {
    match token.map(SyncToken::value) {
        None => Ok(None),
        Some(Value::Integer(position)) => Ok(Some(usize::try_from(*position).unwrap_or(0))),
        Some(other) => Err(ConnectorError::illegal_argument(format!("Not a token: {}", describe(other)))),
    }
}
