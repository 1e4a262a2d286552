//! One token request: what it says, and which way the client shows its secret.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use icf::GuardedString;
use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use super::granted::{Granted, understand};
use super::{ClientSecret, Grant, OAuthSettings, TokenFault, Way, jwt};
use crate::credentials::basic;
use crate::fault::reasons;

/// The longest answer that is read; tokens of a few kilobytes occur.
const MAX_ANSWER: usize = 256 * 1024;

/// Speaks to one token endpoint for one client.
pub(super) struct Exchange {
    settings: OAuthSettings,
    shown: String,
    client: Client,
    limit: Duration,
    /// The way that was accepted, if another was refused before.
    winner: Mutex<Option<Way>>,
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
                let (endpoint, status) = (self.shown.clone(), response.status().as_u16());
                let what = format!("more than {MAX_ANSWER} bytes");
                return Err(TokenFault::Unusable { endpoint, status, what });
            }
            text.extend_from_slice(&chunk);
        }
        understand(&self.settings, &self.shown, response.status(), &text, refresh)
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
