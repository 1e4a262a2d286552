//! Every request and answer through its message and back.

use icf::{
    Attribute, AttributeSet, ConfigurationProperty, ConnectorObject, Filter, GuardedString, ObjectClass,
    ObjectClassInfo, OperationOptions, Schema, Script, ScriptContext, SyncDelta, SyncDeltaType, SyncToken,
    Uid, Value, ValueMap, ValueType,
};
use icf_wire::binary::Limits;
use icf_wire::envelope::{OperationResponse, RemoteMessage, RpcResponse};
use icf_wire::rpc::{
    self, Answer, Expected, Item, Operation, OperationKind, OperationRequest, Reply, UpdateKind,
};

use super::{asking, uid};

fn class() -> Option<ObjectClass> {
    Some(ObjectClass::GROUP)
}

fn options() -> OperationOptions {
    OperationOptions::default().with("PAGE_SIZE", 7)
}

fn attributes() -> Option<AttributeSet> {
    Some(vec![Attribute::single("__NAME__", "n"), Attribute::null("a")].into())
}

fn token() -> Option<SyncToken> {
    Some(SyncToken::try_new("t").unwrap())
}

fn filter() -> Option<Filter> {
    Some(Filter::uid(&uid("u")).or(Filter::Presence("a".into())))
}

fn script() -> Option<ScriptContext> {
    let script = Script::try_new("groovy", "return x").unwrap();
    Some(ScriptContext { script, arguments: ValueMap::default().with("x", 1) })
}

fn operations() -> Vec<Operation> {
    let uid = || Some(Uid::try_new("u").unwrap().with_revision("r"));
    let update = |kind| Operation::Update {
        kind,
        class: class(),
        uid: uid(),
        attributes: attributes(),
        options: options(),
    };
    let username = || Some("name".to_owned());
    vec![
        Operation::Authenticate {
            class: class(),
            username: username(),
            password: Some(GuardedString::new("s3cret")),
            options: options(),
        },
        Operation::Create { class: class(), attributes: attributes(), options: options() },
        Operation::Delete { class: class(), uid: uid(), options: options() },
        Operation::Get { class: class(), uid: uid(), options: options() },
        Operation::LatestSyncToken { class: class() },
        Operation::ResolveUsername { class: class(), username: username(), options: options() },
        Operation::Schema,
        Operation::ScriptOnConnector { script: script(), options: options() },
        Operation::ScriptOnResource { script: script(), options: options() },
        Operation::Search { class: class(), filter: filter(), options: options() },
        Operation::SubscribeChanges { class: class(), token: token(), options: options() },
        Operation::SubscribeObjects { class: class(), filter: filter(), options: options() },
        Operation::Sync { class: class(), token: token(), options: options() },
        Operation::Test,
        update(UpdateKind::Replace),
        update(UpdateKind::Add),
        update(UpdateKind::Remove),
        Operation::Validate,
    ]
}

#[test]
fn every_request() {
    for operation in operations() {
        let kind = operation.kind();
        let request = asking(operation);
        let again =
            OperationRequest::from_message(request.to_message().unwrap(), &Limits::default()).unwrap();
        // Neither holds a secret in what it shows, and everything else is shown.
        let shown = format!("{request:?}");
        assert_eq!(format!("{again:?}"), shown, "{kind:?}");
        assert!(!shown.contains("s3cret"));
    }
}

#[test]
fn a_password_comes_back() {
    let request = asking(operations().remove(0)).to_message().unwrap();
    let request = OperationRequest::from_message(request, &Limits::default()).unwrap();
    let Operation::Authenticate { password: Some(password), .. } = request.operation else {
        panic!("a password")
    };
    assert_eq!(password.reveal().as_str(), "s3cret");
}

fn object() -> ConnectorObject {
    ConnectorObject::new(ObjectClass::GROUP, uid("u"), "n").with(Attribute::single("a", 1))
}

fn answers(kind: OperationKind) -> Vec<Answer> {
    let info = ObjectClassInfo::try_new(ObjectClass::GROUP, vec![]).unwrap();
    let schema = Schema { object_classes: vec![info], ..Schema::default() };
    match kind {
        OperationKind::Authenticate
        | OperationKind::Create
        | OperationKind::ResolveUsername
        | OperationKind::Update => vec![Answer::Uid(Some(uid("u"))), Answer::Uid(None)],
        OperationKind::Delete | OperationKind::Test | OperationKind::Validate => vec![Answer::Done],
        OperationKind::Get => vec![Answer::Object(Some(Box::new(object()))), Answer::Object(None)],
        OperationKind::Schema => vec![Answer::Schema(Some(Box::new(schema))), Answer::Schema(None)],
        OperationKind::ScriptOnConnector | OperationKind::ScriptOnResource => {
            vec![Answer::Value(Value::Long(1)), Answer::Value(Value::Null)]
        }
        OperationKind::LatestSyncToken => {
            vec![Answer::LatestSyncToken(token()), Answer::LatestSyncToken(None)]
        }
        OperationKind::Search => vec![Answer::SearchEnd(None)],
        OperationKind::Sync => vec![Answer::SyncEnd(token()), Answer::SyncEnd(None)],
        OperationKind::Batch => vec![Answer::BatchEnd],
        OperationKind::SubscribeChanges | OperationKind::SubscribeObjects => vec![Answer::SubscriptionEnd],
    }
}

fn content(response: RpcResponse) -> OperationResponse {
    assert_eq!(response.error, None);
    *response.operation_response.unwrap()
}

#[test]
fn every_answer() {
    for operation in operations() {
        let expected = Expected::of(&operation, Limits::default());
        for answer in answers(operation.kind()) {
            let shown = format!("{answer:?}");
            let read = expected.end(content(Reply::to(&operation).end(&Ok(answer)))).unwrap();
            assert_eq!(format!("{read:?}"), shown, "{:?}", operation.kind());
        }
    }
}

#[test]
fn items_of_every_stream() {
    let delta = || SyncDelta {
        token: token().unwrap(),
        delta_type: SyncDeltaType::Update,
        previous_uid: Some(uid("old")),
        object_class: Some(ObjectClass::GROUP),
        uid: uid("u"),
        object: Some(object()),
    };
    for operation in operations() {
        let items = match operation.kind() {
            OperationKind::Search => vec![Item::Object(object())],
            OperationKind::Sync => vec![Item::Delta(delta())],
            OperationKind::SubscribeObjects => vec![Item::Accepted, Item::ObjectEvent(object())],
            OperationKind::SubscribeChanges => vec![Item::Accepted, Item::ChangeEvent(delta())],
            _ => continue,
        };
        let mut expected = Expected::of(&operation, Limits::default());
        let mut reply = Reply::to(&operation);
        for item in items {
            let (message, _) = reply.message(1, &item).unwrap();
            let response = RemoteMessage::from_bytes(message).unwrap().response.unwrap();
            assert_eq!(format!("{:?}", expected.item(content(response)).unwrap()), format!("{item:?}"));
        }
    }
}

#[test]
fn lists_and_changes_that_are_empty_may_have_no_bytes() {
    assert_eq!(rpc::read_connector_infos(b"", &Limits::default()).unwrap(), vec![]);
    assert_eq!(rpc::read_configuration_change(b"", &Limits::default()).unwrap(), vec![]);
    let none = rpc::connector_infos(&[]).unwrap();
    assert!(!none.is_empty(), "Java sends a list without members, not nothing");
    assert_eq!(rpc::read_connector_infos(&none, &Limits::default()).unwrap(), vec![]);
    let changed = [ConfigurationProperty::new("refreshToken", ValueType::GuardedString, Value::Null)];
    let bytes = rpc::configuration_change(&changed).unwrap();
    assert_eq!(rpc::read_configuration_change(&bytes, &Limits::default()).unwrap(), changed);
    assert!(rpc::read_configuration_change(b"\xaa\xbb", &Limits::default()).is_err());
}
