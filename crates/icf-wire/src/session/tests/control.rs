//! Control messages: connector lists, heartbeats, reconciliation of request ids.

use super::*;
use crate::envelope::{ControlRequest, ControlResponse};

fn control(id: i64, levels: Vec<i32>, local: Vec<i64>, remote: Vec<i64>) -> RemoteMessage {
    let control = ControlRequest { info_level: levels, local_request_id: local, remote_request_id: remote };
    RemoteMessage::of_request(id, RpcRequest { control_request: Some(control), ..Default::default() })
}

fn connected() -> Net {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    net.seen.clear();
    net
}

fn answer_to(net: &mut Net, link: u64, message: RemoteMessage) -> (LinkId, RemoteMessage) {
    let now = net.now;
    net.rcs.received(LinkId(link), message, now);
    match net.rcs.next_action() {
        Some(Action::Write { link, bytes }) => (link, RemoteMessage::from_bytes(bytes).unwrap()),
        other => panic!("expected an answer, got {other:?}"),
    }
}

fn infos(message: &RemoteMessage) -> Bytes {
    message.response.clone().unwrap().control_response.unwrap().connector_infos
}

#[test]
fn wire_c25_the_connector_list_is_answered_on_the_same_link_every_time() {
    let mut net = connected();
    for id in [41, 42] {
        let (link, answer) = answer_to(&mut net, 2, control(id, vec![0], vec![], vec![id]));
        assert_eq!(link, LinkId(2));
        assert_eq!(answer.message_id, id);
        assert_eq!(infos(&answer), Bytes::from_static(&[0xaa, 0xbb]));
    }
}

#[test]
fn wire_c26_an_empty_connector_list_is_accepted_and_not_asked_again() {
    let mut net = connected();
    // The tenant answered the server's question with an empty response.
    net.advance(Duration::from_secs(200));
    let asked = net.rcs.groups()[0].waiting_for;
    assert_eq!(asked, 0);
    let told = net.take(Side::Rcs, |action| match action {
        Action::ConnectorInfos { infos, .. } => Some(infos.clone()),
        _ => None,
    });
    assert!(told.is_empty(), "heartbeats do not ask for the list");
}

#[test]
fn wire_c27_a_heartbeat_is_answered_with_an_empty_response() {
    let mut net = connected();
    let (_, answer) = answer_to(&mut net, 1, control(5, vec![], vec![3, 4], vec![5, 2, 300]));
    let bytes: String = answer.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(bytes, "08051a021200");
}

#[test]
fn an_error_to_the_connector_list_is_followed_by_one_more_question() {
    let mut engine = Engine::new(EngineConfig::default(), session("RCS"));
    let now = Instant::now();
    engine.opened(LinkId(1), Role::Dialer, "x", now);
    let hello = RpcResponse { handshake_message: Some(session("IDM")), ..Default::default() };
    engine.received(LinkId(1), RemoteMessage::of_response(0, hello), now);
    let questions = |engine: &mut Engine| {
        std::iter::from_fn(|| engine.next_action())
            .filter_map(|action| match action {
                Action::Write { bytes, .. } => {
                    RemoteMessage::from_bytes(bytes).unwrap().request?.control_request
                }
                _ => None,
            })
            .count()
    };
    assert_eq!(questions(&mut engine), 1);
    for (id, expected) in [(1, 1), (2, 0)] {
        engine.received(LinkId(1), Engine::error_response(id, "E", "no"), now);
        assert_eq!(questions(&mut engine), expected, "after error to id {id}");
    }
}

#[test]
fn a_peer_that_loses_the_question_for_its_connectors_is_asked_again_ever_less_often() {
    let idm = EngineConfig { ask_again: Some(Duration::from_secs(2)), ..EngineConfig::default() };
    let mut net = Net::with(EngineConfig::default(), idm);
    net.open(1);
    net.deliver(1, Side::Rcs);
    net.deliver(1, Side::Idm);
    let start = net.now;
    // The answer to the handshake arrived, and from now on the server loses what it is asked.
    let mut asked = Vec::new();
    for second in 0..40 {
        net.now = start + Duration::from_secs(second);
        let now = net.now;
        net.idm.tick(now);
        while let Some(action) = net.idm.next_action() {
            let bytes = match action {
                Action::Write { bytes, .. } => bytes,
                Action::Ping { link, payload } => {
                    net.idm.pong(link, &payload, now);
                    continue;
                }
                _ => continue,
            };
            let control = RemoteMessage::from_bytes(bytes).unwrap().request.unwrap().control_request.unwrap();
            assert_eq!(control.info_level, [0]);
            // All questions are under way, and none of them is left out.
            assert_eq!(
                control.remote_request_id,
                (1..=i64::try_from(asked.len()).unwrap() + 2).collect::<Vec<_>>()
            );
            asked.push(second);
        }
    }
    assert_eq!(asked, [2, 6, 14, 30]);
}

#[test]
fn a_peer_that_has_said_what_it_offers_is_not_asked_again() {
    let idm = EngineConfig { ask_again: Some(Duration::from_secs(2)), ..EngineConfig::default() };
    let mut net = Net::with(EngineConfig::default(), idm);
    net.connect(1);
    net.advance(Duration::from_secs(50));
    let told = net.take(Side::Idm, |action| matches!(action, Action::ConnectorInfos { .. }).then_some(()));
    assert_eq!(told.len(), 1);
}

#[test]
fn wire_c70_a_request_the_peer_does_not_list_three_times_fails_at_the_next_check() {
    let mut net = connected();
    let request = net.submit(test_request());
    let group = net.group(Side::Idm);
    let now = net.now;
    for id in 100..103 {
        net.idm.received(LinkId(1), control(id, vec![], vec![], vec![id]), now);
        net.collect();
        assert!(net.delivered(request).is_empty());
    }
    net.idm.check_now(group, now);
    net.collect();
    assert_eq!(net.delivered(request), ["failed: Operation finished on remote server with unknown result"]);
}

#[test]
fn an_execution_the_peer_does_not_wait_for_is_cancelled() {
    let mut net = connected();
    net.submit(search_request());
    net.run();
    let (execution, _) = net.started()[0];
    let (group, now) = (net.group(Side::Rcs), net.now);
    for id in 100..103 {
        net.rcs.received(LinkId(1), control(id, vec![], vec![], vec![id]), now);
    }
    net.rcs.check_now(group, now);
    net.collect();
    assert_eq!(net.cancelled(), [execution]);
}

#[test]
fn wire_c71_a_long_operation_is_listed_in_every_heartbeat_and_survives() {
    let mut net = connected();
    let request = net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.advance(Duration::from_secs(20 * 60));
    assert!(net.cancelled().is_empty());
    assert!(net.delivered(request).is_empty());
    assert_eq!(net.rcs.groups()[0].executing, 1);
    net.finish(execution, &search_end(id, 0));
    net.run();
    assert_eq!(net.delivered(request), ["end 0"]);
}

#[test]
fn wire_c71_the_lists_are_exact_and_hold_the_control_requests_own_id() {
    let mut net = connected();
    net.submit(search_request());
    net.run();
    let (_, id) = net.started()[0];
    let (group, now) = (net.group(Side::Rcs), net.now);
    net.rcs.check_now(group, now);
    let sent = std::iter::from_fn(|| net.rcs.next_action())
        .find_map(|action| match action {
            Action::Write { bytes, .. } => RemoteMessage::from_bytes(bytes).ok(),
            _ => None,
        })
        .unwrap();
    let control = sent.request.unwrap().control_request.unwrap();
    assert_eq!(control.local_request_id, [id]);
    assert_eq!(control.remote_request_id, [sent.message_id]);
    assert!(control.info_level.is_empty());
}

#[test]
fn answers_to_control_requests_leave_no_trace() {
    let mut net = connected();
    net.advance(Duration::from_secs(600));
    let now = net.now;
    net.idm.received(
        LinkId(1),
        RemoteMessage::of_response(
            7777,
            RpcResponse { control_response: Some(ControlResponse::default()), ..Default::default() },
        ),
        now,
    );
    for side in [Side::Rcs, Side::Idm] {
        assert_eq!(net.engine(side).groups()[0].waiting_for, 0);
    }
}
