//! Replacing links while results flow.

use super::*;

/// What a retiring link is kept for after everything on it was proven.
const LINGER: Duration = Duration::from_millis(250);

#[test]
fn wire_c79_a_retiring_link_is_drained_closed_and_loses_nothing() {
    let mut net = Net::new();
    net.connect(1);
    let request = net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    for sequence in 1..=5 {
        net.send_item(execution, id, sequence);
    }
    net.connect(2);
    let now = net.now;
    net.rcs.retire(LinkId(1), now);
    net.collect();
    net.run();
    net.advance(LINGER);
    assert!(!net.wires.contains_key(&LinkId(1)), "closed once everything was proven");
    assert_eq!(net.send_item(execution, id, 6), Capacity::Ready);
    net.finish(execution, &search_end(id, 6));
    net.run();
    let delivered = net.delivered(request);
    assert_eq!(delivered.len(), 7);
    assert_eq!(delivered[6], "end 6");
    assert_eq!(net.idm.counters().items_repeated, 0);
    assert_eq!(net.rcs.counters().messages_repeated, 0);
}

#[test]
fn a_stream_does_not_overtake_itself_when_its_link_retires() {
    let mut net = Net::new();
    net.connect(1);
    net.submit(search_request());
    net.run();
    let (execution, id) = net.started()[0];
    net.connect(2);
    net.send_item(execution, id, 1);
    let (link, now) = (net.loaded_link(), net.now);
    net.rcs.retire(LinkId(link), now);
    net.collect();
    assert_eq!(net.send_item(execution, id, 2), Capacity::Wait, "item 1 is not proven yet");
    net.run();
    assert_eq!(net.send_item(execution, id, 2), Capacity::Ready);
}

#[test]
fn the_peer_stops_using_a_link_that_was_announced_as_closing() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let now = net.now;
    net.rcs.retire(LinkId(1), now);
    net.collect();
    // The notice arrives; the link is still open.
    net.deliver(1, Side::Rcs);
    let told = net.take(Side::Idm, |action| matches!(action, Action::LinkClosingSoon { .. }).then_some(()));
    assert_eq!(told.len(), 1);
    for _ in 0..4 {
        net.submit(test_request());
    }
    assert!(
        net.wires[&LinkId(1)].queues[&Side::Idm].iter().all(|frame| !matches!(frame, Frame::Message(_))),
        "requests go over the other link"
    );
    net.run();
    assert_eq!(net.started().len(), 4);
}

#[test]
fn a_request_written_to_a_link_that_is_being_closed_is_still_executed() {
    let mut net = Net::new();
    net.connect(1);
    let now = net.now;
    net.rcs.retire(LinkId(1), now);
    net.collect();
    // Everything the server sent, the close included, is still under way when the tenant asks.
    let request = net.submit(test_request());
    net.connect(2);
    net.run();
    let (execution, id) = net.started()[0];
    net.finish(execution, &test_response(id));
    net.run();
    assert_eq!(net.delivered(request), ["end"]);
}

/// A WebSocket that has sent its close answers no ping, so a request that arrived behind it could not be proven.
#[test]
fn a_link_is_not_closed_before_what_the_peer_wrote_meanwhile_is_proven() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let now = net.now;
    net.rcs.retire(LinkId(1), now);
    net.run();
    net.advance(LINGER - Duration::from_millis(1));
    assert!(net.wires.contains_key(&LinkId(1)), "closed as soon as its own messages were proven");
    net.advance(Duration::from_millis(1));
    assert!(!net.wires.contains_key(&LinkId(1)), "the engine's deadline did not come");
}

/// 10,000 rotations under 16 searches with 1,000,000 results between them: nothing lost, repeated or out of order.
#[test]
fn wire_c79_ten_thousand_rotations_lose_nothing() {
    const SEARCHES: usize = 16;
    const RESULTS: i64 = 1_000_000 / SEARCHES as i64;
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    let requests: Vec<_> = (0..SEARCHES).map(|_| net.submit(search_request())).collect();
    net.run();
    let started = net.started();
    let mut next = [1_i64; SEARCHES];
    let mut seen = vec![0_i64; SEARCHES];
    let mut newest = 2;
    let mut rotations = 0;
    let count = |net: &mut Net, seen: &mut Vec<i64>| {
        for (_, action) in std::mem::take(&mut net.seen) {
            let Action::Deliver { request, delivery } = action else { continue };
            let Some(which) = requests.iter().position(|candidate| *candidate == request) else { continue };
            match delivery {
                Delivery::Item(item) => {
                    seen[which] += 1;
                    assert_eq!(item.search_op_response.unwrap().sequence, seen[which]);
                }
                Delivery::End(end) => {
                    assert_eq!(end.search_op_response.unwrap().sequence, seen[which]);
                    seen[which] = -seen[which];
                }
                Delivery::Failed(failure) => panic!("{failure}"),
            }
        }
    };
    while seen.iter().any(|seen| *seen >= 0) {
        for which in 0..SEARCHES {
            let (execution, id) = started[which];
            for _ in 0..6 {
                if next[which] > RESULTS {
                    break;
                }
                if net.send_item(execution, id, next[which]) != Capacity::Ready {
                    break;
                }
                next[which] += 1;
                if next[which] > RESULTS {
                    net.finish(execution, &search_end(id, RESULTS));
                }
            }
        }
        // Only part of what is under way arrives before the next rotation.
        for link in [newest - 1, newest] {
            for _ in 0..40 {
                net.deliver(link, Side::Rcs);
                net.deliver(link, Side::Idm);
            }
        }
        if rotations < 10_000 {
            newest += 1;
            rotations += 1;
            net.open(newest);
            while net.rcs.group_of(LinkId(newest)).is_none() {
                net.deliver(newest, Side::Rcs);
                net.deliver(newest, Side::Idm);
            }
            let now = net.now;
            net.rcs.retire(LinkId(newest - 2), now);
        }
        net.run();
        net.now += Duration::from_millis(100);
        let now = net.now;
        net.rcs.tick(now);
        net.idm.tick(now);
        count(&mut net, &mut seen);
    }
    assert_eq!(rotations, 10_000);
    assert!(seen.iter().all(|seen| *seen == -RESULTS));
    assert_eq!(net.idm.counters().items_received, 1_000_000, "counted before duplicates are dropped");
    assert_eq!(net.idm.counters().items_repeated, 0);
    assert_eq!(net.rcs.counters().messages_repeated, 0);
}
