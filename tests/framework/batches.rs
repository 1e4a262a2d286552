//! Batches of a connector that has them.

use icf::{Attribute, BatchOutcome, BatchTask, BatchToken, ObjectClass, option_names};
use icf_wire::rpc::{Answer, Item, Operation};

use crate::rig::{Outcome, Rig, none, texts};
use crate::variants::Batches;
use crate::world::uid;

fn creation(attributes: Vec<Attribute>) -> BatchTask {
    BatchTask::Create { object_class: ObjectClass::ACCOUNT, attributes: attributes.into(), options: none() }
}

fn addition(id: &str) -> BatchTask {
    let (object_class, attributes) = (ObjectClass::ACCOUNT, vec![texts("a", &["z"])].into());
    BatchTask::AddValues { object_class, uid: uid(id), attributes, options: none() }
}

fn tasks() -> Vec<BatchTask> {
    vec![
        creation(vec![Attribute::single("__NAME__", "n3")]),
        creation(vec![Attribute::single("__UID__", "u3")]),
        addition("u1"),
        addition("u9"),
        BatchTask::Delete { object_class: ObjectClass::ALL, uid: uid("u1"), options: none() },
    ]
}

/// One line for each item.
fn lines(outcome: &Outcome) -> Vec<String> {
    let line = |item: &Item| match item {
        Item::Outcome { index, outcome, last } => {
            let outcome = match outcome {
                BatchOutcome::Done(uid) => uid.as_ref().map_or_else(|| "done".into(), ToString::to_string),
                BatchOutcome::Message(text) => text.clone(),
                BatchOutcome::Failed(error) => error.kind().simple_name().to_owned(),
            };
            format!("{index} {outcome}{}", if *last { " last" } else { "" })
        }
        Item::BatchToken(token) => format!("token {:?}", token.tokens),
        other => panic!("{other:?}"),
    };
    outcome.items.iter().map(line).collect()
}

#[tokio::test]
async fn tasks_run_under_the_rules_of_single_operations() {
    let rig = Rig::of::<Batches>();
    let outcome = rig.run(Operation::Batch { tasks: tasks(), options: none() }).await;
    assert_eq!(
        lines(&outcome),
        [
            "0 u3",
            "1 InvalidAttributeValueException",
            "2 u1",
            "3 UnknownUidException",
            "4 UnsupportedOperationException last",
            "token []"
        ]
    );
    assert_eq!(outcome.answer.unwrap(), Answer::BatchEnd);
    assert_eq!(rig.only_update().2.into_vec(), [texts("a", &["x", "y", "z"])]);
}

#[tokio::test]
async fn with_fail_on_error_the_first_failure_ends_the_batch() {
    let rig = Rig::of::<Batches>();
    let options = none().with(option_names::FAIL_ON_ERROR, true);
    let outcome = rig.run(Operation::Batch { tasks: tasks(), options }).await;
    assert_eq!(lines(&outcome), ["0 u3"]);
    assert_eq!(outcome.failure().0, "InvalidAttributeValueException");
    assert!(rig.world.seen().updates.is_empty());
}

#[tokio::test]
async fn the_last_of_an_unknown_number_of_results_is_marked() {
    let rig = Rig::of::<Batches>();
    let token = BatchToken { tokens: vec!["first".into(), "second".into()], ..BatchToken::default() };
    let outcome = rig.run(Operation::BatchQuery { token, options: none() }).await;
    assert_eq!(lines(&outcome), ["0 first", "1 second last", "token [\"first\", \"second\"]"]);
}
