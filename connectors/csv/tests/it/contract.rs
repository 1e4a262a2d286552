//! What every connector must do, and the data the demonstration uses.

use icf::{Attribute, AttributeSet, ObjectClass, OperationOptions, Value};
use icf_connector_csv::Profile;
use icf_testkit::{Check, Contract, Sample};

use crate::harness::{Csv, H, registration, secret, text};

fn person(number: usize) -> AttributeSet {
    AttributeSet::new()
        .with(Attribute::single("__NAME__", format!("user{number}")))
        .with(Attribute::single("firstName", format!("First {number}")))
        .with(Attribute::single("lastName", "Last"))
        .with(Attribute::single("__PASSWORD__", secret("hush")))
}

#[tokio::test]
async fn the_contract_of_all_connectors_is_kept() {
    for profile in [Profile::Ping, Profile::Oip] {
        let csv = Csv::oip(H);
        let file = Value::File(csv.path().to_string_lossy().into_owned());
        let sample = Sample::new(ObjectClass::ACCOUNT, person)
            .change(Attribute::single("lastName", "Changed"))
            .clear("lastName");
        Contract::new(registration(profile), vec![("csvFile".to_owned(), file)], sample)
            .exempt(Check::SchemaHidesUid, "the original lists __UID__, and existing mappings name it")
            .exempt(Check::UnknownAttributeInCreate, "the original drops what has no column; a warning tells")
            .exempt(Check::UnknownAttributeInUpdate, "the original drops what has no column; a warning tells")
            .run()
            .await
            .assert_kept();
    }
}

#[tokio::test]
async fn the_sample_file_is_sound() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/people.csv");
    let csv = Csv::ping(std::fs::read(sample).unwrap());
    csv.test().await.unwrap();
    let found = csv.search(None, &OperationOptions::default()).await.unwrap();
    assert_eq!(found.result.total_paged_results, 200);
    assert!(found.objects.iter().all(|object| text(object, "email").is_some()));
}
