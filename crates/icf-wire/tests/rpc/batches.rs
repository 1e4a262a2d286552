//! Batches.

use icf::{
    Attribute, AttributeSet, BatchOutcome, BatchTask, BatchToken, ConnectorError, ErrorKind, ObjectClass,
    OperationOptions, Uid,
};
use icf_wire::binary::Limits;
use icf_wire::envelope::{BatchOpRequest, BatchOpTask, OperationRequest as Message};
use icf_wire::rpc::{Answer, Expected, Item, Operation, OperationRequest, Reply};

use super::{answers, asking, response_in, shown, uid};

fn options() -> OperationOptions {
    OperationOptions::default()
}

fn attributes() -> AttributeSet {
    vec![Attribute::single("mail", "x")].into()
}

fn batch() -> Operation {
    let object_class = ObjectClass::ACCOUNT;
    let plain = uid("u1");
    let revised = uid("u2").with_revision("r");
    let update = |uid: &Uid| (object_class.clone(), uid.clone(), attributes(), options());
    let tasks = vec![
        BatchTask::Create {
            object_class: object_class.clone(),
            attributes: attributes(),
            options: options(),
        },
        BatchTask::Delete { object_class: object_class.clone(), uid: plain.clone(), options: options() },
        {
            let (object_class, uid, attributes, options) = update(&revised);
            BatchTask::Update { object_class, uid, attributes, options }
        },
        {
            let (object_class, uid, attributes, options) = update(&plain);
            BatchTask::AddValues { object_class, uid, attributes, options }
        },
        {
            let (object_class, uid, attributes, options) = update(&plain);
            BatchTask::RemoveValues { object_class, uid, attributes, options }
        },
    ];
    Operation::Batch { tasks, options: options() }
}

fn tasks_of(operation: Operation) -> Vec<BatchTask> {
    match operation {
        Operation::Batch { tasks, .. } => tasks,
        _ => panic!("a batch"),
    }
}

fn message_of(operation: Operation) -> BatchOpRequest {
    asking(operation).to_message().unwrap().batch_op_request.unwrap()
}

fn read(request: BatchOpRequest) -> Result<Operation, ConnectorError> {
    let message = Message { batch_op_request: Some(request), ..Default::default() };
    OperationRequest::from_message(message, &Limits::default()).map(|request| request.operation)
}

#[test]
fn tasks_are_numbered_and_come_back() {
    let message = message_of(batch());
    let ids: Vec<&str> = message.tasks.iter().map(|task| task.task_id.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4"]);
    assert!(!message.query);
    assert_eq!(tasks_of(read(message).unwrap()), tasks_of(batch()));
}

#[test]
fn a_task_without_revision_says_zero_and_has_options_even_if_empty() {
    let message = message_of(batch());
    let delete = message.tasks[1].delete_request.as_ref().unwrap();
    assert_eq!(delete.uid.as_ref().unwrap().revision, "0");
    assert!(!delete.options.is_empty());
    let update = message.tasks[2].update_request.as_ref().unwrap();
    assert_eq!((update.uid.as_ref().unwrap().revision.as_str(), update.update_type), ("r", 0));
    assert_eq!(message.tasks[3].update_request.as_ref().unwrap().update_type, 1);
    assert_eq!(message.tasks[4].update_request.as_ref().unwrap().update_type, 2);
    assert!(message.options.is_empty());
}

#[test]
fn a_blank_revision_in_a_task_is_none_too() {
    let mut message = message_of(batch());
    message.tasks[1].delete_request.as_mut().unwrap().uid.as_mut().unwrap().revision = String::new();
    assert_eq!(tasks_of(read(message).unwrap()), tasks_of(batch()));
}

#[test]
fn a_task_that_cannot_be_understood_names_itself() {
    let spoil = |change: fn(&mut BatchOpTask)| {
        let mut message = message_of(batch());
        change(&mut message.tasks[1]);
        let error = read(message).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::IllegalArgument);
        error.to_string()
    };
    assert_eq!(spoil(|task| task.task_id = "7".into()), "Batch task 1 has an id that is not its place");
    assert_eq!(spoil(|task| task.delete_request = None), "Batch task 1 is no create, delete or update");
    let without_uid = |task: &mut BatchOpTask| task.delete_request.as_mut().unwrap().uid = None;
    assert_eq!(spoil(without_uid), "Batch task 1 names no uid");
    let without_class =
        |task: &mut BatchOpTask| task.delete_request.as_mut().unwrap().object_class = String::new();
    assert_eq!(spoil(without_class), "Batch task 1 names no object class");
}

#[test]
fn results_are_asked_for_with_tokens() {
    let token = BatchToken { tokens: vec!["a".to_owned(), "b".to_owned()], ..BatchToken::default() };
    let message = message_of(Operation::BatchQuery { token: token.clone(), options: options() });
    assert!(message.query && message.tasks.is_empty());
    let Operation::BatchQuery { token: read, .. } = read(message).unwrap() else { panic!("a query") };
    assert_eq!(read, token);
}

fn part(index: usize, outcome: BatchOutcome, last: bool) -> String {
    shown(&Reply::to(&batch()).message(8, &Item::Outcome { index, outcome, last }).unwrap().0)
}

fn item(literal: &str) -> Item {
    Expected::of(&batch(), Limits::default()).item(response_in(literal)).unwrap()
}

const TOKEN: &str = "08081a0b1a098201060a0254313801";
const RESULT: &str = "08081a0e1a0c82010912013042040a027531";
const LAST: &str = "08081a101a0e82010b12013018014a0412026f6b";
const COMPLETE: &str = "08081a071a058201021801";

#[test]
fn wire_t30_a_token_is_read() {
    let Item::BatchToken(token) = item(TOKEN) else { panic!("a token") };
    assert_eq!(token, BatchToken { tokens: vec!["T1".to_owned()], ..BatchToken::default() });
}

#[test]
fn wire_t30b_the_result_of_a_task() {
    assert_eq!(part(0, BatchOutcome::Done(Some(uid("u1"))), false), RESULT);
    let Item::Outcome { index: 0, outcome: BatchOutcome::Done(Some(done)), last: false } = item(RESULT)
    else {
        panic!("a uid")
    };
    assert_eq!(done, uid("u1"));
}

#[test]
fn wire_t30c_the_last_result() {
    assert_eq!(part(0, BatchOutcome::Message("ok".to_owned()), true), LAST);
    let Item::Outcome { index: 0, outcome: BatchOutcome::Message(text), last: true } = item(LAST) else {
        panic!("a text")
    };
    assert_eq!(text, "ok");
}

#[test]
fn wire_t30d_the_end_of_a_batch() {
    answers(8, Reply::to(&batch()).end(&Ok(Answer::BatchEnd)), COMPLETE);
    let end = Expected::of(&batch(), Limits::default()).end(response_in(COMPLETE));
    assert_eq!(end.unwrap(), Answer::BatchEnd);
}

#[test]
fn wire_t30e_an_empty_result_is_a_token_without_tokens() {
    let Item::BatchToken(token) = item("08081a051a03820100") else { panic!("a token") };
    assert!(token.tokens.is_empty() && !token.returns_results);
}

#[test]
fn a_failed_task_says_so_and_the_batch_goes_on() {
    let failure = ConnectorError::already_exists("u1 exists");
    let response = response_in(&part(3, BatchOutcome::Failed(failure), false));
    let result = response.batch_op_result.clone().unwrap();
    assert!(result.error && !result.complete);
    assert_eq!(result.task_id, "3");
    let text = "org.identityconnectors.framework.common.exceptions.AlreadyExistsException: u1 exists";
    assert_eq!(result.empty_result.unwrap().result_message, text);

    let mut expected = Expected::of(&batch(), Limits::default());
    let Item::Outcome { index: 3, outcome: BatchOutcome::Failed(error), last: false } =
        expected.item(response).unwrap()
    else {
        panic!("a failure")
    };
    assert_eq!((error.kind(), error.message()), (&ErrorKind::AlreadyExists, Some("u1 exists")));
}

#[test]
fn a_task_without_result_is_done() {
    let response = response_in(&part(1, BatchOutcome::Done(None), false));
    let read = Expected::of(&batch(), Limits::default()).item(response).unwrap();
    assert!(matches!(read, Item::Outcome { index: 1, outcome: BatchOutcome::Done(None), .. }));
}
