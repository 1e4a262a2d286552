//! One token request: what it says, which way the client shows its secret, what of the answer is believed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use icf::GuardedString;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use super::{ClientSecret, Grant, OAuthSettings, TokenFault, Way, jwt};
use crate::credentials::basic;
use crate::fault::{presentable, reasons};
use crate::json;

/// The longest answer that is read; tokens of a few kilobytes occur.
const MAX_ANSWER: usize = 256 * 1024;
/// The longest life that is believed.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// Speaks to one token endpoint for one client.
pub(super) struct Exchange {
    settings: OAuthSettings,
    shown: String,
    client: Client,
    limit: Duration,
    /// The way that was accepted, if another was refused before.
    winner: Mutex<Option<Way>>,
}

/// What the endpoint granted.
pub(super) struct Granted {
    pub(super) access_token: Zeroizing<String>,
    /// `None` if the endpoint does not say.
    pub(super) lifetime: Option<Duration>,
    /// A refresh token other than the one used.
    pub(super) refresh_token: Option<GuardedString>,
}

impl Exchange {
    pub(super) fn new(settings: OAuthSettings, client: Client, limit: Duration) -> Self {
        let mut shown = settings.endpoint.clone();
        shown.set_query(None);
        Self { shown: shown.to_string(), settings, client, limit, winner: Mutex::new(None) }
    }

    pub(super) fn host(&self) -> &str {
        self.settings.endpoint.host_str().unwrap_or_default()
    }

    /// Asks; `refresh` is the refresh token in force.
    pub(super) async fn request(&self, refresh: Option<&GuardedString>) -> Result<Granted, TokenFault> {
        let limited = tokio::time::timeout(self.limit, self.by_any_way(refresh));
        limited
            .await
            .unwrap_or_else(|_| Err(self.unreachable(format!("no answer within {} s", self.limit.as_secs()))))
    }

    async fn by_any_way(&self, refresh: Option<&GuardedString>) -> Result<Granted, TokenFault> {
        let remembered = *self.winner.lock().unwrap_or_else(PoisonError::into_inner);
        let ways = match remembered {
            Some(way) => vec![way],
            None => self.ways(),
        };
        let mut last = None;
        for way in ways {
            match self.attempt(way, refresh).await {
                Ok(granted) => {
                    if remembered.is_none() {
                        *self.winner.lock().unwrap_or_else(PoisonError::into_inner) = Some(way);
                    }
                    return Ok(granted);
                }
                Err(fault) if fault.refuses_client() => {
                    *self.winner.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    last.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(last.unwrap_or_else(|| self.unreachable("there is no way to ask".to_owned())))
    }

    /// The ways to try, in order.
    fn ways(&self) -> Vec<Way> {
        let Some(client) = &self.settings.client else { return vec![Way::Form] };
        let encoded_differs =
            encoded(&client.id) != client.id || encoded(&client.secret.reveal()) != *client.secret.reveal();
        let basic = [Way::Basic].into_iter().chain(encoded_differs.then_some(Way::EncodedBasic));
        match (self.settings.way, self.settings.switch) {
            (Way::Form, false) => vec![Way::Form],
            (Way::Form, true) => [Way::Form].into_iter().chain(basic).collect(),
            (_, false) => basic.collect(),
            (_, true) => basic.chain([Way::Form]).collect(),
        }
    }

    async fn attempt(&self, way: Way, refresh: Option<&GuardedString>) -> Result<Granted, TokenFault> {
        let body = self.form(way, refresh)?;
        let mut request = self
            .client
            .post(self.settings.endpoint.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        if let (Some(client), Way::Basic | Way::EncodedBasic) = (&self.settings.client, way) {
            let header = basic_for(client, way).map_err(|fault| TokenFault::Assertion(fault.to_string()))?;
            request = request.header(AUTHORIZATION, header);
        }
        let mut response = request.send().await.map_err(|error| self.unreachable(reasons(&error)))?;
        let mut text = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(reasons(&error)))? {
            if text.len() + chunk.len() > MAX_ANSWER {
                return Err(self.unusable(response.status(), format!("more than {MAX_ANSWER} bytes")));
            }
            text.extend_from_slice(&chunk);
        }
        self.understand(response.status(), &text, refresh)
    }

    /// The body of the request. The order is grant, its fields, scope, client.
    fn form(&self, way: Way, refresh: Option<&GuardedString>) -> Result<Bytes, TokenFault> {
        let mut form = Serializer::new(String::with_capacity(1024));
        match &self.settings.grant {
            Grant::ClientCredentials => {
                form.append_pair("grant_type", "client_credentials");
            }
            Grant::RefreshToken(configured) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", &refresh.unwrap_or(configured).reveal());
            }
            Grant::JwtBearer(jwt) => {
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                let id = self.settings.client.as_ref().map(|client| client.id.as_str());
                form.append_pair("assertion", &jwt::assertion(jwt, id, &self.settings.endpoint)?);
            }
            Grant::Password { user, password } => {
                form.append_pair("grant_type", "password");
                form.append_pair("username", user);
                form.append_pair("password", &password.reveal());
            }
        }
        if let Some(scope) = &self.settings.scope {
            form.append_pair("scope", scope);
        }
        if let (Some(client), Way::Form) = (&self.settings.client, way) {
            form.append_pair("client_id", &client.id);
            if !client.secret.is_empty() {
                form.append_pair("client_secret", &client.secret.reveal());
            }
        }
        Ok(Bytes::from_owner(Zeroizing::new(form.finish().into_bytes())))
    }

    fn understand(
        &self,
        status: StatusCode,
        text: &[u8],
        used: Option<&GuardedString>,
    ) -> Result<Granted, TokenFault> {
        let parsed = json::parse(text);
        if !status.is_success() {
            if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
                return Err(TokenFault::Busy { endpoint: self.shown.clone(), status: status.as_u16() });
            }
            let member = |name: &str| {
                parsed
                    .as_ref()
                    .ok()
                    .and_then(|body| body.get(name))
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let code = member("error");
            let description = member("error_description");
            let said: Vec<_> = code.iter().chain(&description).map(String::as_str).collect();
            let error =
                if said.is_empty() { "it gives no reason".to_owned() } else { self.hidden(&said.join(": ")) };
            return Err(TokenFault::Refused {
                endpoint: self.shown.clone(),
                status: status.as_u16(),
                error,
                code,
            });
        }
        let body = parsed.map_err(|error| self.unusable(status, error.to_string()))?;
        if body.get("token_type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("mac"))
        {
            return Err(self.unusable(status, "token_type is mac, which is not supported".to_owned()));
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let access_token =
            text("access_token").ok_or_else(|| self.unusable(status, "it has no access_token".to_owned()))?;
        let rotated = match &self.settings.grant {
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

    /// A text of the endpoint without the secret, should that be echoed.
    fn hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(client) = self.settings.client.as_ref().filter(|client| !client.secret.is_empty()) {
            text = text.replace(client.secret.reveal().as_str(), "***");
        }
        presentable(&text)
    }

    fn unusable(&self, status: StatusCode, what: String) -> TokenFault {
        TokenFault::Unusable { endpoint: self.shown.clone(), status: status.as_u16(), what }
    }

    fn unreachable(&self, cause: String) -> TokenFault {
        TokenFault::Unreachable { endpoint: self.shown.clone(), cause }
    }
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn basic_for(client: &ClientSecret, way: Way) -> Result<reqwest::header::HeaderValue, crate::Fault> {
    let secret = client.secret.reveal();
    if way == Way::EncodedBasic {
        return basic(&encoded(&client.id), &Zeroizing::new(encoded(&secret)));
    }
    basic(&client.id, &secret)
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
