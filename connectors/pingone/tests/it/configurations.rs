//! Names, properties, regions, tokens.

use icf::{ErrorKind, Locale, Value};
use icf_testkit::http::{FakeService, Reply};

use crate::fake::{ENV, PingOne, error};
use crate::harness::{Connector, failure, kind, properties, registration, secret, texts};

#[test]
fn properties_and_names_are_those_of_the_original() {
    let info = registration().info();
    assert_eq!(info.key.connector_name, "org.forgerock.openicf.connectors.pingone.PingOneConnector");
    assert_eq!(info.key.bundle_name, "org.forgerock.openicf.connectors.pingone-connector");
    let properties = info.configuration.properties;
    let names: Vec<_> = properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(
        names[..14],
        [
            "serviceUri",
            "environmentId",
            "login",
            "password",
            "authenticationMethod",
            "tokenEndpoint",
            "clientId",
            "clientSecret",
            "authToken",
            "refreshToken",
            "grantType",
            "scope",
            "authorizationTokenPrefix",
            "useBasicAuthForOauthTokenNeg"
        ]
    );
    let confidential: Vec<_> =
        properties.iter().filter(|p| p.confidential).map(|p| p.name.as_str()).collect();
    assert_eq!(
        confidential,
        [
            "password",
            "clientSecret",
            "authToken",
            "clientCertPassword",
            "httpProxyPassword",
            "jwtKey",
            "jwtPem",
            "jwtCert"
        ]
    );
    let texts = &info.messages.catalogues[&Locale::default()];
    assert_eq!(texts[&info.display_name_key], "PingOne Connector");
    for property in properties {
        assert!(texts.contains_key(&property.display_key.unwrap()), "{}", property.name);
        assert!(texts.contains_key(&property.help_key.unwrap()), "{}", property.name);
    }
}

fn said(more: &[(&'static str, Value)]) -> (ErrorKind, String) {
    let mut properties = properties("https://api.pingone.com");
    properties.extend_from_slice(more);
    failure(Connector::new(&properties).validate())
}

#[test]
fn pingone_p01_an_environment_is_needed() {
    for (name, value) in [
        ("environmentId", Value::Null),
        ("environmentId", "not-a-uuid".into()),
        ("serviceUri", Value::Null),
        ("serviceUri", "api.pingone.com".into()),
        ("tokenEndpoint", "".into()),
        ("clientId", Value::Null),
        ("clientSecret", Value::Null),
        ("rateLimit", "often".into()),
    ] {
        let (kind, message) = said(&[(name, value)]);
        assert_eq!(kind, ErrorKind::Configuration, "{name}");
        assert!(message.contains(name), "{name}: {message}");
    }
    assert!(said(&[("authenticationMethod", "TOKEN".into())]).1.contains("authToken"));
    assert!(said(&[("authenticationMethod", "BASIC".into())]).1.contains("login"));
    let other = "https://api.pingone.com/v1/environments/99999999-2222-3333-4444-555555555555";
    assert!(said(&[("serviceUri", other.into())]).1.contains("two environments"));
}

#[tokio::test]
async fn pingone_p02_the_version_is_added_to_the_address() {
    let pingone = PingOne::start().await;
    Connector::on(&pingone).test().await.unwrap();
    let last = pingone.service.lines().pop().unwrap();
    assert_eq!(last, format!("GET /v1/environments/{ENV}"));
    for root in ["/v1/", &format!("/v1/environments/{ENV}/")] {
        let uri = pingone.service.url(root);
        Connector::with(&pingone, &[("serviceUri", uri.into())]).test().await.unwrap();
    }
}

/// The host and path that a configuration sends its first request to, as a proxy sees it.
#[tokio::test]
async fn pingone_p03_a_region_fills_the_addresses() {
    let nowhere = FakeService::start(|_| Reply::status(500)).await;
    let proxy = icf_testkit::http::FakeProxy::start(nowhere.address()).await;
    let connector = Connector::new(&[
        ("region", "asia".into()),
        ("environmentId", ENV.into()),
        ("clientId", "client".into()),
        ("clientSecret", secret("secret")),
        ("grantType", "client_credentials".into()),
        ("httpProxyHost", "127.0.0.1".into()),
        ("httpProxyPort", i32::from(proxy.address().port()).into()),
        ("connectionTimeout", 2.into()),
    ]);
    connector.validate().unwrap();
    let (_, message) = failure(connector.test().await);
    assert!(proxy.heads()[0].starts_with("CONNECT auth.pingone.asia:443 "), "{:?}", proxy.heads());
    assert!(message.contains(&format!("https://auth.pingone.asia/{ENV}/as/token")), "{message}");
}

#[test]
fn pingone_p04_regions_are_written_in_lower_case() {
    let (kind, message) = said(&[("region", "EU".into())]);
    assert_eq!(kind, ErrorKind::Configuration);
    assert!(message.contains("lower case"), "{message}");
}

#[tokio::test]
async fn pingone_p05_the_secret_goes_into_a_header_or_the_form() {
    for basic in [true, false] {
        let pingone = PingOne::start().await;
        Connector::with(&pingone, &[("useBasicAuthForOauthTokenNeg", basic.into())]).test().await.unwrap();
        let token = pingone.service.received()[0].clone();
        assert_eq!(token.header("authorization").is_some(), basic);
        assert_eq!(token.text().contains("client_secret=secret"), !basic);
    }
}

#[tokio::test]
async fn pingone_p06_the_other_way_is_tried() {
    let pingone = PingOne::with(|request| {
        let refused = request.path.ends_with("/as/token") && request.header("authorization").is_some();
        refused.then(|| Reply::json(401, &serde_json::json!({"error": "invalid_client"})))
    })
    .await;
    Connector::on(&pingone).test().await.unwrap();
    let tokens = pingone.service.received().into_iter().filter(|request| request.path.ends_with("/token"));
    assert_eq!(
        tokens.map(|request| request.header("authorization").is_some()).collect::<Vec<_>>(),
        [true, false]
    );
}

#[tokio::test]
async fn pingone_p07_the_environment_itself_need_not_be_readable() {
    let pingone = PingOne::with(|request| {
        request.path.ends_with(ENV).then(|| error(403, "ACCESS_FAILED", &serde_json::json!([])))
    })
    .await;
    Connector::on(&pingone).test().await.unwrap();
    assert_eq!(pingone.lines(), ["GET ", "GET /users"]);
    let pingone = PingOne::with(|request| {
        request.path.contains("/environments/").then(|| error(404, "NOT_FOUND", &serde_json::json!([])))
    })
    .await;
    assert_eq!(kind(Connector::on(&pingone).test().await), ErrorKind::Configuration);
}

#[tokio::test]
async fn pingone_p33_a_refused_token_is_replaced_once() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let pingone = PingOne::with(move |request| {
        let first = request.path.ends_with("/users/u1")
            && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        first.then(|| error(401, "INVALID_TOKEN", &serde_json::json!([])))
    })
    .await;
    pingone.user("u1", "ann");
    Connector::on(&pingone).update("__ACCOUNT__", "u1", texts([("title", "T")])).await.unwrap();
    let tokens = pingone.service.received().iter().filter(|request| request.path.ends_with("/token")).count();
    assert_eq!((tokens, pingone.lines()), (2, vec!["PATCH /users/u1".to_owned(); 2]));
}

#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn pingone_p42_logs_hold_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // Everything of this test runs on this thread. That no other test of this crate logs a secret is seen to by the
    // harness.
    let _guard = tracing::subscriber::set_default(subscriber);
    let pingone = PingOne::with(|request| {
        let echoes = request.method == "PATCH";
        echoes.then(|| {
            error(
                400,
                "INVALID_DATA",
                &serde_json::json!([{"code": "X", "target": "title",
            "message": "sent with Bearer access and client_secret=secret-of-the-client"}]),
            )
        })
    })
    .await;
    pingone.user("u1", "ann");
    let connector = Connector::on(&pingone);
    let password = || crate::harness::attributes([("__PASSWORD__", secret("user-password-42"))]);
    connector.update("__ACCOUNT__", "u1", password()).await.unwrap();
    let mut set = password();
    set.push(icf::Attribute::single("__NAME__", "bob"));
    set.push(icf::Attribute::single("email", "bob@example.com"));
    connector.create("__ACCOUNT__", set).await.unwrap();
    let mut failed = format!("{:?}", connector.update("__ACCOUNT__", "nobody", password()).await);
    failed.push_str(&format!("{:?}", connector.update("__ACCOUNT__", "u1", texts([("title", "T")])).await));
    let wrong = [("clientSecret", secret("hidden-0123-secret"))];
    failed.push_str(&format!("{:?}", Connector::with(&pingone, &wrong).test().await));
    let refresh = [("grantType", "refresh_token".into()), ("refreshToken", secret("refresh-me-0123"))];
    failed.push_str(&format!("{:?}", Connector::with(&pingone, &refresh).test().await));
    let fixed = [("authenticationMethod", "TOKEN".into()), ("authToken", secret("fixed-token-0123"))];
    failed.push_str(&format!("{:?}", Connector::with(&pingone, &fixed).test().await));
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("A request was answered"), "{logged}");
    assert_eq!(failed.matches("Err(").count(), 5, "{failed}");
    for hidden in [
        "user-password-42",
        "Bearer access",
        "Y2xpZW50OnNlY3JldA",
        "secret-of-the-client",
        "hidden-0123-secret",
        "refresh-me-0123",
        "fixed-token-0123",
    ] {
        assert!(!logged.contains(hidden) && !failed.contains(hidden), "{hidden}");
    }
}
