//! Names, properties, and what of them is refused.

use std::collections::BTreeMap;

use icf::{ApiOperation, ErrorKind, GuardedBytes, Locale, Value, ValueType};
use icf_connector_ldap::{Profile, registrations};

use crate::harness::{Ldap, failure, list, registration};
use crate::slapd::{SECRET, Slapd};

/// The text of a message key about a value.
fn said(key: &str, value: Option<&str>) -> (ErrorKind, String) {
    let arguments: Vec<_> = value.into_iter().map(Into::into).collect();
    let text = registration().messages().format(&Locale::default(), Some(key), None, &arguments);
    assert_ne!(text, key, "there is no such text");
    (ErrorKind::Configuration, text)
}

fn refused(ldap: &Ldap) -> (ErrorKind, String) {
    failure(ldap.bound().validate())
}

#[test]
fn ldap_001_what_cannot_work_is_refused_under_its_key() {
    let with = |name, value: Value| refused(&Ldap::nowhere().with(name, value));
    assert_eq!(with("host", " ".into()), said("host.notBlank", None));
    assert_eq!(with("port", 70_000.into()), said("port.legalValue", None));
    assert_eq!(with("port", 0.into()), said("port.legalValue", None));
    assert_eq!(with("baseContexts", list([])), said("baseContexts.notEmpty", None));
    let key = "baseContexts.noInvalidLdapNames";
    assert_eq!(with("baseContexts", list(["dc=foo,,"])), said(key, Some("dc=foo,,")));
    assert!(said(key, Some("dc=foo,,")).1.contains("'dc=foo,,'"));
    Ldap::nowhere().bound().validate().unwrap();
}

#[test]
fn ldap_002_the_word_for_referrals_has_its_case() {
    let ldap = Ldap::nowhere().with("referralsHandling", "Follow");
    assert_eq!(refused(&ldap), said("referralsHandling.invalidPolicy", Some("Follow")));
}

#[test]
fn ldap_003_hash_algorithms_are_known_in_any_case() {
    for name in ["ssha", "win-ad", "NONE", " ", "SSHA512"] {
        Ldap::nowhere().with("passwordHashAlgorithm", name).bound().validate().unwrap();
    }
    Ldap::nowhere().with("passwordHashAlgorithm", Value::Null).bound().validate().unwrap();
    let ldap = Ldap::nowhere().with("passwordHashAlgorithm", "SHA3");
    assert_eq!(refused(&ldap), said("passwordHashAlgorithm.invalidName", Some("SHA3")));
}

#[test]
fn ldap_004_captured_passwords_need_a_key() {
    let ldap = Ldap::nowhere()
        .with("synchronizePasswords", true)
        .with("passwordAttributeToSynchronize", "capturedPassword");
    assert_eq!(refused(&ldap), said("decryptionKey.notBlank", None));
    let key = GuardedBytes::new(vec![1; 24].into());
    let ldap = ldap.with("passwordDecryptionKey", key);
    assert_eq!(refused(&ldap), said("decryptionInitializationVector.notBlank", None));
}

/// Name, type, default; the annotated ones first.
fn expected() -> Vec<(&'static str, ValueType, Value)> {
    use ValueType::{
        GuardedBytes as Key, GuardedString as Secret, PrimitiveBoolean as B, PrimitiveInteger as I,
        String as T,
    };
    let texts = || ValueType::Array(Box::new(T));
    let nothing = Value::Null;
    vec![
        ("accountSynchronizationFilter", T, nothing.clone()),
        ("attributesToSynchronize", texts(), list([])),
        ("baseContextsToSynchronize", texts(), list([])),
        ("changeLogBlockSize", I, 100.into()),
        ("changeNumberAttribute", T, "changeNumber".into()),
        ("credentials", Secret, nothing.clone()),
        ("filterWithOrInsteadOfAnd", B, false.into()),
        ("groupSynchronizationFilter", T, nothing.clone()),
        ("modifiersNamesToFilterOut", texts(), list([])),
        ("objectClassesToSynchronize", texts(), list(["inetOrgPerson"])),
        ("passwordAttributeToSynchronize", T, nothing.clone()),
        ("passwordDecryptionInitializationVector", Key, nothing.clone()),
        ("passwordDecryptionKey", Key, nothing.clone()),
        ("removeLogEntryObjectClassFromFilter", B, true.into()),
        ("synchronizePasswords", B, false.into()),
        ("useTimestampsForSync", B, false.into()),
        ("accountObjectClasses", texts(), list(["top", "person", "organizationalPerson", "inetOrgPerson"])),
        ("accountSearchFilter", T, nothing.clone()),
        ("accountUserNameAttributes", texts(), list(["uid", "cn"])),
        ("authType", T, "simple".into()),
        ("baseContexts", texts(), list([])),
        ("blockSize", I, 100.into()),
        ("failover", texts(), list([])),
        ("getGroupMemberId", B, false.into()),
        ("groupMemberAttribute", T, "uniqueMember".into()),
        ("groupObjectClasses", texts(), list(["top", "groupOfUniqueNames"])),
        ("groupSearchFilter", T, nothing.clone()),
        ("host", T, nothing.clone()),
        ("maintainLdapGroupMembership", B, false.into()),
        ("maintainPosixGroupMembership", B, false.into()),
        ("passwordAttribute", T, "userPassword".into()),
        ("passwordHashAlgorithm", T, nothing.clone()),
        ("port", I, 389.into()),
        ("principal", T, nothing),
        ("readSchema", B, true.into()),
        ("referralsHandling", T, "follow".into()),
        ("resetSyncToken", T, "never".into()),
        ("respectResourcePasswordPolicyChangeAfterReset", B, false.into()),
        ("ssl", B, false.into()),
        ("startTLS", B, false.into()),
        ("uidAttribute", T, "entryUUID".into()),
        ("useBlocks", B, false.into()),
        ("useDNSSRVRecord", B, false.into()),
        ("usePagedResultControl", B, false.into()),
        ("vlvSortAttribute", T, "uid".into()),
    ]
}

#[test]
fn ldap_005_properties_have_the_types_defaults_and_order_of_the_original() {
    let properties = registration().info().configuration.properties;
    assert!(properties.is_sorted_by_key(|property| property.order));
    let expected = expected();
    assert_eq!(expected.len(), 45);
    for (place, (name, value_type, value)) in expected.into_iter().enumerate() {
        let property = properties.iter().find(|property| property.name == name).unwrap();
        assert_eq!(property.value_type, Some(value_type), "{name}");
        assert_eq!(property.value, value, "{name}");
        let annotated = place < 16;
        assert_eq!(property.order, if annotated { -1 } else { 0 }, "{name}");
        let for_sync = annotated && name != "credentials";
        let operations: Vec<_> = property.operations.iter().copied().collect();
        assert_eq!(operations, if for_sync { vec![ApiOperation::Sync] } else { vec![] }, "{name}");
        assert_eq!(property.display_key.as_deref(), Some(format!("{name}.display").as_str()));
    }
    let named = |wanted: fn(&icf::ConfigurationProperty) -> bool| -> Vec<&str> {
        properties.iter().filter(|property| wanted(property)).map(|property| property.name.as_str()).collect()
    };
    assert_eq!(
        named(|p| p.required),
        ["changeLogBlockSize", "changeNumberAttribute", "objectClassesToSynchronize"]
    );
    let secrets = [
        "alternateKeyStorePassword",
        "credentials",
        "passwordDecryptionInitializationVector",
        "passwordDecryptionKey",
    ];
    assert_eq!(named(|p| p.confidential), secrets);
}

#[test]
fn every_property_is_explained() {
    let registration = registration();
    for property in registration.info().configuration.properties {
        for key in [property.display_key, property.help_key].into_iter().flatten() {
            assert!(registration.messages().find(&Locale::default(), &key).is_some(), "{key}");
        }
    }
}

#[test]
fn keys_are_those_of_the_originals_and_versions_can_be_set() {
    let versions = BTreeMap::from([(Profile::Ping.bundle_name().to_owned(), "1.5.20.11".to_owned())]);
    let all = registrations(&[Profile::Ping, Profile::Oip], &versions);
    let keys: Vec<_> = all.iter().map(|registration| registration.key().to_string()).collect();
    assert_eq!(
        keys,
        [
            "ConnectorKey( bundleName=org.forgerock.openicf.connectors.ldap-connector bundleVersion=1.5.20.11 connectorName=org.identityconnectors.ldap.LdapConnector )",
            "ConnectorKey( bundleName=org.openidentityplatform.openicf.connectors.ldap-connector bundleVersion=2.0.4 connectorName=org.identityconnectors.ldap.LdapConnector )",
        ]
    );
    assert!(all[0].is_poolable());
    assert_eq!(all[0].info().display_name(&Locale::default()), "LDAP Connector");
}

/// The values of a provisioner file as the identity service sends them: in the types that the connector advertises.
fn coerced(value: &serde_json::Value, value_type: &ValueType) -> Value {
    use serde_json::Value as Json;
    match (value, value_type) {
        (Json::Null, _) => Value::Null,
        (Json::String(text), ValueType::PrimitiveInteger) => Value::Integer(text.parse().unwrap()),
        (Json::Bool(truth), ValueType::PrimitiveBoolean) => Value::Boolean(*truth),
        (Json::String(text), ValueType::GuardedString) => crate::harness::secret(text),
        (Json::String(text), ValueType::String) => Value::String(text.clone()),
        (Json::Array(items), ValueType::Array(_)) => {
            let texts = items.iter().map(|item| item.as_str().unwrap().to_owned());
            Value::Array(Box::new(icf::ValueArray::of_strings(texts)))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_sample_provisioner_file_works_unchanged() {
    let server = Slapd::start();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/provisioner.openicf-ldap.json");
    let sample: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(sample).unwrap()).unwrap();
    assert_eq!(sample["connectorRef"]["connectorName"], registration().key().connector_name);
    assert_eq!(sample["connectorRef"]["bundleName"], registration().key().bundle_name);
    let advertised = registration().info().configuration.properties;
    let mut ldap = Ldap::nowhere();
    for (name, value) in sample["configurationProperties"].as_object().unwrap() {
        let property =
            advertised.iter().find(|property| property.name == *name).unwrap_or_else(|| panic!("{name}"));
        let value = coerced(value, property.value_type.as_ref().unwrap());
        ldap = ldap.with(Box::leak(property.name.clone().into_boxed_str()), value);
    }
    // What belongs to the place: which server, and the secret behind the placeholder.
    let ldap = ldap
        .with("host", "127.0.0.1")
        .with("port", i32::from(server.port))
        .with("credentials", crate::harness::secret(SECRET));
    ldap.test().await.unwrap();
    let all = ldap.search(None).await.unwrap();
    all.ended.unwrap();
    assert_eq!(all.objects.len(), 305);
}
