//! Batches: tasks, outcomes and tokens.

use icf::{
    AttributeSet, BatchOutcome, BatchTask, BatchToken, ConnectorError, ErrorKind, ObjectClass,
    OperationOptions, Result, Uid,
};

use super::parts::{self, Reading, Writing};
use super::{Item, Operation, UpdateKind, request};
use crate::envelope::{
    BatchEmptyResponse, BatchOpRequest, BatchOpResult, BatchOpTask, CreateOpRequest, DeleteOpRequest,
    UpdateOpRequest,
};

/// What Java sends for "no revision" in a task, where it cannot leave the revision out.
const NO_REVISION: &str = "0";

pub(super) fn read_request(reading: Reading<'_>, message: BatchOpRequest) -> Result<Operation> {
    let options = reading.options(&message.options)?;
    if message.query {
        let token = BatchToken { tokens: message.batch_token, ..BatchToken::default() };
        return Ok(Operation::BatchQuery { token, options });
    }
    let tasks = message.tasks.into_iter().enumerate();
    let tasks = tasks.map(|(index, task)| read_task(reading, index, task)).collect::<Result<_>>()?;
    Ok(Operation::Batch { tasks, options })
}

/// Results name their task by its place, so a task must stand at the place it names.
fn read_task(reading: Reading<'_>, index: usize, message: BatchOpTask) -> Result<BatchTask> {
    let fault = |fault: &str| ConnectorError::illegal_argument(format!("Batch task {index} {fault}"));
    if message.task_id != index.to_string() {
        return Err(fault("has an id that is not its place"));
    }
    let class = |name| parts::class(name).ok_or_else(|| fault("names no object class"));
    if let Some(create) = message.create_request {
        return Ok(BatchTask::Create {
            object_class: class(create.object_class)?,
            attributes: reading
                .attributes("createAttributes", &create.create_attributes)?
                .unwrap_or_default(),
            options: reading.options(&create.options)?,
        });
    }
    let uid = |message: Option<_>| uid(message.ok_or_else(|| fault("names no uid"))?);
    if let Some(delete) = message.delete_request {
        return Ok(BatchTask::Delete {
            object_class: class(delete.object_class)?,
            uid: uid(delete.uid)?,
            options: reading.options(&delete.options)?,
        });
    }
    let update = message.update_request.ok_or_else(|| fault("is no create, delete or update"))?;
    let (object_class, uid) = (class(update.object_class)?, uid(update.uid)?);
    let attributes = reading.attributes("replaceAttributes", &update.replace_attributes)?.unwrap_or_default();
    let options = reading.options(&update.options)?;
    Ok(match request::update_kind(update.update_type)? {
        UpdateKind::Replace => BatchTask::Update { object_class, uid, attributes, options },
        UpdateKind::Add => BatchTask::AddValues { object_class, uid, attributes, options },
        UpdateKind::Remove => BatchTask::RemoveValues { object_class, uid, attributes, options },
    })
}

fn uid(mut message: crate::envelope::Uid) -> Result<Uid> {
    if message.revision == NO_REVISION {
        message.revision.clear();
    }
    parts::uid(message)
}

fn uid_message(uid: &Uid) -> crate::envelope::Uid {
    let mut message = parts::uid_message(uid);
    if message.revision.is_empty() {
        NO_REVISION.clone_into(&mut message.revision);
    }
    message
}

pub(super) fn query_message(
    writing: &mut Writing,
    token: &BatchToken,
    options: &OperationOptions,
) -> Result<BatchOpRequest> {
    let options = writing.options(options)?;
    Ok(BatchOpRequest { query: true, tasks: vec![], batch_token: token.tokens.clone(), options })
}

pub(super) fn message(
    writing: &mut Writing,
    tasks: &[BatchTask],
    options: &OperationOptions,
) -> Result<BatchOpRequest> {
    let tasks = tasks.iter().enumerate();
    let tasks = tasks.map(|(index, task)| task_message(writing, index, task)).collect::<Result<_>>()?;
    Ok(BatchOpRequest { query: false, tasks, batch_token: vec![], options: writing.options(options)? })
}

fn task_message(writing: &mut Writing, index: usize, task: &BatchTask) -> Result<BatchOpTask> {
    let mut message = BatchOpTask { task_id: index.to_string(), ..BatchOpTask::default() };
    let mut update = |kind, class: &ObjectClass, uid: &Uid, attributes: &AttributeSet, options: &_| {
        Ok::<_, ConnectorError>(Some(UpdateOpRequest {
            object_class: class.as_str().to_owned(),
            uid: Some(uid_message(uid)),
            update_type: request::update_type(kind).into(),
            replace_attributes: writing.attributes(Some(attributes))?,
            options: writing.all_options(options)?,
        }))
    };
    match task {
        BatchTask::Update { object_class, uid, attributes, options } => {
            message.update_request = update(UpdateKind::Replace, object_class, uid, attributes, options)?;
        }
        BatchTask::AddValues { object_class, uid, attributes, options } => {
            message.update_request = update(UpdateKind::Add, object_class, uid, attributes, options)?;
        }
        BatchTask::RemoveValues { object_class, uid, attributes, options } => {
            message.update_request = update(UpdateKind::Remove, object_class, uid, attributes, options)?;
        }
        BatchTask::Create { object_class, attributes, options } => {
            message.create_request = Some(CreateOpRequest {
                object_class: object_class.as_str().to_owned(),
                create_attributes: writing.attributes(Some(attributes))?,
                options: writing.all_options(options)?,
            });
        }
        BatchTask::Delete { object_class, uid, options } => {
            message.delete_request = Some(DeleteOpRequest {
                object_class: object_class.as_str().to_owned(),
                uid: Some(uid_message(uid)),
                options: writing.all_options(options)?,
            });
        }
    }
    Ok(message)
}

/// The result of a task. A failed task is one with a text that begins with the class of the exception.
pub(super) fn outcome_message(index: usize, outcome: &BatchOutcome, last: bool) -> BatchOpResult {
    let mut message =
        BatchOpResult { task_id: index.to_string(), complete: last, ..BatchOpResult::default() };
    let text = |text: String| Some(BatchEmptyResponse { result_message: text });
    match outcome {
        BatchOutcome::Done(Some(uid)) => message.uid = Some(parts::uid_message(uid)),
        BatchOutcome::Done(None) => message.empty_result = text(String::new()),
        BatchOutcome::Message(result) => message.empty_result = text(result.clone()),
        BatchOutcome::Failed(error) => {
            message.error = true;
            let class = error.kind().class_name();
            message.empty_result = text(format!("{class}: {}", error.message().unwrap_or_default()));
        }
    }
    message
}

pub(super) fn token_message(token: &BatchToken) -> BatchOpResult {
    BatchOpResult {
        batch_token: token.tokens.clone(),
        query_required: token.query_required,
        asynchronous_results: token.asynchronous_results,
        returns_results: token.returns_results,
        ..BatchOpResult::default()
    }
}

/// A result or a token; the caller has told apart the message that only ends the batch.
pub(super) fn read_item(message: BatchOpResult) -> Result<Item> {
    if message.uid.is_none() && message.empty_result.is_none() {
        return Ok(Item::BatchToken(BatchToken {
            tokens: message.batch_token,
            query_required: message.query_required,
            asynchronous_results: message.asynchronous_results,
            returns_results: message.returns_results,
        }));
    }
    let index = message
        .task_id
        .parse()
        .map_err(|_| ConnectorError::connector("A batch result names no task: its id is not a number"))?;
    let text = message.empty_result.map(|result| result.result_message).unwrap_or_default();
    let outcome = match message.uid {
        _ if message.error => BatchOutcome::Failed(failure(text)),
        Some(uid) => BatchOutcome::Done(Some(parts::uid(uid)?)),
        None if text.is_empty() => BatchOutcome::Done(None),
        None => BatchOutcome::Message(text),
    };
    Ok(Item::Outcome { index, outcome, last: message.complete })
}

/// The error of a failed task's text, if it begins with a class name.
fn failure(text: String) -> ConnectorError {
    match text.split_once(": ") {
        Some((class, message)) if class.contains('.') && !class.contains(' ') => {
            let message = (!message.is_empty()).then(|| message.to_owned());
            ConnectorError::maybe(ErrorKind::from_class_name(class), message)
        }
        _ => ConnectorError::connector(text),
    }
}
