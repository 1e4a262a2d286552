//! Opening one link: dialling it, handing it to the session, waiting for the handshake.

use std::sync::Arc;

use async_trait::async_trait;
use icf_session::{LinkHandle, Session};
use icf_wire::session::Role;

use crate::config::ServerUrl;
use crate::link::Dialer;
use crate::report::with_causes;

use super::backoff::Setback;

/// Why no link came about.
#[derive(Debug)]
pub struct OpenFailure {
    /// What it means for the next attempt.
    pub setback: Setback,
    /// What happened and what to do about it, for the log.
    pub message: String,
}

/// Opens links. A test opens them over pipes.
#[async_trait]
pub trait Open: Send + Sync + 'static {
    /// One attempt, to the end of the handshake.
    async fn open(&self) -> Result<LinkHandle, OpenFailure>;
}

/// Links to one URL of a tenant.
#[derive(Debug, Clone)]
pub struct DialedLinks {
    /// Opens the sockets.
    pub dialer: Arc<Dialer>,
    /// Where to.
    pub url: ServerUrl,
    /// Takes the links over.
    pub session: Session,
    /// The name under which the tenant knows this server.
    pub server_name: String,
}

#[async_trait]
impl Open for DialedLinks {
    async fn open(&self) -> Result<LinkHandle, OpenFailure> {
        let socket = self.dialer.dial(&self.url).await.map_err(|error| OpenFailure {
            setback: if error.is_refusal() { Setback::Refused } else { Setback::Transient },
            message: with_causes(&error),
        })?;
        let link = self.session.attach(socket, Role::Dialer, &self.server_name);
        match link.ready().await {
            Ok(_) => Ok(link),
            Err(closed) => Err(OpenFailure {
                setback: Setback::Transient,
                message: format!(
                    "{}: the upgrade succeeded but the handshake did not ({closed}); check that the URL leads to the tenant's openicf endpoint",
                    self.url
                ),
            }),
        }
    }
}
