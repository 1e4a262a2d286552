//! The configuration properties that all these connectors have, and the settings they make.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use icf::{Configuration, ConnectorError, GuardedString, Result};
use url::Url;

use crate::client::{ConnectionSettings, IdentitySettings, ProxySettings, TrustSettings};
use crate::credentials::Credentials;
use crate::oauth::{ClientSecret, Grant, JwtSettings, OAuthSettings, Way};
use crate::property::{Count, Flag, MaybeNumber, Number};
use crate::rate::Rate;

/// Part of a connector's configuration (`#[icf(flatten)]`), in the order and with the types and defaults of the
/// originals. A connector has its own properties in the places 1 to 5, 26 to 31 and from 41 on.
#[derive(Clone, Debug, Configuration)]
#[icf(own_required_check)]
pub struct HttpConfiguration {
    /// Address that hands out access tokens.
    #[icf(order = 6)]
    pub token_endpoint: Option<String>,
    /// OAuth client.
    #[icf(order = 7)]
    pub client_id: Option<String>,
    /// Its secret.
    #[icf(order = 8, confidential)]
    pub client_secret: Option<GuardedString>,
    /// Token of the method TOKEN.
    #[icf(order = 9, confidential)]
    pub auth_token: Option<GuardedString>,
    /// Used by the grant `refresh_token`; rewritten when the service replaces it.
    #[icf(order = 10, confidential)]
    pub refresh_token: Option<GuardedString>,
    /// `client_credentials`, `refresh_token`, `jwt_bearer` or `password`.
    #[icf(order = 11)]
    pub grant_type: Option<String>,
    /// OAuth scope, sent as it is.
    #[icf(order = 12)]
    pub scope: Option<String>,
    /// Word before the token in the `Authorization` header; null is the default, blank is none.
    #[icf(order = 13)]
    pub authorization_token_prefix: Option<String>,
    /// Whether client and secret stand in a Basic header of the token request instead of its form.
    #[icf(order = 14, required)]
    pub use_basic_auth_for_oauth_token_neg: Flag<true>,
    /// For tests: trust servers whose certificate nobody vouches for.
    #[icf(order = 15, required)]
    pub accept_self_signed_certificates: Flag<false>,
    /// For tests: do not compare the name in the server's certificate.
    #[icf(order = 16, required)]
    pub disable_host_name_verifier: Flag<false>,
    /// Do not ask for compressed answers.
    #[icf(order = 17, required)]
    pub disable_http_compression: Flag<false>,
    /// Entry of `client_cert_store`, or without it the path of a file with certificate and key.
    #[icf(order = 18)]
    pub client_cert_alias: Option<String>,
    /// Password of that store or file.
    #[icf(order = 19, confidential)]
    pub client_cert_password: Option<GuardedString>,
    /// Connections to the service at most.
    #[icf(order = 20, required)]
    pub maximum_connections: Number<10>,
    /// Forward proxy for all requests.
    #[icf(order = 21)]
    pub http_proxy_host: Option<String>,
    /// Its port.
    #[icf(order = 22)]
    pub http_proxy_port: MaybeNumber,
    /// Its user.
    #[icf(order = 23)]
    pub http_proxy_username: Option<String>,
    /// Its password.
    #[icf(order = 24, confidential)]
    pub http_proxy_password: Option<GuardedString>,
    /// Seconds for connecting and for the wait for each answer.
    #[icf(order = 25)]
    pub connection_timeout: Count<30>,
    /// Key that signs assertions: PEM, base64 of PKCS#8, or a shared secret.
    #[icf(order = 32, confidential)]
    pub jwt_key: Option<GuardedString>,
    /// Private key that signs assertions, in PEM.
    #[icf(order = 33, confidential)]
    pub jwt_pem: Option<GuardedString>,
    /// Certificate of the key, in PEM.
    #[icf(order = 34, confidential)]
    pub jwt_cert: Option<GuardedString>,
    /// Seconds an assertion is valid.
    #[icf(order = 35)]
    pub jwt_expiration: MaybeNumber,
    /// Algorithm of the signature.
    #[icf(order = 36)]
    pub jwt_algorithm: Option<String>,
    /// Accepted for the sake of older files; the key itself says it.
    #[icf(order = 37)]
    pub key_algorithm: Option<String>,
    /// More claims of the assertion.
    #[icf(order = 38)]
    pub jwt_claims: BTreeMap<String, String>,
    /// File or folder with client certificates.
    #[icf(order = 39)]
    pub client_cert_store: Option<String>,
    /// File with certificates to trust besides the system's.
    #[icf(order = 40)]
    pub trusted_certificates: Option<String>,
}

impl Default for HttpConfiguration {
    fn default() -> Self {
        Self {
            token_endpoint: None,
            client_id: None,
            client_secret: None,
            auth_token: None,
            refresh_token: None,
            grant_type: None,
            scope: None,
            authorization_token_prefix: Some("Bearer".to_owned()),
            use_basic_auth_for_oauth_token_neg: Flag::default(),
            accept_self_signed_certificates: Flag::default(),
            disable_host_name_verifier: Flag::default(),
            disable_http_compression: Flag::default(),
            client_cert_alias: None,
            client_cert_password: None,
            maximum_connections: Number::default(),
            http_proxy_host: None,
            http_proxy_port: MaybeNumber::default(),
            http_proxy_username: None,
            http_proxy_password: None,
            connection_timeout: Count::default(),
            jwt_key: None,
            jwt_pem: None,
            jwt_cert: None,
            jwt_expiration: MaybeNumber::default(),
            jwt_algorithm: None,
            key_algorithm: None,
            jwt_claims: BTreeMap::new(),
            client_cert_store: None,
            trusted_certificates: None,
        }
    }
}

fn wrong(text: impl Into<String>) -> ConnectorError {
    ConnectorError::configuration(text)
}

/// User and password of the grant `password`.
pub type ResourceOwner<'a> = (Option<&'a str>, Option<&'a GuardedString>);

/// A text that says something; blank is as good as absent.
#[must_use]
pub fn blank_to_none(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn filled(secret: Option<&GuardedString>) -> Option<&GuardedString> {
    secret.filter(|secret| !secret.reveal().trim().is_empty())
}

/// The text of a property that an authentication method needs.
///
/// # Errors
/// `ConfigurationException` naming the property.
pub fn needed<'a>(property: &str, text: Option<&'a str>, method: &str) -> Result<&'a str> {
    blank_to_none(text).ok_or_else(|| blank(property, method))
}

/// The secret of a property that an authentication method needs.
///
/// # Errors
/// `ConfigurationException` naming the property.
pub fn needed_secret(property: &str, secret: Option<&GuardedString>, method: &str) -> Result<GuardedString> {
    filled(secret).cloned().ok_or_else(|| blank(property, method))
}

fn blank(property: &str, method: &str) -> ConnectorError {
    wrong(format!("Property {property} is blank, which authenticationMethod {method} needs; set it"))
}

/// The rate of a property, if it names one.
///
/// # Errors
/// `ConfigurationException` naming the property.
pub fn rate(property: &str, text: Option<&str>) -> Result<Option<Rate>> {
    let rate = blank_to_none(text).map(str::parse).transpose();
    rate.map_err(|error| wrong(format!("Property {property}: {error}")))
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

impl HttpConfiguration {
    /// How connections are made.
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
        let connections = positive("maximumConnections", self.maximum_connections.0)?;
        let timeout = positive("connectionTimeout", self.connection_timeout.0)?;
        Ok(ConnectionSettings {
            connections: usize::try_from(connections).unwrap_or(usize::MAX).min(10_000),
            timeout: Duration::from_secs(timeout.into()),
            compression: !self.disable_http_compression.0,
            proxy: self.proxy()?,
            trust: TrustSettings {
                more_roots: blank_to_none(self.trusted_certificates.as_deref())
                    .map(PathBuf::from)
                    .into_iter()
                    .collect(),
                self_signed: self.accept_self_signed_certificates.0,
                any_name: self.disable_host_name_verifier.0,
            },
            identity: self.identity(),
            user_agent: "PingIdentityConnector".to_owned(),
        })
    }

    fn proxy(&self) -> Result<Option<ProxySettings>> {
        let Some(host) = blank_to_none(self.http_proxy_host.as_deref()) else { return Ok(None) };
        let port = self.http_proxy_port.0.ok_or_else(|| {
            wrong("Property httpProxyPort is missing although httpProxyHost is set; set it")
        })?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
            wrong(format!("Property httpProxyPort is {port}; it must be between 1 and 65535"))
        })?;
        let credentials = blank_to_none(self.http_proxy_username.as_deref())
            .map(|user| (user.to_owned(), self.http_proxy_password.clone().unwrap_or_default()));
        Ok(Some(ProxySettings { host: host.to_owned(), port, credentials }))
    }

    /// The alias names an entry of `clientCertStore`, or is itself the path of a file.
    fn identity(&self) -> Option<IdentitySettings> {
        let alias = blank_to_none(self.client_cert_alias.as_deref())?;
        let password = filled(self.client_cert_password.as_ref()).cloned();
        Some(match blank_to_none(self.client_cert_store.as_deref()) {
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

    /// The credentials of TOKEN.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property.
    pub fn token(&self) -> Result<Credentials> {
        let token = needed_secret("authToken", self.auth_token.as_ref(), "TOKEN")?;
        Ok(Credentials::Token { prefix: self.prefix().to_owned(), token })
    }

    /// The credentials of OAUTH. `switch` says whether the other way of client authentication is tried when the
    /// configured one is refused, `owner` who asks by the grant `password`.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property.
    pub fn oauth(&self, switch: bool, owner: Option<ResourceOwner<'_>>) -> Result<Credentials> {
        let grant = self.grant(owner)?;
        let endpoint = absolute_url("tokenEndpoint", self.token_endpoint.as_deref())?;
        let id = blank_to_none(self.client_id.as_deref());
        let secret = filled(self.client_secret.as_ref());
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
        let basic = self.use_basic_auth_for_oauth_token_neg.0 && secret.is_some();
        Ok(Credentials::OAuth(Box::new(OAuthSettings {
            endpoint,
            grant,
            client,
            scope: blank_to_none(self.scope.as_deref()).map(str::to_owned),
            prefix: self.prefix().to_owned(),
            way: if basic { Way::Basic } else { Way::Form },
            switch: switch && secret.is_some(),
        })))
    }

    fn prefix(&self) -> &str {
        self.authorization_token_prefix.as_deref().unwrap_or("Bearer")
    }

    fn grant(&self, owner: Option<ResourceOwner<'_>>) -> Result<Grant> {
        let refresh = filled(self.refresh_token.as_ref());
        let name = match blank_to_none(self.grant_type.as_deref()) {
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
                let key = filled(self.jwt_pem.as_ref())
                    .or_else(|| filled(self.jwt_key.as_ref()))
                    .ok_or_else(|| {
                        wrong(
                            "Properties jwtKey and jwtPem are blank; grantType jwt_bearer needs one of them",
                        )
                    })?;
                Ok(Grant::JwtBearer(Box::new(JwtSettings {
                    key: key.clone(),
                    certificate: filled(self.jwt_cert.as_ref()).cloned(),
                    algorithm: blank_to_none(self.jwt_algorithm.as_deref()).map(str::to_owned),
                    expiration: self.jwt_expiration.0,
                    claims: self.jwt_claims.clone(),
                })))
            }
            "password" => match owner.map(|(user, password)| (blank_to_none(user), filled(password))) {
                Some((Some(user), Some(password))) => {
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
