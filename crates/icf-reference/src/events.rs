//! Subscriptions: made-up events, or the journal as it grows.

use icf::operations::{ConnectorEventSubscriptionOp, SyncEventSubscriptionOp};
use icf::{
    CallContext, ConnectorObject, EventSink, Filter, Flow, ObjectClass, OperationOptions, Result, SyncDelta,
    SyncToken, async_trait,
};

use crate::connector::Reference;
use crate::schema;
use crate::stream::Pace;
use crate::sync::position;

#[async_trait]
impl ConnectorEventSubscriptionOp for Reference {
    async fn subscribe_objects(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        events: &mut EventSink<'_, ConnectorObject>,
    ) -> Result<()> {
        let mut pace = Pace::new(cx, options);
        let mut seen = *self.world.length.borrow();
        let _ = events.accepted().await?;
        if let Some(numbers) = pace.made_up() {
            for i in numbers {
                pace.before_item().await?;
                let flow = events.push(pace.object(class, i)?).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            return pace.at_end().await;
        }
        schema::check_class_or_all(class)?;
        loop {
            let (changes, length) = self.changes(class, seen, options)?;
            seen = length;
            for object in changes.into_iter().filter_map(|change| change.object) {
                if !filter.map_or(Ok(true), |filter| filter.accepts(&object))? {
                    continue;
                }
                pace.before_item().await?;
                let flow = events.push(object).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            if !self.grown(cx, seen).await {
                let _ = self.ends(&pace, Flow::Stop);
                return Ok(());
            }
        }
    }
}

#[async_trait]
impl SyncEventSubscriptionOp for Reference {
    async fn subscribe_changes(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        events: &mut EventSink<'_, SyncDelta>,
    ) -> Result<()> {
        let mut pace = Pace::new(cx, options);
        let mut seen = position(token)?.unwrap_or_else(|| *self.world.length.borrow());
        let _ = events.accepted().await?;
        if let Some(numbers) = pace.made_up() {
            for i in numbers {
                pace.before_item().await?;
                let flow = events.push(pace.delta(class, i)?).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            return pace.at_end().await;
        }
        schema::check_class_or_all(class)?;
        loop {
            let (changes, length) = self.changes(class, seen, options)?;
            seen = length;
            for delta in changes {
                pace.before_item().await?;
                let flow = events.push(delta).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            if !self.grown(cx, seen).await {
                let _ = self.ends(&pace, Flow::Stop);
                return Ok(());
            }
        }
    }
}

impl Reference {
    /// Waits until the journal is longer; false when the call was cancelled before.
    async fn grown(&self, cx: &CallContext, than: usize) -> bool {
        let mut length = self.world.length.subscribe();
        tokio::select! {
            grown = length.wait_for(|length| *length > than) => grown.is_ok(),
            () = cx.cancellation().cancelled() => false,
        }
    }
}
