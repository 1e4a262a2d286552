//! What a peer is answered before there is a WebSocket.

use std::fmt::Write as _;

use crate::link::SUB_PROTOCOL;

/// In every answer: health checks of existing installations look for it, in the headers or in the page.
const SERVER: &str = "OpenICF Connector Server";

/// Why a request does not become a link. The text goes to the peer and to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("there is nothing at this path; links are accepted at /openicf")]
    NotFound,
    #[error("a user name and the shared key are required, as credentials of the Basic scheme")]
    NoCredentials,
    #[error("the key is not the one whose hash is in connectorserver.key (user name {user:?})")]
    WrongKey { user: String },
    #[error("the WebSocket version must be 13")]
    Version,
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the request head is too large")]
    HeadTooLarge,
    #[error("too many links are open")]
    Full,
}

impl Refusal {
    /// The whole answer; the connection is closed behind it. A page is for people and health checks. A dialer gets
    /// none, nor a Content-Length: Java's waits for ever when there is either, and never reports the status.
    pub(super) fn answer(&self, with_page: bool) -> String {
        let (status, reason) = self.status();
        let mut text = format!("HTTP/1.1 {status} {reason}\r\nServer: {SERVER}\r\n");
        match self {
            Self::NoCredentials => {
                text.push_str("WWW-Authenticate: Basic realm=\"openicf.forgerock.org\"\r\n");
            }
            Self::Version => text.push_str("Sec-WebSocket-Version: 13\r\n"),
            _ => {}
        }
        text.push_str("Connection: close\r\n");
        if with_page {
            let page = format!("{status} {}\r\n{self}\r\n{SERVER}\r\n", reason.trim_end());
            let length = page.len();
            let _ =
                write!(text, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n");
            text + &page
        } else {
            text + "\r\n"
        }
    }

    /// Where Java servers refuse for the same reason, the words, and the blank at the end, are theirs. Dialers show
    /// them.
    fn status(&self) -> (u16, &'static str) {
        match self {
            Self::NotFound => (404, "Not Found"),
            Self::NoCredentials => (401, "Unauthorized. "),
            Self::WrongKey { .. } => (403, "Failed To connect"),
            Self::Version => (400, "The WebSocket version must be 13"),
            Self::Malformed(what) => (400, what),
            Self::HeadTooLarge => (431, "Request Header Fields Too Large"),
            Self::Full => (503, "Service Unavailable"),
        }
    }
}

/// The answer that makes the connection a WebSocket.
pub(super) fn switch(accept_key: &str, with_sub_protocol: bool) -> String {
    let mut text = format!(
        "HTTP/1.1 101 Switching Protocols\r\nServer: {SERVER}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept_key}\r\n"
    );
    // The Java dialer drops the connection when its sub-protocol is not confirmed.
    if with_sub_protocol {
        let _ = write!(text, "Sec-WebSocket-Protocol: {SUB_PROTOCOL}\r\n");
    }
    text.push_str("\r\n");
    text
}
