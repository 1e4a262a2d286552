//! One token request over HTTP: which way the client shows its secret, what of the answer is believed.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Client, Proxy, RequestBuilder, Response, Url, redirect};
use serde::Deserialize;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;
use zeroize::Zeroizing;

use super::Bearer;
use super::cache::{Fetch, Grant};
use super::error::{Obstacle, TokenError, TokenSetupError};
use crate::config::{OAuthSettings, ProxySettings, TokenEndpointAuthMethod};
use crate::proxy;
use crate::tls::TlsTrouble;

/// The largest answer that is read; tokens of a few kilobytes occur.
const MAX_ANSWER: usize = 256 * 1024;
/// The life of a token whose answer names none.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);
/// The longest life that is believed.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// The longest text that is taken over from a refusal.
const MAX_TEXT: usize = 300;

/// Speaks to one token endpoint for one client.
pub(super) struct Exchange {
    client: Client,
    endpoint: Url,
    shown_endpoint: String,
    id: String,
    secret: crate::config::Secret,
    scope: String,
    configured: TokenEndpointAuthMethod,
    /// The way that worked last, under `auto`.
    winner: Mutex<Option<Way>>,
    limit: Duration,
}

/// A way to show the client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Basic,
    Post,
}

impl Exchange {
    pub(super) fn try_new(
        settings: &OAuthSettings,
        proxy: Option<&ProxySettings>,
        tls: &ClientConfig,
    ) -> Result<Self, TokenSetupError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            // The secret goes where it was told to go and nowhere else.
            .redirect(redirect::Policy::none())
            // One request an hour: a kept connection would only be a stale one.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("rcs/", env!("CARGO_PKG_VERSION")));
        let client = match proxy {
            None => client.no_proxy(),
            Some(settings) => client.proxy(through(settings)?),
        };
        Ok(Self {
            client: client.build()?,
            endpoint: settings.token_endpoint.clone(),
            shown_endpoint: settings.token_endpoint.to_string(),
            id: settings.client_id.clone(),
            secret: settings.client_secret.clone(),
            scope: settings.scope.clone(),
            configured: settings.auth_method,
            winner: Mutex::new(None),
            limit: settings.timeout,
        })
    }

    async fn request(&self) -> Result<Grant, TokenError> {
        let remembered = *self.winner();
        match (self.configured, remembered) {
            (TokenEndpointAuthMethod::Basic, _) => self.attempt(Way::Basic).await,
            (TokenEndpointAuthMethod::Post, _) => self.attempt(Way::Post).await,
            (TokenEndpointAuthMethod::Auto, Some(way)) => {
                let result = self.attempt(way).await;
                if result.as_ref().is_err_and(refuses_client) {
                    // The client may have been set up anew: find out again next time.
                    *self.winner() = None;
                }
                result
            }
            (TokenEndpointAuthMethod::Auto, None) => self.find_way().await,
        }
    }

    async fn find_way(&self) -> Result<Grant, TokenError> {
        let mut way = Way::Basic;
        let mut result = self.attempt(way).await;
        if result.as_ref().is_err_and(refuses_client) {
            way = Way::Post;
            result = self.attempt(way).await;
        }
        if result.is_ok() {
            tracing::debug!(
                endpoint = self.shown_endpoint,
                ?way,
                "Found how the token endpoint wants the secret."
            );
            *self.winner() = Some(way);
        }
        result
    }

    async fn attempt(&self, way: Way) -> Result<Grant, TokenError> {
        let mut form = vec![("grant_type", "client_credentials"), ("scope", self.scope.as_str())];
        if way == Way::Post {
            form.extend([("client_id", self.id.as_str()), ("client_secret", self.secret.expose())]);
        }
        let mut request =
            self.client.post(self.endpoint.clone()).header(ACCEPT, "application/json").form(&form);
        if way == Way::Basic {
            request = self.with_basic(request);
        }
        let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let body = self.read(&mut response).await?;
        let status = response.status();
        if status.is_success() {
            grant(&body).map_err(|what| TokenError::Unusable {
                endpoint: self.shown_endpoint.clone(),
                status: status.as_u16(),
                what,
            })
        } else {
            let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
            Err(TokenError::Refused {
                endpoint: self.shown_endpoint.clone(),
                status: status.as_u16(),
                error: refusal.error.map(|text| self.presentable(&text)),
                description: refusal.error_description.map(|text| self.presentable(&text)),
            })
        }
    }

    /// RFC 6749 §2.3.1: id and secret are form-url-encoded before they are joined.
    fn with_basic(&self, request: RequestBuilder) -> RequestBuilder {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut pair = Zeroizing::new(encode(&self.id));
        pair.push(':');
        pair.push_str(&Zeroizing::new(encode(self.secret.expose())));
        let value = Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(pair.as_bytes()))));
        let mut value = HeaderValue::from_str(&value).expect("base64 is a header value");
        value.set_sensitive(true);
        request.header(AUTHORIZATION, value)
    }

    async fn read(&self, response: &mut Response) -> Result<Zeroizing<Vec<u8>>, TokenError> {
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(TokenError::Unusable {
                    endpoint: self.shown_endpoint.clone(),
                    status: response.status().as_u16(),
                    what: format!("more than {MAX_ANSWER} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn unreachable(&self, error: &reqwest::Error) -> TokenError {
        // reqwest's own text only says "error sending request"; the reason is further down.
        let mut cause = String::new();
        let mut obstacle = Obstacle::Other;
        let mut next = error.source();
        while let Some(error) = next {
            if error.downcast_ref().and_then(TlsTrouble::of).is_some() {
                obstacle = Obstacle::Tls;
            }
            let separator = if cause.is_empty() { "" } else { ": " };
            let _ = write!(cause, "{separator}{error}");
            next = error.source();
        }
        if cause.is_empty() {
            cause = error.to_string();
        }
        let (endpoint, cause) = (self.shown_endpoint.clone(), self.presentable(&cause));
        TokenError::Unreachable { endpoint, cause, obstacle }
    }

    /// Foreign text for a message: short, on one line, without the secret should it be echoed.
    fn presentable(&self, text: &str) -> String {
        let hidden = text.replace(self.secret.expose(), "***");
        hidden.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect()
    }

    fn winner(&self) -> std::sync::MutexGuard<'_, Option<Way>> {
        self.winner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Fetch for Exchange {
    async fn fetch(&self) -> Result<Grant, TokenError> {
        match timeout(self.limit, self.request()).await {
            Ok(result) => result,
            Err(_) => Err(TokenError::Timeout { endpoint: self.shown_endpoint.clone(), limit: self.limit }),
        }
    }
}

/// What a refusal may hold; other members, and other types of these, are no reason to fail differently.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// What is taken from an answer; unknown members are ignored (Access Management adds some of its own).
#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Option<serde_json::Value>,
}

fn grant(body: &[u8]) -> Result<Grant, String> {
    // The parser's message would quote the answer, and with it perhaps the token.
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        format!("not the expected JSON (line {}, column {})", error.line(), error.column())
    })?;
    if let Some(other) = answer.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(format!(
            "token_type is {:?} instead of Bearer",
            other.chars().take(40).collect::<String>()
        ));
    }
    let token = answer.access_token.ok_or("no access_token")?;
    let bearer =
        Bearer::try_new(Zeroizing::new(token)).ok_or("access_token is not a text that fits a header")?;
    Ok(Grant { bearer, lifetime: lifetime(answer.expires_in.as_ref()) })
}

/// `expires_in` in seconds, as a number or (seen in the field) as a text.
fn lifetime(expires_in: Option<&serde_json::Value>) -> Duration {
    let seconds = match expires_in {
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    match seconds {
        Some(seconds) if seconds.is_finite() => {
            Duration::from_secs_f64(seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64()))
        }
        _ => DEFAULT_LIFETIME,
    }
}

fn refuses_client(error: &TokenError) -> bool {
    matches!(error, TokenError::Refused { status: 400 | 401, error: Some(error), .. } if error == "invalid_client")
}

fn through(settings: &ProxySettings) -> Result<Proxy, TokenSetupError> {
    let proxy = Proxy::all(format!("http://{}", proxy::authority(settings)))?;
    let Some(credentials) = &settings.credentials else { return Ok(proxy) };
    let value = proxy::basic_header(credentials)?;
    let mut value = HeaderValue::from_str(&value).expect("base64 is a header value");
    value.set_sensitive(true);
    Ok(proxy.custom_http_auth(value))
}
