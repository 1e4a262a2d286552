//! A dialer with the settings that all tests share.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rcs::config::{BasicCredentials, Placement, ProxySettings, ServerUrl, UpgradeSettings};
use rcs::link::{Credentials, DialOptions, Dialer, LinkSocket, SubProtocolCheck};
use rcs::tls::{Trust, client_config};
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use crate::support::HANG_GUARD;
use crate::support::connect_proxy::ConnectProxy;

/// Name `rcs1`, host id `host-7`, both unsent; principal `anonymous`, password `changeit`; no trust.
pub(crate) async fn options() -> DialOptions {
    let tls = client_config(Trust::Anyone, None).await.expect("a configuration");
    options_with_tls(tls)
}

pub(crate) fn options_with_tls(tls: Arc<ClientConfig>) -> DialOptions {
    DialOptions {
        server_name: "rcs1".to_owned(),
        host_id: "host-7".to_owned(),
        upgrade: UpgradeSettings {
            name_placement: Placement::None,
            host_id_placement: Placement::None,
            headers: Vec::new(),
            parameters: Vec::new(),
        },
        credentials: basic("changeit"),
        proxy: None,
        tls,
        connect_timeout: HANG_GUARD,
        max_message_size: 64 * 1024 * 1024,
        sub_protocol: SubProtocolCheck::Strict,
    }
}

pub(crate) fn basic(password: &str) -> Credentials {
    Credentials::Basic(BasicCredentials { principal: "anonymous".to_owned(), password: password.into() })
}

pub(crate) fn through(proxy: &ConnectProxy) -> Option<ProxySettings> {
    let (host, port) = (proxy.address.ip().to_string(), proxy.address.port());
    Some(ProxySettings { host, port, credentials: None })
}

pub(crate) fn dialer(options: DialOptions) -> Dialer {
    Dialer::try_new(options).expect("sound options")
}

pub(crate) fn short(mut options: DialOptions) -> DialOptions {
    options.connect_timeout = Duration::from_millis(300);
    options
}

/// Dials, and gives the failure as an administrator reads it: the message and its causes.
pub(crate) async fn dial(dialer: &Dialer, url: &str) -> Result<LinkSocket, String> {
    let url = ServerUrl::parse(url).expect("a URL");
    let result = timeout(HANG_GUARD, dialer.dial(&url)).await.expect("an end");
    result.map_err(|error| {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            text = format!("{text}: {cause}");
            next = cause.source();
        }
        text
    })
}
