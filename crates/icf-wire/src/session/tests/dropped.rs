//! What a peer drops because it has not finished the handshake of the link yet, as Java does.

use super::*;
use crate::envelope::{ControlRequest, ExceptionMessage};

const DELAY: Duration = Duration::from_millis(250);

fn too_early(id: i64) -> RemoteMessage {
    let error = ExceptionMessage {
        exception_class: "org.identityconnectors.framework.common.exceptions.ConnectorException".to_owned(),
        message: "Connection received response before handshake".to_owned(),
        ..Default::default()
    };
    RemoteMessage::of_response(id, RpcResponse { error: Some(error), ..Default::default() })
}

fn question(id: i64) -> RemoteMessage {
    let control =
        ControlRequest { info_level: vec![0], local_request_id: vec![], remote_request_id: vec![id] };
    RemoteMessage::of_request(id, RpcRequest { control_request: Some(control), ..Default::default() })
}

fn connected() -> Net {
    let mut net = Net::new();
    net.connect(1);
    net.seen.clear();
    net
}

/// What the server writes now.
fn written(net: &mut Net) -> Vec<RemoteMessage> {
    std::iter::from_fn(|| net.rcs.next_action())
        .filter_map(|action| match action {
            Action::Write { bytes, .. } => RemoteMessage::from_bytes(bytes).ok(),
            _ => None,
        })
        .collect()
}

fn lists_for(id: i64, messages: &[RemoteMessage]) -> usize {
    let is_list = |message: &&RemoteMessage| {
        let control = message.response.as_ref().and_then(|response| response.control_response.as_ref());
        message.message_id == id && control.is_some_and(|control| control.connector_infos[..] == [0xaa, 0xbb])
    };
    messages.iter().filter(is_list).count()
}

fn receive(net: &mut Net, message: RemoteMessage) {
    let now = net.now;
    net.rcs.received(LinkId(1), message, now);
}

/// Passes time at the server alone; answers what it writes.
fn after(net: &mut Net, time: Duration) -> Vec<RemoteMessage> {
    net.now += time;
    let now = net.now;
    net.rcs.tick(now);
    written(net)
}

#[test]
fn a_connector_list_that_came_too_early_is_sent_again() {
    let mut net = connected();
    receive(&mut net, question(41));
    let sent = written(&mut net);
    assert_eq!(lists_for(41, &sent), 1);
    // The pong comes before the peer has read the message with its own eyes.
    for round in 1..=3 {
        receive(&mut net, too_early(41));
        assert!(net.rcs.next_deadline().is_some_and(|due| due <= net.now + DELAY), "round {round}");
        let sent = written(&mut net);
        assert_eq!(lists_for(41, &sent), 0);
        let sent = after(&mut net, DELAY);
        assert_eq!(lists_for(41, &sent), 1, "round {round}");
    }
}

#[test]
fn a_peer_that_is_never_ready_is_not_told_for_ever() {
    let mut net = connected();
    receive(&mut net, question(41));
    let mut lists = lists_for(41, &written(&mut net));
    for _ in 0..50 {
        receive(&mut net, too_early(41));
        let sent = after(&mut net, DELAY);
        lists += lists_for(41, &sent);
    }
    assert_eq!(lists, 9);
}

#[test]
fn results_that_came_too_early_are_sent_again_and_none_is_lost() {
    let mut net = connected();
    let request = net.submit(search_request());
    net.deliver(1, Side::Idm);
    let (execution, id) = net.started()[0];
    for sequence in 1..=3 {
        net.send_item(execution, id, sequence);
    }
    // The peer reads none of them.
    net.wires.get_mut(&LinkId(1)).unwrap().queues.get_mut(&Side::Rcs).unwrap().clear();
    // It complains of each.
    for _ in 1..=3 {
        receive(&mut net, too_early(id));
    }
    net.collect();
    net.finish(execution, &search_end(id, 3));
    net.run();
    assert!(net.delivered(request).is_empty(), "the end waits for what is missing");
    net.advance(DELAY);
    assert_eq!(net.delivered(request), ["item 1", "item 2", "item 3", "end 3"]);
}

#[test]
fn an_answer_that_cannot_be_sent_again_ends_with_an_error() {
    let mut net = connected();
    let request = net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    let now = net.now;
    let part = item(id, 1).to_bytes();
    net.rcs.send_parts(execution, &mut one_part(part, ResponseClass::Once), now);
    net.collect();
    net.wires.get_mut(&LinkId(1)).unwrap().queues.get_mut(&Side::Rcs).unwrap().clear();
    receive(&mut net, too_early(id));
    net.collect();
    assert_eq!(net.cancelled(), [execution]);
    net.advance(DELAY);
    let told = net.delivered(request);
    assert!(told.len() == 1 && told[0].contains("some were lost. Ask again."), "{told:?}");
}

#[test]
fn the_id_of_a_dropped_answer_is_not_taken_for_that_of_a_request() {
    let mut net = connected();
    let request = net.submit(search_request());
    net.run();
    let id = net.started()[0].1;
    // The tenant's request has the id that it complains about, but only as one of its own.
    let now = net.now;
    net.idm.received(LinkId(1), too_early(id), now);
    net.collect();
    assert!(net.delivered(request).is_empty());
    assert_eq!(net.idm.groups()[0].waiting_for, 1);
}
