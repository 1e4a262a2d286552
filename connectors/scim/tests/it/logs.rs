//! No secret in any line that is logged: here at the lowest level, with services that repeat secrets in what they say.
//! That no other test of this crate logs one at the level that an operator may set is seen to by the harness.

use std::io::Write;
use std::sync::{Arc, Mutex};

use icf_testkit::http::{FakeService, Reply};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Scim, attributes, equals, oauth_properties, secret, texts};
use crate::service::{Described, error, list_of, user};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn scim_m01_logs_hold_no_secret() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    // Everything of this test runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let described = Described::standard();
    let service = FakeService::start(move |request| match (request.method.as_str(), request.path.as_str()) {
        (_, "/token") if request.text().contains("old-refresh") => Reply::json(
            200,
            &json!({"access_token": "access-1", "refresh_token": "new-refresh", "expires_in": 1}),
        ),
        (_, "/token") => Reply::json(
            400,
            &json!({"error": "invalid_grant", "error_description": "Bearer access-1 new-refresh"}),
        ),
        ("POST", _) => Reply::scim(201, &user("1", "ann")),
        ("PATCH", _) => error(400, "invalidValue", "sent Bearer access-1"),
        _ => described.describe(request).unwrap_or_else(|| Reply::scim(200, &list_of(&[user("1", "ann")]))),
    })
    .await;
    let mut properties = oauth_properties(&service.url(""));
    properties.extend([
        ("grantType", "refresh_token".into()),
        ("refreshToken", secret("old-refresh")),
        ("clientSecret", secret("client-secret")),
    ]);
    let scim = Scim::new(&properties);
    let password = attributes([("__NAME__", "ann".into()), ("__PASSWORD__", secret("user-password"))]);
    let mut errors = vec![format!("{:?}", scim.create("__ACCOUNT__", password).await)];
    errors.push(format!("{:?}", scim.test().await));
    errors.push(format!(
        "{:?}",
        scim.update("__ACCOUNT__", "1", attributes([("__PASSWORD__", secret("user-password"))])).await
    ));
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    errors.push(format!(
        "{:?}",
        scim.search("__ACCOUNT__", Some(equals("title", "x")), &icf::OperationOptions::default()).await
    ));
    let basic = [
        ("authenticationMethod", "BASIC".into()),
        ("user", "u".into()),
        ("password", secret("basic-password")),
    ];
    errors.push(format!(
        "{:?}",
        Scim::with(&service.url("/s"), &basic).update("__ACCOUNT__", "1", texts([("title", "T")])).await
    ));
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("A request was answered"), "{logged}");
    let all = format!("{logged}\n{}", errors.join("\n"));
    for hidden in [
        "access-1",
        "old-refresh",
        "client-secret",
        "user-password",
        "basic-password",
        "dTpiYXNpYy1wYXNzd29yZA",
    ] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
}
