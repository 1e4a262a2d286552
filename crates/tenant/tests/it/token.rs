//! The token end point.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tenant::{AuthMethod, Client as OauthClient, Fault, FaultKind, Point};

use crate::harness::{Got, Rig, options};

async fn token(rig: &Rig, basic: Option<&str>, form: &str) -> Got {
    let client = Client::builder().no_proxy().build().unwrap();
    let mut request = client
        .post(rig.tenant.token_url())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    if let Some(basic) = basic {
        request = request.header("Authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Got { status, headers, body: serde_json::from_str(&text).unwrap_or(Json::String(text)) }
}

const FORM: &str = "grant_type=client_credentials&scope=fr:idm:*";

#[tokio::test]
async fn tenant_t01_a_token_by_basic() {
    let rig = Rig::bare(options()).await;
    let got = token(&rig, Some("RCSClient:openidm"), FORM).await;
    assert_eq!(got.status, 200);
    let members: Vec<&str> = got.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["access_token", "scope", "token_type", "expires_in"]);
    assert_eq!(got.body["token_type"], "Bearer");
    assert_eq!(got.body["scope"], "fr:idm:*");
    assert_eq!(got.body["expires_in"], 3599);
    assert!(got.body["access_token"].as_str().unwrap().len() >= 27);
    assert_eq!((got.header("cache-control"), got.header("pragma")), ("no-store", "no-cache"));
}

#[tokio::test]
async fn tenant_t02_a_token_by_body() {
    let rig = Rig::bare(options()).await;
    let form = format!("{FORM}&client_id=RCSClient&client_secret=openidm");
    assert_eq!(token(&rig, None, &form).await.status, 200);
}

#[tokio::test]
async fn tenant_t03_a_wrong_secret() {
    let rig = Rig::bare(options()).await;
    let got = token(&rig, Some("RCSClient:wrong"), FORM).await;
    assert_eq!(got.status, 401);
    assert_eq!(
        got.body,
        json!({"error_description": "Client authentication failed", "error": "invalid_client"})
    );
    assert_eq!(got.header("www-authenticate"), "Basic realm=\"/alpha\"");
}

#[tokio::test]
async fn tenant_t04_an_unknown_scope() {
    let rig = Rig::bare(options()).await;
    let got = token(&rig, Some("RCSClient:openidm"), "grant_type=client_credentials&scope=x").await;
    assert_eq!(got.status, 400);
    assert_eq!(
        got.body,
        json!({"error_description": "Unknown/invalid scope(s): [x]", "error": "invalid_scope"})
    );
}

#[tokio::test]
async fn every_other_refusal() {
    let rig = Rig::bare(options()).await;
    let basic = Some("RCSClient:openidm");
    let error = |got: &Got| (got.status, got.body["error"].as_str().unwrap().to_owned());
    let row = |status: u16, error: &str| (status, error.to_owned());
    assert_eq!(error(&token(&rig, basic, "scope=x").await), row(400, "invalid_request"));
    assert_eq!(error(&token(&rig, basic, "grant_type=password").await), row(400, "unsupported_grant_type"));
    let both = format!("{FORM}&client_id=RCSClient&client_secret=openidm");
    assert_eq!(error(&token(&rig, basic, &both).await), row(400, "invalid_request"));
    let none = token(&rig, None, FORM).await;
    assert_eq!(error(&none), row(401, "invalid_client"));
    assert_eq!(none.header("www-authenticate"), "");
    let no_scope = token(&rig, basic, "grant_type=client_credentials").await;
    assert_eq!(no_scope.body["error_description"], "No scope requested and no default scope configured");
    let get = rig.send_raw(Method::GET, "/am/oauth2/access_token", &[], None).await;
    assert_eq!(error(&get), row(405, "method_not_allowed"));
}

#[tokio::test]
async fn a_client_may_be_bound_to_one_method() {
    let rig = Rig::bare(options()).await;
    let mut client = OauthClient::new("c", "s");
    client.method = AuthMethod::Post;
    rig.tenant.put_client(client);
    let got = token(&rig, Some("c:s"), FORM).await;
    assert_eq!(got.status, 401);
    let text = "Invalid authentication method for accessing this endpoint.";
    assert_eq!(got.body["error_description"], text);
    assert_eq!(token(&rig, None, &format!("{FORM}&client_id=c&client_secret=s")).await.status, 200);
}

#[tokio::test]
async fn basic_credentials_are_tried_decoded_and_raw() {
    let rig = Rig::bare(options()).await;
    rig.tenant.put_client(OauthClient::new("a b", "p%2B"));
    assert_eq!(token(&rig, Some("a+b:p%252B"), FORM).await.status, 200);
    assert_eq!(token(&rig, Some("a b:p%2B"), FORM).await.status, 200);
}

#[tokio::test]
async fn set_up_scripts_can_make_clients() {
    let rig = Rig::bare(options()).await;
    let path = "/am/json/realms/root/realms/alpha/realm-config/agents/OAuth2Client/rcs2";
    let body = json!({
        "coreOAuth2ClientConfig": {
            "userpassword": "geheim", "scopes": {"inherited": false, "value": ["fr:idm:*"]},
            "defaultScopes": ["fr:idm:*"], "status": "Active",
        },
        "advancedOAuth2ClientConfig": {"grantTypes": {"value": ["client_credentials"]}},
    });
    let put = rig.send_raw(Method::PUT, path, &[], Some(body)).await;
    assert_eq!(put.status, 200);
    assert!(!put.body.to_string().contains("geheim"));
    assert_eq!(token(&rig, Some("rcs2:geheim"), "grant_type=client_credentials").await.status, 200);
    assert_eq!(rig.send_raw(Method::GET, path, &[], None).await.body["_id"], "rcs2");
}

#[tokio::test]
async fn faults_of_the_end_point() {
    let rig = Rig::bare(options()).await;
    let arm = |kind, params| {
        rig.tenant.arm(Fault { params, ..Fault::new(Point::Token, kind) }).unwrap();
    };
    let ask = || token(&rig, Some("RCSClient:openidm"), FORM);
    arm(FaultKind::Status, json!({"status": 503, "body": "later"}));
    let got = ask().await;
    assert_eq!((got.status, got.body), (503, json!("later")));
    arm(FaultKind::BadJson, Json::Null);
    assert!(ask().await.body.is_string());
    arm(FaultKind::ShortLife, json!({"seconds": 1}));
    let short = ask().await.body;
    assert_eq!(short["expires_in"], 1);
    let bearer = format!("Bearer {}", short["access_token"].as_str().unwrap());
    rig.tenant.advance_clock(std::time::Duration::from_secs(2));
    let got = rig.send_raw(Method::GET, "/openidm/config", &[("Authorization", &bearer)], None).await;
    assert_eq!(got.status, 401);
    arm(FaultKind::NoExpiresIn, Json::Null);
    assert!(ask().await.body.get("expires_in").is_none());
    arm(FaultKind::ExtraMembers, Json::Null);
    assert!(ask().await.body.get("id_token").is_some());
    arm(FaultKind::Drop, Json::Null);
    let dropped = Client::builder().no_proxy().build().unwrap().post(rig.tenant.token_url()).send().await;
    assert!(dropped.is_err());
    assert_eq!(ask().await.status, 200);
}

#[tokio::test]
async fn the_rest_interface_asks_for_the_right_credentials() {
    let rig = Rig::bare(options()).await;
    let bearer = async |basic: &str| {
        let got = token(&rig, Some(basic), FORM).await;
        format!("Bearer {}", got.body["access_token"].as_str().unwrap())
    };
    let status = async |headers: &[(&str, &str)]| {
        let got = rig.send_raw(Method::GET, "/openidm/config", headers, None).await;
        (got.status, got.message())
    };
    let admin = bearer("idm-admin:idm-admin").await;
    assert_eq!(status(&[("Authorization", &admin)]).await.0, 200);
    let server = bearer("RCSClient:openidm").await;
    assert_eq!(status(&[("Authorization", &server)]).await, (403, "Access denied".to_owned()));
    assert_eq!(status(&[]).await, (401, "Access Denied".to_owned()));
    let wrong = [("X-OpenIDM-Username", "openidm-admin"), ("X-OpenIDM-Password", "x")];
    assert_eq!(status(&wrong).await.0, 401);
    let extended =
        [("X-OpenIDM-Username", "openidm-admin"), ("X-OpenIDM-Password", "UTF-8''openidm%2Dadmin")];
    assert_eq!(status(&extended).await.0, 200);
    let ping = rig.send_raw(Method::GET, "/openidm/info/ping", &[], None).await;
    assert_eq!(ping.body["state"], "ACTIVE_READY");
}
