//! The schema as a caller gets it, and the connector's texts.

use icf::{ApiOperation, Catalogue, ConnectorKey, Locale, Messages, ObjectClass, Registration};
use icf_wire::rpc::{Answer, Operation};

use crate::k::K;
use crate::rig::{Rig, german};

#[tokio::test]
async fn fw60_an_operation_that_lost_its_last_class_keeps_an_empty_set() {
    let Answer::Schema(Some(schema)) = Rig::new().run(Operation::Schema).await.answer.unwrap() else {
        panic!("no schema");
    };
    assert_eq!(schema.classes_by_operation[&ApiOperation::Sync], []);
    for operation in [ApiOperation::Search, ApiOperation::Get] {
        assert_eq!(schema.classes_by_operation[&operation], [ObjectClass::ACCOUNT]);
    }
    assert!(!schema.classes_by_operation.contains_key(&ApiOperation::Authenticate));
}

#[test]
fn fw57_a_text_is_looked_up_from_the_callers_locale_to_the_general() {
    let german_texts = Catalogue::from([("k.display".to_owned(), "Prüfling".to_owned())]);
    let messages = Messages::of([("k.display", "Test object")]).with(Locale::new("de", ""), german_texts);
    let registration = Registration::of::<K<true>>(ConnectorKey::new("bundle", "1.0", "K"))
        .with_display_name_key("k.display")
        .with_messages(messages);
    let info = registration.info();
    assert_eq!(info.display_name(&german()), "Prüfling");
    assert_eq!(info.display_name(&Locale::new("fr", "FR")), "Test object");
    assert_eq!(
        info.messages.format(&german(), Some("unknown"), Some("it''s {0}"), &["x".into()]),
        "it''s {0}"
    );
}

#[test]
fn fw58_a_text_is_formatted() {
    let messages = Messages::of([("count", "{0} of {1}: it''s")]);
    let text = messages.format(&Locale::new("en", ""), Some("count"), None, &[1234.into(), icf::Value::Null]);
    assert_eq!(text, "1,234 of null: it's");
}
