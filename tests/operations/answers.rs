//! One request, the literal answer.

use bytes::Bytes;
use icf::{Attribute, AttributeSet, Filter};
use icf_wire::binary::{Blobs, Profile};
use icf_wire::envelope::{CreateOpRequest, DeleteOpRequest, SearchOpRequest, TestOpRequest};

use crate::raw::Raw;

fn named(name: &str) -> Bytes {
    let attributes = AttributeSet::new().with(Attribute::single("__NAME__", name));
    Blobs::new(Profile::OpenIcf2).attributes(&attributes).unwrap()
}

fn create(name: &str) -> CreateOpRequest {
    CreateOpRequest {
        object_class: "__ACCOUNT__".into(),
        create_attributes: named(name),
        ..Default::default()
    }
}

#[tokio::test]
async fn wire_c37_a_test_is_answered_with_an_empty_member() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |operation| operation.test_op_request = Some(TestOpRequest {})).await;
    assert_eq!(raw.next_hex().await, "08021a041a026a00");
}

#[tokio::test]
async fn wire_c38_another_version_of_a_bundle_is_another_connector() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |operation| {
        operation.test_op_request = Some(TestOpRequest {});
        operation.connector_key.as_mut().unwrap().bundle_version = "2".into();
    })
    .await;
    let error = raw.next_error().await;
    assert_eq!(
        error.exception_class,
        "org.identityconnectors.framework.common.exceptions.ConnectorException"
    );
    assert!(error.message.starts_with("Connector not found: "), "{}", error.message);
}

#[tokio::test]
async fn wire_c39_a_request_without_operation_is_an_error() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |_| {}).await;
    assert_eq!(raw.next_error().await.message, "Unknown OperationRequest");
}

#[tokio::test]
async fn wire_c40_a_facade_key_that_is_not_base64_is_an_error_and_the_link_stays() {
    let mut raw = Raw::connect().await;
    for key in ["QQ", "not base64!", "QQ==", ""] {
        raw.ask(2, |operation| {
            operation.test_op_request = Some(TestOpRequest {});
            operation.connector_facade_key = Bytes::copy_from_slice(key.as_bytes());
        })
        .await;
        let error = raw.next_error().await;
        assert!(!error.exception_class.is_empty(), "{key:?}");
    }
    raw.ask(3, |operation| operation.test_op_request = Some(TestOpRequest {})).await;
    assert_eq!(raw.next_hex().await, "08031a041a026a00");
}

#[tokio::test]
async fn wire_c41_creating_what_exists_has_its_own_class() {
    let mut raw = Raw::connect().await;
    raw.ask(2, |operation| operation.create_op_request = Some(create("taken"))).await;
    let error = raw.next_error().await;
    assert_eq!(
        error.exception_class,
        "org.identityconnectors.framework.common.exceptions.AlreadyExistsException"
    );
    assert_eq!(error.message, "taken");
}

#[tokio::test]
async fn wire_c42_a_created_object_is_answered_with_uid_and_revision() {
    let mut raw = Raw::connect().await;
    raw.ask(10, |operation| operation.create_op_request = Some(create("new"))).await;
    assert_eq!(raw.next_hex().await, "080a1a0d1a0b12090a070a027531120172");
}

#[tokio::test]
async fn wire_c44_an_operation_the_connector_lacks_is_unsupported() {
    let mut raw = Raw::connect().await;
    let uid = icf_wire::envelope::Uid { value: "u1".into(), ..Default::default() };
    raw.ask(2, |operation| {
        operation.delete_op_request = Some(DeleteOpRequest {
            object_class: "__ACCOUNT__".into(),
            uid: Some(uid),
            ..Default::default()
        });
    })
    .await;
    assert_eq!(raw.next_error().await.exception_class, "java.lang.UnsupportedOperationException");
}

#[tokio::test]
async fn wire_c45_items_then_an_end_without_result() {
    let mut raw = Raw::connect().await;
    let filter = Blobs::new(Profile::OpenIcf2).filter(&Filter::Presence("__NAME__".into())).unwrap();
    raw.ask(3, |operation| {
        operation.search_op_request =
            Some(SearchOpRequest { object_class: "__ACCOUNT__".into(), filter, ..Default::default() });
    })
    .await;
    for expected in ["08031a", "08031a"] {
        let item = raw.next_hex().await;
        assert!(item.starts_with(expected), "{item}");
    }
    assert_eq!(raw.next_hex().await, "08031a061a0452020802");
}

#[tokio::test]
async fn wire_c46_no_items_and_a_result_with_unknown_counts() {
    let mut raw = Raw::connect().await;
    raw.ask(3, |operation| {
        operation.search_op_request =
            Some(SearchOpRequest { object_class: "__ACCOUNT__".into(), ..Default::default() });
    })
    .await;
    assert_eq!(raw.next_hex().await, "08031a1c1a1a5218121618ffffffffffffffffff0120ffffffffffffffffff01");
}
