//! The way to the tenant: DNS, proxy, TCP, TLS.

use std::sync::Arc;

use tenant::TenantOptions;
use tokio_rustls::rustls::ServerConfig;

use crate::bench::{Bench, closed_port, tenant};
use crate::support::acceptor::{Acceptor, Answer};
use crate::support::certificates::{Authority, Identity};
use crate::support::connect_proxy::{Conduct, ConnectProxy};

const TOKEN: &str = "http://127.0.0.1:1/token";

#[tokio::test]
async fn a_name_without_an_address() {
    let examined = Bench::dialling("wss://no-such-host.invalid/openicf/0", TOKEN).examine().await;
    examined.stops_at("dns", "name-unknown").exits_with(4).says("cannot resolve no-such-host.invalid");
    examined.says("  -     upgrade        not reached");
}

#[tokio::test]
async fn a_closed_port() {
    let url = format!("ws://{}/openicf/0", closed_port());
    let examined = Bench::dialling(&url, TOKEN).examine().await;
    examined.stops_at("tcp", "port-closed").exits_with(4).says("Connection refused");
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let bench = Bench::dialling("wss://tenant.example/openicf/0", TOKEN);
    let closed = closed_port();
    let bench = bench.line("proxyHost=127.0.0.1").line(&format!("proxyPort={}", closed.port()));
    bench.examine().await.stops_at("proxy", "proxy-closed").exits_with(4);
}

#[tokio::test]
async fn a_proxy_that_demands_credentials() {
    let wanted = Conduct::TunnelFor("Basic dXNlcjpzM2NyZXQtb2YtdGhlLXByb3h5LTE=");
    let proxy = ConnectProxy::start(closed_port(), wanted).await;
    let bench = Bench::dialling("wss://tenant.example/openicf/0", TOKEN);
    let bench = bench.line("proxyHost=127.0.0.1").line(&format!("proxyPort={}", proxy.address.port()));
    let examined = bench.examine().await;
    examined.stops_at("proxy", "proxy-wants-credentials").says("CONNECT tenant.example:443");
    let bench = bench.line("proxyPrincipal=user").line("proxyPassword=s3cret-of-the-proxy");
    let examined = bench.examine().await;
    examined.stops_at("proxy", "proxy-refuses-credentials").says("Proxy-Authorization: Basic ***");
}

#[tokio::test]
async fn a_proxy_that_forbids_the_host() {
    let refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_vec();
    let proxy = ConnectProxy::start(closed_port(), Conduct::Raw(refusal)).await;
    let bench = Bench::dialling("wss://tenant.example/openicf/0", TOKEN);
    let bench = bench.line("proxyHost=127.0.0.1").line(&format!("proxyPort={}", proxy.address.port()));
    bench.examine().await.stops_at("proxy", "proxy-forbids").exits_with(4);
}

/// What the doctor says of a host that shows this certificate; `authority` is trusted.
async fn shown(identity: &Identity, authority: &Authority, step: &str, cause: &str, said: &str) {
    let config: Arc<ServerConfig> = identity.serve();
    let host = Acceptor::start(Some(config), |_, _| Answer::Accept).await;
    let url = format!("wss://localhost:{}/openicf/0", host.address.port());
    let examined = Bench::dialling(&url, TOKEN).trusting(&authority.pem()).examine().await;
    examined.stops_at(step, cause).exits_with(4).says(said);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority() {
    let (trusted, other) = (Authority::new(), Authority::named("some firewall"));
    shown(&other.server(&["localhost"]), &trusted, "tls", "authority-unknown", "issued by CN=some firewall")
        .await;
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let authority = Authority::new();
    let identity = authority.server(&["other.example"]);
    shown(&identity, &authority, "tls", "certificate-name", "for other.example, valid from").await;
}

#[tokio::test]
async fn a_certificate_without_a_subject_alternative_name() {
    let authority = Authority::new();
    shown(&authority.server(&[]), &authority, "tls", "certificate-no-san", "CN=test server, issued by").await;
}

#[tokio::test]
async fn an_expired_certificate() {
    let authority = Authority::new();
    let identity = authority.expired(&["localhost"]);
    shown(&identity, &authority, "tls", "certificate-expired", "to Jan  1 00:00:00 2002").await;
}

#[tokio::test]
async fn a_clock_that_is_behind() {
    let authority = Authority::new();
    let identity = authority.valid_in_the_future(&["localhost"]);
    shown(&identity, &authority, "tls", "clock", "valid from Jan  1 00:00:00 2100").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_where_there_is_none_and_none_where_there_is() {
    let plain = tenant(TenantOptions::default()).await;
    let url = plain.socket_url(0).replace("ws://", "wss://");
    let examined = Bench::dialling(&url, &plain.token_url()).examine().await;
    examined.stops_at("tls", "not-tls").exits_with(4);
    let secure = tenant(TenantOptions { plain: false, ..TenantOptions::default() }).await;
    let url = secure.socket_url(0).replace("wss://", "ws://");
    let bench = Bench::dialling(&url, &secure.token_url()).trusting(secure.ca_pem().unwrap());
    bench.examine().await.stops_at("upgrade", "tls-expected").exits_with(4);
    plain.shutdown().await;
    secure.shutdown().await;
}
