//! The way through a forward proxy.

use rcs::config::BasicCredentials;

use crate::setup::{dial, dialer, options, short, through};
use crate::support::acceptor::{Acceptor, Answer};
use crate::support::certificates::Authority;
use crate::support::connect_proxy::{Conduct, ConnectProxy};

#[tokio::test]
async fn wire_c05_connect_then_tls_then_upgrade() {
    let identity = Authority::new().server(&["tenant.example"]);
    let mut acceptor = Acceptor::start(Some(identity.serve()), |_, _| Answer::Accept).await;
    let proxy = ConnectProxy::start(acceptor.address, Conduct::Tunnel).await;
    let mut options = options().await;
    options.proxy = through(&proxy);
    dial(&dialer(options), "wss://tenant.example/openicf/0").await.expect("accepted");
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    let mut lines = heads[0].split("\r\n");
    assert_eq!(lines.next(), Some("CONNECT tenant.example:443 HTTP/1.1"));
    assert_eq!(lines.next(), Some("Host: tenant.example:443"));
    assert!(!heads[0].contains("uthorization"), "{}", heads[0]);
    let received = acceptor.next().await;
    assert_eq!(received.target(), "/openicf/0");
    assert_eq!(received.header("Host"), Some("tenant.example"));
    assert_eq!(received.header("Proxy-Authorization"), None);
}

#[tokio::test]
async fn a_plain_link_goes_through_a_tunnel_too() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let proxy = ConnectProxy::start(acceptor.address, Conduct::Tunnel).await;
    let mut options = options().await;
    options.proxy = through(&proxy);
    dial(&dialer(options), "ws://tenant.example:8080/openicf").await.expect("accepted");
    assert!(proxy.heads()[0].starts_with("CONNECT tenant.example:8080 HTTP/1.1\r\n"));
    assert_eq!(acceptor.next().await.header("Host"), Some("tenant.example:8080"));
}

#[tokio::test]
async fn wire_c06_a_407_is_reported_and_nothing_is_sent_to_the_tenant() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    // user:pässword
    let proxy = ConnectProxy::start(acceptor.address, Conduct::TunnelFor("Basic dXNlcjpw5HNzd29yZA==")).await;
    let mut options = options().await;
    options.proxy = through(&proxy);
    let url = "ws://tenant.example/openicf";
    let error = dial(&dialer(options.clone()), url).await.map(drop).expect_err("refused");
    assert!(
        error.contains("answered 407 Proxy Authentication Required to CONNECT tenant.example:80"),
        "{error}"
    );
    assert!(error.contains("who are you?"), "{error}");
    assert!(error.contains("set proxyPrincipal"), "{error}");
    assert!(acceptor.is_idle());

    let password = "pässword".into();
    let credentials = Some(BasicCredentials { principal: "user".to_owned(), password });
    options.proxy = options.proxy.map(|settings| rcs::config::ProxySettings { credentials, ..settings });
    dial(&dialer(options), url).await.expect("admitted");
    acceptor.next().await;
}

#[tokio::test]
async fn a_proxy_that_is_none_is_told_apart() {
    let acceptor = Acceptor::always(Answer::Accept).await;
    for (conduct, hint) in [
        (Conduct::Raw(b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec()), "let the proxy allow tunnels"),
        (Conduct::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "something else than HTTP"),
        (Conduct::Raw(Vec::new()), "closed the connection without an answer"),
        (Conduct::Raw(b"HTTP/1.1 2".to_vec()), "closed the connection within its answer"),
        (Conduct::Raw(b"HTTP/1.1 200 OK\r\n\r\nextra".to_vec()), "content behind its answer"),
        (Conduct::Endless(b"HTTP/1.1 200 OK\r\nA: xxxxxxxxxxxxxxxxxxxxxxxxx"), "something else than HTTP"),
        (Conduct::Hang, "no answer from the proxy"),
    ] {
        let proxy = ConnectProxy::start(acceptor.address, conduct).await;
        let mut options = short(options().await);
        options.proxy = through(&proxy);
        let error = dial(&dialer(options), "ws://tenant.example/").await.map(drop).expect_err("unusable");
        assert!(error.contains(hint), "{hint}: {error}");
    }
}
