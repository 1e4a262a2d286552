//! The HTTP server: which room answers which path.

use std::future::IntoFuture;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::Value as Json;

use crate::control;
use crate::crest::{Answer, CrestError};
use crate::net::{Peer, TenantListener};
use crate::openicf;
use crate::rest;
use crate::state::State;
use crate::token;

/// A description of an OAuth client is small.
const AGENT_LIMIT: usize = 256 * 1024;

/// Serves until the tenant stops.
pub(crate) async fn serve(state: Arc<State>, listener: TenantListener) {
    let stop = state.shutdown.clone();
    let app = Router::new().fallback(dispatch).with_state(state);
    let service = app.into_make_service_with_connect_info::<Peer>();
    tokio::select! {
        () = stop.cancelled() => {}
        // It accepts for ever.
        _ = axum::serve(listener, service).into_future() => {}
    }
}

async fn dispatch(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let below =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if below("/openidm") {
        peer.head.clear();
        return rest::serve(state, request).await;
    }
    if below("/openicf") {
        return match state.openicf.clone() {
            Some(openicf) => openicf::serve(&state, &openicf, &peer, request).await,
            None => CrestError::unavailable("This tenant has no sockets of its own")
                .into_response(state.options.html_escape, false),
        };
    }
    if below("/tenant") {
        peer.head.clear();
        return control::serve(state, &peer, request).await;
    }
    if token::is_token_path(path) {
        peer.head.clear();
        return token::serve(&state, &peer, request).await;
    }
    if let Some(id) = agent_id(path) {
        let id = id.to_owned();
        return agent(&state, &peer, &id, request).await;
    }
    CrestError::not_found("Not Found").into_response(state.options.html_escape, false)
}

/// The client in `/am/json/realms/root[/realms/<realm>]/realm-config/agents/OAuth2Client/<id>`.
fn agent_id(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/am/json/realms/root/")?;
    let (_, id) = rest.split_once("realm-config/agents/OAuth2Client/")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

async fn agent(state: &State, peer: &Peer, id: &str, request: Request) -> Response {
    let answer = async {
        if !peer.addr.ip().is_loopback() {
            return Err(CrestError::forbidden("Clients are managed from the machine itself only"));
        }
        if request.method() == Method::GET {
            return token::read_agent(state, id);
        }
        if request.method() != Method::PUT {
            return Err(CrestError::new(StatusCode::METHOD_NOT_ALLOWED, "Use GET or PUT"));
        }
        let body: Body = request.into_body();
        let bytes = to_bytes(body, AGENT_LIMIT)
            .await
            .map_err(|_| CrestError::bad_request("The body is too large"))?;
        let content: Json =
            serde_json::from_slice(&bytes).map_err(|_| CrestError::bad_request("The body is not JSON"))?;
        token::write_agent(state, id, &content)
    };
    match answer.await {
        Ok(body) => Answer::ok(body).into_response(false),
        Err(error) => error.into_response(state.options.html_escape, false),
    }
}
