//! Requests with one answer: ids, duplicates, cancel, unknown messages.

use super::*;
use crate::envelope::{ConfigurationChangeEvent, ExceptionMessage};

fn one_link() -> Net {
    let mut net = Net::new();
    net.connect(1);
    net.seen.clear();
    net
}

/// Lets the tenant send a raw message and answers what the server writes back.
fn raw(net: &mut Net, message: &RemoteMessage) -> Vec<RemoteMessage> {
    let now = net.now;
    net.rcs.received(LinkId(1), message.clone(), now);
    std::iter::from_fn(|| net.rcs.next_action())
        .filter_map(|action| match action {
            Action::Write { bytes, .. } => Some(RemoteMessage::from_bytes(bytes).unwrap()),
            other => {
                net.seen.push((Side::Rcs, other));
                None
            }
        })
        .collect()
}

fn error_of(message: &RemoteMessage) -> ExceptionMessage {
    message.response.clone().unwrap().error.unwrap()
}

fn with_id(id: i64, request: OperationRequest) -> RemoteMessage {
    RemoteMessage::of_request(
        id,
        RpcRequest { operation_request: Some(Box::new(request)), ..Default::default() },
    )
}

fn cancel(id: i64) -> RemoteMessage {
    let request = RpcRequest { cancel_op_request: Some(Default::default()), ..Default::default() };
    RemoteMessage::of_request(id, request)
}

#[test]
fn a_request_is_executed_and_its_answer_delivered_once() {
    let mut net = one_link();
    let request = net.submit(test_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.finish(execution, &test_response(id));
    net.run();
    assert_eq!(net.delivered(request), ["end"]);
    net.finish(execution, &test_response(id));
    net.run();
    assert!(net.delivered(request).is_empty());
}

#[test]
fn wire_c35_a_message_without_content_is_answered_with_an_error() {
    let mut net = one_link();
    let written = raw(&mut net, &RemoteMessage { message_id: 1, ..Default::default() });
    assert_eq!(written[0].message_id, 1);
    assert_eq!(error_of(&written[0]).message, "Unknown RemoteMessage");
}

#[test]
fn wire_c36_a_request_without_content_is_answered_with_an_error() {
    let mut net = one_link();
    let written = raw(&mut net, &RemoteMessage::of_request(2, RpcRequest::default()));
    assert_eq!(written[0].message_id, 2);
    assert_eq!(error_of(&written[0]).message, "Unknown Request message");
}

#[test]
fn an_empty_response_is_not_answered_since_the_answer_could_hit_a_request() {
    let mut net = one_link();
    assert!(raw(&mut net, &RemoteMessage::of_response(2, RpcResponse::default())).is_empty());
}

#[test]
fn wire_c53_a_cancel_that_overtook_its_operation_prevents_it() {
    let mut net = one_link();
    assert!(raw(&mut net, &cancel(9)).is_empty());
    assert!(raw(&mut net, &with_id(9, test_request())).is_empty());
    assert!(net.started().is_empty());
    raw(&mut net, &cancel(10));
    net.now += Duration::from_secs(61);
    raw(&mut net, &with_id(10, test_request()));
    assert_eq!(net.started().len(), 1, "a parked cancel expires");
}

#[test]
fn cancels_that_wait_for_their_operations_are_bounded() {
    let config = EngineConfig { max_executions: 3, ..EngineConfig::default() };
    let mut net = Net::with(config, EngineConfig::default());
    net.connect(1);
    let now = net.now;
    for id in 101..=104 {
        net.rcs.received(LinkId(1), cancel(id), now);
    }
    for id in 101..=104 {
        let request = RpcRequest { operation_request: Some(Box::new(test_request())), ..Default::default() };
        net.rcs.received(LinkId(1), RemoteMessage::of_request(id, request), now);
    }
    net.collect();
    let started: Vec<_> = net.started().into_iter().map(|(_, id)| id).collect();
    assert_eq!(started, [104], "the fourth was not kept");
}

#[test]
fn wire_c54_a_cancel_of_nothing_is_not_answered() {
    let mut net = one_link();
    assert!(raw(&mut net, &cancel(4711)).is_empty());
}

#[test]
fn wire_c55_a_second_request_of_a_running_id_is_refused() {
    let mut net = one_link();
    raw(&mut net, &with_id(5, test_request()));
    let written = raw(&mut net, &with_id(5, test_request()));
    let error = error_of(&written[0]);
    assert_eq!(error.exception_class, "java.lang.IllegalStateException");
    assert_eq!(error.message, "Request has been registered with id: 5");
    let started = net.started();
    assert_eq!(started.len(), 1);
    net.finish(started[0].0, &test_response(5));
    assert_eq!(raw(&mut net, &with_id(5, test_request())).len(), 0, "free again once it ended");
}

#[test]
fn wire_c72_a_negative_id_is_an_id() {
    let mut net = one_link();
    raw(&mut net, &with_id(-1, test_request()));
    let (_, id) = net.started()[0];
    assert_eq!(id, -1);
    raw(&mut net, &cancel(-1));
    assert_eq!(net.cancelled().len(), 1);
}

#[test]
fn wire_c73_without_a_link_a_request_is_refused_at_once() {
    let mut net = one_link();
    net.cut(1);
    let (group, now) = (net.group(Side::Idm), net.now);
    assert_eq!(net.idm.submit(group, test_request(), now), Err(NoLink));
}

#[test]
fn wire_c76_an_error_without_cause_stays_without_cause() {
    let mut net = one_link();
    let request = net.submit(test_request());
    net.run();
    let (execution, id) = net.started()[0];
    let error = ExceptionMessage { exception_class: "E".into(), message: "m".into(), ..Default::default() };
    let answer = RpcResponse { error: Some(error), ..Default::default() };
    net.finish(execution, &RemoteMessage::of_response(id, answer));
    net.run();
    let failures = net.take(Side::Idm, |action| match action {
        Action::Deliver { request: to, delivery: Delivery::Failed(Failure::Remote(error)) }
            if *to == request =>
        {
            Some(error.inner_cause.clone())
        }
        _ => None,
    });
    assert_eq!(failures, [None]);
}

#[test]
fn wire_c78_a_shutdown_cancels_requests_then_closes() {
    let mut net = one_link();
    let request = net.submit(search_request());
    net.run();
    let (execution, _) = net.started()[0];
    let now = net.now;
    net.idm.shutdown(now);
    net.run();
    assert_eq!(net.cancelled(), [execution], "the cancel arrives before the close");
    assert_eq!(net.delivered(request), ["failed: The connection to the connector server is being closed"]);
    assert!(net.wires.is_empty());
}

#[test]
fn a_shutdown_hands_back_what_was_read_and_not_answered() {
    let mut net = one_link();
    let request = net.submit(search_request());
    net.run();
    let (execution, _) = net.started()[0];
    let now = net.now;
    net.rcs.shutdown(now);
    net.run();
    let handed_back = "failed: org.identityconnectors.framework.common.exceptions.RetryableException: \
                       The connector server stopped before it had an answer; try again";
    assert_eq!(net.delivered(request), [handed_back], "the answer arrives before the close");
    assert_eq!(net.cancelled(), [execution]);
    assert!(net.wires.is_empty());
}

#[test]
fn wire_c65_a_configuration_change_travels_without_id_and_answer() {
    let mut net = one_link();
    let (group, now) = (net.group(Side::Rcs), net.now);
    net.rcs.notify_configuration_change(group, Bytes::from_static(b"QQ=="), Bytes::from_static(b"p"), now);
    let event = ConfigurationChangeEvent { configuration_property_change: Bytes::from_static(b"p") };
    let expected = OperationRequest {
        connector_facade_key: Bytes::from_static(b"QQ=="),
        configuration_change_event: Some(event),
        ..Default::default()
    };
    let Some(Action::Write { bytes, .. }) = net.rcs.next_action() else { panic!("nothing written") };
    assert_eq!(RemoteMessage::from_bytes(bytes.clone()).unwrap(), with_id(0, expected));
    net.perform(Side::Rcs, Action::Write { link: LinkId(1), bytes });
    net.run();
    let told = net.take(Side::Idm, |action| match action {
        Action::ConfigurationChanged { facade_key, .. } => Some(facade_key.clone()),
        _ => None,
    });
    assert_eq!(told, [Bytes::from_static(b"QQ==")]);
}

#[test]
fn a_configuration_change_waits_for_a_link() {
    let mut net = one_link();
    net.cut(1);
    let (group, now) = (net.group(Side::Rcs), net.now);
    net.rcs.notify_configuration_change(group, Bytes::from_static(b"k"), Bytes::new(), now);
    net.connect(2);
    net.advance(Duration::from_millis(300));
    let told =
        net.take(Side::Idm, |action| matches!(action, Action::ConfigurationChanged { .. }).then_some(()));
    assert_eq!(told.len(), 1);
}

#[test]
fn too_many_operations_are_refused_as_retryable() {
    let mut net =
        Net::with(EngineConfig { max_executions: 2, ..Default::default() }, EngineConfig::default());
    net.connect(1);
    for id in 5..7 {
        assert!(raw(&mut net, &with_id(id, test_request())).is_empty());
    }
    let refused = raw(&mut net, &with_id(7, test_request()));
    assert!(error_of(&refused[0]).exception_class.ends_with(".RetryableException"));
}
