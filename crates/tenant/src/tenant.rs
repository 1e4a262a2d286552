//! A tenant in this process.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use icf_wire::session::Counters;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::backend::IcfBackend;
use crate::config;
use crate::control;
use crate::crest::CrestError;
use crate::events::Events;
use crate::faults::{Fault, FaultError, Faults};
use crate::http;
use crate::net::{Authority, TenantListener};
use crate::openicf::{OpenIcf, SessionBackend, dial_servers};
use crate::options::TenantOptions;
use crate::state::{Shared, State};
use crate::system;
use crate::token::Client;

/// A tenant that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("Cannot listen on {addr}; choose another address with `listen`.")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No certificate could be made.
    #[error("Cannot make a certificate.")]
    Certificate {
        /// What the library said.
        source: rcgen::Error,
    },
    /// TLS cannot be set up.
    #[error("Cannot set up TLS.")]
    Tls {
        /// What the library said.
        source: tokio_rustls::rustls::Error,
    },
    /// The certificate of the authority cannot be written.
    #[error("Cannot write the certificate authority to {path}.")]
    CaFile {
        /// Where to.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder of configurations cannot be read.
    #[error("Cannot read the configuration folder {path}.")]
    ConfDir {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A running tenant. Dropping it leaves it running until the runtime ends; [`shutdown`](Self::shutdown) stops it.
pub struct Tenant {
    state: Arc<State>,
    addr: SocketAddr,
    ca_pem: Option<String>,
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

impl Tenant {
    /// Starts a tenant.
    ///
    /// # Errors
    /// When it cannot listen, make its certificates or read its folder.
    pub async fn start(options: TenantOptions) -> Result<Self, StartError> {
        let shared = Shared::new(options.seed);
        let openicf = OpenIcf::new(&options, shared.clone());
        let backend = Arc::new(SessionBackend(Arc::clone(&openicf)));
        Self::launch(State::new(options, backend, Some(openicf), shared)).await
    }

    /// Starts a tenant whose operations go to a backend of the caller's.
    ///
    /// # Errors
    /// When it cannot listen, make its certificates or read its folder.
    pub async fn start_with_backend(
        options: TenantOptions,
        backend: Arc<dyn IcfBackend>,
    ) -> Result<Self, StartError> {
        let shared = Shared::new(options.seed);
        Self::launch(State::new(options, backend, None, shared)).await
    }

    async fn launch(state: State) -> Result<Self, StartError> {
        // The HTTP client of the sink takes its cryptography from the process. Somebody else may have set it already.
        let _ = aws_lc_rs::default_provider().install_default();
        let state = Arc::new(state);
        let listen = state.options.listen;
        let fail = |source| StartError::Listen { addr: listen, source };
        let tcp = TcpListener::bind(listen).await.map_err(fail)?;
        let addr = tcp.local_addr().map_err(fail)?;
        let (acceptor, ca_pem) = if state.options.plain {
            (None, None)
        } else {
            let authority = Authority::generate(&state.options.tls_names)?;
            let ca_pem = authority.ca_pem().to_owned();
            (Some(authority.acceptor()?), Some(ca_pem))
        };
        if let (Some(path), Some(pem)) = (&state.options.ca_file, &ca_pem) {
            let written = tokio::fs::write(path, pem).await;
            written.map_err(|source| StartError::CaFile { path: path.clone(), source })?;
        }
        config::watch(Arc::clone(&state)).await.map_err(|source| StartError::ConfDir {
            path: state.options.conf_dir.clone().unwrap_or_default(),
            source,
        })?;
        let listener = TenantListener::new(tcp, acceptor, Arc::clone(&state.wires));
        state.tasks.spawn(http::serve(Arc::clone(&state), listener));
        if let Some(openicf) = &state.openicf {
            state.tasks.spawn(system::keep_changes(Arc::clone(&state), Arc::clone(openicf)));
            state.tasks.spawn(dial_servers(Arc::clone(&state), Arc::clone(openicf)));
        }
        Ok(Self { state, addr, ca_pem })
    }

    /// Where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Such as `https://localhost:8443`.
    #[must_use]
    pub fn base_url(&self) -> String {
        let scheme = if self.state.options.plain { "http" } else { "https" };
        format!("{scheme}://localhost:{}", self.addr.port())
    }

    /// The URL that a connector server dials to reach a node, such as `wss://localhost:8443/openicf/0`.
    #[must_use]
    pub fn socket_url(&self, node: usize) -> String {
        let scheme = if self.state.options.plain { "ws" } else { "wss" };
        format!("{scheme}://localhost:{}/openicf/{node}", self.addr.port())
    }

    /// The token end point of the realm that AIC tenants use for their own servers.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/am/oauth2/realms/root/realms/alpha/access_token", self.base_url())
    }

    /// The certificate authority that a dialler must trust; `None` without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Moves the clock of tokens, time limits, pings and group checks forward.
    pub fn advance_clock(&self, by: Duration) {
        self.state.advance_clock(by);
    }

    /// What happened so far.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.state.events
    }

    /// Arms a fault and answers its id.
    ///
    /// # Errors
    /// When the kind does not belong to the point, an argument is wrong or the id is taken.
    pub fn arm(&self, fault: Fault) -> Result<String, FaultError> {
        self.state.arm(fault)
    }

    /// The armed faults, to be listed and disarmed.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Every upgrade attempt so far, oldest first, as `GET /tenant/upgrades` shows it.
    #[must_use]
    pub fn upgrades(&self) -> Vec<Json> {
        self.state.openicf.as_ref().map(|openicf| openicf.upgrades.list()).unwrap_or_default()
    }

    /// Nodes, servers, systems, tokens and faults, as `GET /tenant/state` shows them.
    #[must_use]
    pub fn state(&self) -> Json {
        control::show_state(&self.state)
    }

    /// The live sockets, as `GET /tenant/sockets` shows them.
    #[must_use]
    pub fn sockets(&self) -> Vec<Json> {
        self.state.openicf.as_ref().map(|openicf| openicf.describe_sockets()).unwrap_or_default()
    }

    /// Stream items received so far, before the filter of duplicates, and what was repeated.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.state.openicf.as_ref().map(|openicf| openicf.counters()).unwrap_or_default()
    }

    /// Whether a configured server or group is connected.
    #[must_use]
    pub fn is_connected(&self, server: &str) -> bool {
        self.state.config.hosts().get(server).is_some_and(|host| system::is_operational(&self.state, host))
    }

    /// Adds or replaces an OAuth client.
    pub fn put_client(&self, client: Client) {
        self.state.clients.put(client);
    }

    /// Ends the tokens of one client, or all; answers how many.
    pub fn revoke_tokens(&self, client: Option<&str>) -> usize {
        self.state.tokens.revoke(client)
    }

    /// Stores a configuration, as `PUT /openidm/config/<id>` does.
    ///
    /// # Errors
    /// For a provisioner file that no system can be made of.
    pub fn put_configuration(&self, id: &str, content: Json) -> Result<(), CrestError> {
        system::store_configuration(&self.state, id, content).map(|_| ())
    }

    /// Changes found by liveSync so far.
    #[must_use]
    pub fn deltas(&self) -> Vec<Json> {
        self.state.sync.deltas()
    }

    /// Stops it: every connection is cut, every task ends.
    pub async fn shutdown(self) {
        self.state.shutdown.cancel();
        if let Some(openicf) = &self.state.openicf {
            openicf.shutdown().await;
        }
        self.state.wires.close_all();
        self.state.tasks.close();
        self.state.tasks.wait().await;
    }
}
