//! Updates, above all those that `K` cannot do by itself: adding and removing single values.

use icf::{Attribute, OperationOptions, Uid, Value, option_names};
use icf_wire::rpc::{Answer, Operation, UpdateKind};

use crate::rig::{Rig, account, asking_for, create, none, texts, update, update_with};
use crate::variants::{Upper, Values, WriteOnly};
use crate::world::uid;

#[tokio::test]
async fn fw42_what_cannot_be_added_or_removed_is_refused() {
    let rig = Rig::new();
    let refused = async |kind, attribute| {
        let (class, text) = rig.run(update(kind, "u1", vec![attribute])).await.failure();
        assert_eq!(class, "IllegalArgumentException");
        text
    };
    let password = Attribute::single("__PASSWORD__", icf::GuardedString::new("secret"));
    assert_eq!(
        refused(UpdateKind::Add, password).await,
        "Operational attribute '__PASSWORD__' can not be added or removed."
    );
    for kind in [UpdateKind::Add, UpdateKind::Remove] {
        assert_eq!(refused(kind, Attribute::null("a")).await, "Can not add or remove a 'null' value.");
    }
    rig.run(update(UpdateKind::Add, "u1", vec![Attribute::new("a", vec![])])).await.answer.unwrap();
}

#[tokio::test]
async fn fw43_values_are_added_by_reading_and_replacing() {
    let rig = Rig::new();
    rig.world.knobs().obeys_attributes = true;
    let answer = rig.run(update(UpdateKind::Add, "u1", vec![texts("a", &["y", "z"])])).await.answer;
    assert_eq!(answer.unwrap(), Answer::Uid(Some(uid("u1"))));
    assert_eq!(rig.world.seen().searches[0].1.attributes_to_get(), Some(vec!["a"]));
    let (kind, id, attributes, _) = rig.only_update();
    assert_eq!((kind, id.value()), ("replace", "u1"));
    assert_eq!(attributes.into_vec(), [texts("a", &["x", "y", "y", "z"])]);
}

#[tokio::test]
async fn fw44_values_are_removed_once_each() {
    let rig = Rig::new();
    let removed = async |attribute| {
        rig.run(update(UpdateKind::Remove, "u1", vec![attribute])).await.answer.unwrap();
        rig.only_update().2.into_vec()
    };
    assert_eq!(removed(texts("a", &["x", "y"])).await, [Attribute::null("a")]);
    assert_eq!(removed(texts("a", &["x"])).await, [texts("a", &["y"])]);
    assert_eq!(removed(Attribute::single("q", 1)).await, []);
}

#[tokio::test]
async fn fw45_an_object_that_is_not_there_is_not_written() {
    let rig = Rig::new();
    let (class, text) = rig.run(update(UpdateKind::Add, "u9", vec![texts("a", &["z"])])).await.failure();
    assert_eq!(class, "UnknownUidException");
    assert_eq!(
        text,
        "Object with Uid 'Attribute: {Name=__UID__, Value=[u9]}' and ObjectClass 'ObjectClass: __ACCOUNT__' does not exist!"
    );
    assert!(rig.world.seen().updates.is_empty());
}

#[tokio::test]
async fn fw46_a_connector_that_adds_and_removes_by_itself_is_asked_directly() {
    let rig = Rig::of::<Values>();
    for (kind, name) in
        [(UpdateKind::Add, "add"), (UpdateKind::Remove, "remove"), (UpdateKind::Replace, "replace")]
    {
        rig.run(update(kind, "u1", vec![texts("a", &["z"])])).await.answer.unwrap();
        let (asked, _, attributes, _) = rig.only_update();
        assert_eq!((asked, attributes.into_vec()), (name, vec![texts("a", &["z"])]));
    }
    assert!(rig.world.seen().searches.is_empty());
}

#[tokio::test]
async fn fw47_the_read_asks_for_the_attributes_concerned_and_the_write_has_the_callers_options() {
    let rig = Rig::new();
    let options = asking_for(&["b"]).with(option_names::RUN_AS_USER, "admin");
    let add = update_with(UpdateKind::Add, "u1", vec![texts("a", &["z"])], options.clone());
    rig.run(add).await.answer.unwrap();
    let read = rig.world.seen().searches[0].1.clone();
    assert_eq!(read.run_as(), Some(("admin", None)));
    assert_eq!(read.attributes_to_get(), Some(vec!["a"]));
    assert_eq!(rig.only_update().3, options);
}

#[tokio::test]
async fn the_revision_stays_on_the_write() {
    let rig = Rig::new();
    let id = Uid::try_new("u1").unwrap().with_revision("7");
    let operation = Operation::Update {
        kind: UpdateKind::Add,
        class: account(),
        uid: Some(id),
        attributes: Some(vec![texts("a", &["z"])].into()),
        options: none(),
    };
    rig.run(operation).await.answer.unwrap();
    assert_eq!(rig.only_update().1.revision(), Some("7"));
}

#[tokio::test]
async fn a_connector_that_cannot_search_cannot_add() {
    let rig = Rig::of::<WriteOnly>();
    let (class, text) = rig.run(update(UpdateKind::Add, "u1", vec![texts("a", &["z"])])).await.failure();
    assert_eq!(class, "UnsupportedOperationException");
    assert_eq!(
        text,
        "Connector must support: interface org.identityconnectors.framework.spi.operations.SearchOp"
    );
    rig.run(update(UpdateKind::Replace, "u1", vec![texts("a", &["z"])])).await.answer.unwrap();
}

#[tokio::test]
async fn what_is_written_is_normalized_and_so_is_the_answer() {
    let rig = Rig::of::<Upper>();
    let answer = rig.run(create(vec![Attribute::single("__NAME__", "n3")])).await.answer.unwrap();
    assert_eq!(answer, Answer::Uid(Some(uid("N3"))));
    assert_eq!(rig.only_update().2.name(), Some("N3"));
    let change = Attribute::new("a", vec!["z".into(), Value::from(1)]);
    rig.run(update_with(UpdateKind::Replace, "u1", vec![change], OperationOptions::default()))
        .await
        .answer
        .unwrap();
    let (_, id, attributes, _) = rig.only_update();
    assert_eq!(id.value(), "U1");
    assert_eq!(attributes.into_vec(), [Attribute::new("a", vec!["Z".into(), Value::from(1)])]);
}
