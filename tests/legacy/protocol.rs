//! What may be said in which order, and what is answered to what makes no sense.

use icf_wire::binary::{Field, Object, Profile};

use crate::live;
use crate::printed::print;
use crate::requests::{Operation, account, echo, hello, introduction, record, search, text};
use crate::server::{Client, address, start};

/// The answers, printed, until so many came or the connection ended.
async fn answers(client: &mut Client, count: usize) -> Vec<String> {
    let mut answers = Vec::new();
    while answers.len() < count {
        match client.next().await {
            Some(answer) => answers.push(print(&answer)),
            None => break,
        }
    }
    answers
}

/// What a new client is answered that says this, and then nothing more.
async fn answer_to(lines: &str, said: &[Object]) -> Vec<String> {
    let server = start(vec![live::registration()], lines).await;
    let mut client = Client::connect(address(&server)).await;
    client.say(said).await;
    answers(&mut client, 1).await
}

fn exception(class: &str, message: &str) -> String {
    format!("OperationResponsePart(exception=RemoteWrappedException(class={class:?}, message={message:?}))")
}

const INVALID_CREDENTIAL: &str =
    "org.identityconnectors.framework.common.exceptions.InvalidCredentialException";

#[tokio::test]
async fn legacy_raw_echo_badkey() {
    let expected =
        "EchoMessage(value=InvalidCredentialException(message=\"Remote framework key is invalid\"))";
    assert_eq!(answer_to("", &echo("wrong", Object::Null)).await, [expected]);
}

#[tokio::test]
async fn legacy_raw_op_badkey_of_openicf() {
    let expected = exception(INVALID_CREDENTIAL, "Remote framework key is invalid");
    assert_eq!(answer_to("", &search().request("wrong")).await, [expected]);
}

#[tokio::test]
async fn legacy_raw_op_then_op() {
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    let dup = record(
        "Attribute",
        [
            ("name", text("__NAME__")),
            ("Values", Field::Object(Object::List(vec![Object::String("dup".to_owned())]))),
        ],
    );
    let attributes = Object::Set(icf_wire::binary::Set { case_insensitive: false, items: vec![dup] });
    let create = Operation::new("CreateApiOp", "create", vec![account(), attributes, Object::Null]);
    client.say(&create.request("changeit")).await;
    let failed = answers(&mut client, 1).await;
    assert!(failed[0].contains("AlreadyExistsException"), "{failed:?}");
    client.say(&Operation::new("TestApiOp", "test", vec![]).request("changeit")).await;
    assert_eq!(answers(&mut client, 1).await, ["OperationResponsePart()"]);
}

#[tokio::test]
async fn each_request_is_judged_by_its_own_key() {
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    for (key, known) in [("wrong", false), ("changeit", true), ("wrong", false), ("changeit", true)] {
        client.say(&hello(key, 16)).await;
        let answer = answers(&mut client, 1).await.remove(0);
        assert_eq!(answer.contains("live.bundle"), known, "{answer}");
    }
}

#[tokio::test]
async fn the_third_wrong_key_is_the_last() {
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    for _ in 0..4 {
        client.say(&hello("wrong", 16)).await;
    }
    assert_eq!(answers(&mut client, 9).await.len(), 3);
}

#[tokio::test]
async fn requests_that_were_sent_ahead_are_answered_in_turn() {
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    let mut said = Operation::new("TestApiOp", "test", vec![]).request("changeit");
    said.extend(search().request("changeit"));
    said.extend(echo("changeit", Object::Integer(7)));
    client.say(&said).await;
    let answers = answers(&mut client, 7).await;
    assert_eq!(answers[0], "OperationResponsePart()");
    assert!(answers[1..4].iter().all(|answer| answer.contains("ConnectorObject(")), "{answers:?}");
    assert_eq!(
        answers[4..],
        ["OperationResponseEnd()", "OperationResponsePart()", "EchoMessage(value=Integer(7))"]
    );
}

#[tokio::test]
async fn a_null_locale_is_taken_and_other_objects_are_not() {
    let [locale, key] = introduction("changeit");
    let request = record("HelloRequest", [("infoLevel", Field::I32(0))]);
    let empty = "HelloResponse(serverInfoMap=Map{}, ConnectorInfos=List[], ConnectorKeys=List[])".to_owned();
    for (said, expected) in [
        ([Object::Null, key.clone(), request.clone()], vec![empty]),
        ([Object::String("en".to_owned()), key.clone(), request.clone()], vec![]),
        ([locale.clone(), Object::Null, request.clone()], vec![]),
        ([locale.clone(), Object::String("changeit".to_owned()), request.clone()], vec![]),
        ([locale.clone(), key.clone(), Object::Null], vec![]),
        ([locale, key, record("OperationResponsePause", [])], vec![]),
    ] {
        assert_eq!(answer_to("", &said).await, expected, "{said:?}");
    }
}

#[tokio::test]
async fn what_cannot_travel_is_refused_with_a_reason() {
    for (class, method, reason) in [
        ("BatchApiOp", "executeBatch", "cannot carry the answers of a batch"),
        ("ConnectorEventSubscriptionApiOp", "subscribe", "cannot carry the events of a subscription"),
        ("SyncEventSubscriptionApiOp", "subscribe", "cannot carry the events of a subscription"),
        ("LiveSyncApiOp", "livesync", "cannot carry live synchronisation"),
        ("DiscoverConfigurationApiOp", "discoverConfiguration", "no connector of this server discovers"),
        ("Object", "wait", "there is no such operation"),
    ] {
        let request = Operation::new(class, method, vec![account(), Object::Null]).request("changeit");
        let server = start(vec![live::registration()], "").await;
        let mut client = Client::connect(address(&server)).await;
        // Each framework has names of its own.
        let theirs = if class.starts_with("Live") || class.starts_with("Discover") {
            Profile::CONNID_1_6
        } else {
            Profile::OpenIcf2
        };
        client.say_as(theirs, &request).await;
        let answer = answers(&mut client, 1).await.remove(0);
        assert!(answer.contains("java.lang.UnsupportedOperationException"), "{answer}");
        assert!(answer.contains(reason), "{answer}");
    }
}

#[tokio::test]
async fn arguments_that_make_no_sense_are_answered() {
    let illegal = "java.lang.IllegalArgumentException";
    let number = Object::Integer(1);
    let uid = record("Uid", [("uid", text("u1"))]);
    for (operation, class, message) in [
        (
            Operation::new("GetApiOp", "getObject", vec![Object::Null, uid.clone(), Object::Null]),
            "java.lang.NullPointerException",
            "Parameter 'objectClass' must not be null.",
        ),
        (
            Operation::new("GetApiOp", "getObject", vec![account(), number, Object::Null]),
            illegal,
            "Expected Uid, got Integer",
        ),
        (
            Operation::new("UpdateApiOp", "update", vec![account(), uid, Object::Null, Object::Null]),
            "java.lang.NullPointerException",
            "Parameter 'replaceAttributes' must not be null.",
        ),
        (
            Operation::new("TestApiOp", "test", vec![]).configured(&[("host", Object::Integer(1))]),
            "org.identityconnectors.framework.common.exceptions.ConfigurationException",
            "",
        ),
    ] {
        let name = operation.method;
        let answer = answer_to("", &operation.request("changeit")).await.remove(0);
        assert!(answer.contains(&format!("class={class:?}")) && answer.contains(message), "{name}: {answer}");
    }
}

#[tokio::test]
async fn surplus_arguments_do_no_harm() {
    let mut operation = search();
    operation.arguments.extend([Object::Null, Object::Integer(1)]);
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    client.say(&operation.request("changeit")).await;
    let answers = answers(&mut client, 5).await;
    assert_eq!(answers[3..], ["OperationResponseEnd()", "OperationResponsePart()"]);
}

#[tokio::test]
async fn anything_but_more_is_a_stop() {
    let many = || search().configured(&[("count", Object::Integer(1000))]).request("changeit");
    for (word, items) in [
        (record("OperationRequestStopData", []), 200),
        (Object::String("go on".to_owned()), 200),
        (record("OperationRequestMoreData", []), 400),
    ] {
        let server = start(vec![live::registration()], "").await;
        let mut client = Client::connect(address(&server)).await;
        client.say(&many()).await;
        let mut seen = answers(&mut client, 201).await;
        assert_eq!(seen.pop().as_deref(), Some("OperationResponsePause()"));
        client.say(&[word]).await;
        let rest = answers(&mut client, if items == 200 { 2 } else { 201 }).await;
        let expected: &[&str] = match items {
            200 => &["OperationResponseEnd()", "OperationResponsePart()"],
            _ => &["OperationResponsePause()"],
        };
        assert!(
            rest.ends_with(&expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()),
            "{rest:?}"
        );
        assert_eq!(seen.len() + rest.len() - expected.len(), items);
    }
}

#[tokio::test]
async fn an_update_by_differences_becomes_updates() {
    let list = |values: &[&str]| {
        Field::Object(Object::List(values.iter().map(|value| Object::String((*value).to_owned())).collect()))
    };
    let delta = record(
        "AttributeDelta",
        [
            ("Name", Field::Object(Object::String("mail".to_owned()))),
            ("ValuesToAdd", list(&["a"])),
            ("ValuesToRemove", list(&["b"])),
        ],
    );
    let deltas = Object::Set(icf_wire::binary::Set { case_insensitive: false, items: vec![delta] });
    let uid =
        record("Uid", [("uid", text("none")), ("nameHint", Field::Object(Object::Name("n".to_owned())))]);
    let update = |uid| {
        Operation::new("UpdateDeltaApiOp", "updateDelta", vec![account(), uid, deltas.clone(), Object::Null])
    };
    let known = record("Uid", [("uid", text("u1"))]);
    let lines = "connectorserver.legacyProfile=connid\n";
    assert_eq!(
        answer_to(lines, &update(known).request("changeit")).await,
        ["OperationResponsePart(result=Set[])"]
    );
    // The connector of the recordings knows that uid when it replaces only.
    assert_eq!(
        answer_to(lines, &update(uid).request("changeit")).await,
        ["OperationResponsePart(result=Set[])"]
    );
    let null = answer_to(lines, &update(Object::Null).request("changeit")).await.remove(0);
    assert!(null.contains("Parameter 'uid' must not be null."), "{null}");
}

#[tokio::test]
async fn a_reference_to_an_object_is_refused_rather_than_lost() {
    let reference = record("ConnectorObjectReference", [("Value", Field::Object(Object::Null))]);
    let attribute = record(
        "Attribute",
        [("name", text("manager")), ("Values", Field::Object(Object::List(vec![reference])))],
    );
    let attributes = Object::Set(icf_wire::binary::Set { case_insensitive: false, items: vec![attribute] });
    let create = Operation::new("CreateApiOp", "create", vec![account(), attributes, Object::Null]);
    let answer = answer_to("", &create.request("changeit")).await.remove(0);
    let expected = exception(
        "java.lang.IllegalArgumentException",
        "An object of type ConnectorObjectReference is not a value",
    );
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn the_start_time_stays_the_same() {
    let server = start(vec![live::registration()], "").await;
    let mut times = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect(address(&server)).await;
        client.say(&hello("changeit", 4)).await;
        let answer = client.next().await.expect("an answer");
        times.push(format!(
            "{:?}",
            answer.as_record("HelloResponse").expect("a hello").object("serverInfoMap")
        ));
    }
    assert_eq!(times[0], times[1]);
    assert!(times[0].contains("SERVER_START_TIME"), "{}", times[0]);
}
