//! What of a token endpoint's answer is believed.

use std::time::Duration;

use icf::GuardedString;
use reqwest::StatusCode;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Grant, OAuthSettings, TokenFault};
use crate::fault::presentable;
use crate::json;

/// The longest life that is believed.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// What an endpoint granted.
pub(super) struct Granted {
    pub(super) access_token: Zeroizing<String>,
    /// `None` if the endpoint does not say.
    pub(super) lifetime: Option<Duration>,
    /// A refresh token other than the one used.
    pub(super) refresh_token: Option<GuardedString>,
}

/// Reads the answer of the endpoint `shown`; `used` is the refresh token that was sent.
pub(super) fn understand(
    settings: &OAuthSettings,
    shown: &str,
    status: StatusCode,
    text: &[u8],
    used: Option<&GuardedString>,
) -> Result<Granted, TokenFault> {
    let parsed = json::parse(text);
    if !status.is_success() {
        return Err(refused(settings, shown, status, parsed.ok().as_ref(), used));
    }
    let unusable =
        |what: String| TokenFault::Unusable { endpoint: shown.to_owned(), status: status.as_u16(), what };
    let body = parsed.map_err(|error| unusable(error.to_string()))?;
    if body.get("token_type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("mac")) {
        return Err(unusable("token_type is mac, which is not supported".to_owned()));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let access_token = text("access_token").ok_or_else(|| unusable("it has no access_token".to_owned()))?;
    let rotated = match &settings.grant {
        Grant::RefreshToken(_) => text("refresh_token").map(GuardedString::new),
        _ => None,
    };
    let rotated = rotated.filter(|token| Some(token) != used);
    Ok(Granted {
        access_token: Zeroizing::new(access_token.to_owned()),
        lifetime: lifetime(body.get("expires_in")),
        refresh_token: rotated,
    })
}

fn refused(
    settings: &OAuthSettings,
    shown: &str,
    status: StatusCode,
    body: Option<&Value>,
    used: Option<&GuardedString>,
) -> TokenFault {
    let endpoint = shown.to_owned();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return TokenFault::Busy { endpoint, status: status.as_u16() };
    }
    let member = |name: &str| body.and_then(|body| body.get(name)).and_then(Value::as_str).map(str::to_owned);
    let code = member("error");
    let description = member("error_description");
    let said: Vec<_> = code.iter().chain(&description).map(String::as_str).collect();
    let error = if said.is_empty() {
        "it gives no reason".to_owned()
    } else {
        hidden(settings, used, said.join(": "))
    };
    TokenFault::Refused { endpoint, status: status.as_u16(), error, code }
}

/// A text of the endpoint without the secrets that were sent, should they be echoed.
fn hidden(settings: &OAuthSettings, used: Option<&GuardedString>, mut text: String) -> String {
    let of_grant = match &settings.grant {
        Grant::RefreshToken(token) => Some(token),
        Grant::Password { password, .. } => Some(password),
        Grant::ClientCredentials | Grant::JwtBearer(_) => None,
    };
    let of_client = settings.client.as_ref().map(|client| &client.secret);
    for secret in of_client.into_iter().chain(of_grant).chain(used).filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.reveal().as_str(), "***");
    }
    presentable(&text)
}

/// `expires_in` in seconds, as a number or as a text; `None` if it is absent or makes no sense.
fn lifetime(expires_in: Option<&Value>) -> Option<Duration> {
    let seconds = match expires_in? {
        Value::String(text) => text.trim().parse().ok()?,
        value => value.as_f64()?,
    };
    (seconds.is_finite() && seconds > 0.0)
        .then(|| Duration::from_secs_f64(seconds.min(MAX_LIFETIME.as_secs_f64())))
}

/// Takes the answer of a token endpoint, for the fuzz target. The first byte says which status it has.
#[cfg(feature = "fuzzing")]
pub fn fuzz(data: &[u8]) {
    use super::{ClientSecret, Way};
    const SECRETS: [&str; 2] = ["s3cr3t-of-the-client", "t0k3n-to-refresh"];
    let Some((status, body)) = data.split_first() else { return };
    let statuses = [200, 201, 400, 401, 403, 404, 429, 503];
    let status = statuses.get(usize::from(status & 7)).and_then(|status| StatusCode::from_u16(*status).ok());
    let settings = OAuthSettings {
        endpoint: "https://op.example/token".parse().expect("an address"),
        grant: Grant::RefreshToken(GuardedString::new(SECRETS[1])),
        client: Some(ClientSecret { id: "client".to_owned(), secret: GuardedString::new(SECRETS[0]) }),
        scope: None,
        prefix: "Bearer".to_owned(),
        way: Way::Basic,
        switch: false,
    };
    let used = GuardedString::new(SECRETS[1]);
    match understand(&settings, "op", status.unwrap_or_default(), body, Some(&used)) {
        Ok(granted) => {
            assert!(!granted.access_token.trim().is_empty());
            assert!(granted.lifetime.is_none_or(|life| !life.is_zero() && life <= MAX_LIFETIME));
            assert!(granted.refresh_token.is_none_or(|token| token != used));
        }
        Err(fault) => {
            let said = format!("{fault} {:?}", fault.kind());
            assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "a secret is shown: {said}");
        }
    }
}
