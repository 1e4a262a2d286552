//! The way to one URL of the tenant, walked as the server walks it: with its dialler, its token source and its session.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf_session::Closed;
use icf_wire::session::{GroupId, Role};
use tokio::time::{Instant, sleep};

use super::cause::Cause;
use super::certificate;
use super::diagnosis::{self, Setting};
use super::report::{Kind, Part, Step};
use crate::config::{Authentication, ClientSettings, LinkSettings, ServerUrl};
use crate::link::{DialError, DialFailure, LinkSocket, Seen, Witness};
use crate::report::with_causes;
use crate::serve::{Dialling, Server};
use crate::tls::{TlsTrouble, Trust};

/// The names of the steps, in order.
pub(super) mod step {
    pub(in super::super) const DNS: &str = "dns";
    pub(in super::super) const PROXY: &str = "proxy";
    pub(in super::super) const TCP: &str = "tcp";
    pub(in super::super) const TLS: &str = "tls";
    pub(in super::super) const TOKEN: &str = "token";
    pub(in super::super) const UPGRADE: &str = "upgrade";
    pub(in super::super) const HANDSHAKE: &str = "handshake";
    pub(in super::super) const CONNECTORS: &str = "connectors";
}

/// How often it is looked whether the tenant has asked for the connectors.
const LOOK: Duration = Duration::from_millis(20);

/// Walks to the URLs of one tenant, one after the other.
pub(super) struct Walker<'a> {
    pub(super) client: &'a ClientSettings,
    pub(super) link: &'a LinkSettings,
    pub(super) dialling: &'a Dialling,
    /// Takes the links, and serves on them as long as they last.
    pub(super) server: &'a Server,
    /// Peer sessions that have been met on the way to other URLs.
    pub(super) groups: Vec<GroupId>,
}

impl Walker<'_> {
    /// Walks to `url` until something stops it.
    pub(super) async fn walk(&mut self, url: &ServerUrl) -> Part {
        let mut part = Part::new(Kind::Tenant, url.to_string());
        let _complete = self.steps(url, &mut part.steps).await;
        part.not_reached(&self.names(url))
    }

    /// The steps that there are for this URL.
    fn names(&self, url: &ServerUrl) -> Vec<&'static str> {
        let way: &[_] = if self.client.proxy.is_some() { &[step::PROXY] } else { &[step::DNS, step::TCP] };
        let tls: &[_] = if url.tls() { &[step::TLS] } else { &[] };
        let rest = [step::TOKEN, step::UPGRADE, step::HANDSHAKE, step::CONNECTORS];
        [way, tls, &rest].concat()
    }

    fn setting(&self) -> Setting {
        let proxy = self.client.proxy.as_ref();
        Setting {
            proxied: proxy.is_some(),
            proxy_credentials: proxy.is_some_and(|proxy| proxy.credentials.is_some()),
            basic: matches!(self.client.authentication, Authentication::Basic(_)),
        }
    }

    /// `None` when a step failed; it is the last one then.
    async fn steps(&mut self, url: &ServerUrl, steps: &mut Vec<Step>) -> Option<()> {
        let trail = Trail::new(self.setting().proxied);
        let reached = self.dialling.dialer.reach_before(url, &trail).await;
        steps.append(&mut trail.found().steps);
        if let Err(error) = reached {
            steps.push(self.stopped(url, &error, &trail).await);
            return None;
        }
        steps.push(self.token().await);
        is_sound(steps)?;
        let socket = self.upgrade(url, steps).await?;
        self.handshake(socket, steps).await
    }

    async fn token(&self) -> Step {
        let oauth = match (&self.client.authentication, &self.dialling.token) {
            (Authentication::OAuth(oauth), Some(source)) => (oauth, source),
            (Authentication::Basic(basic), _) => {
                let said = format!("none needed: HTTP Basic as {:?}", basic.principal);
                return Step::skipped(step::TOKEN, said);
            }
            (Authentication::OAuth(_), None) => return Step::skipped(step::TOKEN, "none needed"),
        };
        let (oauth, source) = oauth;
        let sent = format!(
            "POST {}\ngrant_type=client_credentials, scope={:?}, client {:?} by {}, secret ***",
            oauth.token_endpoint,
            oauth.scope,
            oauth.client_id,
            oauth.auth_method.word()
        );
        match source.token().await {
            Ok(_) => {
                let life = source.status().expires_in.map_or(0, |left| left.as_secs());
                let said = format!("a token for client {:?}, which ends in {life} s", oauth.client_id);
                Step::passed(step::TOKEN, said).sent(Some(sent))
            }
            Err(error) => {
                Step::failed(step::TOKEN, with_causes(&error), diagnosis::of_token(&error)).sent(Some(sent))
            }
        }
    }

    /// Asks for the upgrade, with the server's name in every place that is to be tried.
    async fn upgrade(&self, url: &ServerUrl, steps: &mut Vec<Step>) -> Option<LinkSocket> {
        loop {
            let trail = Trail::new(self.setting().proxied);
            match self.dialling.dialer.dial_before(url, &trail).await {
                Ok(socket) => {
                    let asked = trail.take().requested;
                    let target = asked.as_deref().and_then(|text| text.lines().next()).unwrap_or_default();
                    let said = format!("101 to {target}");
                    steps.push(Step::passed(step::UPGRADE, said).sent(asked));
                    return Some(socket);
                }
                Err(error) if has_untried_places(&error) => {}
                Err(error) => {
                    steps.push(self.stopped(url, &error, &trail).await);
                    return None;
                }
            }
        }
    }

    async fn handshake(&mut self, socket: LinkSocket, steps: &mut Vec<Step>) -> Option<()> {
        let session = self.server.session();
        let lists_before = session.counters().connector_lists_sent;
        let link = session.attach(socket, Role::Dialer, &self.client.name);
        let limit = self.link.handshake_timeout;
        let sent = Some("handshake: session id and public key of this process".to_owned());
        let group = match link.ready().await {
            Ok(group) => group,
            Err(closed) => {
                let (cause, said) = match &closed {
                    Closed::ByUs { .. } => (
                        Cause::HandshakeSilent,
                        format!("no handshake within {} s (handshakeTimeout)", limit.as_secs()),
                    ),
                    Closed::ByPeer { .. } | Closed::Broken { .. } => {
                        (Cause::HandshakeEnded, format!("the link was {closed}"))
                    }
                };
                steps.push(Step::failed(step::HANDSHAKE, said, cause).sent(sent));
                return None;
            }
        };
        let peer = session.groups().into_iter().find(|status| status.id == group);
        let peer = peer.map_or_else(String::new, |status| status.session);
        steps.push(Step::passed(step::HANDSHAKE, format!("with session {peer}")).sent(sent));
        let known = self.groups.contains(&group);
        self.groups.push(group);
        let offered = self.server.dispatcher().connector_infos().len();
        let sent = Some(format!("a list of {offered} connectors"));
        let asked = known || wait(limit, || session.counters().connector_lists_sent > lists_before).await;
        let step = if !asked {
            let said = format!("not asked for within {} s", limit.as_secs());
            Step::failed(step::CONNECTORS, said, Cause::ListNotAsked)
        } else if link.answers(Duration::ZERO, limit).await {
            // The pong comes behind everything that was sent before the ping.
            Step::passed(step::CONNECTORS, format!("the tenant has read the list of {offered}"))
        } else {
            Step::failed(step::CONNECTORS, "asked for and not read", Cause::ListNotRead)
        };
        steps.push(step.sent(sent));
        is_sound(steps)
    }

    /// The step at which an attempt ended.
    async fn stopped(&self, url: &ServerUrl, error: &DialError, trail: &Trail) -> Step {
        let failure = error.failure();
        let (name, mut cause) = diagnosis::of_dial(failure, self.setting());
        if !url.tls()
            && matches!(cause, Cause::UpgradeBroken | Cause::NoWebSocket)
            && self.shown_certificate(&url.with_tls()).await.is_some()
        {
            cause = Cause::TlsExpected;
        }
        let mut said = with_causes(error);
        if let Some(text) = said.strip_prefix(&format!("{url}: ")) {
            said = text.to_owned();
        }
        if let DialFailure::Tls { source, .. } = failure
            && TlsTrouble::of(source).is_some_and(TlsTrouble::concerns_certificate)
            && let Some(shown) = self.shown_certificate(url).await
        {
            said = format!("{said}; it shows the {shown}");
        }
        let sent = match name {
            step::UPGRADE => trail.take().requested,
            step::PROXY => trail.take().tunnel,
            step::TLS => Some(format!("the beginning of a TLS handshake with {}", url.host())),
            _ => None,
        };
        Step::failed(name, said, cause).sent(sent)
    }

    /// What the host shows to somebody who accepts anything. Nothing is sent to it but the beginning of a handshake.
    async fn shown_certificate(&self, url: &ServerUrl) -> Option<String> {
        let looking = Dialling::try_new(self.client, Trust::Anyone, None, self.link).await.ok()?;
        let trail = Trail::new(self.setting().proxied);
        looking.dialer.reach_before(url, &trail).await.ok()?;
        trail.take().certificate
    }
}

/// `None` if the last step failed.
fn is_sound(steps: &[Step]) -> Option<()> {
    let failed = steps.last().is_some_and(|last| last.outcome == super::report::Outcome::Failed);
    (!failed).then_some(())
}

fn has_untried_places(error: &DialError) -> bool {
    matches!(error.failure(), DialFailure::Refused(refusal) if refusal.untried_places)
}

async fn wait(limit: Duration, mut so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !so() {
        if Instant::now() >= end {
            return false;
        }
        sleep(LOOK).await;
    }
    true
}

/// What an attempt has left behind so far.
struct Trail {
    proxied: bool,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    steps: Vec<Step>,
    tunnel: Option<String>,
    requested: Option<String>,
    certificate: Option<String>,
}

impl Trail {
    fn new(proxied: bool) -> Self {
        Self { proxied, found: Mutex::default() }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Found {
        std::mem::take(&mut *self.found())
    }
}

impl Witness for Trail {
    fn saw(&self, seen: Seen<'_>) {
        let mut found = self.found();
        match seen {
            // The proxy's name and port are part of the step of the proxy.
            Seen::Addresses { .. } | Seen::Connected { .. } if self.proxied => {}
            Seen::Addresses { host, addresses } => {
                let addresses: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
                found.steps.push(Step::passed(step::DNS, format!("{host} is {}", addresses.join(", "))));
            }
            Seen::Connected { to } => {
                let to = to.map_or_else(|| "?".to_owned(), |address| address.to_string());
                found.steps.push(Step::passed(step::TCP, format!("connected to {to}")));
            }
            Seen::TunnelRequested { request } => found.tunnel = Some(request.to_owned()),
            Seen::TunnelOpen => {
                let asked = found.tunnel.clone();
                let said = format!("opened the tunnel: {}", asked.as_deref().unwrap_or_default());
                found.steps.push(Step::passed(step::PROXY, said).sent(asked));
            }
            Seen::Secured { version, chain } => {
                let shown = certificate::describe(chain);
                let version = version.and_then(|version| version.as_str()).unwrap_or("TLS");
                found.steps.push(Step::passed(step::TLS, format!("{version}, {shown}")));
                found.certificate = Some(shown);
            }
            Seen::UpgradeRequested { request } => found.requested = Some(request.to_owned()),
            Seen::Upgraded => {}
        }
    }
}
