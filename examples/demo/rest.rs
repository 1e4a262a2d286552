//! Requests to the tenant's REST interface, as an administrator makes them.

use anyhow::{Context as _, bail};
use reqwest::{Certificate, Client, Method};
use serde_json::Value;
use tenant::Tenant;

/// A client that trusts the tenant and is known to it.
pub(crate) struct Rest {
    client: Client,
    base: String,
}

impl Rest {
    pub(crate) fn new(tenant: &Tenant) -> anyhow::Result<Self> {
        let ca = tenant.ca_pem().context("the tenant has no certificate authority")?;
        let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
        // Another part of the process may have done it already.
        let _ = provider.install_default();
        let client =
            Client::builder().tls_certs_only([Certificate::from_pem(ca.as_bytes())?]).no_proxy().build()?;
        Ok(Self { client, base: format!("{}/openidm", tenant.base_url()) })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .header("X-OpenIDM-Username", "openidm-admin")
            .header("X-OpenIDM-Password", "openidm-admin");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let body: Value = response.json().await.context("the answer is no JSON")?;
        if !status.is_success() {
            bail!("{method} {path}: {status} {body}");
        }
        Ok(body)
    }
}
