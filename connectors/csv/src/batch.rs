//! Batches: all tasks are written in one go, and the outcomes are told after that.

use std::sync::Arc;

use icf::{BatchOutcome, BatchSink, BatchTask, ConnectorError, Flow, writing};

use crate::connector::check_class;
use crate::settings::Settings;
use crate::write::{self, Request, ValueChange};

/// Runs the tasks in order.
pub(crate) async fn execute(
    settings: Arc<Settings>,
    tasks: Vec<BatchTask>,
    stop_at_failure: bool,
    outcomes: &mut BatchSink<'_>,
) -> icf::Result<()> {
    let mut requests = Vec::with_capacity(tasks.len());
    let mut refused = Vec::new();
    for (index, task) in tasks.into_iter().enumerate() {
        match request(task) {
            Ok(request) => requests.push((index, request)),
            Err(error) => {
                refused.push((index, error));
                if stop_at_failure {
                    break;
                }
            }
        }
    }
    let (indexes, requests): (Vec<_>, Vec<_>) = requests.into_iter().unzip();
    let answers = write::many(settings, requests, stop_at_failure).await?;
    let stopped = stop_at_failure && answers.iter().any(Result::is_err);
    let mut told: Vec<(usize, BatchOutcome)> = indexes
        .into_iter()
        .zip(answers)
        .map(|(index, answer)| (index, answer.map_or_else(|fault| failed(fault.into()), BatchOutcome::Done)))
        .collect();
    if !stopped {
        told.extend(refused.into_iter().map(|(index, error)| (index, failed(error))));
        told.sort_by_key(|(index, _)| *index);
    }
    for (index, outcome) in told {
        if outcomes.push(index, outcome).await? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

fn failed(error: ConnectorError) -> BatchOutcome {
    BatchOutcome::Failed(error)
}

/// The task as a change of the file, checked as a single call of its kind would be.
fn request(task: BatchTask) -> icf::Result<Request> {
    match task {
        BatchTask::Create { object_class, attributes, .. } => {
            check_class(&object_class)?;
            writing::check_create(&attributes)?;
            Ok(Request::Create(attributes))
        }
        BatchTask::Delete { object_class, uid, .. } => {
            check_class(&object_class)?;
            Ok(Request::Delete(uid))
        }
        BatchTask::Update { object_class, uid, attributes, .. } => {
            check_class(&object_class)?;
            writing::check_update(&attributes, None)?;
            Ok(Request::change(&uid, attributes, ValueChange::Set))
        }
        BatchTask::AddValues { object_class, uid, attributes, .. } => {
            check_class(&object_class)?;
            writing::check_update(&attributes, Some(writing::ValueChange::Add))?;
            Ok(Request::change(&uid, attributes, ValueChange::Set))
        }
        BatchTask::RemoveValues { object_class, uid, attributes, .. } => {
            check_class(&object_class)?;
            writing::check_update(&attributes, Some(writing::ValueChange::Remove))?;
            Ok(Request::change(&uid, attributes, ValueChange::Clear))
        }
    }
}
