//! The other side of the listener: asking a server that runs on this machine, or near it.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value as Json;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::config::AdminListen;

/// How long the server may take to answer; it may have to ping the tenant.
const LIMIT: Duration = Duration::from_secs(5);

/// What the server whose listener is at `place` answers to `/status`.
///
/// # Errors
/// Nobody is there, or it does not answer as such a server does.
pub async fn ask(place: &AdminListen) -> Result<Json, reqwest::Error> {
    // Without roots: nothing here is TLS, but the client wants to be told so.
    let tls = ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(LIMIT);
    let (client, url) = match place {
        AdminListen::Unix(path) => (client.unix_socket(path.as_path()), "http://rcs/status".to_owned()),
        place => (client, format!("http://{place}/status")),
    };
    client.build()?.get(url).send().await?.error_for_status()?.json().await
}
