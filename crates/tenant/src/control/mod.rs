//! `/tenant`: what tests and people steer and watch the tenant with.
//!
//! Open to loopback peers, and to others that know the key; never to a page of another origin.

mod events;
mod guard;
mod icf_call;
mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Value as Json, json};

use crate::crest::{Answer, CrestError, Parameters};
use crate::faults::{Fault, FaultError};
use crate::net::Peer;
use crate::openicf::{NodeChange, OpenIcf, SocketAction};
use crate::state::State;
use crate::system;

/// A control request is small.
const BODY_LIMIT: usize = 1024 * 1024;

/// A control request, read.
struct Call<'a> {
    state: &'a Arc<State>,
    method: Method,
    parameters: Parameters,
    content: Json,
}

/// Answers a request below `/tenant`.
pub(crate) async fn serve(state: Arc<State>, peer: &Peer, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/tenant").unwrap_or_default().trim_matches('/').to_owned();
    if let Err(error) = guard::check(&state, peer, &parts) {
        return error.into_response(false, false);
    }
    match (parts.method.clone(), path.as_str()) {
        (Method::GET, "") => return page::page(),
        (Method::GET, "events") => return events::serve(state, &parts).await,
        (Method::GET, "capture") => return capture(&state),
        _ => {}
    }
    let outcome = match read(&state, &parts, body).await {
        Ok(call) => call.answer(&path).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(answer) => answer.into_response(false),
        Err(error) => error.into_response(false, false),
    }
}

async fn read<'a>(state: &'a Arc<State>, parts: &Parts, body: Body) -> Result<Call<'a>, CrestError> {
    let bytes = to_bytes(body, BODY_LIMIT).await;
    let bytes = bytes.map_err(|_| CrestError::bad_request("The body is too large or broke off"))?;
    let content = if bytes.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&bytes)
            .map_err(|error| CrestError::bad_request(format!("The body is not JSON: {error}")))?
    };
    let parameters = Parameters::parse(parts.uri.query());
    Ok(Call { state, method: parts.method.clone(), parameters, content })
}

fn capture(state: &State) -> Response {
    let lines = state.openicf.as_ref().map(|openicf| openicf.capture.lines()).unwrap_or_default();
    let mut response = Response::new(Body::from(lines));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

impl Call<'_> {
    async fn answer(&self, path: &str) -> Result<Answer, CrestError> {
        let path: Vec<&str> = path.split('/').collect();
        let action = self.parameters.get("_action").unwrap_or_default();
        match (self.method.as_str(), path.as_slice(), action) {
            ("GET", ["state"], _) => Ok(Answer::ok(show_state(self.state))),
            ("GET", ["upgrades"], _) => Ok(Answer::ok(self.openicf()?.upgrades.list().into())),
            ("GET", ["upgrades", number], _) => {
                let found = number.parse().ok().and_then(|number| self.openicf().ok()?.upgrades.get(number));
                found.map(Answer::ok).ok_or_else(not_found)
            }
            ("GET", ["faults"], _) => Ok(Answer::ok(self.state.faults.list().into())),
            ("POST", ["faults"], _) => self.arm(),
            ("DELETE", ["faults"], _) => {
                self.state.faults.clear();
                done()
            }
            ("DELETE", ["faults", id], _) => {
                if self.state.faults.disarm(id) {
                    done()
                } else {
                    Err(not_found())
                }
            }
            ("GET", ["sockets"], _) => Ok(Answer::ok(self.openicf()?.describe_sockets().into())),
            ("POST", ["sockets", id], action) => self.socket(id, action),
            ("POST", ["groups", id], "check") => {
                let list = |name: &str| {
                    let ids = self.content.get(name)?.as_array()?;
                    Some(ids.iter().filter_map(Json::as_i64).collect::<Vec<i64>>())
                };
                let lists = list("local").zip(list("remote"));
                if self.openicf()?.check_group(id, lists) { done() } else { Err(not_found()) }
            }
            ("GET", ["tokens"], _) => Ok(Answer::ok(self.state.tokens.list().into())),
            ("POST", ["tokens"], "expire" | "revoke") => {
                let client = self.content.get("client").and_then(Json::as_str);
                Ok(Answer::ok(json!({"ended": self.state.tokens.revoke(client)})))
            }
            ("POST", ["nodes", number], action) => self.node(number, action),
            ("POST", ["clock"], "advance") => self.advance(),
            ("POST", ["capture"], "start") => {
                self.openicf()?.capture.start();
                done()
            }
            ("POST", ["capture"], "stop") => {
                self.openicf()?.capture.stop();
                done()
            }
            ("POST", ["icf"], _) => icf_call::run(self.state, &self.content).await.map(Answer::ok),
            ("GET", ["deltas"], _) => Ok(Answer::ok(self.state.sync.deltas().into())),
            ("DELETE", ["deltas"], _) => {
                self.state.sync.clear_deltas();
                done()
            }
            ("POST", ["reset"], _) => self.reset(),
            _ => Err(not_found()),
        }
    }

    fn openicf(&self) -> Result<&Arc<OpenIcf>, CrestError> {
        let openicf = self.state.openicf.as_ref();
        openicf.ok_or_else(|| CrestError::unavailable("This tenant has no sockets of its own"))
    }

    fn arm(&self) -> Result<Answer, CrestError> {
        let fault: Fault = serde_json::from_value(self.content.clone())
            .map_err(|error| CrestError::bad_request(format!("Not a fault: {error}")))?;
        let id =
            self.state.arm(fault).map_err(|error: FaultError| CrestError::bad_request(error.to_string()))?;
        Ok(Answer { status: StatusCode::CREATED, body: json!({"id": id}), location: None })
    }

    fn socket(&self, id: &str, action: &str) -> Result<Answer, CrestError> {
        let action = match action {
            "close" => {
                let code = self.content.get("code").and_then(Json::as_u64).unwrap_or(1000);
                let code = u16::try_from(code).map_err(|_| CrestError::bad_request("Not a close code"))?;
                let reason = self.content.get("reason").and_then(Json::as_str).unwrap_or_default();
                SocketAction::Close(code, reason.to_owned())
            }
            "reset" => SocketAction::Reset,
            "freeze" => SocketAction::Freeze,
            "thaw" => SocketAction::Thaw,
            "ping" => SocketAction::Ping,
            "announceClosing" => SocketAction::AnnounceClosing,
            other => {
                return Err(unknown_action(other, "close, reset, freeze, thaw, ping or announceClosing"));
            }
        };
        if self.openicf()?.act_on_socket(id, &action) { done() } else { Err(not_found()) }
    }

    fn node(&self, number: &str, action: &str) -> Result<Answer, CrestError> {
        let change = match action {
            "down" => NodeChange::Down,
            "up" => NodeChange::Up,
            "restart" => NodeChange::Restart,
            other => return Err(unknown_action(other, "down, up or restart")),
        };
        let number = number.parse().map_err(|_| not_found())?;
        if self.openicf()?.change_node(number, change) { done() } else { Err(not_found()) }
    }

    fn advance(&self) -> Result<Answer, CrestError> {
        let millis = self.content.get("ms").and_then(Json::as_u64);
        let millis = millis.ok_or_else(|| CrestError::bad_request("Say how far: {\"ms\": 1000}"))?;
        self.state.advance_clock(Duration::from_millis(millis));
        let offset = u64::try_from(self.state.clock.offset().as_millis()).unwrap_or(u64::MAX);
        Ok(Answer::ok(json!({"clockOffsetMs": offset})))
    }

    fn reset(&self) -> Result<Answer, CrestError> {
        let wanted = |name: &str| self.content.get(name).and_then(Json::as_bool) == Some(true);
        if wanted("faults") {
            self.state.faults.clear();
        }
        if wanted("events") {
            self.state.events.clear();
        }
        if wanted("sync") {
            self.state.sync.clear();
        }
        if wanted("config") {
            system::reset_configurations(self.state);
        }
        if let Some(seed) = self.content.get("seed") {
            self.state.faults.reseed(seed.as_u64().unwrap_or(self.state.options.seed));
        }
        done()
    }
}

fn done() -> Result<Answer, CrestError> {
    Ok(Answer::ok(json!({"ok": true})))
}

fn not_found() -> CrestError {
    CrestError::not_found("Not Found")
}

fn unknown_action(action: &str, known: &str) -> CrestError {
    CrestError::bad_request(format!("Unknown action '{action}': use {known}"))
}

/// What `GET /tenant/state` shows.
pub(crate) fn show_state(state: &State) -> Json {
    let servers: Vec<Json> = state
        .config
        .hosts()
        .iter()
        .map(|host| {
            let ok = system::is_operational(state, host);
            json!({"name": host.name, "type": host.kind.type_name(), "enabled": host.enabled, "ok": ok})
        })
        .collect();
    let systems: Vec<Json> = state.systems.all().iter().map(|system| system.describe()).collect();
    json!({
        "nodes": state.openicf.as_ref().map(|openicf| openicf.describe()),
        "servers": servers,
        "systems": systems,
        "tokens": state.tokens.list(),
        "faults": state.faults.list(),
        "seed": state.faults.seed(),
        "clockOffsetMs": u64::try_from(state.clock.offset().as_millis()).unwrap_or(u64::MAX),
    })
}
