//! Binding and validating what a caller configured.

use icf::{Value, ValueType};
use icf_wire::rpc::{Answer, Operation};

use crate::rig::{Rig, get, none, search_for};

async fn refused_everywhere(rig: &Rig) -> Vec<String> {
    let mut texts = Vec::new();
    for operation in [Operation::Validate, Operation::Test, search_for(None, none()), get("u1")] {
        let (class, text) = rig.run(operation).await.failure();
        assert_eq!(class, "ConfigurationException");
        texts.push(text);
    }
    texts
}

#[tokio::test]
async fn fw07_an_unknown_property_is_named_by_every_operation() {
    let mut rig = Rig::new();
    rig.set("zz", "x");
    for text in refused_everywhere(&rig).await {
        assert!(text.ends_with("does not have a property 'zz'."), "{text}");
    }
}

#[tokio::test]
async fn fw08_a_value_of_the_wrong_type_is_named_by_every_operation() {
    let mut rig = Rig::new();
    rig.set("host", 5);
    for text in refused_everywhere(&rig).await {
        assert_eq!(text, "Configuration property 'host': expected String, got Integer");
    }
    let mut rig = Rig::new();
    rig.set("retries", Value::Null);
    for text in refused_everywhere(&rig).await {
        assert_eq!(text, "Configuration property 'retries': expected int, got null");
    }
}

#[tokio::test]
async fn fw09_absent_means_default_and_null_means_null() {
    let mut rig = Rig::new();
    rig.configuration.properties.retain(|property| property.name != "retries");
    rig.set("note", Value::Null);
    rig.run(Operation::Test).await.answer.unwrap();
    let seen = rig.world.seen();
    assert_eq!((seen.settings[0].retries, seen.settings[0].note.clone()), (3, None));
}

#[tokio::test]
async fn fw10_orders_and_keys_are_advertised() {
    let rig = Rig::new();
    let properties = &rig.dispatcher.connector_infos()[0].configuration.properties;
    let orders: Vec<_> = properties.iter().map(|p| (p.name.as_str(), p.order)).collect();
    assert_eq!(orders, [("host", -1), ("world", 0), ("note", 0), ("retries", 2)]);
    assert_eq!(properties[1].display_key.as_deref(), Some("world.display"));
    assert_eq!(properties[1].help_key.as_deref(), Some("world.help"));
    assert_eq!(properties[1].group_key.as_deref(), Some("world.group"));
    assert_eq!(properties[0].display_key.as_deref(), Some("host.text"));
    assert_eq!(properties[3].value_type, Some(ValueType::PrimitiveInteger));
}

#[tokio::test]
async fn fw11_a_required_property_without_value_stops_every_operation() {
    let mut rig = Rig::new();
    rig.set("host", Value::Null);
    for text in refused_everywhere(&rig).await {
        assert!(text.contains("'host' is required"), "{text}");
    }
    assert_eq!(rig.world.seen().opened, 0);
}

#[tokio::test]
async fn fw12_a_failed_validation_is_not_remembered_and_a_successful_one_is() {
    let rig = Rig::new();
    rig.world.knobs().invalid = Some("the directory is not there".into());
    assert_eq!(rig.run(Operation::Test).await.failure().1, "the directory is not there");
    rig.world.knobs().invalid = None;
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap(), Answer::Done);
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().validated, 2);
    rig.run(Operation::Validate).await.answer.unwrap();
    assert_eq!(rig.world.seen().validated, 3, "the validate operation always validates");
}
