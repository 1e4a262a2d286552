//! Which operations are admitted, with which arguments.

use icf::{
    ApiOperation, Attribute, ErrorKind, ObjectClass, Script, ScriptContext, SyncDelta, SyncDeltaType,
    SyncToken, ValueMap,
};
use icf_wire::rpc::{Answer, Operation, UpdateKind};

use crate::rig::{Rig, account, call, create, get, none, search_for, update};
use crate::world::uid;

#[tokio::test]
async fn fw01_the_advertised_set_is_what_k_implements() {
    use ApiOperation as Op;
    let rig = Rig::new();
    let expected = [
        Op::Create,
        Op::Delete,
        Op::Get,
        Op::Schema,
        Op::ScriptOnConnector,
        Op::Search,
        Op::Sync,
        Op::Test,
        Op::Update,
        Op::Validate,
    ];
    let infos = rig.dispatcher.connector_infos();
    assert_eq!(infos.len(), 2);
    assert_eq!(infos[0].configuration.supported_operations, Some(expected.into_iter().collect()));
    assert_eq!(infos[0].configuration.producer_buffer_size, 100);
    assert!(infos[0].configuration.pooling && infos[0].configuration.results_handlers.filtered);
    assert!(!infos[0].configuration.results_handlers.case_insensitive);
}

fn unsupported(operation: &str) -> (String, String) {
    let text = format!(
        "Operation 'interface org.identityconnectors.framework.api.operations.{operation}' not supported."
    );
    ("UnsupportedOperationException".into(), text)
}

#[tokio::test]
async fn fw02_an_operation_outside_of_the_received_set_is_refused() {
    let mut rig = Rig::new();
    rig.configuration.supported_operations.as_mut().unwrap().remove(&ApiOperation::Search);
    assert_eq!(rig.search(None, none()).await.failure(), unsupported("SearchApiOp"));
    assert_eq!(rig.world.seen().opened, 0);
}

#[tokio::test]
async fn fw03_an_operation_that_k_lacks_is_refused_even_if_received() {
    let mut rig = Rig::new();
    rig.configuration.supported_operations.as_mut().unwrap().insert(ApiOperation::Authenticate);
    let authenticate = Operation::Authenticate {
        class: account(),
        username: Some("n1".into()),
        password: Some("secret".into()),
        options: none(),
    };
    assert_eq!(rig.run(authenticate).await.failure(), unsupported("AuthenticationApiOp"));
}

#[tokio::test]
async fn a_key_without_a_set_admits_everything() {
    let mut rig = Rig::new();
    rig.configuration.supported_operations = None;
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap(), Answer::Done);
}

#[tokio::test]
async fn fw04_the_class_all_is_refused() {
    let rig = Rig::new();
    let all = Some(ObjectClass::from("__all__"));
    let expected = (
        "UnsupportedOperationException".to_owned(),
        "Operation is not allowed on __ALL__ object class".to_owned(),
    );
    for operation in [
        Operation::Search { class: all.clone(), filter: None, options: none() },
        Operation::Create { class: all.clone(), attributes: None, options: none() },
        Operation::Get { class: all.clone(), uid: None, options: none() },
        Operation::Delete { class: all.clone(), uid: None, options: none() },
        Operation::Update {
            kind: UpdateKind::Replace,
            class: all.clone(),
            uid: Some(uid("u1")),
            attributes: None,
            options: none(),
        },
    ] {
        assert_eq!(rig.run(operation).await.failure(), expected);
    }
}

#[tokio::test]
async fn missing_arguments_are_named_in_the_order_of_the_framework() {
    let rig = Rig::new();
    let (kind, options) = (UpdateKind::Replace, none());
    let cases = [
        (Operation::Search { class: None, filter: None, options: none() }, "objectClass"),
        (Operation::LatestSyncToken { class: None }, "objectClass"),
        (Operation::Create { class: account(), attributes: None, options: none() }, "createAttributes"),
        (Operation::Delete { class: account(), uid: None, options: none() }, "uid"),
        (
            Operation::Update { kind, class: None, uid: None, attributes: None, options: options.clone() },
            "uid",
        ),
        (
            Operation::Update { kind, class: None, uid: Some(uid("u1")), attributes: None, options },
            "objectClass",
        ),
        (Operation::ScriptOnConnector { script: None, options: none() }, "request"),
    ];
    for (operation, name) in cases {
        let expected = ("NullPointerException".to_owned(), format!("Parameter '{name}' must not be null."));
        assert_eq!(rig.run(operation).await.failure(), expected);
    }
    assert_eq!(rig.world.seen().opened, 0, "no instance is made for a call that cannot be");
}

#[tokio::test]
async fn an_empty_class_is_the_connectors_affair() {
    let rig = Rig::new();
    let search = Operation::Search { class: Some(ObjectClass::from("")), filter: None, options: none() };
    assert_eq!(rig.run(search).await.uids(), ["u1", "u2"]);
}

#[tokio::test]
async fn fw05_a_delete_without_class_is_refused_when_all_classes_are_synchronised() {
    let rig = Rig::new();
    rig.world.knobs().deltas = vec![SyncDelta {
        token: SyncToken::try_new(1).unwrap(),
        delta_type: SyncDeltaType::Delete,
        previous_uid: None,
        object_class: None,
        uid: uid("u1"),
        object: None,
    }];
    let sync = |class| Operation::Sync { class: Some(class), token: None, options: none() };
    let (class, text) = rig.run(sync(ObjectClass::ALL)).await.failure();
    assert_eq!(class, "ConnectorException");
    assert_eq!(
        text,
        "Sync '__ALL__' operation requires the connector to set 'objectClass' parameter for sync event."
    );
    assert_eq!(rig.run(sync(ObjectClass::ACCOUNT)).await.items.len(), 1);
}

#[tokio::test]
async fn fw06_absent_options_are_empty_options() {
    let rig = Rig::new();
    rig.search(None, none()).await.answer.unwrap();
    assert!(rig.world.seen().searches[0].1.is_empty());
}

#[tokio::test]
async fn fw40_a_uid_among_the_attributes_is_refused() {
    let rig = Rig::new();
    for name in ["__UID__", "__uid__"] {
        let (class, text) = rig.run(create(vec![Attribute::single(name, "u1")])).await.failure();
        assert_eq!(class, "InvalidAttributeValueException");
        assert_eq!(text, "Parameter 'createAttributes' contains a uid.");
        let replace = update(UpdateKind::Replace, "u1", vec![Attribute::single(name, "u1")]);
        assert_eq!(rig.run(replace).await.failure().1, "Parameter 'replaceAttributes' contains a uid.");
    }
}

#[tokio::test]
async fn fw41_one_spelling_of_a_name_may_come_once() {
    let rig = Rig::new();
    let (a, upper) = (Attribute::single("a", 1), Attribute::single("A", 1));
    let (class, text) = rig.run(create(vec![a.clone(), a.clone()])).await.failure();
    assert_eq!(class, "InvalidAttributeValueException");
    assert_eq!(text, "Duplicate attribute name exits: a");
    assert_eq!(rig.run(create(vec![a, upper])).await.answer.unwrap(), Answer::Uid(Some(uid("u3"))));
}

fn script(language: &str) -> Operation {
    let script = Script { language: language.into(), text: "1".into() };
    let script = Some(ScriptContext { script, arguments: ValueMap::default() });
    Operation::ScriptOnConnector { script, options: none() }
}

#[tokio::test]
async fn fw54_there_is_no_script_engine() {
    let rig = Rig::new();
    let (class, text) = rig.run(script("groovy")).await.failure();
    assert_eq!(class, "IllegalArgumentException");
    assert_eq!(text, "Language not supported: groovy");
    assert_eq!(rig.run(script(" ")).await.failure().1, "Parameter 'scriptLanguage' must not be blank.");
}

#[tokio::test]
async fn fw55_a_batch_is_refused_with_the_real_class() {
    let rig = Rig::new();
    let batch = Operation::Batch { tasks: vec![], options: none() };
    assert_eq!(rig.run(batch).await.failure(), unsupported("BatchApiOp"));
}

#[tokio::test]
async fn an_unknown_connector_is_named_as_java_names_it() {
    let rig = Rig::new();
    let mut request = rig.request(Operation::Test);
    request.connector.bundle_version = "9".into();
    let (class, text) = rig.send(request, call(), Default::default()).await.failure();
    assert_eq!(class, "ConnectorException");
    assert_eq!(
        text,
        "Connector not found: bundleName: \"bundle\"\nbundleVersion: \"9\"\nconnectorName: \"K\"\n "
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_an_error_of_that_operation() {
    let rig = Rig::new();
    let mut request = rig.request(Operation::Test);
    request.facade_key = icf_wire::rpc::FacadeKey::new(bytes::Bytes::from_static(b"not base64!"));
    let (_, text) = rig.send(request, call(), Default::default()).await.failure();
    assert_eq!(text, "Data is not Base64 encoded.");
    rig.run(Operation::Test).await.answer.unwrap();
}

#[tokio::test]
async fn a_server_that_drains_refuses_so_that_callers_repeat() {
    let rig = Rig::new();
    rig.world.knobs().work = crate::rig::millis(50);
    let running = rig.start_inside().await;
    rig.dispatcher.stop_admitting();
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap_err().kind(), &ErrorKind::Retryable);
    assert_eq!(rig.dispatcher.running(), 1);
    rig.dispatcher.drained().await;
    assert_eq!(running.await.unwrap().answer.unwrap(), Answer::Done);
    rig.dispatcher.shut_down().await;
    assert_eq!(rig.world.seen().disposed, 1);
}

#[tokio::test]
async fn every_simple_operation_answers() {
    let rig = Rig::new();
    rig.world.knobs().tokens = vec![SyncToken::try_new(7).unwrap()];
    assert_eq!(rig.run(Operation::Validate).await.answer.unwrap(), Answer::Done);
    assert_eq!(rig.world.seen().opened, 0, "validate makes no instance");
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap(), Answer::Done);
    let delete = Operation::Delete { class: account(), uid: Some(uid("u2")), options: none() };
    assert_eq!(rig.run(delete).await.answer.unwrap(), Answer::Done);
    assert_eq!(rig.run(search_for(None, none())).await.uids(), ["u1"]);
    let latest = rig.run(Operation::LatestSyncToken { class: account() }).await.answer.unwrap();
    assert_eq!(latest, Answer::LatestSyncToken(Some(SyncToken::try_new(7).unwrap())));
    assert!(matches!(rig.run(get("u1")).await.answer.unwrap(), Answer::Object(Some(_))));
}
