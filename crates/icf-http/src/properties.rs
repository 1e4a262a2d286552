//! The configuration properties that all these connectors have, as settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use icf::{ConnectorError, GuardedString, Result};
use url::Url;

use crate::client::{ConnectionSettings, IdentitySettings, ProxySettings, TrustSettings};
use crate::oauth::{ClientSecret, Grant, JwtSettings, OAuthSettings, Way};

/// What the properties say about connections, as they are.
#[derive(Clone, Copy, Debug)]
pub struct Properties<'a> {
    /// `acceptSelfSignedCertificates`
    pub accept_self_signed_certificates: bool,
    /// `disableHostNameVerifier`
    pub disable_host_name_verifier: bool,
    /// `disableHttpCompression`
    pub disable_http_compression: bool,
    /// `clientCertAlias`
    pub client_cert_alias: Option<&'a str>,
    /// `clientCertPassword`
    pub client_cert_password: Option<&'a GuardedString>,
    /// `clientCertStore`
    pub client_cert_store: Option<&'a str>,
    /// `trustedCertificates`
    pub trusted_certificates: Option<&'a str>,
    /// `maximumConnections`
    pub maximum_connections: i32,
    /// `httpProxyHost`
    pub http_proxy_host: Option<&'a str>,
    /// `httpProxyPort`
    pub http_proxy_port: Option<i32>,
    /// `httpProxyUsername`
    pub http_proxy_username: Option<&'a str>,
    /// `httpProxyPassword`
    pub http_proxy_password: Option<&'a GuardedString>,
    /// `connectionTimeout`
    pub connection_timeout: i32,
}

fn wrong(text: impl Into<String>) -> ConnectorError {
    ConnectorError::configuration(text)
}

/// A text that says something; blank is as good as absent.
#[must_use]
pub fn blank_to_none(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn filled(secret: Option<&GuardedString>) -> Option<&GuardedString> {
    secret.filter(|secret| !secret.reveal().trim().is_empty())
}

/// An absolute `http` or `https` address without user, query and fragment.
///
/// # Errors
/// `ConfigurationException` naming the property.
pub fn absolute_url(property: &str, text: Option<&str>) -> Result<Url> {
    let text = blank_to_none(text).ok_or_else(|| {
        wrong(format!("Property {property} is blank; set it to the address of the service"))
    })?;
    let fault =
        |what: &str| wrong(format!("Property {property} {what}; write an address such as https://host/path"));
    let url = Url::parse(text).map_err(|_| fault("is no absolute address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(fault("is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("holds a user or password, which belong into their own properties"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(fault("has a query or fragment"));
    }
    Ok(url)
}

impl Properties<'_> {
    /// Checks everything.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property.
    pub fn connection(&self) -> Result<ConnectionSettings> {
        let positive = |name: &str, number: i32| {
            u32::try_from(number)
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| wrong(format!("Property {name} is {number}; it must be 1 or more")))
        };
        let connections = positive("maximumConnections", self.maximum_connections)?;
        let timeout = positive("connectionTimeout", self.connection_timeout)?;
        Ok(ConnectionSettings {
            connections: usize::try_from(connections).unwrap_or(usize::MAX).min(10_000),
            timeout: Duration::from_secs(timeout.into()),
            compression: !self.disable_http_compression,
            proxy: self.proxy()?,
            trust: TrustSettings {
                more_roots: blank_to_none(self.trusted_certificates).map(PathBuf::from).into_iter().collect(),
                self_signed: self.accept_self_signed_certificates,
                any_name: self.disable_host_name_verifier,
            },
            identity: self.identity(),
            user_agent: "PingIdentityConnector".to_owned(),
        })
    }

    fn proxy(&self) -> Result<Option<ProxySettings>> {
        let Some(host) = blank_to_none(self.http_proxy_host) else { return Ok(None) };
        let port = self.http_proxy_port.ok_or_else(|| {
            wrong("Property httpProxyPort is missing although httpProxyHost is set; set it")
        })?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
            wrong(format!("Property httpProxyPort is {port}; it must be between 1 and 65535"))
        })?;
        let credentials = blank_to_none(self.http_proxy_username)
            .map(|user| (user.to_owned(), self.http_proxy_password.cloned().unwrap_or_default()));
        Ok(Some(ProxySettings { host: host.to_owned(), port, credentials }))
    }

    /// The alias names an entry of `clientCertStore`, or is itself the path of a file.
    fn identity(&self) -> Option<IdentitySettings> {
        let alias = blank_to_none(self.client_cert_alias)?;
        let password = filled(self.client_cert_password).cloned();
        Some(match blank_to_none(self.client_cert_store) {
            None => IdentitySettings { path: PathBuf::from(alias), alias: None, password },
            Some(store) if Path::new(store).is_dir() => {
                let path = ["pem", "p12", "pfx", "jks"]
                    .iter()
                    .map(|ending| Path::new(store).join(format!("{alias}.{ending}")))
                    .find(|path| path.is_file())
                    .unwrap_or_else(|| Path::new(store).join(format!("{alias}.pem")));
                IdentitySettings { path, alias: None, password }
            }
            Some(store) => {
                IdentitySettings { path: PathBuf::from(store), alias: Some(alias.to_owned()), password }
            }
        })
    }
}

/// What the properties say about OAuth, as they are.
#[derive(Clone, Copy, Debug)]
pub struct OAuthProperties<'a> {
    /// `tokenEndpoint`
    pub token_endpoint: Option<&'a str>,
    /// `clientId`
    pub client_id: Option<&'a str>,
    /// `clientSecret`
    pub client_secret: Option<&'a GuardedString>,
    /// `refreshToken`
    pub refresh_token: Option<&'a GuardedString>,
    /// `grantType`
    pub grant_type: Option<&'a str>,
    /// `scope`
    pub scope: Option<&'a str>,
    /// `authorizationTokenPrefix`
    pub prefix: &'a str,
    /// `useBasicAuthForOauthTokenNeg`
    pub basic: bool,
    /// Whether the other way of client authentication is tried when this one is refused.
    pub switch: bool,
    /// User and password of the grant `password`.
    pub resource_owner: (Option<&'a str>, Option<&'a GuardedString>),
    /// `jwtKey`
    pub jwt_key: Option<&'a GuardedString>,
    /// `jwtPem`
    pub jwt_pem: Option<&'a GuardedString>,
    /// `jwtCert`
    pub jwt_cert: Option<&'a GuardedString>,
    /// `jwtExpiration`
    pub jwt_expiration: Option<i32>,
    /// `jwtAlgorithm`
    pub jwt_algorithm: Option<&'a str>,
    /// `jwtClaims`
    pub jwt_claims: &'a BTreeMap<String, String>,
}

impl OAuthProperties<'_> {
    /// Checks everything.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property.
    pub fn settings(&self) -> Result<OAuthSettings> {
        let grant = self.grant()?;
        let endpoint = absolute_url("tokenEndpoint", self.token_endpoint)?;
        let id = blank_to_none(self.client_id);
        let secret = filled(self.client_secret);
        let needs_client = matches!(grant, Grant::ClientCredentials);
        if needs_client && id.is_none() {
            return Err(wrong("Property clientId is blank; set it to the OAuth client of this connector"));
        }
        if needs_client && secret.is_none() {
            return Err(wrong("Property clientSecret is blank; set it to the secret of the OAuth client"));
        }
        let client =
            id.map(|id| ClientSecret { id: id.to_owned(), secret: secret.cloned().unwrap_or_default() });
        // Without a secret there is nothing to show in a header; the form names the client.
        let way = if self.basic && secret.is_some() { Way::Basic } else { Way::Form };
        Ok(OAuthSettings {
            endpoint,
            grant,
            client,
            scope: blank_to_none(self.scope).map(str::to_owned),
            prefix: self.prefix.to_owned(),
            way,
            switch: self.switch && secret.is_some(),
        })
    }

    fn grant(&self) -> Result<Grant> {
        let refresh = filled(self.refresh_token);
        let name = match blank_to_none(self.grant_type) {
            Some(name) => name.to_ascii_lowercase(),
            None if refresh.is_some() => "refresh_token".to_owned(),
            None => {
                tracing::warn!("Property grantType is blank; client_credentials is used.");
                "client_credentials".to_owned()
            }
        };
        match name.as_str() {
            "client_credentials" => Ok(Grant::ClientCredentials),
            "refresh_token" => refresh.cloned().map(Grant::RefreshToken).ok_or_else(|| {
                wrong("Property refreshToken is blank, which grantType refresh_token needs; set it")
            }),
            "jwt_bearer" | "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                let key = filled(self.jwt_pem).or_else(|| filled(self.jwt_key)).ok_or_else(|| {
                    wrong("Properties jwtKey and jwtPem are blank; grantType jwt_bearer needs one of them")
                })?;
                Ok(Grant::JwtBearer(Box::new(JwtSettings {
                    key: key.clone(),
                    certificate: filled(self.jwt_cert).cloned(),
                    algorithm: blank_to_none(self.jwt_algorithm).map(str::to_owned),
                    expiration: self.jwt_expiration,
                    claims: self.jwt_claims.clone(),
                })))
            }
            "password" => match (blank_to_none(self.resource_owner.0), filled(self.resource_owner.1)) {
                (Some(user), Some(password)) => {
                    Ok(Grant::Password { user: user.to_owned(), password: password.clone() })
                }
                _ => Err(wrong("grantType password needs a user and a password; set both")),
            },
            _ => Err(wrong(
                "Property grantType must be client_credentials, refresh_token, jwt_bearer or password",
            )),
        }
    }
}
