//! Connectors that panic, and calls whose caller vanishes.

use icf::{ErrorKind, PoolConfiguration};
use icf_wire::rpc::{Answer, Operation};
use tokio::time::sleep;

use crate::k::K;
use crate::rig::{Rig, Taken, millis, none, search_for};
use crate::world::u1;

fn with_one_instance() -> Rig {
    let mut rig = Rig::new();
    let only_one =
        PoolConfiguration { max_objects: 1, max_idle: 1, max_wait: 1_000, ..PoolConfiguration::default() };
    rig.configuration.pool = only_one;
    rig
}

#[tokio::test(start_paused = true)]
async fn fw56_a_panic_is_an_error_and_costs_the_instance_only() {
    let rig = with_one_instance();
    rig.world.knobs().objects = vec![u1(), u1(), u1()];
    rig.world.knobs().panic_after = Some(2);
    let outcome = rig.run_into(search_for(None, none()), Taken::default()).await;
    assert_eq!(outcome.items.len(), 2);
    let error = outcome.answer.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Connector);
    assert_eq!(error.to_string(), "Internal error in connector K (42)");
    rig.world.knobs().panic_after = None;
    assert_eq!(rig.search(None, none()).await.objects().len(), 3);
    let seen = rig.world.seen();
    assert_eq!((seen.opened, seen.disposed), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_panic_anywhere_is_an_error_and_the_next_call_works() {
    for place in ["validate", "open", "check_alive", "blocking"] {
        let rig = with_one_instance();
        rig.world.knobs().panics_in = Some(place);
        let (class, text) = rig.run(Operation::Test).await.failure();
        assert_eq!(class, "ConnectorException", "{place}");
        assert_eq!(text, "Internal error in connector K (42)", "{place}");
        rig.world.knobs().panics_in = None;
        rig.run(Operation::Test).await.answer.unwrap();
    }
}

#[tokio::test]
async fn a_panic_in_dispose_costs_nobody_anything() {
    let rig = Rig::of::<K<false>>();
    rig.world.knobs().panics_in = Some("dispose");
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap(), Answer::Done);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_caller_vanishes_gives_up_its_instance() {
    let rig = with_one_instance();
    rig.world.knobs().work = millis(1_000_000);
    let call = rig.start_inside().await;
    call.abort();
    assert!(call.await.is_err());
    sleep(millis(1)).await;
    assert_eq!(rig.world.lives(), (1, 1));
    assert_eq!((rig.world.seen().inside, rig.dispatcher.running()), (0, 0));
    rig.world.knobs().work = millis(0);
    rig.run(Operation::Test).await.answer.unwrap();
}
