//! The WebSocket upgrade: the request as the Java dialer sends it, and a strict look at the answer.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::warn;
use zeroize::Zeroizing;

use super::dialer::SubProtocolCheck;
use super::error::{DialFailure, LinkSetupError, Phase, Refusal};
use super::head::{self, Head, HeadError};
use super::placement::{Place, Places};
use super::{SUB_PROTOCOL, tls};
use crate::config::{Placement, ServerUrl, UpgradeSettings};

/// The Java framework's own words first: peers and middleboxes may look for them.
pub(super) const USER_AGENT: &str = concat!("OpenICF-Client-Version[1.5] rcs/", env!("CARGO_PKG_VERSION"));

/// Headers that make the upgrade what it is; settings may not touch them.
const RESERVED: &[&str] = &["host", "connection", "upgrade", "content-length", "transfer-encoding"];
const RESERVED_PREFIX: &str = "sec-websocket-";

/// What stands for a secret where a request is shown.
const MASK: &str = "***";

/// What may stand unescaped in a query value or a path segment.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The constant parts of the request.
pub(super) struct Upgrade {
    name: String,
    host_id: String,
    headers: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
    check: SubProtocolCheck,
}

/// One request and the key that its answer must prove to have seen.
pub(super) struct Request {
    text: Zeroizing<String>,
    key: String,
    /// Whom it is for, for messages.
    host: String,
}

impl Upgrade {
    pub(super) fn try_new(
        name: String,
        host_id: String,
        settings: UpgradeSettings,
        check: SubProtocolCheck,
    ) -> Result<Self, LinkSetupError> {
        for (header, value) in &settings.headers {
            check_header(header, value)?;
        }
        for placement in [&settings.name_placement, &settings.host_id_placement] {
            if let Placement::Header(header) = placement {
                check_header(header, "")?;
            }
        }
        // Both may end up in a header under `auto`.
        for value in [&name, &host_id] {
            check_value("connectorServerName or hostId", value)?;
        }
        Ok(Self { name, host_id, headers: settings.headers, parameters: settings.parameters, check })
    }

    pub(super) fn server_name(&self) -> &str {
        &self.name
    }

    /// The request for `url`, with name and host id in the given places.
    pub(super) fn request(&self, url: &ServerUrl, places: &Places, authorization: Option<&str>) -> Request {
        let key = generate_key();
        let text = self.text(url, places, authorization, &key, false);
        Request { text, key, host: url.host().to_owned() }
    }

    /// The same as it may be shown: of credentials the scheme, of configured headers and parameters the name.
    pub(super) fn masked_request(
        &self,
        url: &ServerUrl,
        places: &Places,
        authorization: Option<&str>,
    ) -> String {
        let scheme = authorization.and_then(|value| value.split(' ').next());
        let masked = scheme.map(|scheme| format!("{scheme} {MASK}"));
        self.text(url, places, masked.as_deref(), MASK, true).trim_end().replace("\r\n", "\n")
    }

    fn text(
        &self,
        url: &ServerUrl,
        places: &Places,
        authorization: Option<&str>,
        key: &str,
        masked: bool,
    ) -> Zeroizing<String> {
        let default_port = if url.tls() { 443 } else { 80 };
        let (host, port) = (url.host(), url.port());
        let host = if port == default_port { host.to_owned() } else { format!("{host}:{port}") };
        let scheme = if url.tls() { "wss" } else { "ws" };
        // All room beforehand, so that no copy with credentials stays behind in a freed block.
        let mut text = Zeroizing::new(String::with_capacity(self.room(url, authorization)));
        let _ = write!(
            text,
            "GET {} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {SUB_PROTOCOL}\r\n",
            self.target(url, places, masked)
        );
        let origin = format!("{scheme}://{host}");
        let standard = [("Origin", origin.as_str()), ("Accept", "*/*"), ("User-Agent", USER_AGENT)];
        let authorization = authorization.map(|value| ("Authorization", value));
        for (header, value) in standard.into_iter().chain(authorization) {
            if !self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(header)) {
                let _ = write!(text, "{header}: {value}\r\n");
            }
        }
        for (place, value) in [(&places.name, &self.name), (&places.host_id, &self.host_id)] {
            if let (Place::Header(header), false) = (place, value.is_empty()) {
                let _ = write!(text, "{header}: {value}\r\n");
            }
        }
        for (header, value) in &self.headers {
            let _ = write!(text, "{header}: {}\r\n", if masked { MASK } else { value });
        }
        text.push_str("\r\n");
        text
    }

    /// An upper bound of the request's length.
    fn room(&self, url: &ServerUrl, authorization: Option<&str>) -> usize {
        let pairs = self.headers.iter().chain(&self.parameters);
        let own: usize = pairs.map(|(name, value)| 3 * (name.len() + value.len()) + 4).sum();
        let values = 3 * (self.name.len() + self.host_id.len());
        1024 + own
            + values
            + 3 * url.host().len()
            + url.path_and_query().len()
            + authorization.map_or(0, str::len)
    }

    /// Path and query: those of the URL as they are, then name and host id, then the configured parameters.
    fn target(&self, url: &ServerUrl, places: &Places, masked: bool) -> String {
        let (path, query) = match url.path_and_query().split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (url.path_and_query(), None),
        };
        let mut path = path.to_owned();
        let mut parameters: Vec<String> = query.map(str::to_owned).into_iter().collect();
        for (place, value) in [(&places.name, &self.name), (&places.host_id, &self.host_id)] {
            match place {
                _ if value.is_empty() => {}
                Place::Path => {
                    let separator = if path.ends_with('/') { "" } else { "/" };
                    let _ = write!(path, "{separator}{}", utf8_percent_encode(value, UNRESERVED));
                }
                // A parameter that the URL has already is what its author wants.
                Place::Query(name) if !has_parameter(query, name) => parameters.push(parameter(name, value)),
                Place::Query(_) | Place::Header(_) | Place::Nowhere => {}
            }
        }
        parameters.extend(
            self.parameters
                .iter()
                .map(|(name, value)| if masked { format!("{name}={MASK}") } else { parameter(name, value) }),
        );
        if parameters.is_empty() { path } else { format!("{path}?{}", parameters.join("&")) }
    }

    /// Sends the request and judges the answer. Returns what the peer sent behind it.
    pub(super) async fn perform<S>(&self, stream: &mut S, request: &Request) -> Result<Vec<u8>, DialFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin + ?Sized,
    {
        stream.write_all(request.text.as_bytes()).await.map_err(broken)?;
        stream.flush().await.map_err(broken)?;
        let head = head::read(stream).await.map_err(|error| explain(error, &request.host))?;
        if head.status != 101 {
            let excerpt = head.body_excerpt(stream).await;
            let location = head.values("Location").next().map(str::to_owned);
            let refusal = Refusal::new(head.status, head.reason, excerpt, location);
            return Err(DialFailure::Refused(Box::new(refusal)));
        }
        check_switch(&head, &request.key)?;
        self.check_sub_protocol(&head)?;
        Ok(head.rest)
    }

    fn check_sub_protocol(&self, head: &Head) -> Result<(), DialFailure> {
        let mut answered = head.members("Sec-WebSocket-Protocol").peekable();
        let first = answered.peek().map(|first| (*first).to_owned());
        if answered.any(|protocol| protocol.eq_ignore_ascii_case(SUB_PROTOCOL)) {
            return Ok(());
        }
        if self.check == SubProtocolCheck::Strict {
            return Err(DialFailure::SubProtocol { answered: first });
        }
        warn!(
            answered = first,
            "The tenant does not confirm the sub-protocol {SUB_PROTOCOL}; going on anyway."
        );
        Ok(())
    }
}

/// RFC 6455 §4.1, and no extension: none was offered.
fn check_switch(head: &Head, key: &str) -> Result<(), DialFailure> {
    let names = |field, word: &str| head.members(field).any(|member| member.eq_ignore_ascii_case(word));
    let wrong = |what: &str| Err(DialFailure::NotWebSocket { what: what.to_owned() });
    if !names("Upgrade", "websocket") {
        return wrong("its Upgrade header does not say websocket");
    }
    if !names("Connection", "upgrade") {
        return wrong("its Connection header does not say Upgrade");
    }
    if head.values("Sec-WebSocket-Accept").next() != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return wrong("its Sec-WebSocket-Accept does not belong to this request");
    }
    if head.members("Sec-WebSocket-Extensions").next().is_some() {
        return wrong("it wants an extension that was not offered");
    }
    Ok(())
}

fn has_parameter(query: Option<&str>, name: &str) -> bool {
    let name = utf8_percent_encode(name, UNRESERVED).to_string();
    let names =
        query.into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split('=').next());
    names.into_iter().any(|present| present == name)
}

fn parameter(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, UNRESERVED), utf8_percent_encode(value, UNRESERVED))
}

fn check_header(name: &str, value: &str) -> Result<(), LinkSetupError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(LinkSetupError::HeaderName { name: name.to_owned() });
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&lower.as_str()) || lower.starts_with(RESERVED_PREFIX) {
        return Err(LinkSetupError::ReservedHeader { name: name.to_owned() });
    }
    check_value(name, value)
}

fn check_value(name: &str, value: &str) -> Result<(), LinkSetupError> {
    if value.chars().any(char::is_control) {
        return Err(LinkSetupError::HeaderValue { name: name.to_owned() });
    }
    Ok(())
}

fn broken(source: std::io::Error) -> DialFailure {
    DialFailure::Broken { phase: Phase::Upgrade, source }
}

fn explain(error: HeadError, host: &str) -> DialFailure {
    match error {
        HeadError::Io(source) if tls::is_tls(&source) => DialFailure::Tls { host: host.to_owned(), source },
        HeadError::Io(source) => broken(source),
        HeadError::Ended { received } => {
            let what = format!("the connection was closed after {received} bytes of the answer");
            broken(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, what))
        }
        HeadError::NotHttp(what) => DialFailure::NotWebSocket { what: format!("it answered {what}") },
    }
}
