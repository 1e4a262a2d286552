//! What the benches share: a connector that makes objects up, and a server and a tenant's side joined by loopback links.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each bench uses its part, and a failed unwrap is a failed bench"
)]

use std::sync::Arc;
use std::time::Duration;

use icf::operations::{SearchOp, TestOp};
use icf::{
    Attribute, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorKey, ConnectorObject,
    Filter, Flow, ObjectClass, ObjectSink, OperationOptions, Registration, Result, Uid, async_trait,
};
use icf_session::{Execution, Handler, Pending, Session};
use icf_wire::binary::Profile;
use icf_wire::rpc::{FacadeKey, Operation, OperationRequest};
use icf_wire::session::{Delivery, EngineConfig, GroupId, Role};
use rcs::dispatch::DispatchOptions;
use rcs::link::{Duplex, socket_config};
use rcs::serve::{Server, new_identity};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;

/// How many objects a search for a class of this name yields: the class name is a number.
pub(crate) struct MadeUp;

#[derive(Clone, Default, Configuration)]
pub(crate) struct NoSettings {}

icf::operations!(MadeUp);

#[async_trait]
impl Connector for MadeUp {
    type Configuration = NoSettings;

    async fn open(_: ConfigurationHandle<NoSettings>, _: &CallContext) -> Result<Self> {
        Ok(Self)
    }
}

#[async_trait]
impl TestOp for MadeUp {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl SearchOp for MadeUp {
    async fn search(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        _: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        let count: usize = class.as_str().parse().unwrap_or(0);
        for n in 0..count {
            if objects.push(person(class, n)).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// An object as a directory has them: eight attributes, about 400 bytes encoded.
pub(crate) fn person(class: &ObjectClass, n: usize) -> ConnectorObject {
    let uid = Uid::try_new(format!("uid-{n:08}")).unwrap();
    ConnectorObject::new(class.clone(), uid, format!("person{n}"))
        .with(Attribute::single("sn", "Mustermann"))
        .with(Attribute::single("givenName", format!("Erika {n}")))
        .with(Attribute::single("mail", format!("person{n}@example.com")))
        .with(Attribute::single("telephoneNumber", "+49 30 1234567"))
        .with(Attribute::single("department", "Research and Development"))
        .with(Attribute::single("employeeNumber", n as i64))
        .with(Attribute::single("__ENABLE__", true))
        .with(Attribute::new("memberOf", vec!["cn=staff".into(), "cn=vpn".into()]))
}

pub(crate) fn registration() -> Registration {
    Registration::of::<MadeUp>(ConnectorKey::new("bench", "1.0.0", "MadeUp"))
}

/// A server with the connector, and a tenant's side that asks.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) tenant: Session,
    pub(crate) group: GroupId,
    facade_key: FacadeKey,
}

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

impl Pair {
    pub(crate) async fn new(links: usize, tls: bool) -> Self {
        let engine = EngineConfig::default();
        let server =
            Server::without_links("bench", engine.clone(), DispatchOptions::default(), vec![registration()])
                .unwrap();
        let (tenant, _) = Session::new(engine, new_identity().unwrap(), Nobody);
        for _ in 0..links {
            let (near, far) = if tls { tls_pair().await } else { tcp_pair().await };
            let host = tenant.attach(websocket(far, WsRole::Server).await, Role::Acceptor, "bench");
            server.session().attach(websocket(near, WsRole::Client).await, Role::Dialer, "bench");
            host.ready().await.unwrap();
        }
        let group = tenant.groups()[0].id;
        let configuration = registration().info().configuration;
        let key = icf_wire::binary::facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
        Self { server, tenant, group, facade_key: FacadeKey::new(key.into()) }
    }

    pub(crate) async fn ask(&self, operation: Operation) -> Pending {
        let request = OperationRequest {
            connector: registration().key().clone(),
            facade_key: self.facade_key.clone(),
            locale: None,
            operation,
        };
        self.tenant.request(self.group, request.to_message().unwrap(), Duration::from_secs(30)).await.unwrap()
    }

    /// Runs a search to its end without decoding the objects; answers how many there were.
    pub(crate) async fn search(&self, count: usize) -> usize {
        let class = Some(ObjectClass::new(count.to_string()));
        let search = Operation::Search { class, filter: None, options: OperationOptions::default() };
        let mut pending = self.ask(search).await;
        let mut seen = 0;
        while let Some(part) = pending.next().await {
            match part {
                Delivery::Item(_) => seen += 1,
                Delivery::End(_) => {}
                Delivery::Failed(failure) => panic!("{failure}"),
            }
        }
        seen
    }

    pub(crate) async fn test(&self) {
        match self.ask(Operation::Test).await.next().await {
            Some(Delivery::End(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) type Stream = Box<dyn Duplex>;

pub(crate) async fn websocket(stream: Stream, role: WsRole) -> WebSocketStream<Stream> {
    WebSocketStream::from_raw_socket(stream, role, Some(socket_config(64 << 20))).await
}

pub(crate) async fn tcp_pair() -> (Stream, Stream) {
    let (near, far) = sockets().await;
    (Box::new(near), Box::new(far))
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (near, (far, _)) = (near.unwrap(), far.unwrap());
    near.set_nodelay(true).unwrap();
    far.set_nodelay(true).unwrap();
    (near, far)
}

pub(crate) async fn tls_pair() -> (Stream, Stream) {
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let host = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = sockets().await;
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let acceptor = TlsAcceptor::from(Arc::new(host));
    let (near, far) = tokio::join!(connector.connect(name, near), acceptor.accept(far));
    (Box::new(near.unwrap()), Box::new(far.unwrap()))
}
