//! Opens connections: names to addresses, TCP, TLS, bind, and the next server when one cannot be reached.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icf::{ConnectorError, ErrorKind};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tracing::{info, warn};

use super::connection::Duplex;
use super::{Address, Connection, Patience, srv, tls};
use crate::fault::{Fault, Result, kind_of};
use crate::message::control::oid;
use crate::message::{Control, LdapResult, Request, code};
use crate::settings::{Authentication, Settings};

/// How long a server that could not be reached is tried after the others.
const LAST_FOR: Duration = Duration::from_secs(30);

/// Between probes of a connection that is silent: a firewall that forgot it is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Servers that could not be reached lately.
#[derive(Debug, Default)]
struct Failures(Mutex<HashMap<Address, Instant>>);

impl Failures {
    fn note(&self, address: &Address) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), Instant::now());
    }

    fn forget(&self, address: &Address) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }

    fn is_recent(&self, address: &Address) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(address).is_some_and(|when| when.elapsed() < LAST_FOR)
    }
}

/// Opens connections for one configuration.
#[derive(Debug, Default)]
pub(crate) struct Opener {
    failures: Failures,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Opener {
    /// A connection to the first server that can be reached and takes the login of the connector.
    pub(crate) async fn open(&self, settings: &Arc<Settings>, patience: &Patience) -> Result<Connection> {
        self.first(settings, patience, Some(&settings.authentication)).await
    }

    /// A connection to the first server that can be reached, not yet authenticated.
    pub(crate) async fn connect(&self, settings: &Arc<Settings>, patience: &Patience) -> Result<Connection> {
        self.first(settings, patience, None).await
    }

    async fn first(
        &self,
        settings: &Arc<Settings>,
        patience: &Patience,
        login: Option<&Authentication>,
    ) -> Result<Connection> {
        let servers = servers(settings).await?;
        let (recent, others): (Vec<_>, Vec<_>) =
            servers.into_iter().partition(|address| self.failures.is_recent(address));
        let mut failed = None;
        for address in others.into_iter().chain(recent) {
            match self.reach(&address, settings, patience, login).await {
                Ok(connection) => {
                    self.failures.forget(&address);
                    if failed.is_some() {
                        info!(server = %address, "Connected to another directory server than the first.");
                    }
                    return Ok(connection);
                }
                // The caller's time is over, whatever the server would have done.
                Err(_) if patience.is_over() => {
                    return Err(Fault::Silent { address, what: "connect" });
                }
                Err(fault @ Fault::Connect { .. }) => {
                    warn!(server = %address, error = %fault, "A directory server cannot be reached.");
                    self.failures.note(&address);
                    failed = Some(fault);
                }
                Err(other) => return Err(other),
            }
        }
        Err(failed.unwrap_or_else(|| {
            Fault::Final(ConnectorError::connection_failed("There is no server to connect to"))
        }))
    }

    /// A connection to this server. One that takes connections and does not answer the login is not reached.
    async fn reach(
        &self,
        address: &Address,
        settings: &Arc<Settings>,
        patience: &Patience,
        login: Option<&Authentication>,
    ) -> Result<Connection> {
        let connection = self.connect_to(address, settings, patience).await?;
        let Some(login) = login else { return Ok(connection) };
        match self.authenticated(connection, settings, login, patience).await {
            Err(fault @ (Fault::Broken { .. } | Fault::Silent { .. })) => {
                Err(unreachable_server(address, fault.to_string(), None))
            }
            outcome => outcome,
        }
    }

    /// A connection to this server, with TLS as configured.
    pub(crate) async fn connect_to(
        &self,
        address: &Address,
        settings: &Arc<Settings>,
        patience: &Patience,
    ) -> Result<Connection> {
        if settings.properties.ssl && settings.properties.start_tls {
            return Err(Fault::Final(ConnectorError::configuration(
                "The properties ssl and startTLS are both on; switch one of them off",
            )));
        }
        let limit = settings.connection_timeout;
        let opening = self.handshakes(address, settings, patience);
        match tokio::time::timeout(limit, opening).await {
            Ok(Err(fault @ (Fault::Broken { .. } | Fault::Silent { .. }))) => {
                Err(unreachable_server(address, fault.to_string(), None))
            }
            Ok(outcome) => outcome,
            Err(_) => {
                let reason =
                    format!("no answer within {} ms (property connectionTimeout)", limit.as_millis());
                Err(unreachable_server(address, reason, None))
            }
        }
    }

    async fn handshakes(
        &self,
        address: &Address,
        settings: &Arc<Settings>,
        patience: &Patience,
    ) -> Result<Connection> {
        let connecting = async {
            TcpStream::connect((address.host.as_str(), address.port))
                .await
                .map_err(|error| unreachable_server(address, error.to_string(), Some(error.into())))
        };
        let stream = patience.wait(address, "connect", connecting).await?;
        prepare(&stream);
        if address.tls {
            let securing = self.secured(Box::new(stream), address, settings);
            let stream = patience.wait(address, "TLS handshake", securing).await?;
            return Ok(Connection::new(stream, address.clone()));
        }
        let mut connection = Connection::new(Box::new(stream), address.clone());
        if !settings.properties.start_tls {
            return Ok(connection);
        }
        let result = connection.call(&Request::Extended { oid: oid::START_TLS }, &[], patience).await?;
        if result.code != code::SUCCESS {
            let refused = Fault::refused(format!("start TLS on {address}"), result);
            return Err(unreachable_server(address, refused.to_string(), None));
        }
        let stream = connection.into_stream().ok_or_else(|| {
            unreachable_server(address, "the server sent something before TLS had begun".to_owned(), None)
        })?;
        let securing = self.secured(stream, address, settings);
        let stream = patience.wait(address, "TLS handshake", securing).await?;
        Ok(Connection::new(stream, address.clone()))
    }

    async fn secured(
        &self,
        stream: Box<dyn Duplex>,
        address: &Address,
        settings: &Arc<Settings>,
    ) -> Result<Box<dyn Duplex>> {
        let config = self.tls.get_or_try_init(|| async {
            let settings = Arc::clone(settings);
            icf::blocking(move || tls::client_config(&settings)).await.map(Arc::new)
        });
        let config = config.await.map_err(Fault::Final)?;
        let name = ServerName::try_from(address.host.clone()).map_err(|_| {
            let reason = "TLS needs a host name or an IP address".to_owned();
            unreachable_server(address, reason, None)
        })?;
        match TlsConnector::from(Arc::clone(config)).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => {
                let reason = format!(
                    "no TLS: {error}; a certificate that is not known must be in the alternateKeyStore, and servers that know nothing newer than TLS 1.1, SHA-1 or keys of 1024 bits cannot be used"
                );
                Err(unreachable_server(address, reason, Some(error.into())))
            }
        }
    }

    /// The connection, authenticated.
    pub(crate) async fn authenticated(
        &self,
        mut connection: Connection,
        settings: &Settings,
        authentication: &Authentication,
        patience: &Patience,
    ) -> Result<Connection> {
        let patience = patience.at_most(settings.connection_timeout);
        match authentication {
            Authentication::Anonymous => {}
            Authentication::Simple { principal, password } => {
                let result = bind(&mut connection, principal, password, &[], &patience).await?;
                if result.code != code::SUCCESS {
                    return Err(Fault::Final(login_refused(principal, &result)));
                }
            }
            Authentication::External => {
                let result =
                    connection.call(&Request::BindSasl { mechanism: "EXTERNAL" }, &[], &patience).await?;
                if result.code != code::SUCCESS {
                    return Err(Fault::Final(login_refused("the client certificate", &result)));
                }
            }
        }
        connection.is_ready();
        Ok(connection)
    }
}

/// Authenticates a connection by name and password.
///
/// # Errors
/// An empty password is refused before anything is sent: to a server it would mean an anonymous login, which succeeds.
pub(crate) async fn bind(
    connection: &mut Connection,
    dn: &str,
    password: &icf::GuardedString,
    controls: &[Control],
    patience: &Patience,
) -> Result<LdapResult> {
    if password.is_empty() {
        return Err(Fault::Final(ConnectorError::invalid_password(format!(
            "The password of '{dn}' is empty; directories take that for an anonymous login"
        ))));
    }
    let password = crate::password::utf8(password);
    connection.call(&Request::Bind { dn, password: &password }, controls, patience).await
}

/// Says good-bye to a connection without waiting long.
pub(crate) async fn close(connection: Connection, patience: &Patience) {
    connection.unbind(&patience.at_most(Duration::from_secs(1))).await;
}

/// Which exception it is that the connector itself may not log in.
fn login_refused(who: &str, result: &LdapResult) -> ConnectorError {
    let kind = match result.code {
        code::INVALID_CREDENTIALS | code::INAPPROPRIATE_AUTHENTICATION | code::NO_SUCH_OBJECT => {
            ErrorKind::InvalidCredential
        }
        _ => kind_of(result),
    };
    let refused = Fault::refused(format!("log in {who}"), result.clone());
    ConnectorError::new(kind, format!("{refused}. Check the properties principal and credentials"))
}

async fn servers(settings: &Settings) -> Result<Vec<Address>> {
    let Some((first, others)) = settings.servers.split_first() else { return Ok(Vec::new()) };
    if !settings.properties.use_dnssrv_record {
        return Ok(settings.servers.clone());
    }
    let mut servers = srv::lookup(&first.host, first.tls).await.map_err(|reason| {
        Fault::Final(ConnectorError::connection_failed(format!(
            "Cannot look up the SRV record {}: {reason}",
            first.host
        )))
    })?;
    servers.extend(others.iter().cloned());
    Ok(servers)
}

fn prepare(stream: &TcpStream) {
    // Without these the connection works as well, only less well.
    let _delayed = stream.set_nodelay(true);
    let keep_alive = socket2::TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
    let _not_probed = socket2::SockRef::from(stream).set_tcp_keepalive(&keep_alive);
}

fn unreachable_server(
    address: &Address,
    reason: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
) -> Fault {
    Fault::Connect { address: address.clone(), reason, source }
}
