//! Batches: told at once, or kept until asked for.

use icf::operations::BatchOp;
use icf::{
    BatchOutcome, BatchSink, BatchTask, BatchToken, CallContext, ConnectorError, Flow, OperationOptions,
    Receive, Result, Value, async_trait, run_tasks,
};
use std::task::{Context, Poll};

use crate::connector::Reference;

/// Takes outcomes in place of the caller.
struct Kept(Vec<(usize, BatchOutcome)>);

impl Receive<(usize, BatchOutcome)> for Kept {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }

    fn receive(&mut self, outcome: (usize, BatchOutcome)) -> Result<Flow> {
        self.0.push(outcome);
        Ok(Flow::Continue)
    }
}

#[async_trait]
impl BatchOp for Reference {
    async fn execute_batch(
        &self,
        cx: &CallContext,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        self.obey(cx, options).await?;
        if !matches!(options.get("later"), Some(Value::Boolean(true))) {
            return run_tasks(self, cx, tasks, options, outcomes).await;
        }
        let mut kept = Kept(Vec::new());
        run_tasks(self, cx, tasks, options, &mut BatchSink::new(&mut kept)).await?;
        let mut state = self.world.state();
        state.batches_made += 1;
        let token = format!("batch-{}", state.batches_made);
        state.batches.insert(token.clone(), kept.0);
        outcomes.report(BatchToken {
            tokens: vec![token],
            query_required: true,
            asynchronous_results: false,
            returns_results: false,
        });
        Ok(())
    }

    async fn query_batch(
        &self,
        cx: &CallContext,
        token: &BatchToken,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        self.obey(cx, options).await?;
        let name = token.tokens.first().map_or("", String::as_str);
        let kept = self.world.state().batches.remove(name);
        let kept = kept.ok_or_else(|| ConnectorError::illegal_argument(format!("Unknown batch: {name}")))?;
        for (index, outcome) in kept {
            if outcomes.push(index, outcome).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}
