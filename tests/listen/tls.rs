//! TLS at the listener, with our own dialer at the other end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcs::config::{BasicCredentials, KeyStoreSettings, Placement, ServerUrl, StoreSettings, UpgradeSettings};
use rcs::link::{Credentials, DialFailure, DialOptions, Dialer, SubProtocolCheck};
use rcs::tls::{Trust, client_config};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::client::{REQUEST, until_closed};
use crate::log::{listen_to_log, logged};
use crate::server::{Options, Server};
use crate::support::HANG_GUARD;
use crate::support::certificates::Authority;

/// Writes PEM text where it stays until the process ends.
fn pem(text: &str) -> StoreSettings {
    let (mut file, path) = tempfile::NamedTempFile::new().expect("a file").keep().expect("kept");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
    StoreSettings { path, kind: None, password: "".into() }
}

fn identity(authority: &Authority) -> KeyStoreSettings {
    let server = authority.server(&["localhost", "127.0.0.1"]);
    KeyStoreSettings { store: pem(&format!("{}{}", server.certificate, server.key)), key_password: "".into() }
}

async fn secure(handshake_timeout: Duration) -> (Server, Authority) {
    let authority = Authority::new();
    let options = Options { tls: Some(identity(&authority)), handshake_timeout, ..Default::default() };
    (Server::start_with(options).await, authority)
}

async fn dialer(authority: &Authority, password: &str) -> Dialer {
    let trust = Trust::Store(pem(&authority.pem()));
    let principal = "anonymous".to_owned();
    Dialer::try_new(DialOptions {
        server_name: "rcs1".to_owned(),
        host_id: "host-7".to_owned(),
        upgrade: UpgradeSettings {
            name_placement: Placement::Query("connectorServerName".to_owned()),
            host_id_placement: Placement::None,
            headers: Vec::new(),
            parameters: Vec::new(),
        },
        credentials: Credentials::Basic(BasicCredentials { principal, password: password.into() }),
        proxy: None,
        tls: client_config(trust, None).await.expect("a configuration"),
        connect_timeout: HANG_GUARD,
        max_message_size: 64 * 1024 * 1024,
        sub_protocol: SubProtocolCheck::Strict,
    })
    .expect("sound options")
}

fn url(server: &Server, scheme: &str) -> ServerUrl {
    ServerUrl::parse(&format!("{scheme}://localhost:{}/openicf", server.address.port())).expect("a URL")
}

#[tokio::test]
async fn a_link_comes_up_over_tls() {
    let (mut server, authority) = secure(HANG_GUARD).await;
    let port = server.address.port();
    assert_eq!(server.shown, format!("ServerListener[127.0.0.1:{port} - secure]"));
    let socket = dialer(&authority, "changeit").await.dial(&url(&server, "wss")).await.expect("accepted");
    let client = Server::start().await;
    let link = client.session.attach(socket, icf_wire::session::Role::Dialer, "rcs1");
    link.ready().await.expect("a handshake");
    assert!(matches!(server.event().await, icf_session::SessionEvent::LinkReady { .. }));
    let refused = dialer(&authority, "wrong").await.dial(&url(&server, "wss")).await.map(drop);
    let refused = refused.expect_err("another key");
    assert!(matches!(refused.failure(), DialFailure::Refused(refusal) if refusal.status == 403), "{refused}");
}

#[tokio::test]
async fn tls_1_2_is_enough() {
    let (server, authority) = secure(HANG_GUARD).await;
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = tokio_rustls::rustls::RootCertStore::empty();
    let der = tokio_rustls::rustls::pki_types::pem::PemObject::from_pem_slice(authority.pem().as_bytes());
    roots.add(der.expect("a certificate")).expect("an authority");
    let config = tokio_rustls::rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&tokio_rustls::rustls::version::TLS12])
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(server.address).await.expect("somebody listens");
    let name = "localhost".try_into().expect("a name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, tcp).await.expect("TLS 1.2");
    stream.write_all(REQUEST.as_bytes()).await.expect("sent");
    let mut status = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 101");
}

#[tokio::test]
async fn a_peer_without_tls_is_turned_away() {
    listen_to_log();
    let (server, _) = secure(HANG_GUARD).await;
    let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
    stream.write_all(REQUEST.as_bytes()).await.expect("sent");
    let address = stream.local_addr().expect("connected").to_string();
    until_closed(&mut stream).await;
    logged(&address, "no TLS: the peer must use wss").await;
}

#[tokio::test]
async fn a_tls_handshake_that_does_not_end_is_cut_off() {
    let limit = Duration::from_millis(400);
    let (server, _) = secure(limit).await;
    let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
    // The head of a record whose rest never comes.
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00").await.expect("sent");
    let start = Instant::now();
    assert_eq!(until_closed(&mut stream).await, b"");
    assert!((limit..Duration::from_secs(10)).contains(&start.elapsed()), "after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_key_store_that_is_missing_is_named() {
    let store = StoreSettings { path: PathBuf::from("missing.p12"), kind: None, password: "".into() };
    let settings = rcs::config::ServerSettings {
        interface: None,
        port: 0,
        tls: Some(KeyStoreSettings { store, key_password: "".into() }),
        key: rcs::config::KeyHash::of("changeit"),
        legacy_profile: rcs::config::LegacyProfile::OpenIcf,
        legacy_port: None,
    };
    let service = crate::server::legacy_service("changeit", CancellationToken::new());
    let link = crate::server::link_settings(HANG_GUARD);
    let error = rcs::listen::Listener::bind(&settings, &link, service).await;
    let error = error.map(drop).expect_err("no key store");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(cause.contains("missing.p12"), "{error}: {cause}");
}
