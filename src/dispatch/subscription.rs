//! Subscriptions: events pass as the connector gives them, neither filtered nor reduced, for as long as the caller wants.

use std::task::{Context, Poll};

use icf::{
    ApiOperation, ConnectorObject, Event, EventSink, Filter, Flow, ObjectClass, OperationOptions, Receive,
    Result, SyncDelta, SyncToken,
};
use icf_wire::rpc::{Answer, Item};

use super::execute::{Execution, supported};
use super::outlet::Outlet;

impl Execution<'_> {
    pub(super) async fn subscribe_objects(
        self,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
    ) -> Result<Answer> {
        let implemented = self.instance.connector_event_subscription_op();
        let operation = supported(implemented, ApiOperation::ConnectorEventSubscription)?;
        let mut receiver =
            Events { outlet: self.outlet, item: |object: ConnectorObject| Ok(Item::ObjectEvent(object)) };
        let mut events = EventSink::new(&mut receiver);
        operation.subscribe_objects(self.cx, class, filter, options, &mut events).await?;
        Ok(Answer::SubscriptionEnd)
    }

    pub(super) async fn subscribe_changes(
        self,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
    ) -> Result<Answer> {
        let implemented = self.instance.sync_event_subscription_op();
        let operation = supported(implemented, ApiOperation::SyncEventSubscription)?;
        let checked = |delta: SyncDelta| delta.check().map(|()| Item::ChangeEvent(delta));
        let mut receiver = Events { outlet: self.outlet, item: checked };
        let mut events = EventSink::new(&mut receiver);
        operation.subscribe_changes(self.cx, class, token, options, &mut events).await?;
        Ok(Answer::SubscriptionEnd)
    }
}

/// Passes events on.
struct Events<'a, F> {
    outlet: &'a dyn Outlet,
    item: F,
}

impl<T, F: Fn(T) -> Result<Item> + Send> Receive<Event<T>> for Events<'_, F> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.outlet.poll_ready(cx)
    }

    fn receive(&mut self, event: Event<T>) -> Result<Flow> {
        let item = match event {
            Event::Accepted => Ok(Item::Accepted),
            Event::Item(event) => (self.item)(event),
        };
        Ok(item.map_or_else(|failure| self.outlet.fail(failure), |item| self.outlet.put(item)))
    }
}
