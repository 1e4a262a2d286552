//! Client mode: name, tenant, proxy and the upgrade request.

use super::reading::{Complaint, Reading};
use super::{authentication, pool, syntax};
use crate::config::keys;
use crate::config::problem::Severity;
use crate::config::server_url::ServerUrl;
use crate::config::settings::{BasicCredentials, ClientSettings, ProxySettings, UpgradeSettings};

pub(super) fn settings(reading: &mut Reading<'_>) -> Option<ClientSettings> {
    let name = name(reading);
    let host_id = reading.text(&keys::HOST_ID);
    let urls = urls(reading);
    let proxy = proxy(reading);
    let authentication = authentication::settings(reading);
    let upgrade =
        upgrade(reading, name.as_deref().unwrap_or_default(), host_id.as_deref().unwrap_or_default());
    let pool = pool::settings(reading);
    Some(ClientSettings {
        name: name?,
        host_id: host_id?,
        urls: urls?,
        proxy: proxy?,
        authentication: authentication?,
        upgrade: upgrade?,
        pool: pool?,
    })
}

fn name(reading: &mut Reading<'_>) -> Option<String> {
    let key = &keys::CONNECTOR_SERVER_NAME;
    let Some(name) = reading.text(key) else {
        let remedy = "set it to the name under which the tenant lists this server";
        reading.missing(key, "the name is required in client mode", remedy);
        return None;
    };
    if name.chars().any(|character| character.is_control() || character.is_whitespace()) {
        let remedy = "use lower-case letters and digits";
        reading.complain(Severity::Error, key, "the name holds blanks or control characters", remedy);
        return None;
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        let message = format!("`{name}` is outside the documented pattern ^[a-z0-9]*$");
        let remedy = "use lower-case letters and digits unless the tenant has exactly this name";
        reading.complain(Severity::Warning, key, message, remedy);
    }
    Some(name)
}

fn urls(reading: &mut Reading<'_>) -> Option<Vec<ServerUrl>> {
    let key = &keys::URL;
    if !reading.is_given(key) {
        let remedy = "set it to the tenant's endpoints, like wss://tenant.example.com/openicf/0";
        reading.missing(key, "client mode needs a URL to dial", remedy);
        return None;
    }
    let urls = reading.get(key, |text| {
        let urls = syntax::urls(text)?;
        if urls.is_empty() {
            return Err(Complaint::new(
                "the list holds no URL",
                "write it like wss://tenant.example.com/openicf/0",
            ));
        }
        Ok(urls)
    })?;
    for url in &urls {
        if !url.tls() && !url.is_loopback() {
            let message = format!("{url} has no TLS: passwords travel in the clear");
            reading.complain(Severity::Warning, key, message, "use wss");
        }
        if url.path_and_query() == "/" {
            let message = format!("{url} has no path; tenants listen at /openicf or /openicf/0");
            reading.complain(Severity::Warning, key, message, "add the path");
        }
    }
    Some(urls)
}

/// The inner `None` is no proxy.
fn proxy(reading: &mut Reading<'_>) -> Option<Option<ProxySettings>> {
    let host = reading.get(&keys::PROXY_HOST, syntax::host);
    let port = reading.number(&keys::PROXY_PORT);
    let credentials = proxy_credentials(reading);
    if !reading.is_given(&keys::PROXY_HOST) {
        for key in [&keys::PROXY_PORT, &keys::PROXY_PRINCIPAL, &keys::PROXY_PASSWORD] {
            if reading.is_given(key) {
                let remedy = "set connectorserver.proxyHost or remove it";
                let severity =
                    if std::ptr::eq(key, &keys::PROXY_PORT) { Severity::Error } else { Severity::Warning };
                reading.complain(severity, key, "there is no proxyHost that it could belong to", remedy);
            }
        }
        return Some(None);
    }
    if !reading.is_given(&keys::PROXY_PORT) {
        let message = "there is no proxyPort; port 80 is used";
        reading.complain(Severity::Warning, &keys::PROXY_HOST, message, "set connectorserver.proxyPort");
    }
    Some(Some(ProxySettings { host: host?, port: port?, credentials: credentials? }))
}

/// The inner `None` is a proxy without authentication.
fn proxy_credentials(reading: &mut Reading<'_>) -> Option<Option<BasicCredentials>> {
    let principal = reading.text(&keys::PROXY_PRINCIPAL);
    let password = reading.secret(&keys::PROXY_PASSWORD);
    match (principal, password) {
        (Some(principal), Some(password)) => Some(Some(BasicCredentials { principal, password })),
        (None, None) => Some(None),
        (Some(_), None) => {
            let message = "there is no proxyPassword to go with it";
            reading.complain(Severity::Error, &keys::PROXY_PRINCIPAL, message, "set both or none");
            None
        }
        (None, Some(_)) => {
            let message = "there is no proxyPrincipal to go with it";
            reading.complain(Severity::Error, &keys::PROXY_PASSWORD, message, "set both or none");
            None
        }
    }
}

fn upgrade(reading: &mut Reading<'_>, name: &str, host_id: &str) -> Option<UpgradeSettings> {
    let name_placement = reading.get(&keys::NAME_PLACEMENT, syntax::placement);
    let host_id_placement = reading.get(&keys::HOST_ID_PLACEMENT, syntax::placement);
    let headers = pairs(reading, &keys::UPGRADE_HEADERS, syntax::headers, name, host_id);
    let parameters = pairs(reading, &keys::UPGRADE_PARAMETERS, syntax::pairs, name, host_id);
    Some(UpgradeSettings {
        name_placement: name_placement?,
        host_id_placement: host_id_placement?,
        headers: headers?,
        parameters: parameters?,
    })
}

fn pairs(
    reading: &mut Reading<'_>,
    key: &keys::Key,
    parse: impl Fn(&str) -> Result<Vec<(String, String)>, Complaint>,
    name: &str,
    host_id: &str,
) -> Option<Vec<(String, String)>> {
    if !reading.is_given(key) {
        return Some(Vec::new());
    }
    reading.get(key, |text| {
        let mut pairs = parse(text)?;
        syntax::replace_placeholders(&mut pairs, name, host_id)?;
        Ok(pairs)
    })
}
