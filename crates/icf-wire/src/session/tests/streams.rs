//! Searches, subscriptions and batches: order, duplicates, back-pressure, cancel.

use super::*;
use crate::envelope::{
    BatchOpRequest, BatchOpResult, ConnectorEventSubscriptionOpRequest, ConnectorEventSubscriptionOpResponse,
    Uid,
};

fn searching() -> (Net, RequestId, ExecutionId, i64) {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.seen.clear();
    (net, request, execution, id)
}

/// Lets a message of the server arrive at the tenant on a link of choice.
fn arrive(net: &mut Net, link: u64, message: RemoteMessage) {
    let now = net.now;
    net.idm.received(LinkId(link), message, now);
    net.collect();
}

#[test]
fn wire_c45_items_come_before_the_end_in_order() {
    let (mut net, request, execution, id) = searching();
    for sequence in 1..=2 {
        assert_eq!(net.send_item(execution, id, sequence), Capacity::Ready);
    }
    net.finish(execution, &search_end(id, 2));
    net.run();
    assert_eq!(net.delivered(request), ["item 1", "item 2", "end 2"]);
}

#[test]
fn wire_c47_items_out_of_order_are_put_in_order() {
    let (mut net, request, _, id) = searching();
    arrive(&mut net, 2, item(id, 2));
    assert!(net.delivered(request).is_empty());
    arrive(&mut net, 1, item(id, 1));
    arrive(&mut net, 1, search_end(id, 2));
    assert_eq!(net.delivered(request), ["item 1", "item 2", "end 2"]);
}

#[test]
fn wire_c48_an_end_waits_for_the_missing_item() {
    let (mut net, request, _, id) = searching();
    arrive(&mut net, 1, item(id, 1));
    arrive(&mut net, 1, search_end(id, 2));
    assert_eq!(net.delivered(request), ["item 1"]);
    arrive(&mut net, 2, item(id, 2));
    assert_eq!(net.delivered(request), ["item 2", "end 2"]);
}

#[test]
fn wire_c49_a_repeated_item_is_delivered_once_and_counted() {
    let (mut net, request, _, id) = searching();
    arrive(&mut net, 1, item(id, 1));
    arrive(&mut net, 2, item(id, 1));
    assert_eq!(net.delivered(request), ["item 1"]);
    assert_eq!((net.idm.counters().items_received, net.idm.counters().items_repeated), (2, 1));
}

#[test]
fn wire_c50_an_error_ends_a_search_after_its_items() {
    let (mut net, request, _, id) = searching();
    arrive(&mut net, 1, item(id, 1));
    arrive(&mut net, 1, Engine::error_response(id, "E", "broken"));
    assert_eq!(net.delivered(request), ["item 1", "failed: E: broken"]);
    arrive(&mut net, 1, item(id, 2));
    assert!(net.delivered(request).is_empty());
}

#[test]
fn wire_c51_a_handler_that_stops_sends_one_cancel_and_hears_no_more() {
    let (mut net, request, execution, id) = searching();
    net.send_item(execution, id, 1);
    net.run();
    assert_eq!(net.delivered(request), ["item 1"]);
    let now = net.now;
    net.idm.cancel(request, now);
    net.idm.cancel(request, now);
    net.run();
    assert_eq!(net.cancelled(), [execution]);
    arrive(&mut net, 1, item(id, 2));
    assert!(net.delivered(request).is_empty());
}

#[test]
fn wire_c52_a_cancelled_search_stops_and_leaves_the_tables() {
    let (mut net, request, execution, id) = searching();
    let now = net.now;
    net.idm.cancel(request, now);
    net.run();
    assert_eq!(net.send_item(execution, id, 1), Capacity::Gone);
    assert_eq!(net.rcs.groups()[0].executing, 0);
    assert_eq!(net.idm.groups()[0].waiting_for, 0);
}

#[test]
fn a_stream_waits_at_the_window_and_goes_on_after_the_pong() {
    let (mut net, request, execution, id) = searching();
    let mut sent = 0;
    while net.send_item(execution, id, sent + 1) == Capacity::Ready {
        sent += 1;
    }
    assert_eq!(sent, EngineConfig::default().window_messages as i64);
    net.run();
    assert_eq!(net.delivered(request).len(), sent as usize);
    let room = net.take(Side::Rcs, |action| matches!(action, Action::Unblocked { .. }).then_some(()));
    assert!(!room.is_empty());
    assert_eq!(net.send_item(execution, id, sent + 1), Capacity::Ready);
}

#[test]
fn one_message_larger_than_the_window_passes_alone() {
    let (mut net, _, execution, id) = searching();
    net.run();
    let now = net.now;
    let large = Bytes::from(vec![0; EngineConfig::default().window_bytes * 2]);
    assert_eq!(net.rcs.capacity(execution, now), Capacity::Ready);
    net.rcs.send_parts(execution, &mut one_part(large, ResponseClass::Exact), now);
    assert_eq!(net.send_item(execution, id, 2), Capacity::Wait);
}

#[test]
fn a_peer_that_never_reads_is_cut_off() {
    let small = EngineConfig { hard_messages: 50, ..Default::default() };
    let mut net = Net::with(small, EngineConfig::default());
    net.connect(1);
    let now = net.now;
    for id in 0..60 {
        net.rcs.received(LinkId(1), RemoteMessage { message_id: id, ..Default::default() }, now);
    }
    net.collect();
    let killed = net.take(Side::Rcs, |action| matches!(action, Action::Kill { .. }).then_some(()));
    assert_eq!(killed.len(), 1);
}

fn subscribe() -> OperationRequest {
    OperationRequest {
        connector_event_subscription_op_request: Some(ConnectorEventSubscriptionOpRequest::default()),
        ..operation()
    }
}

fn event(id: i64, object: bool, completed: bool) -> RemoteMessage {
    let connector_object = object.then(Default::default);
    let part = ConnectorEventSubscriptionOpResponse { connector_object, completed };
    response(
        id,
        OperationResponse { connector_event_subscription_op_response: Some(part), ..Default::default() },
    )
}

#[test]
fn wire_c61_a_subscription_is_confirmed_brings_events_and_completes() {
    let mut net = Net::new();
    net.connect(1);
    let request = net.submit(subscribe());
    net.run();
    let (execution, id) = net.started()[0];
    let now = net.now;
    for part in [event(id, false, false), event(id, true, false), event(id, true, false)] {
        assert_eq!(net.rcs.capacity(execution, now), Capacity::Ready);
        net.rcs.send_parts(execution, &mut one_part(part.to_bytes(), ResponseClass::Once), now);
    }
    net.finish(execution, &event(id, false, true));
    net.run();
    assert_eq!(net.delivered(request), ["item", "item", "item", "end"]);
    assert_eq!(net.rcs.groups()[0].executing, 0);
    assert_eq!(net.idm.groups()[0].waiting_for, 0);
}

#[test]
fn wire_c62_cancelling_a_subscription_awaits_no_answer() {
    let mut net = Net::new();
    net.connect(1);
    let request = net.submit(subscribe());
    net.run();
    let (execution, _) = net.started()[0];
    let now = net.now;
    net.idm.cancel(request, now);
    assert_eq!(net.idm.groups()[0].waiting_for, 0);
    net.run();
    assert_eq!(net.cancelled(), [execution]);
}

fn batch(id: i64, result: BatchOpResult) -> RemoteMessage {
    response(id, OperationResponse { batch_op_result: Some(result), ..Default::default() })
}

fn batch_result(id: i64, task: usize, complete: bool) -> RemoteMessage {
    let uid = Some(Uid { value: format!("u{task}"), ..Default::default() });
    batch(id, BatchOpResult { task_id: task.to_string(), uid, complete, ..Default::default() })
}

fn batching() -> (Net, RequestId, i64) {
    let mut net = Net::new();
    net.connect(1);
    let request =
        net.submit(OperationRequest { batch_op_request: Some(BatchOpRequest::default()), ..operation() });
    net.run();
    let (_, id) = net.started()[0];
    (net, request, id)
}

#[test]
fn wire_c63_batch_results_are_delivered_by_task_index() {
    let (mut net, request, id) = batching();
    arrive(&mut net, 1, batch_result(id, 1, true));
    assert!(net.delivered(request).is_empty());
    arrive(&mut net, 1, batch_result(id, 0, false));
    assert_eq!(net.delivered(request), ["item", "item"]);
    arrive(&mut net, 1, batch(id, BatchOpResult { returns_results: true, ..Default::default() }));
    arrive(&mut net, 1, batch(id, BatchOpResult { complete: true, ..Default::default() }));
    assert_eq!(net.delivered(request), ["item", "end"]);
}

#[test]
fn wire_c64_a_batch_that_ends_without_completion_ends_after_five_seconds() {
    let (mut net, request, id) = batching();
    arrive(&mut net, 1, batch_result(id, 0, false));
    arrive(&mut net, 1, batch(id, BatchOpResult::default()));
    assert_eq!(net.delivered(request), ["item", "item"]);
    net.advance(Duration::from_secs(4));
    assert!(net.delivered(request).is_empty());
    net.advance(Duration::from_secs(2));
    assert_eq!(net.delivered(request), ["end"]);
}

#[test]
fn batch_results_that_wait_for_a_missing_one_are_bounded() {
    let config = EngineConfig { max_reordered: 10, ..EngineConfig::default() };
    let mut net = Net::with(EngineConfig::default(), config);
    net.connect(1);
    let request =
        net.submit(OperationRequest { batch_op_request: Some(BatchOpRequest::default()), ..operation() });
    net.run();
    let (_, id) = net.started()[0];
    for task in 1..=10 {
        arrive(&mut net, 1, batch_result(id, task, false));
    }
    assert!(net.delivered(request).is_empty());
    arrive(&mut net, 1, batch_result(id, 11, false));
    let expected = format!("failed: {}", Failure::TooManyHeldBack);
    assert_eq!(net.delivered(request), [expected]);
}
