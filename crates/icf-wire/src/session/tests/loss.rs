//! Links that die: what is repeated, what fails, what goes on.

use super::*;
use crate::envelope::{ConnectorEventSubscriptionOpRequest, ConnectorEventSubscriptionOpResponse};

fn searching_over(links: u64) -> (Net, RequestId, ExecutionId, i64) {
    let mut net = Net::new();
    for link in 1..=links {
        net.connect(link);
    }
    let request = net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.seen.clear();
    (net, request, execution, id)
}

fn expected(count: i64) -> Vec<String> {
    (1..=count).map(|n| format!("item {n}")).chain([format!("end {count}")]).collect()
}

#[test]
fn wire_c67_a_link_closed_mid_operation_does_not_hurt() {
    let (mut net, request, execution, id) = searching_over(2);
    net.send_item(execution, id, 1);
    let link = net.loaded_link();
    net.run();
    net.cut(link);
    net.send_item(execution, id, 2);
    net.advance(Duration::from_millis(300));
    while net.send_item(execution, id, 2) == Capacity::Wait {
        net.advance(Duration::from_millis(100));
    }
    net.finish(execution, &search_end(id, 2));
    net.run();
    assert_eq!(net.delivered(request), ["item 1", "item 2", "end 2"]);
}

#[test]
fn wire_c68_a_pending_operation_completes_after_a_reconnect() {
    let (mut net, request, execution, id) = searching_over(1);
    net.cut(1);
    assert_eq!(net.send_item(execution, id, 1), Capacity::Wait);
    net.advance(Duration::from_secs(60));
    net.connect(2);
    assert_eq!(net.send_item(execution, id, 1), Capacity::Ready);
    net.finish(execution, &search_end(id, 1));
    net.run();
    assert_eq!(net.delivered(request), ["item 1", "end 1"]);
}

#[test]
fn a_final_answer_given_while_no_link_is_there_is_kept() {
    let mut net = Net::new();
    net.connect(1);
    let request = net.submit(test_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.cut(1);
    net.finish(execution, &test_response(id));
    net.advance(Duration::from_secs(30));
    net.connect(2);
    assert_eq!(net.delivered(request), ["end"]);
}

#[test]
fn wire_c69_a_restarted_peer_is_a_new_group_and_the_old_one_ends_after_its_grace() {
    let (mut net, request, _, _) = searching_over(1);
    net.cut(1);
    net.rcs = Engine::new(EngineConfig::default(), session("RCS-AFTER-RESTART"));
    net.connect(2);
    assert_eq!(net.idm.groups().len(), 2);
    net.advance(Duration::from_secs(700));
    assert!(net.delivered(request).is_empty(), "not at once");
    net.advance(Duration::from_secs(30));
    assert_eq!(net.delivered(request).len(), 1);
    assert_eq!(net.idm.groups().len(), 1);
}

#[test]
fn wire_c81_unproven_items_are_repeated_after_a_pause_on_another_link() {
    let (mut net, request, execution, id) = searching_over(2);
    for sequence in 1..=10_000 {
        while net.send_item(execution, id, sequence) == Capacity::Wait {
            net.run();
            net.advance(Duration::from_millis(10));
        }
        if sequence == 9_900 {
            // Half of what is under way still arrives, the pongs do not.
            let link = net.loaded_link();
            for _ in 0..50 {
                net.deliver(link, Side::Rcs);
            }
            net.cut(link);
            let before = net.idm.counters().items_received;
            net.advance(Duration::from_millis(249));
            assert_eq!(net.idm.counters().items_received, before, "no copy sooner than 250 ms");
        }
    }
    net.finish(execution, &search_end(id, 10_000));
    net.run();
    assert!(net.idm.counters().items_repeated >= 50, "what had arrived came again");
    assert!(net.rcs.counters().messages_repeated > 50);
    assert_eq!(net.delivered(request), expected(10_000));
}

#[test]
fn wire_c81_each_item_is_seen_once_and_in_order() {
    let (mut net, request, execution, id) = searching_over(2);
    for sequence in 1..=500 {
        assert_eq!(net.send_item(execution, id, sequence), Capacity::Ready);
    }
    let link = net.loaded_link();
    for _ in 0..300 {
        net.deliver(link, Side::Rcs);
    }
    net.finish(execution, &search_end(id, 500));
    net.cut(link);
    net.advance(Duration::from_secs(1));
    assert_eq!(net.delivered(request), expected(500));
}

#[test]
fn wire_c82_a_single_answer_is_repeated() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(test_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.finish(execution, &test_response(id));
    let link = net.loaded_link();
    net.cut(link);
    assert!(net.delivered(request).is_empty());
    net.advance(Duration::from_millis(300));
    assert_eq!(net.delivered(request), ["end"]);
}

/// A subscription over two links, with one event handed out and not read; its link is the last part.
fn subscribed_with_an_event() -> (Net, RequestId, ExecutionId, i64, u64) {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(OperationRequest {
        connector_event_subscription_op_request: Some(ConnectorEventSubscriptionOpRequest::default()),
        ..operation()
    });
    net.run();
    let (execution, id) = net.started()[0];
    let now = net.now;
    assert_eq!(net.rcs.capacity(execution, now), Capacity::Ready);
    net.rcs.send_parts(execution, &mut one_part(event(id, false).to_bytes(), ResponseClass::Once), now);
    net.collect();
    let link = net.loaded_link();
    (net, request, execution, id, link)
}

fn event(id: i64, completed: bool) -> RemoteMessage {
    let connector_object = (!completed).then(Default::default);
    let part = ConnectorEventSubscriptionOpResponse { connector_object, completed };
    response(
        id,
        OperationResponse { connector_event_subscription_op_response: Some(part), ..Default::default() },
    )
}

#[test]
fn wire_c82_a_subscription_with_unproven_events_ends_as_retryable() {
    let (mut net, request, execution, _, link) = subscribed_with_an_event();
    net.cut(link);
    net.advance(Duration::from_millis(300));
    assert_eq!(net.cancelled(), [execution]);
    let outcome = net.delivered(request);
    assert_eq!(outcome.len(), 1);
    assert!(outcome[0].contains("RetryableException"), "{outcome:?}");
}

#[test]
fn an_event_does_not_overtake_one_on_a_link_that_was_ordered_to_close() {
    let (mut net, request, execution, _, link) = subscribed_with_an_event();
    // Nothing is read for so long that the link is closed all the same.
    let now = net.now;
    net.rcs.retire(LinkId(link), now);
    net.now += Duration::from_secs(31);
    let now = net.now;
    net.rcs.tick(now);
    assert_eq!(net.rcs.capacity(execution, now), Capacity::Wait);
    net.collect();
    net.cut(link);
    net.advance(Duration::from_millis(300));
    let outcome = net.delivered(request);
    assert_eq!(outcome.len(), 1, "{outcome:?}");
    assert!(outcome[0].contains("RetryableException"), "{outcome:?}");
}

#[test]
fn an_end_does_not_overtake_what_its_link_never_began_to_write() {
    let (mut net, request, execution, id, link) = subscribed_with_an_event();
    let now = net.now;
    net.rcs.kill(LinkId(link), "a test", now);
    net.rcs.finish(execution, &mut VecDeque::new(), event(id, true).to_bytes(), now);
    // The writer had not come to the event.
    let wire = net.wires.get_mut(&LinkId(link)).unwrap();
    *wire.handed_out.get_mut(&Side::Rcs).unwrap() -= 1;
    net.collect();
    net.run();
    assert_eq!(net.delivered(request), ["item", "end"]);
}

#[test]
fn wire_c83_a_half_open_link_is_dead_after_40_seconds_when_idle() {
    let (mut net, request, execution, id) = searching_over(2);
    net.run();
    // Link 1 swallows everything from now on.
    let start = net.now;
    let mut dead_after = None;
    while dead_after.is_none() && net.now < start + Duration::from_secs(60) {
        for side in [Side::Rcs, Side::Idm] {
            if let Some(wire) = net.wires.get_mut(&LinkId(1)) {
                wire.queues.get_mut(&side).unwrap().clear();
            }
        }
        net.now += Duration::from_millis(500);
        let now = net.now;
        net.rcs.tick(now);
        net.idm.tick(now);
        net.collect();
        while net.deliver(2, Side::Rcs) | net.deliver(2, Side::Idm) {}
        let killed = net.take(Side::Rcs, |action| matches!(action, Action::Kill { .. }).then_some(()));
        dead_after = (!killed.is_empty()).then(|| net.now - start);
    }
    let dead_after = dead_after.expect("the link was never found dead");
    assert!(dead_after <= Duration::from_secs(41), "{dead_after:?}");
    assert_eq!(net.rcs.groups()[0].links, [LinkId(2)]);
    assert_eq!(net.send_item(execution, id, 1), Capacity::Ready);
    net.finish(execution, &search_end(id, 1));
    net.run();
    assert_eq!(net.delivered(request), expected(1));
}

#[test]
fn wire_c84_without_links_a_stream_waits_and_goes_on() {
    let (mut net, request, execution, id) = searching_over(1);
    net.cut(1);
    let stored = net.rcs.groups()[0].backlog;
    for _ in 0..100 {
        assert_eq!(net.send_item(execution, id, 1), Capacity::Wait);
    }
    assert_eq!(net.rcs.groups()[0].backlog, stored, "nothing is stored for a stream that can wait");
    net.connect(2);
    assert_eq!(net.send_item(execution, id, 1), Capacity::Ready);
    net.finish(execution, &search_end(id, 1));
    net.run();
    assert_eq!(net.delivered(request), expected(1));
}

#[test]
fn wire_c84_after_the_grace_time_executions_are_cancelled_and_ids_start_again() {
    let (mut net, _, execution, id) = searching_over(1);
    net.cut(1);
    net.advance(Duration::from_secs(119));
    assert!(net.cancelled().is_empty());
    net.advance(Duration::from_secs(2));
    assert_eq!(net.cancelled(), [execution]);
    assert_eq!(net.send_item(execution, id, 1), Capacity::Gone);
    assert!(net.rcs.groups().is_empty());
    // A tenant that also forgot starts again at 1.
    net.idm = Engine::new(EngineConfig::default(), session("IDM"));
    net.connect(2);
    net.submit(test_request());
    net.run();
    assert_eq!(net.started()[0].1, 2);
}

#[test]
fn a_request_on_a_link_that_died_before_it_was_read_fails_as_lost() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(test_request());
    let link = net.wires.iter().find(|(_, wire)| !wire.queues[&Side::Idm].is_empty()).unwrap().0.0;
    net.cut(link);
    assert_eq!(
        net.delivered(request),
        ["failed: The link was lost while the request was being sent; it may or may not have been executed"]
    );
    net.run();
    assert!(net.started().is_empty());
}

#[test]
fn a_request_that_was_read_survives_its_link() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(test_request());
    let link = net.wires.iter().find(|(_, wire)| !wire.queues[&Side::Idm].is_empty()).unwrap().0.0;
    net.run();
    let (execution, id) = net.started()[0];
    net.cut(link);
    net.finish(execution, &test_response(id));
    net.run();
    assert_eq!(net.delivered(request), ["end"]);
}

#[test]
fn what_was_never_begun_to_be_written_goes_out_elsewhere_at_once() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let request = net.submit(test_request());
    let link = net.wires.iter().find(|(_, wire)| !wire.queues[&Side::Idm].is_empty()).unwrap().0.0;
    // The writer had not come to it yet.
    *net.wires.get_mut(&LinkId(link)).unwrap().handed_out.get_mut(&Side::Idm).unwrap() -= 1;
    net.cut(link);
    net.run();
    let (execution, id) = net.started()[0];
    net.finish(execution, &test_response(id));
    net.run();
    assert_eq!(net.delivered(request), ["end"]);
    assert_eq!(net.idm.counters().messages_repeated, 0);
}

/// An item of the search whose object is as large as that.
fn large_item(id: i64, sequence: i64, size: usize) -> RemoteMessage {
    let object = ConnectorObject { object_class: "x".into(), attributes: Bytes::from(vec![0; size]) };
    let search = SearchOpResponse { sequence, result: None, connector_object: Some(object) };
    search_message(id, search)
}

#[test]
fn wire_c80_a_message_too_large_for_the_peer_ends_its_request_and_is_not_repeated() {
    let (mut net, request, execution, id) = searching_over(2);
    let small = net.submit(test_request());
    net.run();
    let (answering, answer) = net.started()[0];
    net.send_item(execution, id, 1);
    let link = net.loaded_link();
    let now = net.now;
    let large = large_item(id, 2, 100_000).to_bytes();
    net.rcs.send_parts(execution, &mut one_part(large, ResponseClass::Exact), now);
    net.collect();
    // Perhaps on the same link.
    net.finish(answering, &test_response(answer));
    net.rcs.too_large(LinkId(link), now);
    net.cut(link);
    assert_eq!(net.cancelled(), [execution]);
    net.advance(Duration::from_millis(300));
    let delivered = net.delivered(request);
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    assert!(
        delivered[0].contains("larger than the peer accepts") && delivered[0].contains("1009"),
        "{delivered:?}"
    );
    assert!(delivered[0].contains("ConnectorException"), "asking again would not help: {delivered:?}");
    assert_eq!(net.delivered(small), ["end"]);
    assert_eq!(net.wires.len(), 1, "the other link stays");
}

#[test]
fn pings_can_be_read_as_protobuf_messages() {
    let mut net = Net::new();
    net.connect(1);
    net.advance(Duration::from_secs(19));
    let now = net.now;
    net.rcs.ping(LinkId(1), now);
    let Some(Action::Ping { payload, .. }) = net.rcs.next_action() else { panic!("no ping") };
    // Field 1, six bytes.
    assert_eq!(payload[..2], [0x0a, 0x06]);
}
