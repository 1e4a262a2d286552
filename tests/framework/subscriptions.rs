//! Subscriptions of a connector that has them.

use icf::{Filter, ObjectClass, SyncDelta, SyncDeltaType, SyncToken};
use icf_wire::rpc::{Answer, Item, Operation};
use tokio::time::sleep;

use crate::rig::{Rig, account, asking_for, call, equals, millis, none};
use crate::variants::Events;
use crate::world::{u1, u2, uid};

pub(crate) fn objects(filter: Option<Filter>) -> Operation {
    Operation::SubscribeObjects { class: Some(ObjectClass::ALL), filter, options: asking_for(&["b"]) }
}

#[tokio::test(start_paused = true)]
async fn events_pass_unfiltered_and_whole_until_the_target_has_no_more() {
    let rig = Rig::of::<Events>();
    let outcome = rig.run(objects(Some(Filter::Presence("nothing".into())))).await;
    assert_eq!(outcome.answer.unwrap(), Answer::SubscriptionEnd);
    let [Item::Accepted, Item::ObjectEvent(first), Item::ObjectEvent(second)] = &outcome.items[..] else {
        panic!("{:?}", outcome.items);
    };
    assert_eq!((first, second), (&u1(), &u2()));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_lives_until_it_is_cancelled_and_keeps_its_instance() {
    let rig = Rig::of::<Events>();
    let call = call();
    let cancellation = call.cancellation.clone();
    let subscription = rig.start(objects(equals("a", &["x"])), call);
    sleep(millis(1_500)).await;
    cancellation.cancel();
    let outcome = subscription.await.unwrap();
    assert_eq!(outcome.items.len(), 2, "confirmation and the one event before the cancellation");
    assert_eq!(outcome.answer.unwrap(), Answer::SubscriptionEnd);
    assert_eq!(rig.world.lives(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn changes_are_subscribed_to_in_the_same_way() {
    let rig = Rig::of::<Events>();
    let gone = SyncDelta {
        token: SyncToken::try_new(1).unwrap(),
        delta_type: SyncDeltaType::Delete,
        previous_uid: None,
        object_class: None,
        uid: uid("u1"),
        object: None,
    };
    rig.world.knobs().deltas = vec![gone.clone()];
    let outcome =
        rig.run(Operation::SubscribeChanges { class: account(), token: None, options: none() }).await;
    assert_eq!(outcome.answer.unwrap(), Answer::SubscriptionEnd);
    assert!(matches!(&outcome.items[..], [Item::Accepted, Item::ChangeEvent(delta)] if *delta == gone));
}

#[tokio::test]
async fn a_subscription_needs_a_class() {
    let rig = Rig::of::<Events>();
    let operation = Operation::SubscribeObjects { class: None, filter: None, options: none() };
    assert_eq!(rig.run(operation).await.failure().0, "NullPointerException");
}
