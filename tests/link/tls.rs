//! Trust, names and client certificates, end to end. Names lead to this machine through a proxy.

use std::path::PathBuf;

use rcs::config::{KeyStoreSettings, StoreSettings};
use rcs::tls::{TlsError, Trust, client_config, server_config};

use crate::setup::{dial, dialer, options_with_tls, through};
use crate::support::acceptor::{Acceptor, Answer};
use crate::support::certificates::{Authority, Identity, self_signed};
use crate::support::connect_proxy::{Conduct, ConnectProxy};

const URL: &str = "wss://tenant.example/openicf";

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "crates", "keystore", "tests", "fixtures", name].iter().collect()
}

fn store(path: PathBuf, password: &str) -> StoreSettings {
    StoreSettings { path, kind: None, password: password.into() }
}

fn key_store(path: PathBuf, password: &str, key_password: &str) -> KeyStoreSettings {
    KeyStoreSettings { store: store(path, password), key_password: key_password.into() }
}

/// Writes PEM text where it stays until the process ends.
fn pem(text: &str) -> PathBuf {
    let (mut file, path) = tempfile::NamedTempFile::new().expect("a file").keep().expect("kept");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
    path
}

fn trusting(text: &str) -> Trust {
    Trust::Store(store(pem(text), ""))
}

/// Dials `URL`, or another, as a client with this trust and identity, against this server.
async fn meet(
    server: std::sync::Arc<tokio_rustls::rustls::ServerConfig>,
    url: &str,
    trust: Trust,
    identity: Option<KeyStoreSettings>,
) -> Result<(), String> {
    let acceptor = Acceptor::start(Some(server), |_, _| Answer::Accept).await;
    let proxy = ConnectProxy::start(acceptor.address, Conduct::Tunnel).await;
    let mut options = options_with_tls(client_config(trust, identity).await.expect("a configuration"));
    options.proxy = through(&proxy);
    dial(&dialer(options), url).await.map(drop)
}

#[tokio::test]
async fn a_server_of_a_trusted_authority_is_accepted_for_its_name_only() {
    let authority = Authority::new();
    let server = authority.server(&["tenant.example"]).serve();
    meet(server.clone(), URL, trusting(&authority.pem()), None).await.expect("trusted");
    let other = "wss://other.example/openicf";
    let error = meet(server, other, trusting(&authority.pem()), None).await.expect_err("another name");
    assert!(error.contains("TLS with other.example failed"), "{error}");
    assert!(error.contains("its certificate is for another name"), "{error}");
    assert!(error.contains("tenant.example"), "the names it does hold: {error}");
}

#[tokio::test]
async fn an_explicit_store_is_the_only_trust_and_the_system_does_not_know_us() {
    let server = Authority::new().server(&["tenant.example"]).serve();
    for trust in [trusting(&Authority::new().pem()), Trust::System] {
        let error = meet(server.clone(), URL, trust, None).await.expect_err("untrusted");
        assert!(error.contains("an authority that is not trusted"), "{error}");
    }
    meet(server, URL, Trust::Anyone, None).await.expect("a laboratory trusts anyone");
}

#[tokio::test]
async fn an_authority_of_the_same_name_is_another_one() {
    let server = Authority::named("the authority").server(&["tenant.example"]).serve();
    let namesake = Authority::named("the authority").pem();
    let error = meet(server, URL, trusting(&namesake), None).await.expect_err("untrusted");
    assert!(error.contains("has another key"), "{error}");
}

#[tokio::test]
async fn a_certificate_in_the_store_is_trusted_as_it_is() {
    let marked_as_authority = self_signed(&["tenant.example"]);
    let of_unknown_authority = Authority::new().server(&["tenant.example"]);
    for identity in [marked_as_authority, of_unknown_authority] {
        let trust = || trusting(&identity.certificate);
        meet(identity.serve(), URL, trust(), None).await.expect("pinned");
        let error =
            meet(identity.serve(), "wss://other.example/", trust(), None).await.expect_err("another name");
        assert!(error.contains("for another name"), "{error}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused_even_when_it_is_in_the_store() {
    let authority = Authority::new();
    let identity = authority.expired(&["tenant.example"]);
    for trusted in [authority.pem(), identity.certificate.clone()] {
        let error = meet(identity.serve(), URL, trusting(&trusted), None).await.expect_err("expired");
        assert!(error.contains("has expired"), "{error}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_when_asked_for() {
    let authority = Authority::new();
    let server = authority.server(&["tenant.example"]).serve_to(Some(&authority));
    let trust = || trusting(&authority.pem());
    let error = meet(server.clone(), URL, trust(), None).await.expect_err("no certificate");
    assert!(error.contains("set keyStoreFile"), "{error}");
    let Identity { certificate, key } = authority.client();
    let identity = key_store(pem(&format!("{certificate}{key}")), "", "");
    meet(server, URL, trust(), Some(identity)).await.expect("known");
}

#[tokio::test]
async fn key_and_trust_stores_of_every_format_work_end_to_end() {
    let servers = [
        ("keytool.p12", "changeit", ""),
        ("key.jks", "storepass", "keypass"),
        ("pkcs8.pem", "", ""),
        ("openssl-legacy.p12", "changeit", ""),
    ];
    let trusts = [
        ("trust.p12", "changeit"),
        ("trust.jks", "changeit"),
        ("trust.jks", ""),
        ("ca.pem", ""),
        ("key.jks", "storepass"),
    ];
    for (file, password, key_password) in servers {
        let server = server_config(key_store(fixture(file), password, key_password)).await.expect(file);
        for (file, password) in trusts {
            let trust = Trust::Store(store(fixture(file), password));
            meet(server.clone(), "wss://leaf.example/openicf", trust, None).await.expect(file);
        }
    }
}

#[tokio::test]
async fn a_peer_without_tls_is_told_apart() {
    let options = options_with_tls(client_config(Trust::Anyone, None).await.expect("a configuration"));
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = plain.local_addr().expect("bound");
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.expect("a client");
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .expect("sent");
        tokio::time::sleep(crate::support::HANG_GUARD).await;
    });
    let error = dial(&dialer(options), &format!("wss://{address}/")).await.map(drop).expect_err("no TLS");
    assert!(error.contains("does not speak TLS"), "{error}");
}

#[tokio::test]
async fn stores_that_cannot_be_used_are_named_with_their_path() {
    let refused = |trust| async { client_config(trust, None).await.map(drop).expect_err("unusable") };
    let missing = refused(Trust::Store(store(fixture("missing.p12"), ""))).await;
    assert!(missing.to_string().contains("missing.p12"), "{missing}");
    let wrong = refused(Trust::Store(store(fixture("trust.p12"), "wrong"))).await;
    assert!(
        matches!(wrong, TlsError::Store { source: keystore::Error::WrongPassword { .. }, .. }),
        "{wrong}"
    );
    let key = pem(&Authority::new().client().key);
    let empty = refused(Trust::Store(store(key, ""))).await;
    assert!(matches!(empty, TlsError::NoAnchors { .. }), "{empty}");
    let no_key = server_config(key_store(fixture("trust.p12"), "changeit", "")).await.map(drop);
    assert!(matches!(no_key, Err(TlsError::NoKey { .. })));
    let (one, other) = (Authority::new().client(), Authority::new().client());
    let mixed = key_store(pem(&format!("{}{}", one.certificate, other.key)), "", "");
    let mixed = client_config(Trust::Anyone, Some(mixed)).await.map(drop);
    assert!(matches!(mixed, Err(TlsError::Identity { .. })));
}
