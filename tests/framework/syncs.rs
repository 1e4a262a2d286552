//! Synchronisation.

use icf::{ConnectorObject, ErrorKind, ObjectClass, SyncDelta, SyncDeltaType, SyncToken};
use icf_wire::rpc::{Answer, Item, Operation};

use crate::rig::{Outcome, Rig, account, asking_for, none};
use crate::variants::Upper;
use crate::world::{u1, uid};

fn token(number: i32) -> SyncToken {
    SyncToken::try_new(number).unwrap()
}

fn delta(delta_type: SyncDeltaType, object: Option<ConnectorObject>) -> SyncDelta {
    SyncDelta { token: token(1), delta_type, previous_uid: None, object_class: None, uid: uid("u1"), object }
}

fn deltas(outcome: Outcome) -> Vec<SyncDelta> {
    let delta = |item| if let Item::Delta(delta) = item { delta } else { panic!("{item:?}") };
    outcome.items.into_iter().map(delta).collect()
}

fn sync(options: icf::OperationOptions) -> Operation {
    Operation::Sync { class: account(), token: Some(token(0)), options }
}

#[tokio::test]
async fn fw48_changes_are_reduced_whatever_the_flag_says() {
    let mut rig = Rig::new();
    rig.configuration.results_handlers.attributes_to_get = false;
    let changes = [SyncDeltaType::Update, SyncDeltaType::Delete].map(|kind| delta(kind, Some(u1())));
    rig.world.knobs().deltas = changes.to_vec();
    for delta in deltas(rig.run(sync(asking_for(&["a"]))).await) {
        let object = delta.object.unwrap();
        assert_eq!(object.attributes.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(delta.object_class, Some(ObjectClass::ACCOUNT), "a change takes the class of its object");
    }
    assert_eq!(deltas(rig.run(sync(none())).await)[0].object, Some(u1()));
}

#[tokio::test]
async fn fw49_the_first_token_reported_counts() {
    let rig = Rig::new();
    rig.world.knobs().tokens = vec![token(1), token(2)];
    assert_eq!(rig.run(sync(none())).await.answer.unwrap(), Answer::SyncEnd(Some(token(1))));
    rig.world.knobs().tokens.clear();
    assert_eq!(rig.run(sync(none())).await.answer.unwrap(), Answer::SyncEnd(None));
}

#[tokio::test]
async fn a_change_that_no_receiver_would_take_fails_the_synchronisation() {
    let rig = Rig::new();
    rig.world.knobs().deltas = vec![delta(SyncDeltaType::Update, None)];
    assert_eq!(*rig.run(sync(none())).await.answer.unwrap_err().kind(), ErrorKind::IllegalArgument);
}

#[tokio::test]
async fn changes_are_normalized_whatever_the_flag_says() {
    let mut rig = Rig::of::<Upper>();
    rig.configuration.results_handlers.normalizing = false;
    rig.world.knobs().deltas =
        vec![SyncDelta { previous_uid: Some(uid("old")), ..delta(SyncDeltaType::Update, Some(u1())) }];
    let delta = deltas(rig.run(sync(none())).await).remove(0);
    assert_eq!((delta.uid.value(), delta.previous_uid.unwrap().value()), ("U1", "OLD"));
    assert_eq!(delta.object.unwrap().name, "N1");
}
