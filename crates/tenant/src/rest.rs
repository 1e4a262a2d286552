//! `/openidm`: authentication, then the resource that a path means.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request as HttpRequest;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::config::{self, SERVER_ROLE, roles_of};
use crate::crest::{Answer, CrestError, Request, Verb, header_text};
use crate::events::EventKind;
use crate::options::RestAuth;
use crate::state::State;
use crate::token::{SCOPE, reveal_equal};
use crate::{livesync, objects, system};

/// The largest body of a request; a generated configuration has tens of thousands of lines.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Answers a request below `/openidm`.
pub(crate) async fn serve(state: Arc<State>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/openidm").unwrap_or_default().to_owned();
    let started = state.clock.now();
    state.events.emit(EventKind::RestRequest, json!({"method": parts.method.as_str(), "path": path}));
    let pretty = parts.uri.query().is_some_and(|query| {
        url::form_urlencoded::parse(query.as_bytes())
            .any(|(name, value)| name.eq_ignore_ascii_case("_prettyPrint") && value == "true")
    });
    let outcome = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => answer(&state, &parts, &path, &body).await,
        Err(_) => {
            Err(CrestError::new(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large or broke off"))
        }
    };
    let (status, message) = match &outcome {
        Ok(answer) => (answer.status, None),
        Err(error) => (error.status, Some(error.message.clone())),
    };
    state.events.emit(
        EventKind::RestResponse,
        json!({
            "method": parts.method.as_str(), "path": path, "status": status.as_u16(), "message": message,
            "ms": u64::try_from((state.clock.now() - started).as_millis()).unwrap_or(u64::MAX),
        }),
    );
    match outcome {
        Ok(answer) => answer.into_response(pretty),
        Err(error) => error.into_response(state.options.html_escape, pretty),
    }
}

async fn answer(state: &Arc<State>, parts: &Parts, path: &str, body: &[u8]) -> Result<Answer, CrestError> {
    if path == "/info/ping" {
        return Ok(Answer::ok(json!({"_id": "", "state": "ACTIVE_READY", "shortDesc": "OpenIDM ready"})));
    }
    authenticate(state, &parts.headers)?;
    let request = Request::read(parts, path, body)?;
    route(state, &request).await
}

fn authenticate(state: &State, headers: &HeaderMap) -> Result<(), CrestError> {
    if state.options.rest_auth == RestAuth::None {
        return Ok(());
    }
    let denied = || CrestError::unauthorized("Access Denied");
    if let Some(token) = bearer(headers) {
        let grant = state.tokens.check(&token).ok_or_else(denied)?;
        let roles = roles_of(&state.config, &grant.client);
        let only_server = roles.iter().all(|role| role == SERVER_ROLE) && !roles.is_empty();
        if only_server || grant.scopes.iter().all(|scope| scope != SCOPE) {
            return Err(CrestError::forbidden("Access denied"));
        }
        return Ok(());
    }
    let user = header_text(headers, "X-OpenIDM-Username");
    let password = header_text(headers, "X-OpenIDM-Password");
    match (user, password) {
        (Some(user), Some(password))
            if user == state.options.rest_username
                && reveal_equal(&state.options.rest_password, &password) =>
        {
            Ok(())
        }
        _ => Err(denied()),
    }
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

async fn route(state: &Arc<State>, request: &Request) -> Result<Answer, CrestError> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let not_found = || CrestError::not_found(format!("Resource '{}' not found", path.join("/")));
    match path.as_slice() {
        ["config"] => config::serve_all(state, request),
        ["config", id @ ..] => config::serve(state, request, &id.join("/")).await,
        ["system"] => system::serve_all(state, request).await,
        ["system", name] => {
            let system = state.systems.by_name(name).ok_or_else(not_found)?;
            system::serve_system(state, request, &system).await
        }
        ["system", name, type_name, id @ ..] => {
            let system = state.systems.by_name(name).ok_or_else(not_found)?;
            objects::serve(state, request, &system, type_name, &id.join("/")).await
        }
        ["repo", "synchronisation", rest @ ..] if !matches!(request.verb, Verb::Action(_)) => {
            let rest: Vec<String> = rest.iter().map(|part| (*part).to_owned()).collect();
            livesync::serve(state, request, &rest)
        }
        _ => Err(not_found()),
    }
}
