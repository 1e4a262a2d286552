//! Names, properties, checks.

use icf::{ApiOperation, ErrorKind, Locale, Value, ValueType};
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

use crate::harness::{Scim, failure, oauth_properties, registration, secret, token_properties};

/// The properties of the original: name, type, default, required, confidential.
const ORIGINAL: [(&str, &str, &str, bool, bool); 29] = [
    ("SCIMEndpoint", "String", "null", true, false),
    ("SCIMVersion", "Integer", "1", true, false),
    ("authenticationMethod", "String", "OAUTH", true, false),
    ("user", "String", "null", false, false),
    ("password", "GuardedString", "null", false, true),
    ("tokenEndpoint", "String", "null", false, false),
    ("clientId", "String", "null", false, false),
    ("clientSecret", "GuardedString", "null", false, true),
    ("authToken", "GuardedString", "null", false, true),
    ("refreshToken", "GuardedString", "null", false, true),
    ("grantType", "String", "null", false, false),
    ("scope", "String", "null", false, false),
    ("authorizationTokenPrefix", "String", "Bearer", false, false),
    ("useBasicAuthForOauthTokenNeg", "boolean", "true", true, false),
    ("acceptSelfSignedCertificates", "boolean", "false", true, false),
    ("disableHostNameVerifier", "boolean", "false", true, false),
    ("disableHttpCompression", "boolean", "false", true, false),
    ("clientCertAlias", "String", "null", false, false),
    ("clientCertPassword", "GuardedString", "null", false, true),
    ("maximumConnections", "Integer", "10", true, false),
    ("httpProxyHost", "String", "null", false, false),
    ("httpProxyPort", "Integer", "null", false, false),
    ("httpProxyUsername", "String", "null", false, false),
    ("httpProxyPassword", "GuardedString", "null", false, true),
    ("connectionTimeout", "int", "30", false, false),
    ("usePathForPatchV2", "boolean", "false", false, false),
    ("readRateLimit", "String", "null", false, false),
    ("writeRateLimit", "String", "null", false, false),
    ("filterAttributesToGet", "boolean", "true", false, false),
];

#[test]
fn properties_are_those_of_the_original_in_its_order() {
    let properties = registration().info().configuration.properties;
    let shown = |value: &Value| match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        other => panic!("{other:?}"),
    };
    let found: Vec<_> = properties
        .iter()
        .take(ORIGINAL.len())
        .map(|p| {
            let kind = p.value_type.as_ref().map(ValueType::to_string).unwrap();
            (p.name.clone(), kind, shown(&p.value), p.required, p.confidential)
        })
        .collect();
    let expected = ORIGINAL.map(|(name, kind, value, required, confidential)| {
        (name.to_owned(), kind.to_owned(), value.to_owned(), required, confidential)
    });
    assert_eq!(found, expected);
    assert!(properties[29..].iter().all(|property| !property.required));
}

#[test]
fn keys_operations_and_texts() {
    use ApiOperation as Op;
    let info = registration().info();
    assert_eq!(info.key.bundle_name, "org.forgerock.openicf.connectors.scim-connector");
    assert_eq!(info.key.connector_name, "org.forgerock.openicf.connectors.scim.ScimConnector");
    assert_eq!(info.key.bundle_version, "1.5.20.35");
    let expected = [
        Op::Create,
        Op::Delete,
        Op::Get,
        Op::Schema,
        Op::ScriptOnConnector,
        Op::Search,
        Op::Sync,
        Op::Test,
        Op::Update,
        Op::Validate,
    ];
    assert_eq!(registration().operations(), expected.into_iter().collect());
    let texts = &info.messages.catalogues[&Locale::default()];
    assert_eq!(texts[&info.display_name_key], "Scim Connector");
    for property in info.configuration.properties {
        assert!(texts.contains_key(&property.display_key.unwrap()), "{}", property.name);
        assert!(texts.contains_key(&property.help_key.unwrap()), "{}", property.name);
    }
}

/// A configuration with changes, and what is said of it.
fn said(more: &[(&'static str, Value)]) -> (ErrorKind, String) {
    let mut properties = token_properties("https://example.com/s");
    properties.extend_from_slice(more);
    failure(Scim::new(&properties).validate())
}

#[test]
fn scim_c01_a_configuration_without_endpoint_is_refused() {
    for nothing in [Value::Null, "".into(), "  ".into()] {
        let (kind, message) = said(&[("SCIMEndpoint", nothing)]);
        assert_eq!(kind, ErrorKind::Configuration);
        assert!(message.contains("SCIMEndpoint"), "{message}");
    }
}

#[test]
fn scim_c02_basic_without_password_is_refused() {
    let (kind, message) = said(&[("authenticationMethod", "BASIC".into()), ("user", "u".into())]);
    assert_eq!(kind, ErrorKind::Configuration);
    assert!(message.contains("password"), "{message}");
}

#[test]
fn scim_c03_a_version_as_text_is_understood() {
    let mut properties = token_properties("https://example.com/s");
    properties.push(("SCIMVersion", "2".into()));
    properties.push(("connectionTimeout", "30".into()));
    properties.push(("maximumConnections", Value::Null));
    Scim::new(&properties).validate().unwrap();
    assert!(said(&[("SCIMVersion", 3.into())]).1.contains("SCIMVersion"));
}

#[test]
fn every_mistake_names_its_property_and_shows_no_secret() {
    for (name, value) in [
        ("SCIMEndpoint", Value::from("ftp://h/s")),
        ("SCIMEndpoint", "/scim".into()),
        ("SCIMEndpoint", "https://u:hush@h/s".into()),
        ("SCIMEndpoint", "https://h/s?x=1".into()),
        ("authenticationMethod", "DIGEST".into()),
        ("authToken", secret("")),
        ("maximumConnections", 0.into()),
        ("connectionTimeout", 0.into()),
        ("readRateLimit", "fast".into()),
        ("writeRateLimit", "0/sec".into()),
        ("providerProfile", "nobody".into()),
        ("providerOverrides", "{".into()),
    ] {
        let (kind, message) = said(&[(name, value)]);
        assert_eq!(kind, ErrorKind::Configuration, "{name}");
        assert!(message.contains(name) && !message.contains("hush"), "{name}: {message}");
    }
    assert!(said(&[("httpProxyHost", "p".into())]).1.contains("httpProxyPort"));
    assert!(
        said(&[("httpProxyHost", "p".into()), ("httpProxyPort", 70_000.into())]).1.contains("httpProxyPort")
    );
}

#[test]
fn what_each_grant_needs() {
    let with = |more: &[(&'static str, Value)]| {
        let mut properties = oauth_properties("https://example.com");
        properties.extend_from_slice(more);
        Scim::new(&properties).validate()
    };
    with(&[]).unwrap();
    for name in ["tokenEndpoint", "clientId", "clientSecret"] {
        assert!(failure(with(&[(name, Value::Null)])).1.contains(name));
    }
    let refresh = ("grantType", Value::from("refresh_token"));
    assert!(failure(with(std::slice::from_ref(&refresh))).1.contains("refreshToken"));
    let lean =
        [refresh, ("refreshToken", secret("r")), ("clientId", Value::Null), ("clientSecret", Value::Null)];
    with(&lean).unwrap();
    with(&[("grantType", Value::Null)]).unwrap();
    assert!(failure(with(&[("grantType", "jwt_bearer".into())])).1.contains("jwtKey"));
    assert!(failure(with(&[("grantType", "code".into())])).1.contains("grantType"));
}

#[tokio::test]
async fn scim_c06_a_slash_at_the_end_is_dropped() {
    let service = FakeService::start(|_| Reply::scim(200, &json!({"Resources": []}))).await;
    Scim::at(&service.url("/s/")).test().await.unwrap();
    assert_eq!(service.lines(), ["GET /s/ServiceProviderConfig", "GET /s/Users?count=1"]);
}
