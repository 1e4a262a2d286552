//! The configuration properties, in the order and with the types and defaults of the original.

use std::collections::BTreeMap;

use icf::{Configuration, GuardedString};
use icf_http::{Count, Flag, MaybeNumber, Number, OAuthProperties, Properties};

use crate::settings::Settings;

/// Properties of the connector.
#[derive(Clone, Debug, Configuration)]
#[icf(own_required_check, validate = Self::check)]
pub struct PingOneConfiguration {
    /// Root of the API, such as `https://api.pingone.com/v1`.
    #[icf(order = 1, required)]
    pub service_uri: Option<String>,
    /// The environment that is managed.
    #[icf(order = 2, required)]
    pub environment_id: Option<String>,
    /// Client of older configurations with BASIC.
    #[icf(order = 3)]
    pub login: Option<String>,
    /// Its secret.
    #[icf(order = 4, confidential)]
    pub password: Option<GuardedString>,
    /// OAUTH, BASIC, JWT_TOKEN or TOKEN.
    #[icf(order = 5, required)]
    pub authentication_method: Option<String>,
    /// Address that hands out access tokens, such as `https://auth.pingone.com/ID/as/token`.
    #[icf(order = 6)]
    pub token_endpoint: Option<String>,
    /// The worker application.
    #[icf(order = 7, required)]
    pub client_id: Option<String>,
    /// Its secret.
    #[icf(order = 8, confidential)]
    pub client_secret: Option<GuardedString>,
    /// Token of TOKEN.
    #[icf(order = 9, confidential)]
    pub auth_token: Option<GuardedString>,
    /// Used by the grant refresh_token; rewritten when the service replaces it.
    #[icf(order = 10)]
    pub refresh_token: Option<GuardedString>,
    /// client_credentials, refresh_token or jwt_bearer.
    #[icf(order = 11)]
    pub grant_type: Option<String>,
    /// OAuth scope, sent as it is.
    #[icf(order = 12)]
    pub scope: Option<String>,
    /// Word before the token in the Authorization header.
    #[icf(order = 13)]
    pub authorization_token_prefix: Option<String>,
    /// Whether client and secret stand in a Basic header of the token request (client_secret_basic) or in its form (client_secret_post).
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
    /// Entry of the client certificate store, or path of a file with certificate and key.
    #[icf(order = 18, required)]
    pub client_cert_alias: Option<String>,
    /// Password of that store or file.
    #[icf(order = 19, required, confidential)]
    pub client_cert_password: Option<GuardedString>,
    /// Connections to the service at most.
    #[icf(order = 20, required)]
    pub maximum_connections: Number<10>,
    /// Forward proxy for all requests.
    #[icf(order = 21, required)]
    pub http_proxy_host: Option<String>,
    /// Port of the proxy.
    #[icf(order = 22, required)]
    pub http_proxy_port: MaybeNumber,
    /// User of the proxy.
    #[icf(order = 23, required)]
    pub http_proxy_username: Option<String>,
    /// Password of the proxy.
    #[icf(order = 24, required, confidential)]
    pub http_proxy_password: Option<GuardedString>,
    /// Seconds for connecting and for the wait for each answer.
    #[icf(order = 25)]
    pub connection_timeout: Count<30>,
    /// Key that signs assertions: PEM, base64 of PKCS#8, or a shared secret.
    #[icf(order = 26, confidential)]
    pub jwt_key: Option<GuardedString>,
    /// Private key that signs assertions, in PEM.
    #[icf(order = 27, confidential)]
    pub jwt_pem: Option<GuardedString>,
    /// Certificate of the key, in PEM.
    #[icf(order = 28, confidential)]
    pub jwt_cert: Option<GuardedString>,
    /// Seconds an assertion is valid.
    #[icf(order = 29)]
    pub jwt_expiration: MaybeNumber,
    /// RS256, RS384, RS512, PS256, ES256, ES384, HS256 or HS512.
    #[icf(order = 30)]
    pub jwt_algorithm: Option<String>,
    /// Kept for older files; the key itself says it.
    #[icf(order = 31)]
    pub key_algorithm: Option<String>,
    /// More claims of the assertion.
    #[icf(order = 32)]
    pub jwt_claims: BTreeMap<String, String>,
    /// com, ca, eu, asia, com.au or sg; fills Service URI and Token Endpoint where they are blank.
    #[icf(order = 33)]
    pub region: Option<String>,
    /// Population of new users that name none.
    #[icf(order = 34)]
    pub default_population_id: Option<String>,
    /// Requests at most, such as 50/sec.
    #[icf(order = 35)]
    pub rate_limit: Option<String>,
    /// Whether searches for users read the groups of each, one request a user.
    #[icf(order = 36)]
    pub include_memberships: Flag<false>,
    /// Whether parts of nested attributes are offered under dotted names.
    #[icf(order = 37)]
    pub expand_nested: Flag<true>,
    /// File or folder with client certificates.
    #[icf(order = 38)]
    pub client_cert_store: Option<String>,
    /// File with certificates to trust besides the system's.
    #[icf(order = 39)]
    pub trusted_certificates: Option<String>,
}

impl Default for PingOneConfiguration {
    fn default() -> Self {
        Self {
            service_uri: None,
            environment_id: None,
            login: None,
            password: None,
            authentication_method: Some("OAUTH".to_owned()),
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
            region: None,
            default_population_id: None,
            rate_limit: None,
            include_memberships: Flag::default(),
            expand_nested: Flag::default(),
            client_cert_store: None,
            trusted_certificates: None,
        }
    }
}

impl PingOneConfiguration {
    fn check(&self) -> icf::Result<()> {
        Settings::new(self).map(drop)
    }

    /// What concerns connections.
    pub(crate) fn shared(&self) -> Properties<'_> {
        Properties {
            accept_self_signed_certificates: self.accept_self_signed_certificates.0,
            disable_host_name_verifier: self.disable_host_name_verifier.0,
            disable_http_compression: self.disable_http_compression.0,
            client_cert_alias: self.client_cert_alias.as_deref(),
            client_cert_password: self.client_cert_password.as_ref(),
            client_cert_store: self.client_cert_store.as_deref(),
            trusted_certificates: self.trusted_certificates.as_deref(),
            maximum_connections: self.maximum_connections.0,
            http_proxy_host: self.http_proxy_host.as_deref(),
            http_proxy_port: self.http_proxy_port.0,
            http_proxy_username: self.http_proxy_username.as_deref(),
            http_proxy_password: self.http_proxy_password.as_ref(),
            connection_timeout: self.connection_timeout.0,
        }
    }

    /// What concerns OAuth.
    pub(crate) fn oauth(&self) -> OAuthProperties<'_> {
        OAuthProperties {
            token_endpoint: self.token_endpoint.as_deref(),
            client_id: self.client_id.as_deref(),
            client_secret: self.client_secret.as_ref(),
            refresh_token: self.refresh_token.as_ref(),
            grant_type: self.grant_type.as_deref(),
            scope: self.scope.as_deref(),
            prefix: self.prefix(),
            basic: self.use_basic_auth_for_oauth_token_neg.0,
            switch: true,
            resource_owner: (None, None),
            jwt_key: self.jwt_key.as_ref(),
            jwt_pem: self.jwt_pem.as_ref(),
            jwt_cert: self.jwt_cert.as_ref(),
            jwt_expiration: self.jwt_expiration.0,
            jwt_algorithm: self.jwt_algorithm.as_deref(),
            jwt_claims: &self.jwt_claims,
        }
    }

    /// The word before a token; null is the default, blank is none.
    pub(crate) fn prefix(&self) -> &str {
        self.authorization_token_prefix.as_deref().unwrap_or("Bearer")
    }
}
