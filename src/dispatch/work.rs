//! All that a call does until the connector has returned. It owns what it uses, so that it can go on for a while after
//! its caller has been answered.

use std::sync::Arc;

use icf::{CallContext, Result};
use icf_wire::rpc::{Answer, Operation};

use super::arguments::{self, Checked};
use super::execute::Execution;
use super::facade::Facade;
use super::guard::Pass;
use super::lease::Lease;
use super::outlet::Outlet;
use super::source::Sources;
use super::supervise::cancelled;

/// A call.
pub(super) struct Work {
    pub(super) facade: Arc<Facade>,
    pub(super) sources: Arc<Sources>,
    pub(super) cx: CallContext,
    pub(super) outlet: Arc<dyn Outlet>,
}

/// What a connector that has returned leaves behind.
pub(super) struct Finished {
    pub(super) result: Result<Answer>,
    pub(super) lease: Option<Lease>,
}

impl Work {
    /// Binds and checks, takes an instance, runs the operation on it.
    pub(super) async fn run(self, operation: Operation) -> Finished {
        match self.begin(operation).await {
            // Nobody waits for it any more; what has not begun need not.
            Ok(Some((_, lease, _))) if self.cx.is_cancelled() => {
                Finished { result: Err(cancelled()), lease: Some(lease) }
            }
            Ok(Some((operation, lease, pass))) => {
                let execution = Execution {
                    instance: lease.instance(),
                    cx: &self.cx,
                    handlers: self.facade.configuration().results_handlers,
                    outlet: &*self.outlet,
                };
                let result = execution.run(operation).await;
                if let Some(pass) = pass {
                    pass.settle(&self.cx, &result);
                }
                Finished { result, lease: Some(lease) }
            }
            Ok(None) => Finished { result: Ok(Answer::Done), lease: None },
            Err(error) => Finished { result: Err(error), lease: None },
        }
    }

    /// Everything before the operation itself. None if that was all, as with validate.
    async fn begin(&self, operation: Operation) -> Result<Option<(Checked, Lease, Option<Pass>)>> {
        let source = self.facade.source(&self.sources)?;
        let Some(operation) = arguments::check(operation)? else {
            source.validate().await?;
            return Ok(None);
        };
        self.facade.ensure_valid(&source).await?;
        let pass = source.enter(&self.cx).await?;
        match (source.lease(&self.cx).await, pass) {
            (Ok(lease), pass) => Ok(Some((operation, lease, pass))),
            (Err(error), None) => Err(error),
            (Err(error), Some(pass)) => {
                let outcome = Err(error);
                pass.settle(&self.cx, &outcome);
                outcome
            }
        }
    }
}
