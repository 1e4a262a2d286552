//! `POST …/access_token`.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::GuardedString;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};

use super::clients::{AuthMethod, Client, reveal_equal};
use super::store::Grant;
use crate::events::EventKind;
use crate::faults::{FaultKind, Hit, Point, Subject};
use crate::net::Peer;
use crate::state::State;

/// A token request is small.
const BODY_LIMIT: usize = 64 * 1024;

/// Why no token is issued.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: String,
    challenge: bool,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into(), challenge: false }
    }

    fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }
}

/// Credentials as they came.
#[derive(Debug, Default)]
struct Credentials {
    /// Id and secret of the header, as sent and form-decoded.
    basic: Vec<(String, GuardedString)>,
    body: Option<(String, GuardedString)>,
    has_basic: bool,
}

/// A token request that may be granted.
struct Accepted {
    client: Client,
    scopes: Vec<String>,
}

/// Answers a token request.
pub(crate) async fn serve(state: &State, peer: &Peer, request: Request) -> Response {
    let realm = realm(request.uri().path(), request.uri().query());
    let (parts, body) = request.into_parts();
    let form = match to_bytes(body, BODY_LIMIT).await {
        Ok(bytes) if is_form(&parts.headers) => Some(parse_form(&bytes)),
        _ => None,
    };
    let credentials = credentials(&parts.headers, form.as_ref());
    let client = credentials.claimed_client().map(str::to_owned);
    let subject = Subject { client: client.clone(), ..Subject::default() };
    let hit = state.faults.hit(Point::Token, &subject);
    if let Some(hit) = &hit {
        state.clock.sleep(hit.delay).await;
        if let Some(response) = play(hit, peer).await {
            return response;
        }
    }
    match decide(state, &parts.method, form.as_ref(), &credentials) {
        Ok(accepted) => issue(state, &accepted, hit.as_ref()),
        Err(refusal) => {
            state.events.emit(
                EventKind::TokenRefused,
                json!({"client": client, "status": refusal.status.as_u16(), "error": refusal.error}),
            );
            refuse(&refusal, &realm)
        }
    }
}

/// Plays a fault that takes the place of the answer.
async fn play(hit: &Hit, peer: &Peer) -> Option<Response> {
    match hit.kind {
        FaultKind::Status => {
            let status =
                hit.number("status").and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
            let body = match hit.params.get("body") {
                Some(Json::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some(response)
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Drop => {
            peer.wire.close();
            std::future::pending().await
        }
        FaultKind::BadJson => Some(json_response(StatusCode::OK, "{\"access_token\":".to_owned())),
        _ => None,
    }
}

fn decide(
    state: &State,
    method: &Method,
    form: Option<&HashMap<String, String>>,
    credentials: &Credentials,
) -> Result<Accepted, Refusal> {
    if *method != Method::POST {
        let text = "The token endpoint takes POST only";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text));
    }
    let unset = || Refusal::bad("invalid_request", "Grant type is not set");
    let form = form.ok_or_else(unset)?;
    let grant = form.get("grant_type").filter(|grant| !grant.is_empty()).ok_or_else(unset)?;
    if grant != "client_credentials" {
        return Err(Refusal::bad("unsupported_grant_type", format!("Grant type is not supported: {grant}")));
    }
    if credentials.has_basic && credentials.body.is_some() {
        return Err(Refusal::bad("invalid_request", "Client authenticated in two ways"));
    }
    let client = authenticate(state, credentials)?;
    let scopes = scopes(&client, form.get("scope").map(String::as_str))?;
    Ok(Accepted { client, scopes })
}

fn authenticate(state: &State, credentials: &Credentials) -> Result<Client, Refusal> {
    let pairs = credentials.basic.iter().chain(&credentials.body);
    let known = pairs.into_iter().find_map(|(id, secret)| {
        let client = state.clients.get(id)?;
        (client.active && reveal_equal(&client.secret, &secret.reveal())).then_some(client)
    });
    let unauthorized = |text: &str| Refusal {
        challenge: credentials.has_basic,
        ..Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", text)
    };
    let client = known.ok_or_else(|| unauthorized("Client authentication failed"))?;
    let allowed = match client.method {
        AuthMethod::Any => true,
        AuthMethod::Basic => credentials.has_basic,
        AuthMethod::Post => !credentials.has_basic,
    };
    if !allowed {
        return Err(unauthorized("Invalid authentication method for accessing this endpoint."));
    }
    if client.grant_types.iter().all(|grant| grant != "client_credentials") {
        return Err(Refusal::bad("unauthorized_client", "The client may not use client_credentials"));
    }
    Ok(client)
}

fn scopes(client: &Client, wanted: Option<&str>) -> Result<Vec<String>, Refusal> {
    let wanted: Vec<String> = wanted.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if wanted.is_empty() {
        if client.default_scopes.is_empty() {
            let text = "No scope requested and no default scope configured";
            return Err(Refusal::bad("invalid_scope", text));
        }
        return Ok(client.default_scopes.clone());
    }
    let unknown: Vec<&str> =
        wanted.iter().filter(|scope| !client.scopes.contains(scope)).map(String::as_str).collect();
    if unknown.is_empty() {
        Ok(wanted)
    } else {
        Err(Refusal::bad("invalid_scope", format!("Unknown/invalid scope(s): [{}]", unknown.join(", "))))
    }
}

fn issue(state: &State, accepted: &Accepted, hit: Option<&Hit>) -> Response {
    let is = |kind| hit.is_some_and(|hit| hit.kind == kind);
    let short = hit.filter(|hit| hit.kind == FaultKind::ShortLife).and_then(|hit| hit.number("seconds"));
    let life = short.map_or(state.options.token_life, Duration::from_secs);
    // AM counts the second in which it answers as gone.
    let told = short.unwrap_or_else(|| life.as_secs().saturating_sub(1));
    let grant = Grant { client: accepted.client.id.clone(), scopes: accepted.scopes.clone() };
    let token = state.tokens.issue(grant, life);
    let mut body = Map::new();
    body.insert("access_token".to_owned(), token.into());
    body.insert("scope".to_owned(), accepted.scopes.join(" ").into());
    body.insert("token_type".to_owned(), "Bearer".into());
    if !is(FaultKind::NoExpiresIn) {
        body.insert("expires_in".to_owned(), told.into());
    }
    if is(FaultKind::ExtraMembers) {
        body.insert("id_token".to_owned(), Json::Null);
        body.insert("authGrantId".to_owned(), json!({"nested": ["x", 1, true]}));
    }
    let client = &accepted.client.id;
    state.events.emit(EventKind::TokenIssued, json!({"client": client, "lifeSeconds": life.as_secs()}));
    json_response(StatusCode::OK, Json::Object(body).to_string())
}

fn refuse(refusal: &Refusal, realm: &str) -> Response {
    let body = json!({"error_description": refusal.description, "error": refusal.error});
    let mut response = json_response(refusal.status, body.to_string());
    if refusal.challenge
        && let Ok(challenge) = format!("Basic realm=\"{}\"", realm.replace(['"', '\\'], "")).parse()
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, header::HeaderValue::from_static("no-cache"));
    response
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn parse_form(bytes: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

fn credentials(headers: &HeaderMap, form: Option<&HashMap<String, String>>) -> Credentials {
    let mut found = Credentials::default();
    if let Some((id, secret)) = basic(headers) {
        found.has_basic = true;
        // First as RFC 6749 wants it, then as most clients send it.
        let decoded = (form_decode(&id), GuardedString::new(&form_decode(&secret)));
        found.basic = vec![decoded, (id, GuardedString::new(&secret))];
    }
    if let Some(form) = form
        && let (Some(id), Some(secret)) = (form.get("client_id"), form.get("client_secret"))
    {
        found.body = Some((id.clone(), GuardedString::new(secret)));
    }
    found
}

impl Credentials {
    fn claimed_client(&self) -> Option<&str> {
        self.basic.first().or(self.body.as_ref()).map(|(id, _)| id.as_str())
    }
}

/// User and password of a Basic header.
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

fn form_decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn realm(path: &str, query: Option<&str>) -> String {
    let by_path = path.split("/realms/").last().and_then(|rest| rest.strip_suffix("/access_token"));
    let by_query = || {
        let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
        pairs.find_map(|(name, value)| (name == "realm").then(|| value.into_owned()))
    };
    match by_path {
        Some(realm) if path.contains("/realms/") => format!("/{}", realm.trim_start_matches("root/")),
        _ => by_query().unwrap_or_else(|| "/".to_owned()),
    }
}

/// Whether a path below `/am` is that of the token end point.
pub(crate) fn is_token_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/am/oauth2/") else { return false };
    let segments: Vec<&str> = rest.split('/').collect();
    matches!(
        segments.as_slice(),
        ["access_token"]
            | ["realms", "root", "access_token"]
            | ["realms", "root", "realms", _, "access_token"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_paths_of_the_end_point() {
        assert!(is_token_path("/am/oauth2/access_token"));
        assert!(is_token_path("/am/oauth2/realms/root/access_token"));
        assert!(is_token_path("/am/oauth2/realms/root/realms/alpha/access_token"));
        assert!(!is_token_path("/am/oauth2/realms/alpha/access_token"));
        assert_eq!(realm("/am/oauth2/realms/root/realms/alpha/access_token", None), "/alpha");
        assert_eq!(realm("/am/oauth2/access_token", Some("realm=/bravo")), "/bravo");
        assert_eq!(realm("/am/oauth2/access_token", None), "/");
    }
}
