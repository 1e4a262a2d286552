//! What the service has, as an ICF schema.

use icf::{AttributeFlag, ErrorKind, ValueType};
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

use crate::harness::{Scim, kind, no_options, text};
use crate::service::{Described, USER, attribute, error, list_of, resource_type, schema, standard};

#[tokio::test]
async fn scim_s01_users_and_groups_with_flattened_extensions() {
    let service = standard(|_| error(404, "", "")).await;
    let schema = Scim::at(&service.url("/s")).schema().await.unwrap();
    assert_eq!(service.lines(), ["GET /s/ServiceProviderConfig", "GET /s/ResourceTypes", "GET /s/Schemas"]);
    let classes: Vec<_> = schema.object_classes.iter().map(|info| info.object_class.as_str()).collect();
    assert_eq!(classes, ["__ACCOUNT__", "__GROUP__"]);
    let user = schema.object_class("__ACCOUNT__").unwrap();
    let kind = |name: &str| user.attribute(name).unwrap().value_type.clone();
    assert_eq!(kind("department"), ValueType::String);
    assert_eq!(kind("level"), ValueType::Long);
    assert_eq!(kind("rate"), ValueType::Double);
    assert_eq!(kind("active"), ValueType::Boolean);
    assert_eq!(kind("emails"), ValueType::Map);
    assert_eq!(kind("roles"), ValueType::String);
    assert_eq!(kind("__PASSWORD__"), ValueType::GuardedString);
    assert!(user.attribute("__NAME__").is_some() && user.attribute("userName").is_some());
    for name in ["id", "externalId", "meta", "schemas"] {
        assert!(user.attribute(name).is_some(), "{name}");
    }
    let groups = user.attribute("groups").unwrap();
    assert!(!groups.has(AttributeFlag::NotUpdateable) && !groups.has(AttributeFlag::NotCreatable));
    assert!(groups.has(AttributeFlag::Multivalued));
    let meta = user.attribute("meta").unwrap();
    assert!(meta.has(AttributeFlag::NotUpdateable) && meta.has(AttributeFlag::NotCreatable));
    assert!(user.attribute("password").is_none() && user.attribute("multiValuedAttributes").is_none());
}

#[tokio::test]
async fn scim_s03_a_service_without_schemas_gets_the_standard_ones() {
    let service = Described::standard().start(|_| error(404, "", "")).await;
    let described = Described::standard();
    drop(service);
    let service = FakeService::start(move |request| match request.path.as_str() {
        "/s/Schemas" => error(500, "", "broken"),
        _ => described.describe(request).unwrap_or_else(|| error(404, "", "")),
    })
    .await;
    let schema = Scim::at(&service.url("/s")).schema().await.unwrap();
    let user = schema.object_class("__ACCOUNT__").unwrap();
    for name in ["nickName", "x509Certificates", "costCenter", "manager", "timezone"] {
        assert!(user.attribute(name).is_some(), "{name}");
    }
    assert!(schema.object_class("__GROUP__").unwrap().attribute("members").is_some());
}

#[tokio::test]
async fn a_service_that_describes_nothing_gets_the_standard_schema() {
    let service = FakeService::start(|_| error(404, "", "")).await;
    let schema = Scim::at(&service.url("/s")).schema().await.unwrap();
    assert_eq!(schema.object_classes.len(), 2);
}

#[tokio::test]
async fn a_refusal_of_the_credentials_is_no_reason_for_a_standard_schema() {
    let service = FakeService::start(|_| error(401, "", "")).await;
    assert_eq!(kind(Scim::at(&service.url("/s")).schema().await), ErrorKind::InvalidCredential);
    let service = FakeService::start(|_| error(403, "", "")).await;
    assert_eq!(kind(Scim::at(&service.url("/s")).schema().await), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn scim_s04_the_class_is_named_by_the_type_and_lives_at_its_endpoint() {
    let mut described = Described::standard();
    described.types = list_of(&[resource_type("Person", "/people", "urn:x:Employee", &[])]);
    described.schemas =
        list_of(&[schema("urn:x:Employee", "Employee", &[attribute("displayName", "string", &json!({}))])]);
    let service =
        described.start(|_| Reply::scim(200, &list_of(&[json!({"id": "1", "displayName": "A"})]))).await;
    let scim = Scim::at(&service.url("/s"));
    let schema = scim.schema().await.unwrap();
    assert_eq!(schema.object_classes[0].object_class.as_str(), "Person");
    for class in ["Person", "person", "Employee"] {
        let found = scim.search(class, None, &no_options()).await.unwrap();
        assert_eq!(found.objects[0].object_class.as_str(), "Person");
        assert_eq!(found.objects[0].name, "A");
    }
    assert!(service.lines().iter().any(|line| line.starts_with("GET /s/people?")), "{:?}", service.lines());
    assert_eq!(kind(scim.search("Other", None, &no_options()).await), ErrorKind::Unsupported);
}

#[tokio::test]
async fn scim_s05_words_that_nobody_knows_do_no_harm() {
    let mut described = Described::standard();
    let odd = attribute("odd", "json", &json!({"mutability": "weird", "returned": "sometimes"}));
    described.types = list_of(&[resource_type("User", "Users", USER, &[])]);
    described.schemas = json!([schema(USER, "User", &[odd])]);
    let service = described.start(|_| error(404, "", "")).await;
    let schema = Scim::at(&service.url("/s")).schema().await.unwrap();
    let info = schema.object_class("__ACCOUNT__").unwrap().attribute("odd").unwrap();
    assert_eq!(info.value_type, ValueType::String);
    assert!(!info.has(AttributeFlag::NotUpdateable) && !info.has(AttributeFlag::NotReturnedByDefault));
}

#[tokio::test]
async fn scim_s06_what_no_schema_knows_is_delivered() {
    let service = standard(|_| {
        Reply::scim(
            200,
            &list_of(&[json!({"id": 7, "userName": "u", "shoe": "44", "urn:x": {"a": 1}, "active": "True"})]),
        )
    })
    .await;
    let users = Scim::at(&service.url("/s")).users().await.unwrap();
    assert_eq!(users[0].uid.value(), "7");
    assert_eq!(text(&users[0], "shoe"), Some("44"));
    assert_eq!(users[0].attribute("active").unwrap().values(), [true.into()]);
}

#[tokio::test]
async fn an_endpoint_on_another_host_is_refused() {
    let mut described = Described::standard();
    described.types = list_of(&[resource_type("User", "https://evil.example/Users", USER, &[])]);
    let service = described.start(|_| error(404, "", "")).await;
    assert_eq!(kind(Scim::at(&service.url("/s")).schema().await), ErrorKind::Configuration);
}
