//! An upgrade request and the checks it must pass, in order.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::node::OpenIcf;
use super::placement::{Found, Places};
use crate::config::{SERVER_ROLE, may_open, roles_of};
use crate::crest::{CrestError, header_text};
use crate::faults::Subject;
use crate::rest::bearer;
use crate::state::State;
use crate::token::{Grant, SCOPE, basic, reveal_equal};

/// The one sub-protocol.
pub(super) const PROTOCOL: &str = "v1.openicf.forgerock.org";

/// An upgrade request, looked at from every side but not judged.
pub(super) struct Candidate<'a> {
    state: &'a State,
    openicf: &'a Arc<OpenIcf>,
    method: Method,
    version: Version,
    headers: HeaderMap,
    /// Number of the node, if the path has one that can be.
    pub(super) node: Option<usize>,
    pub(super) grant: Option<Grant>,
    pub(super) found: Option<Found>,
    host_id: Option<String>,
}

/// Why a request is refused.
pub(super) struct Refusal {
    pub(super) error: CrestError,
    /// A header that goes with it.
    pub(super) header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl From<CrestError> for Refusal {
    fn from(error: CrestError) -> Self {
        Self { error, header: None }
    }
}

impl<'a> Candidate<'a> {
    pub(super) fn look(
        state: &'a State,
        openicf: &'a Arc<OpenIcf>,
        request: &Request,
        query: &[(String, String)],
    ) -> Self {
        let rest = request.uri().path().strip_prefix("/openicf").unwrap_or_default().trim_matches('/');
        let (node, path_name) = rest.split_once('/').map_or((rest, None), |(node, name)| (node, Some(name)));
        let node = if node.is_empty() { Some(0) } else { node.parse().ok() };
        let headers = request.headers().clone();
        let grant = bearer(&headers).and_then(|token| state.tokens.check(&token));
        let hosts = state.config.hosts();
        let places = Places {
            query,
            headers: &headers,
            path_name,
            client: grant.as_ref().map(|grant| grant.client.as_str()),
            hosts: &hosts,
        };
        let found = places.find(&state.options.name_from);
        let by_query = query.iter().find_map(|(name, value)| (name == "hostId").then(|| value.clone()));
        let host_id = by_query.or_else(|| header_text(&headers, "hostId"));
        Self {
            state,
            openicf,
            method: request.method().clone(),
            version: request.version(),
            headers,
            node,
            grant,
            found,
            host_id,
        }
    }

    pub(super) fn subject(&self) -> Subject {
        Subject {
            node: self.node,
            server: self.found.as_ref().map(|found| found.name.clone()),
            client: self.grant.as_ref().map(|grant| grant.client.clone()),
            ..Subject::default()
        }
    }

    pub(super) fn event(&self, number: u64) -> Json {
        json!({
            "upgrade": number, "node": self.node,
            "server": self.found.as_ref().map(|found| &found.name),
            "client": self.grant.as_ref().map(|grant| &grant.client),
        })
    }

    pub(super) fn outcome(&self, status: StatusCode, reason: Option<&str>, millis: u64) -> Json {
        json!({
            "node": self.node,
            "name": self.found.as_ref().map(|found| &found.name),
            "nameFrom": self.found.as_ref().map(|found| &found.source),
            "hostId": self.host_id,
            "client": self.grant.as_ref().map(|grant| &grant.client),
            "decision": if reason.is_none() { "accepted" } else { "refused" },
            "reason": reason, "status": status.as_u16(), "ms": millis,
        })
    }

    /// The checks, in order.
    pub(super) fn judge(&self) -> Result<Response, Refusal> {
        self.check_node()?;
        let key = self.check_handshake()?;
        let offered = self.check_protocol()?;
        let client = self.check_credentials()?;
        self.check_server(client)?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if offered {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        Ok(response)
    }

    fn check_node(&self) -> Result<(), Refusal> {
        let up = self.node.and_then(|node| self.openicf.is_up(node));
        match up {
            Some(true) => Ok(()),
            Some(false) => Err(CrestError::unavailable("The node is down").into()),
            None => Err(CrestError::not_found("There is no such node").into()),
        }
    }

    fn check_handshake(&self) -> Result<String, Refusal> {
        let bad = |text: &str| Refusal::from(CrestError::bad_request(text));
        if self.method != Method::GET || self.version != Version::HTTP_11 {
            return Err(bad("An upgrade is a GET request of HTTP/1.1"));
        }
        if !has_token(&self.headers, &header::UPGRADE, "websocket")
            || !has_token(&self.headers, &header::CONNECTION, "upgrade")
        {
            return Err(bad("The headers Upgrade: websocket and Connection: Upgrade are missing"));
        }
        if header_text(&self.headers, "Sec-WebSocket-Version").as_deref() != Some("13") {
            let header = Some(Box::new((header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))));
            return Err(Refusal {
                error: CrestError::bad_request("Only WebSocket version 13 is supported"),
                header,
            });
        }
        let key = header_text(&self.headers, "Sec-WebSocket-Key").unwrap_or_default();
        let valid = STANDARD.decode(key.trim()).is_ok_and(|bytes| bytes.len() == 16);
        if valid { Ok(key.trim().to_owned()) } else { Err(bad("The header Sec-WebSocket-Key is not valid")) }
    }

    /// Whether our protocol was offered; refuses an offer without it.
    fn check_protocol(&self) -> Result<bool, Refusal> {
        if !self.headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
            return Ok(false);
        }
        if has_token(&self.headers, &header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
            return Ok(true);
        }
        Err(CrestError::bad_request(format!("The only sub-protocol is {PROTOCOL}")).into())
    }

    /// The client that shows itself; `None` for the principal of HTTP Basic.
    fn check_credentials(&self) -> Result<Option<&str>, Refusal> {
        if let Some(grant) = &self.grant
            && grant.scopes.iter().any(|scope| scope == SCOPE)
        {
            return Ok(Some(&grant.client));
        }
        if let (Some((principal, password)), Some((user, clear))) =
            (&self.state.options.basic, basic(&self.headers))
            && *principal == user
            && reveal_equal(password, &clear)
        {
            return Ok(None);
        }
        Err(CrestError::unauthorized("Access Denied").into())
    }

    fn check_server(&self, client: Option<&str>) -> Result<(), Refusal> {
        let denied = || Refusal::from(CrestError::forbidden("Access denied"));
        let roles = client.map(|client| roles_of(&self.state.config, client));
        if roles.as_ref().is_some_and(|roles| roles.iter().all(|role| role != SERVER_ROLE)) {
            return Err(denied());
        }
        let found = self.found.as_ref().ok_or_else(denied)?;
        let hosts = self.state.config.hosts();
        if hosts.clients().all(|host| host.name != found.name) {
            return Err(denied());
        }
        if may_open(&self.state.config, &found.name, roles.as_deref().unwrap_or_default()) {
            Ok(())
        } else {
            Err(denied())
        }
    }
}

/// Whether a header's comma lists, over all its lines, hold a token.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.split(',').any(|part| part.trim().eq_ignore_ascii_case(token))
    })
}
