//! Get: a search for an identity.

use icf_wire::rpc::Answer;

use crate::rig::{Rig, get};
use crate::variants::{Getter, Upper};
use crate::world::{u1, uid};

async fn found(rig: &Rig, id: &str) -> Option<String> {
    match rig.run(get(id)).await.answer.unwrap() {
        Answer::Object(object) => object.map(|object| object.uid.value().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn fw38_an_object_that_is_not_there_is_an_empty_answer_unless_the_connector_says_more() {
    let rig = Rig::new();
    assert_eq!(found(&rig, "u1").await.as_deref(), Some("u1"));
    assert_eq!(found(&rig, "u2").await.as_deref(), Some("u2"));
    assert_eq!(found(&rig, "u9").await, None);
    rig.world.knobs().unknown_uid = true;
    assert_eq!(rig.run(get("u9")).await.failure().0, "UnknownUidException");
}

#[tokio::test]
async fn fw39_an_identity_in_other_case_is_lost_unless_the_connector_declares_exactness() {
    let rig = Rig::new();
    let mut object = u1();
    object.uid = uid("U1");
    rig.world.knobs().objects = vec![object];
    assert_eq!(found(&rig, "u1").await, None);
    rig.world.knobs().exact = true;
    assert_eq!(found(&rig, "u1").await.as_deref(), Some("U1"));
}

#[tokio::test]
async fn fw39_the_case_insensitive_flag_finds_it_too() {
    let mut rig = Rig::new();
    rig.configuration.results_handlers.case_insensitive = true;
    assert_eq!(found(&rig, "U1").await.as_deref(), Some("u1"));
}

#[tokio::test]
async fn a_connectors_own_get_is_used_and_its_idea_of_identity_counts() {
    let rig = Rig::of::<Getter>();
    assert_eq!(found(&rig, "U1").await.as_deref(), Some("u1"));
    assert_eq!(found(&rig, "u9").await, None);
    assert!(rig.world.seen().searches.is_empty());
}

#[tokio::test]
async fn identities_are_normalized_on_both_sides() {
    let rig = Rig::of::<Upper>();
    assert_eq!(found(&rig, "u1").await.as_deref(), Some("U1"));
}
