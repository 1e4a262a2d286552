//! `GET /openicf/<n>`: who may open a socket.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use icf::CancellationToken;
use icf_wire::session::Role;
use serde_json::Value as Json;

use super::candidate::{Candidate, Refusal};
use super::node::OpenIcf;
use super::socket::NewSocket;
use super::upgrade_log::Attempt;
use crate::crest::CrestError;
use crate::events::EventKind;
use crate::faults::{FaultKind, Hit, Point};
use crate::net::{Peer, RawHead};
use crate::state::State;

/// Answers an upgrade request; the socket is served in the background.
pub(crate) async fn serve(
    state: &Arc<State>,
    openicf: &Arc<OpenIcf>,
    peer: &Peer,
    mut request: Request,
) -> Response {
    let started = state.clock.now();
    let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let head = peer.head.take(&target).unwrap_or_else(|| fallback_head(&request));
    let log_secrets = state.options.log_secrets;
    let number = openicf.upgrades.begin(Attempt { peer, head, query: &query, log_secrets });
    let candidate = Candidate::look(state, openicf, &request, &query);
    state.events.emit(EventKind::UpgradeReceived, candidate.event(number));
    let hit = state.faults.hit(Point::Upgrade, &candidate.subject());
    let mut outcome = match &hit {
        Some(hit) => play(state, peer, hit).await.map_or_else(|| candidate.judge(), Err),
        None => candidate.judge(),
    };
    if let (Some(hit), Ok(response)) = (&hit, &mut outcome) {
        disfigure(hit.kind, response);
    }
    let (status, reason) = match &outcome {
        Ok(_) => (StatusCode::SWITCHING_PROTOCOLS, None),
        Err(refusal) => (refusal.error.status, Some(refusal.error.message.clone())),
    };
    let millis = u64::try_from((state.clock.now() - started).as_millis()).unwrap_or(u64::MAX);
    openicf.upgrades.finish(number, candidate.outcome(status, reason.as_deref(), millis));
    let kind = if outcome.is_ok() { EventKind::UpgradeAccepted } else { EventKind::UpgradeRefused };
    let mut event = candidate.event(number);
    event["status"] = status.as_u16().into();
    event["message"] = reason.into();
    state.events.emit(kind, event);
    match outcome {
        Ok(response) => {
            if let (Some(found), Some(node)) = (candidate.found, candidate.node) {
                let new = NewSocket {
                    role: Role::Acceptor,
                    node,
                    server: found.name,
                    client: candidate.grant.map(|grant| grant.client),
                    peer: peer.clone(),
                    upgrade: Some(number),
                    stop: CancellationToken::new(),
                };
                take_over(state, openicf, &mut request, new);
            }
            response
        }
        Err(refusal) => refuse(state, refusal),
    }
}

fn refuse(state: &State, refusal: Refusal) -> Response {
    let mut response = refusal.error.into_response(state.options.html_escape, false);
    if let Some((name, value)) = refusal.header.map(|header| *header) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn take_over(state: &Arc<State>, openicf: &Arc<OpenIcf>, request: &mut Request, new: NewSocket) {
    let upgrade = hyper::upgrade::on(request);
    let openicf = Arc::clone(openicf);
    let stop = state.shutdown.clone();
    state.tasks.spawn(async move {
        let upgraded = tokio::select! {
            () = stop.cancelled() => return,
            upgraded = upgrade => upgraded,
        };
        match upgraded {
            Ok(upgraded) => openicf.open(TokioIo::new(upgraded), new).await,
            Err(error) => tracing::info!(%error, "An accepted upgrade was not completed."),
        }
    });
}

/// The request as the HTTP library understood it, should its raw form not be there.
fn fallback_head(request: &Request) -> RawHead {
    let headers = request.headers().iter();
    RawHead {
        request_line: format!("{} {} {:?}", request.method(), request.uri(), request.version()),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
    }
}

/// Plays a fault that takes the place of the answer.
async fn play(state: &State, peer: &Peer, hit: &Hit) -> Option<Refusal> {
    state.clock.sleep(hit.delay).await;
    match hit.kind {
        FaultKind::Status => {
            let status = hit.number("status").and_then(|code| u16::try_from(code).ok());
            let status = status.and_then(|code| StatusCode::from_u16(code).ok());
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            let text = hit.text("message").unwrap_or("fault on demand");
            let header = hit.params.get("headers").and_then(Json::as_object).and_then(|headers| {
                let (name, value) = headers.iter().next()?;
                Some(Box::new((name.parse().ok()?, value.as_str()?.parse().ok()?)))
            });
            Some(Refusal { error: CrestError::new(status, text), header })
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Drop => {
            peer.wire.close();
            std::future::pending().await
        }
        _ => None,
    }
}

/// Plays a fault that spoils a good answer.
fn disfigure(kind: FaultKind, response: &mut Response) {
    let headers = response.headers_mut();
    match kind {
        FaultKind::NoSubprotocol => {
            headers.remove(header::SEC_WEBSOCKET_PROTOCOL);
        }
        FaultKind::WrongAccept => {
            let wrong = HeaderValue::from_static("AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, wrong);
        }
        _ => {}
    }
}
