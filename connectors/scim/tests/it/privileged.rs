//! The PAM extension: containers, privileged data and permissions.

use icf::{Attribute, Value, ValueMap};
use icf_testkit::http::Reply;
use serde_json::{Value as Json, json};

use crate::harness::{Scim, attributes, equals, no_options, texts};
use crate::service::{Described, ENTERPRISE, GROUP, USER, asked, attribute, list_of, resource_type, schema};

const PAM: &str = "urn:ietf:params:scim:schemas:pam:1.0:";

fn urn(name: &str) -> String {
    format!("{PAM}{name}")
}

/// Password Safe as its documents describe it.
pub(crate) fn privileged() -> Described {
    let plain = |name: &str| attribute(name, "string", &json!({}));
    let reference = |name: &str| {
        attribute(
            name,
            "complex",
            &json!({"subAttributes": [plain("value"), plain("display"), plain("$ref"), plain("name")]}),
        )
    };
    let mut described = Described::standard();
    let linked = urn("LinkedObject");
    described.types = list_of(&[
        resource_type("User", "/Users", USER, &[ENTERPRISE, &linked]),
        resource_type("Group", "/Groups", GROUP, &[&linked]),
        resource_type("Container", "/Containers", &urn("Container"), &[]),
        resource_type("PrivilegedData", "/PrivilegedData", &urn("PrivilegedData"), &[]),
        resource_type("ContainerPermission", "/ContainerPermissions", &urn("ContainerPermission"), &[]),
    ]);
    let schemas = described.schemas["Resources"].as_array_mut().unwrap();
    schemas.extend([
        schema(&linked, "LinkedObject", &[plain("source"), plain("nativeIdentifier")]),
        schema(
            &urn("Container"),
            "Container",
            &[plain("name"), plain("displayName"), plain("type"), reference("owner")],
        ),
        schema(&urn("PrivilegedData"), "PrivilegedData", &[plain("name"), plain("type")]),
        schema(
            &urn("ContainerPermission"),
            "ContainerPermission",
            &[
                reference("container"),
                reference("group"),
                reference("user"),
                attribute("rights", "string", &json!({"multiValued": true})),
            ],
        ),
    ]);
    described
}

fn permission() -> Json {
    json!({"schemas": [urn("ContainerPermission")], "id": 12, "rights": ["Read", "Requester"],
        "container": {"value": "5", "name": "Servers", "$ref": "https://elsewhere.example/x"}, "group": {"value": "3", "display": "Ops"}})
}

#[tokio::test]
async fn scim_s02_the_classes_of_the_extension() {
    let service = privileged().start(|_| Reply::status(404)).await;
    let schema = Scim::at(&service.url("/s")).schema().await.unwrap();
    for class in ["Container", "ContainerPermission", "PrivilegedData"] {
        assert!(schema.object_class(class).is_some(), "{class}");
    }
    assert!(schema.object_class("__ACCOUNT__").unwrap().attribute("nativeIdentifier").is_some());
    assert!(schema.object_class("__GROUP__").unwrap().attribute("source").is_some());
}

#[tokio::test]
async fn scim_p01_permissions_of_a_group() {
    let service = privileged().start(|_| Reply::scim(200, &list_of(&[permission()]))).await;
    let scim = Scim::at(&service.url("/s"));
    let found =
        scim.search("ContainerPermission", Some(equals("group.value", "3")), &no_options()).await.unwrap();
    let asked = asked(&service);
    assert_eq!(asked[0].path, "/s/ContainerPermissions");
    assert_eq!(asked[0].parameter("filter").unwrap(), "group.value eq \"3\"");
    let object = &found.objects[0];
    assert_eq!((object.uid.value(), object.name.as_str()), ("12", "12"));
    let Value::Map(container) = &object.attribute("container").unwrap().values()[0] else { panic!() };
    assert_eq!(container.get("name").and_then(Value::as_str), Some("Servers"));
    let Value::Map(group) = &object.attribute("group").unwrap().values()[0] else { panic!() };
    assert_eq!(group.get("value").and_then(Value::as_str), Some("3"));
    assert_eq!(object.attribute("rights").unwrap().values(), ["Read".into(), "Requester".into()]);
}

#[tokio::test]
async fn scim_p02_a_permission_for_a_group() {
    let service = privileged().start(|_| Reply::scim(201, &permission())).await;
    let mut set = attributes([
        ("container", Value::Map(ValueMap::default().with("value", "5"))),
        ("group", "3".into()),
    ]);
    set.push(Attribute::new("rights", vec!["Read".into(), "Requester".into()]));
    let uid = Scim::at(&service.url("/s")).create("ContainerPermission", set).await.unwrap();
    assert_eq!(uid, "12");
    let sent = &asked(&service)[0];
    assert_eq!(sent.line(), "POST /s/ContainerPermissions");
    assert_eq!(
        sent.json(),
        json!({"schemas": [urn("ContainerPermission")], "container": {"value": "5"}, "group": {"value": "3"},
            "rights": ["Read", "Requester"]})
    );
}

#[tokio::test]
async fn scim_p03_what_password_safe_does_not_have_is_not_sent() {
    let service = privileged().start(|_| Reply::status(204)).await;
    let scim = Scim::with(&service.url("/s"), &[("providerProfile", "beyondtrust".into())]);
    let uid = scim.update("__ACCOUNT__", "1", texts([("title", "T"), ("locale", "de")])).await.unwrap();
    assert_eq!(uid, "1");
    assert!(asked(&service).is_empty());
    let name = ValueMap::default().with("familyName", "A").with("middleName", "M");
    let mut change = attributes([("name", Value::Map(name))]);
    change.push(Attribute::single("title", "T"));
    scim.update("__ACCOUNT__", "1", change).await.unwrap();
    let sent = asked(&service)[0].json();
    assert_eq!(sent["Operations"], json!([{"op": "replace", "value": {"name": {"familyName": "A"}}}]));
}

#[tokio::test]
async fn scim_r09_a_directory_account_names_its_entry() {
    let service = privileged().start(|_| Reply::scim(201, &json!({"id": "8", "userName": "ann"}))).await;
    let dn = "CN=Ann,OU=Users,DC=example,DC=com";
    let set = texts([("__NAME__", "ann"), ("source", "example.com"), ("nativeIdentifier", dn)]);
    Scim::at(&service.url("/s")).create("__ACCOUNT__", set).await.unwrap();
    assert_eq!(
        asked(&service)[0].json(),
        json!({"schemas": [USER, urn("LinkedObject")], "userName": "ann",
            urn("LinkedObject"): {"source": "example.com", "nativeIdentifier": dn}})
    );
}
