//! The way through an HTTP proxy: `CONNECT`, and what it answers.

use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::error::{DialFailure, Phase};
use super::head::{self, HeadError};
use super::upgrade::USER_AGENT;
use crate::config::ServerUrl;

/// A proxy and how to show oneself to it.
pub(super) struct Tunnel {
    pub(super) host: String,
    pub(super) port: u16,
    /// `host:port`, for messages.
    pub(super) authority: String,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<Zeroizing<String>>,
}

impl Tunnel {
    /// Asks for a tunnel to the host of `url`; afterwards `stream` leads there.
    pub(super) async fn open<S>(&self, stream: &mut S, url: &ServerUrl) -> Result<(), DialFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let target = format!("{}:{}", url.host(), url.port());
        stream.write_all(self.request(&target).as_bytes()).await.map_err(in_proxy)?;
        let head = head::read(stream).await.map_err(|error| self.explain(error))?;
        if !(200..300).contains(&head.status) {
            let excerpt = head.body_excerpt(stream).await;
            return Err(DialFailure::ProxyRefused {
                proxy: self.authority.clone(),
                target,
                status: head.status,
                reason: head.reason,
                excerpt,
            });
        }
        if head.rest.is_empty() {
            Ok(())
        } else {
            // In this protocol the dialler speaks first: these bytes cannot be the tenant's.
            Err(self.misbehaved("it sent content behind its answer to CONNECT".to_owned()))
        }
    }

    /// The request for `url`, as it may be shown.
    pub(super) fn masked_request(&self, url: &ServerUrl) -> String {
        let authorization =
            if self.authorization.is_some() { " (Proxy-Authorization: Basic ***)" } else { "" };
        format!("CONNECT {}:{} HTTP/1.1{authorization}", url.host(), url.port())
    }

    fn request(&self, target: &str) -> Zeroizing<String> {
        let secret = self.authorization.as_ref().map_or(0, |value| value.len());
        let mut text = Zeroizing::new(String::with_capacity(256 + 2 * target.len() + secret));
        let _ = write!(
            text,
            "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
             Connection: keep-alive\r\nProxy-Connection: keep-alive\r\n"
        );
        if let Some(value) = &self.authorization {
            let _ = write!(text, "Proxy-Authorization: {}\r\n", value.as_str());
        }
        text.push_str("\r\n");
        text
    }

    fn explain(&self, error: HeadError) -> DialFailure {
        match error {
            HeadError::Io(source) => in_proxy(source),
            HeadError::Ended { received: 0 } => {
                self.misbehaved("it closed the connection without an answer".to_owned())
            }
            HeadError::Ended { .. } => {
                self.misbehaved("it closed the connection within its answer".to_owned())
            }
            HeadError::NotHttp(what) => {
                self.misbehaved(format!("it answered something else than HTTP ({what})"))
            }
        }
    }

    fn misbehaved(&self, what: String) -> DialFailure {
        DialFailure::ProxyAnswer { proxy: self.authority.clone(), what }
    }
}

fn in_proxy(source: std::io::Error) -> DialFailure {
    DialFailure::Broken { phase: Phase::Proxy, source }
}
