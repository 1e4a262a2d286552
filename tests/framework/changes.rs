//! Connectors that change their own configuration.

use icf::Value;
use icf_wire::rpc::Operation;
use icf_wire::session::GroupId;

use crate::rig::{Rig, Taken, call_of};
use crate::world::World;

fn change(world: &World, change: impl FnOnce(&mut crate::k::Settings)) {
    let handle = world.seen().handle.clone().unwrap();
    handle.update(change);
}

#[tokio::test]
async fn fw59_each_change_is_told_with_all_that_differs_and_the_key_as_received() {
    let rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    change(&rig.world, |settings| settings.retries = 9);
    change(&rig.world, |settings| settings.note = Some("new".into()));
    let told = rig.changes.take();
    assert_eq!(told.len(), 2);
    let properties = |index: usize| -> Vec<(String, Value)> {
        let change: &rcs::dispatch::ConfigurationChange = &told[index].1;
        change.properties.iter().map(|property| (property.name.clone(), property.value.clone())).collect()
    };
    assert_eq!(properties(0), [("retries".into(), Value::Integer(9))]);
    assert_eq!(properties(1), [("note".into(), "new".into()), ("retries".into(), Value::Integer(9))]);
    assert_eq!(told[1].1.properties[1].order, 2, "the full property");
    for (group, change) in &told {
        assert_eq!(*group, GroupId(1));
        assert_eq!(change.facade_key, rig.key());
    }
}

#[tokio::test]
async fn nothing_is_told_when_nothing_differs() {
    let rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    change(&rig.world, |settings| settings.retries = 9);
    change(&rig.world, |settings| settings.retries = 3);
    assert_eq!(rig.changes.take().len(), 1);
}

#[tokio::test]
async fn the_running_facade_uses_the_changed_values() {
    let mut rig = Rig::new();
    rig.configuration.pooling = false;
    rig.run(Operation::Test).await.answer.unwrap();
    change(&rig.world, |settings| settings.retries = 9);
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().settings.iter().map(|s| s.retries).collect::<Vec<_>>(), [3, 9]);
}

#[tokio::test]
async fn every_group_that_uses_the_configuration_is_told() {
    let mut rig = Rig::new();
    for group in [1, 2, 1] {
        rig.send(rig.request(Operation::Test), call_of(group), Taken::default()).await.answer.unwrap();
    }
    // Another facade on the same pool: other limits, its own key.
    let first_key = rig.key();
    rig.limit(icf::ApiOperation::Test, 1_000);
    rig.send(rig.request(Operation::Test), call_of(3), Taken::default()).await.answer.unwrap();
    change(&rig.world, |settings| settings.retries = 9);
    let told = rig.changes.take();
    let told: Vec<_> = told.iter().map(|(group, change)| (group.0, change.facade_key == first_key)).collect();
    assert_eq!(told, [(2, true), (1, true), (3, false)]);
}
