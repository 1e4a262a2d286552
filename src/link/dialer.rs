//! Dialling: the phases in order, within one time limit.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::ClientConfig;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tracing::{debug, info};
use zeroize::Zeroizing;

use super::error::{DialError, DialFailure, LinkSetupError, Phase};
use super::placement::Walk;
use super::upgrade::Upgrade;
use super::witness::{Seen, Witness};
use super::{Duplex, LinkSocket, proxy, socket_config, tcp, tls};
use crate::config::{BasicCredentials, ProxySettings, ServerUrl, UpgradeSettings};
use crate::proxy::{authority, basic_header};
use crate::token::{Bearer, TokenSource};

/// Everything about dialling that is the same for all URLs.
#[derive(Debug, Clone)]
pub struct DialOptions {
    /// The name under which the tenant knows this server.
    pub server_name: String,
    /// Tells processes of the same name apart; not sent if empty.
    pub host_id: String,
    /// Where these two stand in the upgrade request, and what else it carries.
    pub upgrade: UpgradeSettings,
    /// How the server proves who it is.
    pub credentials: Credentials,
    /// A proxy to go through.
    pub proxy: Option<ProxySettings>,
    /// Trust and client certificate, for `wss` URLs.
    pub tls: Arc<ClientConfig>,
    /// From the name look-up to the answer to the upgrade request.
    pub connect_timeout: Duration,
    /// Largest message sent or accepted, in bytes.
    pub max_message_size: usize,
    /// What to do when the tenant does not confirm the sub-protocol.
    pub sub_protocol: SubProtocolCheck,
}

/// How the server proves to the tenant who it is.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Not at all, or by a client certificate.
    None,
    /// With a name and a password.
    Basic(BasicCredentials),
    /// With an access token.
    Token {
        /// Where it comes from.
        source: TokenSource,
        /// Whose token it is, for messages.
        client_id: String,
    },
}

/// What to do when the answer to the upgrade does not confirm the sub-protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubProtocolCheck {
    /// Drop the connection, as the Java dialer does.
    Strict,
    /// Go on: the messages will show whether the peer speaks it.
    Lenient,
}

/// Opens sockets. One serves all URLs of a process, since what it learns about the tenant (where the
/// server's name is expected) holds for all.
pub struct Dialer {
    upgrade: Upgrade,
    walk: Walk,
    credentials: Proof,
    proxy: Option<proxy::Tunnel>,
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    max_message_size: usize,
}

/// Credentials, ready to be sent.
enum Proof {
    None,
    Basic { header: Zeroizing<String>, principal: String },
    Token { source: TokenSource, client_id: String },
}

/// The `Authorization` header of one attempt, and the token in it.
struct Authorization {
    header: Option<Zeroizing<String>>,
    bearer: Option<Arc<Bearer>>,
}

impl Dialer {
    /// Checks the options; nothing is opened.
    ///
    /// # Errors
    ///
    /// Credentials, headers or a name that cannot be put into a request.
    pub fn try_new(options: DialOptions) -> Result<Self, LinkSetupError> {
        let credentials = match options.credentials {
            Credentials::None => Proof::None,
            Credentials::Basic(basic) => {
                Proof::Basic { header: basic_header(&basic)?, principal: basic.principal }
            }
            Credentials::Token { source, client_id } => Proof::Token { source, client_id },
        };
        let proxy = match options.proxy {
            None => None,
            Some(settings) => Some(proxy::Tunnel {
                authorization: settings.credentials.as_ref().map(basic_header).transpose()?,
                authority: authority(&settings),
                host: settings.host,
                port: settings.port,
            }),
        };
        let walk = Walk::new(&options.upgrade.name_placement, &options.upgrade.host_id_placement);
        Ok(Self {
            upgrade: Upgrade::try_new(
                options.server_name,
                options.host_id,
                options.upgrade,
                options.sub_protocol,
            )?,
            walk,
            credentials,
            proxy,
            tls: options.tls,
            connect_timeout: options.connect_timeout,
            max_message_size: options.max_message_size,
        })
    }

    /// Opens one socket to `url`. The name is looked up anew each time. When the tenant refuses the
    /// access token with 401, a new token is requested and tried once; all else is up to the caller, who
    /// must wait between failed attempts.
    ///
    /// # Errors
    ///
    /// See [`DialError`].
    pub async fn dial(&self, url: &ServerUrl) -> Result<LinkSocket, DialError> {
        self.dial_before(url, &()).await
    }

    /// [`dial`](Self::dial), with somebody watching.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn dial_before(&self, url: &ServerUrl, witness: &dyn Witness) -> Result<LinkSocket, DialError> {
        let explain = |failure| DialError::new(url.clone(), failure);
        let authorization = self.authorization().await.map_err(explain)?;
        match self.attempt(url, authorization.header.as_deref(), witness).await {
            Err(failure) if failure.status() == Some(401) && self.drop_token(&authorization) => {
                debug!(%url, "The tenant refused the access token; trying once with a new one.");
                let authorization = self.authorization().await.map_err(explain)?;
                self.attempt(url, authorization.header.as_deref(), witness).await.map_err(explain)
            }
            result => result.map_err(explain),
        }
    }

    /// Goes as far as the tenant can be reached without showing credentials to it, the end of the TLS handshake, and hangs
    /// up.
    ///
    /// # Errors
    ///
    /// Those of [`dial`](Self::dial) up to there.
    pub async fn reach_before(&self, url: &ServerUrl, witness: &dyn Witness) -> Result<(), DialError> {
        let limit = TimeLimit::from_now(self.connect_timeout);
        let reached = self.connect(url, &limit, witness).await;
        reached.map(drop).map_err(|failure| DialError::new(url.clone(), failure))
    }

    async fn authorization(&self) -> Result<Authorization, DialFailure> {
        Ok(match &self.credentials {
            Proof::None => Authorization { header: None, bearer: None },
            Proof::Basic { header, .. } => Authorization { header: Some(header.clone()), bearer: None },
            Proof::Token { source, .. } => {
                let bearer = source.token().await.map_err(DialFailure::Token)?;
                let header = Zeroizing::new(format!("Bearer {}", bearer.expose()));
                Authorization { header: Some(header), bearer: Some(bearer) }
            }
        })
    }

    fn drop_token(&self, refused: &Authorization) -> bool {
        match (&self.credentials, &refused.bearer) {
            (Proof::Token { source, .. }, Some(bearer)) => source.invalidate(bearer),
            _ => false,
        }
    }

    async fn attempt(
        &self,
        url: &ServerUrl,
        authorization: Option<&String>,
        witness: &dyn Witness,
    ) -> Result<LinkSocket, DialFailure> {
        let limit = TimeLimit::from_now(self.connect_timeout);
        let mut stream = self.connect(url, &limit, witness).await?;
        let (index, place) = self.walk.current();
        let shown = self.upgrade.masked_request(url, place, authorization.map(|header| header.as_str()));
        witness.saw(Seen::UpgradeRequested { request: &shown });
        let request = self.upgrade.request(url, place, authorization.map(|header| header.as_str()));
        let outcome = limit.hold(Phase::Upgrade, self.upgrade.perform(&mut stream, &request)).await;
        let rest = match outcome {
            Ok(rest) => rest,
            Err(DialFailure::Refused(mut refusal)) => {
                refusal.untried_places = refusal.status == 403 && self.walk.refused(index);
                refusal.identity = self.identity();
                refusal.place = place.to_string();
                return Err(DialFailure::Refused(refusal));
            }
            Err(other) => return Err(other),
        };
        witness.saw(Seen::Upgraded);
        if self.walk.accepted(index) {
            info!(%url, "The tenant takes the connector server's name as {place}; keeping to that.");
        }
        let config = Some(socket_config(self.max_message_size));
        Ok(WebSocketStream::from_partially_read(stream, rest, Role::Client, config).await)
    }

    async fn connect(
        &self,
        url: &ServerUrl,
        limit: &TimeLimit,
        witness: &dyn Witness,
    ) -> Result<Box<dyn Duplex>, DialFailure> {
        let tcp = match &self.proxy {
            None => self.reach(url.host(), url.port(), limit, witness).await?,
            Some(tunnel) => {
                let mut tcp = self.reach(&tunnel.host, tunnel.port, limit, witness).await?;
                witness.saw(Seen::TunnelRequested { request: &tunnel.masked_request(url) });
                limit.hold(Phase::Proxy, tunnel.open(&mut tcp, url)).await?;
                witness.saw(Seen::TunnelOpen);
                tcp
            }
        };
        if !url.tls() {
            return Ok(Box::new(tcp));
        }
        let secured = limit.hold(Phase::Tls, tls::secure(tcp, url.host(), &self.tls)).await?;
        let (_, tls) = secured.get_ref();
        let chain = tls.peer_certificates().unwrap_or_default();
        witness.saw(Seen::Secured { version: tls.protocol_version(), chain });
        Ok(Box::new(secured))
    }

    async fn reach(
        &self,
        host: &str,
        port: u16,
        limit: &TimeLimit,
        witness: &dyn Witness,
    ) -> Result<tokio::net::TcpStream, DialFailure> {
        let addresses = limit.hold(Phase::Resolve, tcp::resolve(host, port)).await?;
        witness.saw(Seen::Addresses { host, addresses: &addresses });
        let tcp = limit.hold(Phase::Connect, tcp::connect(host, &addresses, limit.at)).await?;
        witness.saw(Seen::Connected { to: tcp.peer_addr().ok() });
        Ok(tcp)
    }

    fn identity(&self) -> String {
        let name = &self.upgrade.server_name();
        match &self.credentials {
            Proof::None => format!("connector server {name:?}, no credentials"),
            Proof::Basic { principal, .. } => format!("connector server {name:?}, principal {principal:?}"),
            Proof::Token { client_id, .. } => format!("connector server {name:?}, client {client_id:?}"),
        }
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").field("identity", &self.identity()).finish_non_exhaustive()
    }
}

/// The time left for one attempt, whatever phase it is in.
struct TimeLimit {
    at: Instant,
    limit: Duration,
}

impl TimeLimit {
    fn from_now(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    async fn hold<T>(
        &self,
        phase: Phase,
        work: impl Future<Output = Result<T, DialFailure>>,
    ) -> Result<T, DialFailure> {
        match timeout_at(self.at, work).await {
            Ok(result) => result,
            Err(_) => Err(DialFailure::Timeout { phase, limit: self.limit }),
        }
    }
}
