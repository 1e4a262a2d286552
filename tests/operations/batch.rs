//! Batches: a task that fails, with and without going on.

use icf::{Attribute, AttributeSet, OperationOptions, option_names};
use icf_wire::binary::{Blobs, Profile};
use icf_wire::envelope::{BatchOpRequest, BatchOpResult, BatchOpTask, CreateOpRequest};

use crate::raw::Raw;

fn batch(fail_on_error: bool) -> BatchOpRequest {
    let mut blobs = Blobs::new(Profile::OpenIcf2);
    let tasks = ["one", "taken", "three"].iter().enumerate().map(|(index, name)| {
        let attributes = AttributeSet::new().with(Attribute::single("__NAME__", *name));
        let create = CreateOpRequest {
            object_class: "__ACCOUNT__".into(),
            create_attributes: blobs.attributes(&attributes).unwrap(),
            ..Default::default()
        };
        BatchOpTask { task_id: index.to_string(), create_request: Some(create), ..Default::default() }
    });
    let tasks = tasks.collect();
    let options = OperationOptions::default().with(option_names::FAIL_ON_ERROR, fail_on_error);
    BatchOpRequest { tasks, options: blobs.options(&options).unwrap(), ..Default::default() }
}

async fn next_result(raw: &mut Raw) -> BatchOpResult {
    raw.next().await.response.unwrap().operation_response.unwrap().batch_op_result.unwrap()
}

#[tokio::test]
async fn wire_c85_a_failed_task_is_a_result_and_the_batch_goes_on() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |operation| operation.batch_op_request = Some(batch(false))).await;
    let results = [next_result(&mut raw).await, next_result(&mut raw).await, next_result(&mut raw).await];
    assert_eq!(results.each_ref().map(|result| result.task_id.as_str()), ["0", "1", "2"]);
    assert_eq!(results.each_ref().map(|result| result.error), [false, true, false]);
    assert_eq!(results.each_ref().map(|result| result.complete), [false, false, true]);
    assert_eq!(
        results[1].empty_result.as_ref().unwrap().result_message,
        "org.identityconnectors.framework.common.exceptions.AlreadyExistsException: taken"
    );
    let token = next_result(&mut raw).await;
    assert!(token.task_id.is_empty() && !token.complete);
    assert!(next_result(&mut raw).await.complete);
}

#[tokio::test]
async fn wire_c85_with_fail_on_error_the_batch_ends_there() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |operation| operation.batch_op_request = Some(batch(true))).await;
    let first = next_result(&mut raw).await;
    assert_eq!((first.task_id.as_str(), first.error), ("0", false));
    let error = raw.next_error().await;
    assert_eq!(
        error.exception_class,
        "org.identityconnectors.framework.common.exceptions.AlreadyExistsException"
    );
}
