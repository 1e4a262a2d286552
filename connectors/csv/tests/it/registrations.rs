//! Names, properties and texts.

use std::collections::BTreeMap;

use icf::{ApiOperation, ErrorKind, Locale, Value, ValueType};
use icf_connector_csv::{Profile, registrations};

use crate::harness::{Csv, failure, registration};

const ADVERTISED: [&str; 7] = [
    "headerPassword",
    "csvFile",
    "newlineString",
    "headerUid",
    "quoteCharacter",
    "fieldDelimiter",
    "syncFileRetentionCount",
];
const EXTRAS: [&str; 4] = ["encoding", "quotedEmptyAsNull", "maximumRecordSize", "maximumCellSize"];

#[test]
fn csv_c01_properties_are_those_of_the_original_in_its_order() {
    let properties = registration(Profile::Oip).info().configuration.properties;
    let names: Vec<_> = properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(names[..7], ADVERTISED);
    assert_eq!(names[7..], EXTRAS);
    assert!(properties.iter().all(|p| p.order == -1 && !p.confidential && p.operations.is_empty()));
    let defaults: Vec<_> = properties.iter().map(|property| property.value.clone()).collect();
    let text = |text: &str| Value::from(text);
    assert_eq!(
        defaults[..7],
        [text("password"), Value::Null, text("\n"), text("uid"), text("\""), text(","), Value::Integer(3)]
    );
    let required: Vec<_> = properties.iter().filter(|p| p.required).map(|p| p.name.as_str()).collect();
    assert_eq!(required, ["csvFile"]);
    assert_eq!(properties[1].value_type, Some(ValueType::File));
    assert_eq!(properties[1].display_key.as_deref(), Some("csv_filepath.display"));
    assert_eq!(properties[1].help_key.as_deref(), Some("csv_filepath.help"));
    assert_eq!(properties[1].group_key.as_deref(), Some("csvFile.group"));
    assert_eq!(properties[6].value_type, Some(ValueType::PrimitiveInteger));
}

#[test]
fn the_ping_profile_adds_the_space_replacement_in_second_place() {
    let properties = registration(Profile::Ping).info().configuration.properties;
    let names: Vec<_> = properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(names[0], ADVERTISED[0]);
    assert_eq!(names[1], "spaceReplacementString");
    assert_eq!(names[2..8], ADVERTISED[1..]);
    assert_eq!(properties[1].value, Value::from("_"));
}

#[test]
fn keys_are_those_of_the_originals_and_versions_can_be_set() {
    let versions = BTreeMap::from([(Profile::Ping.bundle_name().to_owned(), "1.5.20.8".to_owned())]);
    let all = registrations(&[Profile::Ping, Profile::Oip], &versions);
    let keys: Vec<_> = all.iter().map(|registration| registration.key().to_string()).collect();
    assert_eq!(
        keys,
        [
            "ConnectorKey( bundleName=org.forgerock.openicf.connectors.csvfile-connector bundleVersion=1.5.20.8 connectorName=org.forgerock.openicf.csvfile.CSVFileConnector )",
            "ConnectorKey( bundleName=org.openidentityplatform.openicf.connectors.csvfile-connector bundleVersion=2.0.4 connectorName=org.forgerock.openicf.csvfile.CSVFileConnector )",
        ]
    );
    assert_eq!(registration(Profile::Ping).key().bundle_version, "1.5.20.31");
}

#[test]
fn operations_are_those_of_the_original() {
    use ApiOperation as Op;
    let expected = [
        Op::Authenticate,
        Op::Batch,
        Op::Create,
        Op::Delete,
        Op::Get,
        Op::ResolveUsername,
        Op::Schema,
        Op::ScriptOnConnector,
        Op::Search,
        Op::Sync,
        Op::Test,
        Op::Update,
        Op::Validate,
    ];
    assert_eq!(registration(Profile::Oip).operations(), expected.into_iter().collect());
    assert!(!registration(Profile::Oip).is_poolable());
}

#[test]
fn every_property_has_a_name_and_an_explanation() {
    for profile in [Profile::Ping, Profile::Oip] {
        let info = registration(profile).info();
        let texts = &info.messages.catalogues[&Locale::default()];
        assert_eq!(texts[&info.display_name_key], "CSV File Connector");
        for property in info.configuration.properties {
            assert!(texts.contains_key(&property.display_key.unwrap()), "{}", property.name);
            assert!(texts.contains_key(&property.help_key.unwrap()), "{}", property.name);
        }
    }
}

#[test]
fn a_configuration_is_checked_in_the_order_of_the_original() {
    let configuration = |csv: &Csv| failure(csv.validate());
    let csv = Csv::oip("uid\n").with("csvFile", Value::Null).with("quoteCharacter", "");
    assert_eq!(configuration(&csv), (ErrorKind::Configuration, "CSV file path is not defined".to_owned()));
    let csv = Csv::oip("uid\n").with("csvFile", Value::File("/nowhere/x.csv".into()));
    assert_eq!(
        configuration(&csv).1,
        "File '/nowhere/x.csv' doesn't exist. A file containing a csv header must exist."
    );
    let csv = Csv::oip("uid\n");
    let directory = csv.directory.path().to_string_lossy().into_owned();
    let csv = csv.with("csvFile", Value::File(directory.clone()));
    assert_eq!(configuration(&csv).1, format!("File path '{directory}' points to a directory."));
    assert!(Csv::oip("uid\n").validate().is_ok());
}

#[test]
fn values_that_the_original_fails_on_later_are_refused() {
    for (name, value) in [
        ("quoteCharacter", Value::from("")),
        ("fieldDelimiter", Value::Null),
        ("fieldDelimiter", "\"".into()),
        ("fieldDelimiter", "\n".into()),
        ("fieldDelimiter", "\\r".into()),
        ("headerUid", " ".into()),
        ("encoding", "UTF-16".into()),
        ("newlineString", "x".into()),
        ("syncFileRetentionCount", Value::Integer(-1)),
        ("maximumCellSize", Value::Integer(0)),
    ] {
        let (kind, message) = failure(Csv::oip("uid\n").with(name, value).validate());
        assert_eq!(kind, ErrorKind::Configuration, "{name}");
        assert!(message.contains(name), "{name}: {message}");
    }
    for (name, value) in [("newlineString", ""), ("newlineString", "\\r\\n"), ("fieldDelimiter", "\\t")] {
        assert!(Csv::oip("uid\n").with(name, value).validate().is_ok(), "{name}");
    }
}

#[test]
fn csv_c04_a_file_without_a_header_is_refused() {
    for nothing in ["", "\n \n"] {
        let (kind, message) = failure(Csv::oip(nothing).validate());
        assert_eq!(kind, ErrorKind::Configuration);
        assert!(message.contains("is empty"), "{message}");
    }
}
