//! Batches of a connector that runs them by itself.

use std::future::poll_fn;
use std::task::{Context, Poll};

use icf::{
    ApiOperation, BatchOutcome, BatchSink, BatchTask, BatchToken, Flow, OperationOptions, Receive, Result,
};
use icf_wire::rpc::{Answer, Item};

use super::execute::{Execution, supported};
use super::outlet::Outlet;

impl Execution<'_> {
    pub(super) async fn batch(self, tasks: Vec<BatchTask>, options: &OperationOptions) -> Result<Answer> {
        let operation = supported(self.instance.batch_op(), ApiOperation::Batch)?;
        let mut receiver = Outcomes::new(self.outlet, Some(tasks.len()), options.fail_on_error());
        let mut outcomes = BatchSink::new(&mut receiver);
        operation.execute_batch(self.cx, tasks, options, &mut outcomes).await?;
        let token = outcomes.into_token();
        self.end_batch(receiver, token).await
    }

    pub(super) async fn query_batch(self, token: &BatchToken, options: &OperationOptions) -> Result<Answer> {
        let operation = supported(self.instance.batch_op(), ApiOperation::Batch)?;
        let mut receiver = Outcomes::new(self.outlet, None, options.fail_on_error());
        let mut outcomes = BatchSink::new(&mut receiver);
        operation.query_batch(self.cx, token, options, &mut outcomes).await?;
        let token = outcomes.into_token();
        self.end_batch(receiver, token).await
    }

    /// Delivers the outcome that was held back, and a token: callers count a batch without token as failed.
    async fn end_batch(self, receiver: Outcomes<'_>, token: Option<BatchToken>) -> Result<Answer> {
        let held = receiver.held.map(|(index, outcome)| Item::Outcome { index, outcome, last: true });
        for item in held.into_iter().chain([Item::BatchToken(token.unwrap_or_default())]) {
            if poll_fn(|cx| self.outlet.poll_ready(cx)).await == Flow::Continue {
                let _stopped = self.outlet.put(item);
            }
        }
        Ok(Answer::BatchEnd)
    }
}

/// Passes outcomes on, the last one marked as such.
struct Outcomes<'a> {
    outlet: &'a dyn Outlet,
    /// How many there will be. When that is unknown, each waits for the next one.
    expected: Option<usize>,
    delivered: usize,
    held: Option<(usize, BatchOutcome)>,
    fail_on_error: bool,
}

impl<'a> Outcomes<'a> {
    fn new(outlet: &'a dyn Outlet, expected: Option<usize>, fail_on_error: bool) -> Self {
        Self { outlet, expected, delivered: 0, held: None, fail_on_error }
    }
}

impl Receive<(usize, BatchOutcome)> for Outcomes<'_> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.outlet.poll_ready(cx)
    }

    fn receive(&mut self, (index, outcome): (usize, BatchOutcome)) -> Result<Flow> {
        let outcome = match outcome {
            BatchOutcome::Failed(error) if self.fail_on_error => return Ok(self.outlet.fail(error)),
            outcome => outcome,
        };
        self.delivered += 1;
        Ok(match self.expected {
            Some(expected) => {
                self.outlet.put(Item::Outcome { index, outcome, last: self.delivered == expected })
            }
            None => match self.held.replace((index, outcome)) {
                Some((index, outcome)) => self.outlet.put(Item::Outcome { index, outcome, last: false }),
                None => Flow::Continue,
            },
        })
    }
}
