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
    /// The whole answer; the connection is closed behind it.
    pub(super) fn answer(&self, with_page: bool) -> String {
        let (status, header) = self.status();
        let page = format!("{}\r\n{self}\r\n{SERVER}\r\n", status.trim_end());
        let mut text = format!("HTTP/1.1 {status}\r\nServer: {SERVER}\r\n");
        if let Some((name, value)) = header {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let length = page.len();
        let _ = write!(
            text,
            "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
        );
        if with_page {
            text.push_str(&page);
        }
        text
    }

    /// The status line's end and the header that belongs to it. Where Java servers refuse for the same reason, the
    /// words, and the blank at the end, are theirs.
    fn status(&self) -> (&'static str, Option<(&'static str, &'static str)>) {
        match self {
            Self::NotFound => ("404 Not Found", None),
            Self::NoCredentials => {
                ("401 Unauthorized. ", Some(("WWW-Authenticate", "Basic realm=\"openicf.forgerock.org\"")))
            }
            Self::WrongKey { .. } => ("403 Failed To connect", None),
            Self::Version => ("400 Bad Request", Some(("Sec-WebSocket-Version", "13"))),
            Self::Malformed(_) => ("400 Bad Request", None),
            Self::HeadTooLarge => ("431 Request Header Fields Too Large", None),
            Self::Full => ("503 Service Unavailable", None),
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
