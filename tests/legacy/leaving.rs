//! Clients that leave, and a server that stops.

use std::time::{Duration, Instant};

use icf_wire::binary::Object;
use rcs::serve::Server;
use tokio::time::sleep;

use crate::live;
use crate::printed::print;
use crate::requests::{Operation, account, hello, record, search, text};
use crate::server::{Client, HANG_GUARD, address, start};

/// A creation that takes so many milliseconds.
fn slow(milliseconds: i64) -> Vec<Object> {
    let name = record(
        "Attribute",
        [
            ("name", text("__NAME__")),
            (
                "Values",
                icf_wire::binary::Field::Object(Object::List(vec![Object::String("slow".to_owned())])),
            ),
        ],
    );
    let attributes = Object::Set(icf_wire::binary::Set { case_insensitive: false, items: vec![name] });
    Operation::new("CreateApiOp", "create", vec![account(), attributes, Object::Null])
        .configured(&[("delay", Object::Long(milliseconds))])
        .request("changeit")
}

async fn until_running(server: &Server, expected: usize) {
    let until = Instant::now() + HANG_GUARD;
    while server.dispatcher().running() != expected {
        assert!(Instant::now() < until, "{} operations run", server.dispatcher().running());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_operation_with_it() {
    let server = start(vec![live::registration()], "").await;
    let mut creating = Client::connect(address(&server)).await;
    creating.say(&slow(3_600_000)).await;
    let mut paused = Client::connect(address(&server)).await;
    paused.say(&search().configured(&[("count", Object::Integer(1000))]).request("changeit")).await;
    until_running(&server, 2).await;
    drop(creating);
    drop(paused);
    // The connector that sleeps has the dispatcher's grace to notice.
    until_running(&server, 0).await;
}

#[tokio::test]
async fn a_stopping_server_answers_what_runs_and_sends_idle_clients_away() {
    let server = start(vec![live::registration()], "connectorserver.drainTimeout=20\n").await;
    let mut idle = Client::connect(address(&server)).await;
    idle.say(&hello("changeit", 4)).await;
    assert!(idle.next().await.is_some());
    let mut busy = Client::connect(address(&server)).await;
    busy.say(&slow(1000)).await;
    until_running(&server, 1).await;
    let begun = Instant::now();
    let stopping = tokio::spawn(server.stop());
    assert!(idle.next().await.is_none());
    let answer = busy.next().await.as_ref().map(print);
    assert_eq!(answer.as_deref(), Some("OperationResponsePart(result=Uid(uid=\"new-slow\"))"));
    assert!(busy.next().await.is_none());
    stopping.await.expect("no panic");
    assert!(begun.elapsed() < Duration::from_secs(10), "after {:?}", begun.elapsed());
}

#[tokio::test]
async fn what_does_not_end_in_time_is_handed_back() {
    let server = start(vec![live::registration()], "connectorserver.drainTimeout=1\n").await;
    let mut busy = Client::connect(address(&server)).await;
    busy.say(&slow(3_600_000)).await;
    until_running(&server, 1).await;
    let stopping = tokio::spawn(server.stop());
    let answer = busy.next().await.as_ref().map(print).unwrap_or_default();
    assert!(answer.contains("exceptions.RetryableException"), "{answer}");
    assert!(busy.next().await.is_none());
    stopping.await.expect("no panic");
}
