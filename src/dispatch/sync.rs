//! Synchronisation: the handlers between a connector's changes and the caller. No filter; normalizing and reducing
//! happen whatever the flags say, as in the Java framework.

use std::collections::HashSet;
use std::task::{Context, Poll};

use icf::{
    ApiOperation, AttributeName, ConnectorError, DeltaSink, ErrorKind, Flow, ObjectClass, OperationOptions,
    Receive, Result, SyncDelta, SyncToken,
};
use icf_wire::rpc::{Answer, Item};

use super::execute::{Execution, supported};
use super::normalize::Normal;
use super::outlet::Outlet;
use super::search::asked_for;

impl Execution<'_> {
    pub(super) async fn sync(
        self,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
    ) -> Result<Answer> {
        let operation = supported(self.instance.sync_op(), ApiOperation::Sync)?;
        let mut receiver = Chain {
            normal: Normal::new(self.instance.normalizer(), class),
            asked: asked_for(options),
            all_classes: *class == ObjectClass::ALL,
            outlet: self.outlet,
        };
        let mut deltas = DeltaSink::new(&mut receiver);
        operation.sync(self.cx, class, token, options, &mut deltas).await?;
        Ok(Answer::SyncEnd(deltas.into_token()))
    }
}

/// Normalize, reduce.
struct Chain<'a> {
    normal: Normal<'a>,
    asked: Option<HashSet<AttributeName>>,
    all_classes: bool,
    outlet: &'a dyn Outlet,
}

impl Chain<'_> {
    fn pass(&self, mut delta: SyncDelta) -> Result<SyncDelta> {
        delta.check()?;
        if delta.object_class.is_none() {
            delta.object_class = delta.object.as_ref().map(|object| object.object_class.clone());
        }
        if self.all_classes && delta.object_class.is_none() {
            return Err(ConnectorError::new(
                ErrorKind::Connector,
                "Sync '__ALL__' operation requires the connector to set 'objectClass' parameter for sync event.",
            ));
        }
        let mut delta = self.normal.delta(delta);
        if let (Some(asked), Some(object)) = (&self.asked, &mut delta.object) {
            object.retain(|name| asked.contains(name));
        }
        Ok(delta)
    }
}

impl Receive<SyncDelta> for Chain<'_> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.outlet.poll_ready(cx)
    }

    fn receive(&mut self, delta: SyncDelta) -> Result<Flow> {
        Ok(match self.pass(delta) {
            Ok(delta) => self.outlet.put(Item::Delta(delta)),
            Err(failure) => self.outlet.fail(failure),
        })
    }
}
