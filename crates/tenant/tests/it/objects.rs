//! Single objects: read, create, update, delete, authenticate.

use icf::{Attribute, ErrorKind, Uid};
use icf_wire::rpc::Answer;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Rig, o42, object, object42};
use crate::scripted::Play;

async fn get(rig: &Rig, path: &str) -> crate::harness::Got {
    rig.on_type(Method::GET, path, &[], None).await
}

const GET_42: &str = "Get(__ACCOUNT__, 42, {A:D})";

#[tokio::test]
async fn tenant_t22_an_object_is_read() {
    let rig = Rig::ready().await;
    let got = get(&rig, "/42").await;
    assert_eq!((got.status, got.body), (200, o42()));
    assert_eq!(rig.log(), [GET_42]);
}

#[tokio::test]
async fn tenant_t23_fields_choose_attributes() {
    let rig = Rig::ready().await;
    let got = get(&rig, "/42?_fields=sn,memo").await;
    assert_eq!(got.body, json!({"_id": "42", "sn": "Doe"}));
    assert_eq!(rig.log(), ["Get(__ACCOUNT__, 42, {A:[sn memo]})"]);
}

#[tokio::test]
async fn tenant_t24_everything_behind_the_type_is_one_id() {
    let rig = Rig::ready().await;
    for path in ["/uid=a%2Fb,dc=x", "/uid=a/b,dc=x"] {
        assert_eq!(get(&rig, path).await.status, 200);
        assert_eq!(rig.log(), ["Get(__ACCOUNT__, uid=a/b,dc=x, {A:D})"]);
    }
}

#[tokio::test]
async fn tenant_t25_an_object_that_is_not_there() {
    let rig = Rig::ready().await;
    rig.backend.on("Get", Play::Answer(Answer::Object(None)));
    get(&rig, "/99").await.is_error(404, "Object 99 not found on system/t1/account");
    assert_eq!(rig.log(), ["Get(__ACCOUNT__, 99, {A:D})"]);
}

#[tokio::test]
async fn a_revision_is_a_tag() {
    let rig = Rig::ready().await;
    let mut revised = object42();
    revised.uid = revised.uid.with_revision("7");
    for _ in 0..2 {
        rig.backend.on("Get", Play::Answer(Answer::Object(Some(Box::new(revised.clone())))));
    }
    let got = get(&rig, "/42").await;
    assert_eq!((got.header("etag"), &got.body["_rev"]), ("\"7\"", &json!("7")));
    let same = rig.on_type(Method::GET, "/42", &[("If-None-Match", "\"7\"")], None).await;
    assert_eq!(same.status, 304);
}

#[tokio::test]
async fn tenant_t41_an_object_is_created() {
    let rig = Rig::ready().await;
    let body = json!({
        "name": "jd", "sn": "Doe", "mail": "a@x", "created": "z", "age": null, "__PASSWORD__": "p",
    });
    let got = rig.on_type(Method::POST, "?_action=create", &[], Some(body)).await;
    assert_eq!((got.status, &got.body), (201, &o42()));
    assert_eq!(got.header("location"), "/openidm/system/t1/account/42");
    assert_eq!(
        rig.log(),
        [
            "Create(__ACCOUNT__, {__NAME__:[jd], __PASSWORD__:[Guarded(p)], email:[a@x], sn:[Doe]}, {A:D})",
            GET_42,
        ]
    );
}

#[tokio::test]
async fn tenant_t42_a_required_property_is_missing() {
    let rig = Rig::ready().await;
    let got = rig.on_type(Method::POST, "", &[], Some(json!({"name": "x"}))).await;
    got.is_error(400, "Required attribute 'sn' value is null");
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t43_undeclared_members() {
    let rig = Rig::ready().await;
    let got = rig.on_type(Method::POST, "", &[], Some(json!({"name": "x", "sn": "y", "foo": 1}))).await;
    got.is_error(400, "Target does not support attribute foo");
    rig.asked_nothing();
    let got = rig.on_type(Method::POST, "", &[], Some(json!({"name": "x", "sn": "y", "_foo": 1}))).await;
    assert_eq!(got.status, 201);
    assert_eq!(rig.log()[0], "Create(__ACCOUNT__, {__NAME__:[x], sn:[y]}, {A:D})");
}

#[tokio::test]
async fn tenant_t44_a_value_that_does_not_fit() {
    let rig = Rig::ready().await;
    let body = json!({"name": "x", "sn": "y", "age": "abc"});
    let got = rig.on_type(Method::POST, "", &[], Some(body)).await;
    got.is_error(500, "Failed build age attribute.");
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t45_an_object_that_exists() {
    let rig = Rig::ready().await;
    rig.backend.on("Create", Play::Fail(ErrorKind::AlreadyExists, "exists"));
    let got = rig.on_type(Method::POST, "", &[], Some(json!({"name": "jd", "sn": "y"}))).await;
    got.is_error(412, "System object jd already exists");
    let class = "org.identityconnectors.framework.common.exceptions.AlreadyExistsException";
    assert_eq!(got.header("x-tenant-icf-exception"), class);
    assert_eq!(rig.log().len(), 1);
}

#[tokio::test]
async fn tenant_t46_put_does_not_create() {
    let rig = Rig::ready().await;
    let got = rig.on_type(Method::PUT, "/42", &[], Some(json!({}))).await;
    got.is_error(
        500,
        "UPSERT (i.e. PUT without the 'if-match' nor 'if-none-match' header) is not supported.",
    );
    let got = rig.on_type(Method::PUT, "/42", &[("If-None-Match", "*")], Some(json!({}))).await;
    got.is_error(500, "Create with client provided ID is not supported.");
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t47_an_update_sends_what_is_there() {
    let rig = Rig::ready().await;
    let body = json!({"sn": "Roe", "mail": [], "age": null, "created": "z"});
    let got = rig.on_type(Method::PUT, "/42", &[("If-Match", "*")], Some(body)).await;
    assert_eq!((got.status, got.body), (200, o42()));
    assert_eq!(
        rig.log(),
        [GET_42, "Update REPLACE(__ACCOUNT__, 42, {age:null, email:[], sn:[Roe]}, {A:D})", GET_42]
    );
}

#[tokio::test]
async fn tenant_t48_an_update_at_another_revision() {
    let rig = Rig::ready().await;
    rig.backend.on("Update", Play::Fail(ErrorKind::PreconditionFailed, "no"));
    let got = rig.on_type(Method::PUT, "/42", &[("If-Match", "\"7\"")], Some(json!({"sn": "Roe"}))).await;
    got.is_error(
        412,
        "The resource version for 42 does not match the version provided on operation UPDATE for system object: \
         system/t1/account",
    );
    assert_eq!(
        rig.log(),
        ["Get(__ACCOUNT__, 42 rev 7, {A:D})", "Update REPLACE(__ACCOUNT__, 42 rev 7, {sn:[Roe]}, {A:D})",]
    );
}

#[tokio::test]
async fn tenant_t49_a_renamed_object_has_a_new_identity() {
    let rig = Rig::ready().await;
    rig.backend.on("Update", Play::Answer(Answer::Uid(Some(Uid::try_new("43").unwrap()))));
    rig.backend.on("Get", Play::Answer(Answer::Object(Some(Box::new(object42())))));
    rig.backend.on("Get", Play::Answer(Answer::Object(Some(Box::new(object("43", "new"))))));
    let got = rig.on_type(Method::PUT, "/42", &[("If-Match", "*")], Some(json!({"name": "new"}))).await;
    assert_eq!((got.status, &got.body["_id"]), (200, &json!("43")));
    assert_eq!(
        rig.log(),
        [GET_42, "Update REPLACE(__ACCOUNT__, 42, {__NAME__:[new]}, {A:D})", "Get(__ACCOUNT__, 43, {A:D})",]
    );
}

#[tokio::test]
async fn unchanged_members_can_be_left_out_of_updates() {
    let rig = Rig::ready_with(json!({"excludeUnmodified": true})).await;
    let put = async |body: Json| rig.on_type(Method::PUT, "/42", &[("If-Match", "*")], Some(body)).await;
    put(json!({"sn": "Doe", "age": 31})).await;
    assert_eq!(rig.log(), [GET_42, "Update REPLACE(__ACCOUNT__, 42, {age:[Integer 31]}, {A:D})", GET_42]);
    put(json!({"sn": "Doe"})).await;
    assert_eq!(rig.log(), [GET_42, GET_42]);
}

#[tokio::test]
async fn an_update_with_the_persons_own_rights() {
    let rig = Rig::ready().await;
    let headers = [("If-Match", "*"), ("X-OpenIDM-Reauth-Password", "old")];
    rig.on_type(Method::PUT, "/42", &headers, Some(json!({"__PASSWORD__": "new"}))).await;
    assert_eq!(
        rig.log(),
        [
            GET_42,
            "Update REPLACE(__ACCOUNT__, 42, {__PASSWORD__:[Guarded(new)]}, \
             {A:D, RUN_AS_USER:jd, RUN_WITH_PASSWORD:Guarded(old)})",
            "Update REPLACE(__ACCOUNT__, 42, {}, {A:D})",
            GET_42,
        ]
    );
}

#[tokio::test]
async fn tenant_t57_an_object_is_deleted() {
    let rig = Rig::ready().await;
    let got = rig.on_type(Method::DELETE, "/42", &[], None).await;
    assert_eq!((got.status, got.body), (200, o42()));
    assert_eq!(rig.log(), [GET_42, "Delete(__ACCOUNT__, 42, {A:D})"]);
}

#[tokio::test]
async fn tenant_t58_deleting_what_is_not_there() {
    let rig = Rig::ready().await;
    rig.backend.on("Get", Play::Answer(Answer::Object(None)));
    rig.backend.on("Delete", Play::Fail(ErrorKind::UnknownUid, "gone"));
    let got = rig.on_type(Method::DELETE, "/42", &[], None).await;
    got.is_error(404, "Operation DELETE could not find resource 42 on system object: system/t1/account");
    assert_eq!(got.body["detail"], json!({}));
    assert_eq!(rig.log(), [GET_42, "Delete(__ACCOUNT__, 42, {A:D})"]);
}

#[tokio::test]
async fn tenant_t59_authentication() {
    let rig = Rig::ready().await;
    let path = "?_action=authenticate&username=jd&password=p";
    let got = rig.on_type(Method::POST, path, &[], None).await;
    assert_eq!((got.status, got.body), (200, json!({"_id": "42"})));
    assert_eq!(rig.log(), ["Authenticate(__ACCOUNT__, jd, Guarded(p), {A:D})"]);
    rig.backend.on("Authenticate", Play::Fail(ErrorKind::InvalidPassword, "no"));
    let body = json!({"username": "jd", "password": "p"});
    rig.on_type(Method::POST, "?_action=authenticate", &[], Some(body))
        .await
        .is_error(401, "Invalid password has been provided to operation ACTION for system object: null");
    let got = rig.on_type(Method::POST, "?_action=authenticate&username=jd", &[], None).await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn actions_of_a_type() {
    let rig = Rig::ready().await;
    let act = async |name: &str| rig.on_type(Method::POST, &format!("?_action={name}"), &[], None).await;
    act("resolveUsername").await.is_error(400, "Unsupported action: resolveUsername");
    assert_eq!(act("dance").await.status, 400);
    get(&rig, "").await.is_error(400, "The resource collection  cannot be read");
    get(&rig, "/42?_queryFilter=true").await.is_error(400, "The resource instance 42 cannot be queried");
    rig.asked_nothing();
}

#[tokio::test]
async fn operations_can_be_denied_or_missing() {
    let rig = Rig::ready_with(json!({"operationOptions": {
        "DELETE": {"denied": true},
        "UPDATE": {"supportedObjectTypes": ["__GROUP__"]},
    }}))
    .await;
    let got = rig.on_type(Method::DELETE, "/42", &[], None).await;
    got.is_error(403, "Operation DELETE is configured to be denied");
    let got = rig.on_type(Method::PUT, "/42", &[("If-Match", "*")], Some(json!({"sn": "x"}))).await;
    assert_eq!(got.status, 501);
    let got = rig.get("/openidm/system/t1/__ALL__/42").await;
    got.is_error(404, "Operation is not allowed on __ALL__ object class");
    rig.asked_nothing();

    let mut poor = crate::harness::info("1.5.20.11");
    poor.configuration.supported_operations = Some([icf::ApiOperation::Search].into_iter().collect());
    rig.backend.connect(0, "rcs1", vec![poor]);
    assert_eq!(rig.put_system(json!({})).await.status, 200);
    rig.asked_nothing();
    get(&rig, "/42").await.is_error(
        501,
        "Operation org.identityconnectors.framework.api.operations.GetApiOp is not supported by the Connector",
    );
    let status = rig.post("/openidm/system/t1?_action=test", json!({})).await.body;
    assert_eq!((&status["error"], &status["ok"]), (&json!("TEST UnsupportedOperation"), &json!(false)));
}

#[tokio::test]
async fn an_id_in_location_is_encoded() {
    let rig = Rig::ready().await;
    rig.backend.on("Create", Play::Answer(Answer::Uid(Some(Uid::try_new("uid=a/b c").unwrap()))));
    rig.backend.on("Get", Play::Answer(Answer::Object(None)));
    let got = rig.on_type(Method::POST, "", &[], Some(json!({"name": "x", "sn": "y"}))).await;
    assert_eq!((got.status, got.body.clone()), (201, json!({"_id": "uid=a/b c"})));
    assert_eq!(got.header("location"), "/openidm/system/t1/account/uid=a%2Fb%20c");
}

#[tokio::test]
async fn a_value_that_cannot_be_shown_is_an_error() {
    let rig = Rig::ready().await;
    let wrong = object("42", "jd").with(Attribute::new("sn", vec!["a".into(), "b".into()]));
    rig.backend.on("Get", Play::Answer(Answer::Object(Some(Box::new(wrong)))));
    get(&rig, "/42").await.is_error(500, "The sn attribute is not single value attribute.");
}
