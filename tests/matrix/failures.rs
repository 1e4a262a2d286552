//! Every class of exception, from every kind of operation.

use serde_json::json;

use crate::ways::{Side, attribute, rows, script};

rows! {
    exceptions_of_every_class_arrive_from_a_single_answer,
    exceptions_of_every_class_arrive_in_the_middle_of_a_search,
    every_kind_of_operation_can_fail,
    an_exception_of_a_class_nobody_knows_keeps_its_name,
}

/// The framework's own, then those of Java that operations throw.
const CLASSES: [&str; 21] = [
    "ConnectorException",
    "AlreadyExistsException",
    "ConfigurationException",
    "ConnectorIOException",
    "ConnectionBrokenException",
    "ConnectionFailedException",
    "ConnectorSecurityException",
    "InvalidCredentialException",
    "InvalidPasswordException",
    "PasswordExpiredException",
    "UnknownUidException",
    "PermissionDeniedException",
    "InvalidAttributeValueException",
    "OperationTimeoutException",
    "PreconditionFailedException",
    "PreconditionRequiredException",
    "RetryableException",
    "java.lang.UnsupportedOperationException",
    "java.lang.IllegalArgumentException",
    "java.lang.IllegalStateException",
    "java.lang.NullPointerException",
];

fn full(class: &str) -> String {
    if class.contains('.') {
        class.to_owned()
    } else {
        format!("org.identityconnectors.framework.common.exceptions.{class}")
    }
}

async fn exceptions_of_every_class_arrive_from_a_single_answer(side: Side) {
    for class in CLASSES {
        let create = json!({"attributes": [attribute("__NAME__", json!("x"))], "options": {"throw": class}});
        let thrown = side.fails("create", create).await;
        assert!(thrown.is_remote());
        assert_eq!(thrown.class(), full(class));
        assert_eq!(thrown.message(), format!("asked for {class}"));
    }
}

async fn exceptions_of_every_class_arrive_in_the_middle_of_a_search(side: Side) {
    for class in CLASSES {
        for op in ["search", "sync"] {
            let options = json!({"generate": {"int": 5}, "throw": class, "throwAfter": {"int": 3}});
            let thrown = side.fails(op, json!({"token": {"int": 0}, "options": options})).await;
            assert!(thrown.is_remote());
            assert_eq!(thrown.class(), full(class), "{op}");
            assert_eq!(thrown.message(), format!("asked for {class}"), "{op}");
            // In Java an exception overtakes the objects that wait for the handler.
            assert!(thrown.seen()["count"].as_u64() <= Some(3), "{op}");
        }
    }
    let order = json!({"generate": {"int": 5}, "throw": "ConnectorException", "throwAfter": {"int": 3}, "delayMillis": {"int": 150}});
    let thrown = side.fails("search", json!({"options": order})).await;
    assert_eq!(thrown.seen()["count"], 3);
}

async fn every_kind_of_operation_can_fail(side: Side) {
    let options = json!({"throw": "PermissionDeniedException"});
    let write = json!({"uid": "1", "attributes": [attribute("__NAME__", json!("x"))], "options": options});
    let change = json!({"uid": "1", "attributes": [attribute("string", json!("x"))], "options": options});
    let user = json!({"username": "ann", "password": "x", "options": options});
    let mut run = script("where", json!({}));
    run["options"] = options.clone();
    let read = json!({"uid": "1", "token": {"int": 0}, "options": options});
    let cases = [
        ("create", &write),
        ("update", &write),
        ("delete", &write),
        ("addValues", &change),
        ("removeValues", &change),
        ("authenticate", &user),
        ("resolveUsername", &user),
        ("scriptOnConnector", &run),
        ("scriptOnResource", &run),
        ("search", &read),
        ("get", &read),
        ("sync", &read),
    ];
    for (op, arguments) in cases {
        let thrown = side.fails(op, arguments.clone()).await;
        assert_eq!(thrown.simple_class(), "PermissionDeniedException", "{op}");
    }
    for op in ["test", "schema", "latestSyncToken", "validate"] {
        let faults = format!("{op}=PermissionDeniedException");
        let faults = json!({"array": {"of": "java.lang.String", "items": [faults]}});
        let thrown = side.fails(op, json!({"configuration": {"faults": faults}})).await;
        assert_eq!(thrown.simple_class(), "PermissionDeniedException", "{op}");
    }
}

async fn an_exception_of_a_class_nobody_knows_keeps_its_name(side: Side) {
    let class = "java.util.NoSuchElementException";
    let thrown = side.fails("get", json!({"uid": "1", "options": {"throw": class}})).await;
    assert_eq!(thrown.class(), class);
    assert_eq!(thrown.message(), format!("asked for {class}"));
}
