//! Batches: several writes in one call.

use std::task::{Context, Poll};

use crate::api::ApiOperation;
use crate::attribute::AttributeSet;
use crate::context::CallContext;
use crate::error::{ConnectorError, Result};
use crate::filter::{Case, Filter, Judgement};
use crate::locale::Locale;
use crate::name::ObjectClass;
use crate::object::{ConnectorObject, Uid};
use crate::operations::SearchOp;
use crate::options::OperationOptions;
use crate::probe::Operations;
use crate::sink::{BatchSink, Flow, ObjectSink, Receive};
use crate::writing::{self, ValueChange};

/// One write of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchTask {
    /// Create an object.
    Create {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its attributes.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Delete an object.
    Delete {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Replace values.
    Update {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// New values.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Add values.
    AddValues {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Values to add.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
    /// Remove values.
    RemoveValues {
        /// Class of the object.
        object_class: ObjectClass,
        /// Its identity.
        uid: Uid,
        /// Values to remove.
        attributes: AttributeSet,
        /// Options of this task.
        options: OperationOptions,
    },
}

/// What became of one task.
#[derive(Debug)]
pub enum BatchOutcome {
    /// Done; create and update tell the identity.
    Done(Option<Uid>),
    /// Done, with a text for the caller.
    Message(String),
    /// Failed; the batch goes on unless the caller asked otherwise.
    Failed(ConnectorError),
}

/// How to ask later for the results of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchToken {
    /// Opaque texts.
    pub tokens: Vec<String>,
    /// Whether the caller must ask for results with these tokens.
    pub query_required: bool,
    /// Whether results arrive after the call has ended.
    pub asynchronous_results: bool,
    /// Whether the batch reports results at all.
    pub returns_results: bool,
}

impl Default for BatchToken {
    fn default() -> Self {
        Self { tokens: Vec::new(), query_required: false, asynchronous_results: false, returns_results: true }
    }
}

/// Runs the tasks of a batch one after the other with the connector's own operations, under the rules of single calls:
/// arguments are checked, and values are added and removed by reading and replacing where the connector only replaces.
///
/// Failures are reported under the task's index. The batch ends early when the caller stops or the call is cancelled,
/// and after the first failure if the caller set `FAIL_ON_ERROR`.
///
/// # Errors
/// What the sink answers; failures of tasks are outcomes.
pub async fn run_tasks(
    connector: &dyn Operations,
    cx: &CallContext,
    tasks: Vec<BatchTask>,
    options: &OperationOptions,
    outcomes: &mut BatchSink<'_>,
) -> Result<()> {
    for (index, task) in tasks.into_iter().enumerate() {
        if cx.is_cancelled() {
            return Ok(());
        }
        let outcome =
            run_task(connector, cx, task).await.map_or_else(BatchOutcome::Failed, BatchOutcome::Done);
        let last = options.fail_on_error() && matches!(outcome, BatchOutcome::Failed(_));
        if outcomes.push(index, outcome).await? == Flow::Stop || last {
            return Ok(());
        }
    }
    Ok(())
}

async fn run_task(connector: &dyn Operations, cx: &CallContext, task: BatchTask) -> Result<Option<Uid>> {
    match task {
        BatchTask::Create { object_class, attributes, options } => {
            let create = connector.create_op().ok_or_else(|| ApiOperation::Create.not_supported())?;
            writing::check_class(&object_class)?;
            writing::check_create(&attributes)?;
            create.create(cx, &object_class, attributes, &options).await
        }
        BatchTask::Delete { object_class, uid, options } => {
            let delete = connector.delete_op().ok_or_else(|| ApiOperation::Delete.not_supported())?;
            writing::check_class(&object_class)?;
            delete.delete(cx, &object_class, &uid, &options).await.map(|()| None)
        }
        BatchTask::Update { object_class, uid, attributes, options } => {
            let update = connector.update_op().ok_or_else(|| ApiOperation::Update.not_supported())?;
            writing::check_class(&object_class)?;
            writing::check_update(&attributes, None)?;
            update.update(cx, &object_class, &uid, attributes, &options).await
        }
        BatchTask::AddValues { object_class, uid, attributes, options } => {
            change_values(connector, cx, ValueChange::Add, &object_class, &uid, attributes, &options).await
        }
        BatchTask::RemoveValues { object_class, uid, attributes, options } => {
            change_values(connector, cx, ValueChange::Remove, &object_class, &uid, attributes, &options).await
        }
    }
}

async fn change_values(
    connector: &dyn Operations,
    cx: &CallContext,
    change: ValueChange,
    class: &ObjectClass,
    uid: &Uid,
    attributes: AttributeSet,
    options: &OperationOptions,
) -> Result<Option<Uid>> {
    let update = connector.update_op().ok_or_else(|| ApiOperation::Update.not_supported())?;
    writing::check_class(class)?;
    writing::check_update(&attributes, Some(change))?;
    if let Some(own) = connector.update_attribute_values_op() {
        return match change {
            ValueChange::Add => own.add_attribute_values(cx, class, uid, attributes, options).await,
            ValueChange::Remove => own.remove_attribute_values(cx, class, uid, attributes, options).await,
        };
    }
    let search = connector.search_op().ok_or_else(writing::search_missing)?;
    let reading = options.clone().with_attributes_to_get(writing::names_of(&attributes));
    let object = read(search, cx, class, uid, &reading).await?;
    let object = object.ok_or_else(|| writing::unknown_object(uid, class))?;
    update.update(cx, class, uid, writing::merge(change, &object, attributes), options).await
}

async fn read(
    search: &dyn SearchOp,
    cx: &CallContext,
    class: &ObjectClass,
    uid: &Uid,
    options: &OperationOptions,
) -> Result<Option<ConnectorObject>> {
    let filter = Filter::uid(uid);
    let mut first = First { filter: &filter, exact: false, object: None };
    search.search(cx, class, Some(&filter), options, &mut ObjectSink::new(&mut first)).await?;
    Ok(first.object)
}

/// Takes the first object that matches.
struct First<'a> {
    filter: &'a Filter,
    exact: bool,
    object: Option<ConnectorObject>,
}

impl Receive<ConnectorObject> for First<'_> {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(if self.object.is_none() { Flow::Continue } else { Flow::Stop })
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        let judgement = Judgement { case: Case::Exact, locale: &Locale::default() };
        if !self.exact && !self.filter.judge(&object, judgement)?.is_true() {
            return Ok(Flow::Continue);
        }
        self.object = Some(object);
        Ok(Flow::Stop)
    }

    fn filter_is_exact(&mut self) {
        self.exact = true;
    }
}
