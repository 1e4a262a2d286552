//! Batches.

use icf::{BatchOutcome, BatchTask, ErrorKind, ObjectClass, OperationOptions, Uid, option_names};

use crate::harness::{Csv, texts};

fn create(uid: &str) -> BatchTask {
    BatchTask::Create {
        object_class: ObjectClass::ACCOUNT,
        attributes: texts([("__NAME__", uid), ("a", "new")]),
        options: OperationOptions::default(),
    }
}

fn update(uid: &str) -> BatchTask {
    BatchTask::Update {
        object_class: ObjectClass::ACCOUNT,
        uid: Uid::try_new(uid).unwrap(),
        attributes: texts([("a", "changed")]),
        options: OperationOptions::default(),
    }
}

fn delete(uid: &str) -> BatchTask {
    BatchTask::Delete {
        object_class: ObjectClass::ACCOUNT,
        uid: Uid::try_new(uid).unwrap(),
        options: OperationOptions::default(),
    }
}

fn told(outcomes: &[(usize, BatchOutcome)]) -> Vec<(usize, String)> {
    let text = |outcome: &BatchOutcome| match outcome {
        BatchOutcome::Done(Some(uid)) => uid.value().to_owned(),
        BatchOutcome::Done(None) => "done".to_owned(),
        BatchOutcome::Failed(error) => error.kind().simple_name().to_owned(),
        BatchOutcome::Message(message) => message.clone(),
    };
    outcomes.iter().map(|(index, outcome)| (*index, text(outcome))).collect()
}

#[tokio::test]
async fn csv_b01_tasks_run_in_order_and_one_failure_stops_none() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    let tasks = vec![create("u2"), update("missing"), delete("u1"), create("u3")];
    let outcomes = csv.batch(tasks, &OperationOptions::default()).await.unwrap();
    let expected = [(0, "u2"), (1, "UnknownUidException"), (2, "done"), (3, "u3")];
    assert_eq!(told(&outcomes), expected.map(|(index, text)| (index, text.to_owned())));
    assert_eq!(csv.text(), "uid,a\n\"u2\",\"new\"\n\"u3\",\"new\"\n");
    assert_eq!(csv.files(), ["t.csv"]);
}

#[tokio::test]
async fn a_task_sees_what_earlier_ones_did() {
    let csv = Csv::oip("uid,a\nu1,x\nu2,y\n");
    let tasks =
        vec![delete("u1"), create("u1"), update("u1"), create("u2"), create("n"), delete("n"), update("n")];
    let outcomes = csv.batch(tasks, &OperationOptions::default()).await.unwrap();
    let expected = ["done", "u1", "u1", "AlreadyExistsException", "n", "done", "UnknownUidException"];
    assert_eq!(told(&outcomes).into_iter().map(|(_, text)| text).collect::<Vec<_>>(), expected);
    assert_eq!(csv.text(), "uid,a\nu2,y\n\"u1\",\"changed\"\n");
}

#[tokio::test]
async fn a_batch_that_stops_at_a_failure_keeps_what_came_before() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    let options = OperationOptions::default().with(option_names::FAIL_ON_ERROR, true);
    let outcomes = csv.batch(vec![create("u2"), update("missing"), delete("u1")], &options).await.unwrap();
    assert_eq!(told(&outcomes), [(0, "u2".to_owned()), (1, "UnknownUidException".to_owned())]);
    assert_eq!(csv.text(), "uid,a\nu1,x\n\"u2\",\"new\"\n");
    let group = BatchTask::Delete {
        object_class: ObjectClass::GROUP,
        uid: Uid::try_new("u1").unwrap(),
        options: OperationOptions::default(),
    };
    let outcomes = csv.batch(vec![create("u3"), group, delete("u1")], &options).await.unwrap();
    assert_eq!(told(&outcomes), [(0, "u3".to_owned()), (1, "IllegalArgumentException".to_owned())]);
    assert!(
        matches!(&outcomes[1].1, BatchOutcome::Failed(error) if *error.kind() == ErrorKind::IllegalArgument)
    );
    assert!(csv.text().contains("u1"));
}
