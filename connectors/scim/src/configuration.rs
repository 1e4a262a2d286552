//! The configuration properties, in the order and with the types and defaults of the original.

use std::collections::BTreeMap;

use icf::{Configuration, GuardedString};
use icf_http::{Count, Flag, MaybeNumber, Number, OAuthProperties, Properties};

use crate::settings::Settings;

/// Properties of the connector.
#[derive(Clone, Debug, Configuration)]
#[icf(own_required_check, validate = Self::check)]
pub struct ScimConfiguration {
    /// Root of the service.
    #[icf(name = "SCIMEndpoint", order = 1, required)]
    pub scim_endpoint: Option<String>,
    /// 1 or 2.
    #[icf(name = "SCIMVersion", order = 2, required)]
    pub scim_version: Number<1>,
    /// `OAUTH`, `BASIC` or `TOKEN`.
    #[icf(order = 3, required)]
    pub authentication_method: Option<String>,
    /// User of BASIC.
    #[icf(order = 4)]
    pub user: Option<String>,
    /// Password of BASIC.
    #[icf(order = 5, confidential)]
    pub password: Option<GuardedString>,
    /// OAuth token address.
    #[icf(order = 6)]
    pub token_endpoint: Option<String>,
    /// OAuth client.
    #[icf(order = 7)]
    pub client_id: Option<String>,
    /// Its secret.
    #[icf(order = 8, confidential)]
    pub client_secret: Option<GuardedString>,
    /// Token of TOKEN.
    #[icf(order = 9, confidential)]
    pub auth_token: Option<GuardedString>,
    /// Refresh token; rewritten when the service replaces it.
    #[icf(order = 10, confidential)]
    pub refresh_token: Option<GuardedString>,
    /// OAuth grant.
    #[icf(order = 11)]
    pub grant_type: Option<String>,
    /// OAuth scope.
    #[icf(order = 12)]
    pub scope: Option<String>,
    /// Word before the token.
    #[icf(order = 13)]
    pub authorization_token_prefix: Option<String>,
    /// Client secret in a header instead of the form.
    #[icf(order = 14, required)]
    pub use_basic_auth_for_oauth_token_neg: Flag<true>,
    /// For tests.
    #[icf(order = 15, required)]
    pub accept_self_signed_certificates: Flag<false>,
    /// For tests.
    #[icf(order = 16, required)]
    pub disable_host_name_verifier: Flag<false>,
    /// No compressed answers.
    #[icf(order = 17, required)]
    pub disable_http_compression: Flag<false>,
    /// Client certificate.
    #[icf(order = 18)]
    pub client_cert_alias: Option<String>,
    /// Its password.
    #[icf(order = 19, confidential)]
    pub client_cert_password: Option<GuardedString>,
    /// Connections at most.
    #[icf(order = 20, required)]
    pub maximum_connections: Number<10>,
    /// Forward proxy.
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
    /// Seconds.
    #[icf(order = 25)]
    pub connection_timeout: Count<30>,
    /// A path in every operation of a PATCH.
    #[icf(name = "usePathForPatchV2", order = 26)]
    pub use_path_for_patch_v2: Flag<false>,
    /// Limit for reading.
    #[icf(order = 27)]
    pub read_rate_limit: Option<String>,
    /// Limit for writing.
    #[icf(order = 28)]
    pub write_rate_limit: Option<String>,
    /// Whether reads name the attributes.
    #[icf(order = 29)]
    pub filter_attributes_to_get: Flag<true>,
    /// A profile of known services.
    #[icf(order = 30)]
    pub provider_profile: Option<String>,
    /// A JSON object over the profile.
    #[icf(order = 31)]
    pub provider_overrides: Option<String>,
    /// Key of the JWT bearer grant.
    #[icf(order = 32, confidential)]
    pub jwt_key: Option<GuardedString>,
    /// The same in PEM.
    #[icf(order = 33, confidential)]
    pub jwt_pem: Option<GuardedString>,
    /// Its certificate.
    #[icf(order = 34, confidential)]
    pub jwt_cert: Option<GuardedString>,
    /// Seconds an assertion is valid.
    #[icf(order = 35)]
    pub jwt_expiration: MaybeNumber,
    /// Algorithm of the signature.
    #[icf(order = 36)]
    pub jwt_algorithm: Option<String>,
    /// Accepted for the sake of old files; the key says it.
    #[icf(order = 37)]
    pub key_algorithm: Option<String>,
    /// More claims.
    #[icf(order = 38)]
    pub jwt_claims: BTreeMap<String, String>,
    /// Store of client certificates.
    #[icf(order = 39)]
    pub client_cert_store: Option<String>,
    /// More trusted roots.
    #[icf(order = 40)]
    pub trusted_certificates: Option<String>,
}

impl Default for ScimConfiguration {
    fn default() -> Self {
        Self {
            scim_endpoint: None,
            scim_version: Number::default(),
            authentication_method: Some("OAUTH".to_owned()),
            user: None,
            password: None,
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
            use_path_for_patch_v2: Flag::default(),
            read_rate_limit: None,
            write_rate_limit: None,
            filter_attributes_to_get: Flag::default(),
            provider_profile: Some("auto".to_owned()),
            provider_overrides: None,
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

impl ScimConfiguration {
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

    /// What concerns OAuth. `basic` and `switch` say how the client shows its secret.
    pub(crate) fn oauth(&self, basic: bool, switch: bool) -> OAuthProperties<'_> {
        OAuthProperties {
            token_endpoint: self.token_endpoint.as_deref(),
            client_id: self.client_id.as_deref(),
            client_secret: self.client_secret.as_ref(),
            refresh_token: self.refresh_token.as_ref(),
            grant_type: self.grant_type.as_deref(),
            scope: self.scope.as_deref(),
            prefix: self.prefix(),
            basic,
            switch,
            resource_owner: (self.user.as_deref(), self.password.as_ref()),
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
