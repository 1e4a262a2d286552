//! How the server proves who it is: OAuth 2.0 when there is a token endpoint, otherwise HTTP Basic.

use super::reading::Reading;
use super::syntax;
use crate::config::choices::TokenEndpointAuthMethod;
use crate::config::keys;
use crate::config::problem::Severity;
use crate::config::server_url;
use crate::config::settings::{Authentication, BasicCredentials, OAuthSettings};

pub(super) fn settings(reading: &mut Reading<'_>) -> Option<Authentication> {
    if reading.is_given(&keys::TOKEN_ENDPOINT) {
        remark_principal(reading);
        oauth(reading).map(Authentication::OAuth)
    } else {
        remark_client(reading);
        basic(reading).map(Authentication::Basic)
    }
}

fn oauth(reading: &mut Reading<'_>) -> Option<OAuthSettings> {
    let token_endpoint = reading.get(&keys::TOKEN_ENDPOINT, syntax::endpoint);
    let client_id = reading.text(&keys::CLIENT_ID);
    let client_secret = reading.secret(&keys::CLIENT_SECRET).filter(|secret| !secret.expose().is_empty());
    let scope = reading.text(&keys::SCOPE);
    let auth_method = reading.choice(&keys::TOKEN_ENDPOINT_AUTH_METHOD, TokenEndpointAuthMethod::from_word);
    let timeout = reading.seconds(&keys::TOKEN_TIMEOUT);

    if let Some(endpoint) = &token_endpoint
        && endpoint.scheme() != "https"
        && !endpoint.host_str().is_some_and(server_url::is_loopback)
    {
        let message = "the token endpoint has no TLS: the client secret travels in the clear";
        reading.complain(Severity::Warning, &keys::TOKEN_ENDPOINT, message, "use https");
    }
    if let Some(secret) = &client_secret
        && DELIVERED_SECRETS.contains(&secret.expose())
    {
        let message = "this is the secret of the vendor's sample";
        let remedy = "set a secret of your own on the tenant and here";
        reading.complain(Severity::Warning, &keys::CLIENT_SECRET, message, remedy);
    }
    if client_secret.is_none() {
        // A file that could not be read was reported already.
        if !reading.is_given(&keys::CLIENT_SECRET_FILE) || reading.is_given(&keys::CLIENT_SECRET) {
            let message = "the secret is required with connectorserver.tokenEndpoint";
            let remedy = "set it, or connectorserver.clientSecretFile, to the secret of the OAuth 2.0 client";
            reading.missing(&keys::CLIENT_SECRET, message, remedy);
        }
    }
    Some(OAuthSettings {
        token_endpoint: token_endpoint?,
        client_id: client_id?,
        client_secret: client_secret?,
        scope: scope?,
        auth_method: auth_method?,
        timeout: timeout?,
    })
}

fn basic(reading: &mut Reading<'_>) -> Option<BasicCredentials> {
    let principal = reading.text(&keys::PRINCIPAL);
    let password = reading.secret(&keys::PASSWORD);
    if !reading.is_given(&keys::PASSWORD) {
        let message = "neither a token endpoint nor a password is set; the vendor's default password is used";
        let remedy =
            "set connectorserver.tokenEndpoint with clientId and clientSecret, or principal and password";
        reading.complain(Severity::Warning, &keys::PASSWORD, message, remedy);
    } else if password.as_ref().is_some_and(|password| DELIVERED_SECRETS.contains(&password.expose())) {
        let message = "this is a password that installations are delivered with";
        reading.complain(
            Severity::Warning,
            &keys::PASSWORD,
            message,
            "set one of your own on the tenant and here",
        );
    }
    let principal = principal?;
    if principal.contains(':') {
        let message = "a user name with a colon cannot be sent with HTTP Basic authentication";
        reading.complain(Severity::Error, &keys::PRINCIPAL, message, "use another user");
        return None;
    }
    Some(BasicCredentials { principal, password: password? })
}

/// With OAuth, name and password have no effect.
fn remark_principal(reading: &mut Reading<'_>) {
    for key in [&keys::PRINCIPAL, &keys::PASSWORD] {
        if reading.is_given(key) {
            let message = "it has no effect, because connectorserver.tokenEndpoint is set";
            reading.complain(Severity::Warning, key, message, "remove it, or remove tokenEndpoint");
        }
    }
}

/// Without a token endpoint, the OAuth client has no effect.
fn remark_client(reading: &mut Reading<'_>) {
    for key in [&keys::CLIENT_ID, &keys::CLIENT_SECRET, &keys::SCOPE] {
        if reading.is_given(key) {
            let message = "it has no effect, because there is no connectorserver.tokenEndpoint";
            reading.complain(Severity::Warning, key, message, "set tokenEndpoint or remove it");
        }
    }
}

/// Secrets that the vendor's samples contain.
const DELIVERED_SECRETS: [&str; 3] = ["openidm", "changeit", "Passw0rd"];
