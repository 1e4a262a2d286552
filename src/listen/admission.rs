//! Judging an upgrade request: the checks in the order in which Java servers make them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use httparse::Request;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::answer::Refusal;
use super::credentials;
use crate::config::KeyHash;
use crate::link::SUB_PROTOCOL;

/// The only resource there is. The Java server serves neither `/openicf/` nor anything below it.
const PATH: &str = "/openicf";

/// A request that may become a link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admission {
    /// The peer's name for itself.
    pub(super) user: String,
    /// Proves to the peer that its request was read.
    pub(super) accept_key: String,
    /// Whether the sub-protocol was offered, so that it is to be confirmed.
    pub(super) sub_protocol: bool,
}

/// Judges a complete request.
pub(super) fn judge(request: &Request<'_, '_>, key: &KeyHash) -> Result<Admission, Refusal> {
    let target = request.path.unwrap_or_default();
    if target.split('?').next() != Some(PATH) {
        return Err(Refusal::NotFound);
    }
    let user = credentials::check(values(request, "Authorization").next(), key)?;
    if single(request, "Sec-WebSocket-Version").map(<[u8]>::trim_ascii) != Some(b"13") {
        return Err(Refusal::Version);
    }
    let accept_key = check_upgrade(request)?;
    let sub_protocol = check_sub_protocol(request)?;
    Ok(Admission { user, accept_key, sub_protocol })
}

/// Whether a request wants to be a link, well or badly; others come from people and health checks.
pub(super) fn is_dialer(request: &Request<'_, '_>) -> bool {
    ["Upgrade", "Sec-WebSocket-Key"].into_iter().any(|name| values(request, name).next().is_some())
}

/// RFC 6455 §4.2.1; and no body, whose bytes would be taken for frames.
fn check_upgrade(request: &Request<'_, '_>) -> Result<String, Refusal> {
    let sound = |holds: bool, what| if holds { Ok(()) } else { Err(Refusal::Malformed(what)) };
    let names = |field, word: &str| members(request, field).any(|member| is(member, word));
    sound(request.method == Some("GET"), "the method of an upgrade is GET")?;
    sound(request.version == Some(1), "an upgrade needs HTTP/1.1")?;
    sound(names("Upgrade", "websocket"), "the Upgrade header must say websocket")?;
    sound(names("Connection", "upgrade"), "the Connection header must say Upgrade")?;
    sound(single(request, "Host").is_some(), "there must be one Host header")?;
    let empty = values(request, "Content-Length").all(|length| length == b"0");
    let whole = values(request, "Transfer-Encoding").next().is_none();
    sound(empty && whole, "an upgrade has no body")?;
    let key = single(request, "Sec-WebSocket-Key").unwrap_or_default().trim_ascii();
    let decoded = BASE64_STANDARD.decode(key).map(|bytes| bytes.len());
    sound(decoded == Ok(16), "there must be one Sec-WebSocket-Key, the Base64 form of 16 bytes")?;
    Ok(derive_accept_key(key))
}

/// Java dialers send the header twice, and some peers do without.
fn check_sub_protocol(request: &Request<'_, '_>) -> Result<bool, Refusal> {
    let mut offered = members(request, "Sec-WebSocket-Protocol").peekable();
    if offered.peek().is_none() {
        return Ok(false);
    }
    if offered.any(|protocol| is(protocol, SUB_PROTOCOL)) {
        return Ok(true);
    }
    Err(Refusal::Malformed("the sub-protocol spoken here is v1.openicf.forgerock.org"))
}

fn is(member: &[u8], word: &str) -> bool {
    member.eq_ignore_ascii_case(word.as_bytes())
}

/// The values of all fields of this name, in order.
fn values<'a>(request: &'a Request<'_, '_>, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let named = request.headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    named.map(|field| field.value)
}

/// The value of the only field of this name.
fn single<'a>(request: &'a Request<'_, '_>, name: &'a str) -> Option<&'a [u8]> {
    let mut values = values(request, name);
    values.next().filter(|_| values.next().is_none())
}

/// The members of all comma lists of this name.
fn members<'a>(request: &'a Request<'_, '_>, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    values(request, name)
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}
