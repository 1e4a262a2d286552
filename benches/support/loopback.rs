//! Sockets to this machine, with TLS, and WebSockets on them.

use std::path::Path;
use std::sync::Arc;

use rcs::link::{Duplex, socket_config};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

pub(crate) type Socket = WebSocketStream<Box<dyn Duplex>>;

/// A listener with a certificate of its own.
pub(crate) struct Host {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    certificate: CertificateDer<'static>,
}

impl Host {
    pub(crate) async fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), certificate }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Puts the certificate where another process can read it.
    pub(crate) fn publish(&self, file: &Path) {
        std::fs::write(file, &self.certificate).unwrap();
    }

    /// The tenant's end of the next connection.
    pub(crate) async fn accept(&self) -> Socket {
        let (stream, _) = self.listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        websocket(Box::new(self.acceptor.accept(stream).await.unwrap()), Role::Server).await
    }

    /// Both ends of a connection: the server's and the tenant's. The server is the client of TLS and of WebSocket, so
    /// what it sends is masked.
    pub(crate) async fn pair(&self) -> (Socket, Socket) {
        tokio::join!(dial(self.port(), self.certificate.clone()), self.accept())
    }
}

/// The server's end of a connection to a host.
pub(crate) async fn dial(port: u16, certificate: CertificateDer<'static>) -> Socket {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    websocket(Box::new(stream), Role::Client).await
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

async fn websocket(stream: Box<dyn Duplex>, role: Role) -> Socket {
    WebSocketStream::from_raw_socket(stream, role, Some(socket_config(64 << 20))).await
}
