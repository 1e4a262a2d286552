//! Whatever the log level, and whichever library writes: no password and no token is logged.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rcs::config::{BasicCredentials, OAuthSettings, ProxySettings, TokenEndpointAuthMethod};
use rcs::link::Credentials;
use rcs::tls::{Trust, client_config};
use rcs::token::TokenSource;
use tracing::Level;
use tracing_subscriber::util::SubscriberInitExt;

use crate::setup::{dial, dialer, options};
use crate::support::acceptor::{Acceptor, Answer};
use crate::support::certificates::Authority;
use crate::support::connect_proxy::{Conduct, ConnectProxy};
use crate::support::token_endpoint::{Endpoint, Reply};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn at_level_trace_no_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    // For the whole process, so that spawned tasks and the `log` facade of the libraries are heard too.
    tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish()
        .init();

    let endpoint = Endpoint::start_tls("RCSClient", "client-secret", |request| {
        if request.authorization.is_some() { Reply::InvalidClient } else { Reply::Token { expires_in: None } }
    })
    .await;
    let server = Authority::new().server(&["tenant.example"]).serve();
    let acceptor = Acceptor::start(Some(server), |_, _| Answer::Accept).await;
    let value = "Basic dXNlcjpwcm94eS1wYXNzd29yZA==";
    let proxied = |proxy: &ConnectProxy| ProxySettings {
        host: proxy.address.ip().to_string(),
        port: proxy.address.port(),
        credentials: Some(BasicCredentials { principal: "user".into(), password: "proxy-password".into() }),
    };
    let way_to_endpoint = ConnectProxy::start(endpoint.address, Conduct::TunnelFor(value)).await;
    let way_to_acceptor = ConnectProxy::start(acceptor.address, Conduct::TunnelFor(value)).await;
    let settings = OAuthSettings {
        token_endpoint: "https://am.example/access_token".parse().expect("a URL"),
        client_id: "RCSClient".to_owned(),
        client_secret: "client-secret".into(),
        scope: "fr:idm:*".to_owned(),
        auth_method: TokenEndpointAuthMethod::Auto,
        timeout: Duration::from_secs(30),
    };
    let tls = client_config(Trust::Anyone, None).await.expect("a configuration");
    let source =
        TokenSource::try_new(&settings, Some(&proxied(&way_to_endpoint)), &tls, StdRng::seed_from_u64(1));
    let source = source.expect("sound settings");
    let mut options = options().await;
    options.credentials = Credentials::Token { source, client_id: settings.client_id };
    options.proxy = Some(proxied(&way_to_acceptor));
    dial(&dialer(options), "wss://tenant.example/openicf").await.expect("accepted");

    let log = String::from_utf8_lossy(&log.0.lock().expect("not poisoned")).into_owned();
    assert!(log.contains("Obtained an access token"), "the log is not heard: {log}");
    assert!(log.contains("rustls"), "the libraries are not heard");
    for secret in [
        "client-secret",
        "proxy-password",
        "token-1",
        "dXNlcjpwcm94eS1wYXNzd29yZA",
        // RCSClient:client-secret
        "UkNTQ2xpZW50OmNsaWVudC1zZWNyZXQ",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is logged");
    }
}
