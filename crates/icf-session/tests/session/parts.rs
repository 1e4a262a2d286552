//! Parts of answers: sent together, never kept back, never more than the peer has room for.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use icf::Flow;
use icf_session::{Execution, Handler, Session};
use icf_wire::envelope::{CancelOpRequest, RemoteMessage, RpcRequest};
use icf_wire::session::{Delivery, EngineConfig, ResponseClass};
use tokio::time::{Instant, sleep, timeout};

use crate::framing::{Raw, ask};
use crate::peers::{Nobody, Pair, handshake, search, search_part};

/// Makes as many parts as the class name says, sleeps for ten seconds, sends what it has, sleeps again and ends.
#[derive(Clone, Default)]
struct Sleeper {
    made: Arc<AtomicUsize>,
    stopped: Arc<AtomicUsize>,
}

impl Handler for Sleeper {
    fn start(&self, execution: Execution) {
        let this = self.clone();
        tokio::spawn(async move { this.run(execution).await });
    }
}

impl Sleeper {
    async fn run(self, execution: Execution) {
        let Execution { request, mut responder, .. } = execution;
        let count: i64 = request.search_op_request.unwrap().object_class.parse().unwrap();
        for sequence in 1..=count {
            if poll_fn(|cx| responder.poll_ready(cx)).await == Flow::Stop {
                self.stopped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            let part = RemoteMessage::of_response(responder.message_id(), search_part(sequence, true));
            responder.take(part.to_bytes(), ResponseClass::Exact);
            self.made.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_secs(10)).await;
        let _ = poll_fn(|cx| responder.poll_flush(cx)).await;
        sleep(Duration::from_secs(10)).await;
        responder.finish(search_part(count, false));
    }
}

fn pair() -> Pair {
    let (server, _) = Session::new(EngineConfig::default(), handshake("SERVER"), Sleeper::default());
    let (tenant, events) = Session::new(EngineConfig::default(), handshake("TENANT"), Nobody);
    Pair { server, tenant, events }
}

/// How many items came in which second, and in which second the end.
async fn course(count: usize) -> (Vec<(u64, usize)>, u64) {
    let pair = pair();
    pair.connect().await;
    let started = Instant::now();
    let mut pending = pair.ask(search(count)).await;
    let mut items: Vec<(u64, usize)> = Vec::new();
    loop {
        let part = pending.next().await;
        let second = started.elapsed().as_secs();
        match part {
            Some(Delivery::Item(_)) => match items.last_mut() {
                Some((last, count)) if *last == second => *count += 1,
                _ => items.push((second, 1)),
            },
            Some(Delivery::End(_)) => return (items, second),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn parts_leave_when_they_are_asked_to_and_the_end_follows() {
    assert_eq!(course(3).await, (vec![(10, 3)], 20));
}

#[tokio::test(start_paused = true)]
async fn many_parts_leave_together_without_being_asked_to() {
    // By their number: 64 at a time, when the next one comes.
    assert_eq!(course(129).await, (vec![(0, 128), (10, 1)], 20));
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_never_further_ahead_of_its_peer_than_the_window_and_one_set_of_parts() {
    let sleeper = Sleeper::default();
    let mut raw = Raw::connect_to(sleeper.clone()).await;
    raw.ask(5, search(100_000)).await;
    // Nothing is read, so no ping is answered.
    sleep(Duration::from_secs(5)).await;
    let made = sleeper.made.load(Ordering::Relaxed);
    let window = EngineConfig::default().window_messages;
    assert!((window..=window + 64).contains(&made), "{made}");

    let cancel = RpcRequest { cancel_op_request: Some(CancelOpRequest {}), ..Default::default() };
    raw.send(RemoteMessage::of_request(5, cancel)).await;
    let stopped = async {
        while sleeper.stopped.load(Ordering::Relaxed) == 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(2), stopped).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_dropped_answer_comes_before_its_error() {
    struct Forgetful;
    impl Handler for Forgetful {
        fn start(&self, execution: Execution) {
            let mut responder = execution.responder;
            let part = RemoteMessage::of_response(responder.message_id(), search_part(1, true));
            responder.take(part.to_bytes(), ResponseClass::Exact);
        }
    }
    let mut raw = Raw::connect_to(Forgetful).await;
    raw.send(ask(5, search(1))).await;
    assert!(raw.next().await.response.unwrap().operation_response.is_some());
    assert!(raw.next().await.response.unwrap().error.is_some());
}
