//! The configuration properties, in the order and with the types and defaults of the original; most of them are shared.

use icf::{Configuration, ConfigurationProperty, GuardedString};
use icf_http::{Flag, HttpConfiguration};

use crate::settings::Settings;

/// Properties of the connector.
#[derive(Clone, Debug, Configuration)]
#[icf(own_required_check, validate = Self::check, advertised = advertise)]
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
    /// OAuth, connections, trust.
    #[icf(flatten)]
    pub http: HttpConfiguration,
    /// com, ca, eu, asia, com.au or sg; fills Service URI and Token Endpoint where they are blank.
    #[icf(order = 41)]
    pub region: Option<String>,
    /// Population of new users that name none.
    #[icf(order = 42)]
    pub default_population_id: Option<String>,
    /// Requests at most, such as 50/sec.
    #[icf(order = 43)]
    pub rate_limit: Option<String>,
    /// Whether searches for users read the groups of each, one request a user.
    #[icf(order = 44)]
    pub include_memberships: Flag<false>,
    /// Whether parts of nested attributes are offered under dotted names.
    #[icf(order = 45)]
    pub expand_nested: Flag<true>,
}

impl Default for PingOneConfiguration {
    fn default() -> Self {
        Self {
            service_uri: None,
            environment_id: None,
            login: None,
            password: None,
            authentication_method: Some("OAUTH".to_owned()),
            http: HttpConfiguration::default(),
            region: None,
            default_population_id: None,
            rate_limit: None,
            include_memberships: Flag::default(),
            expand_nested: Flag::default(),
        }
    }
}

/// What the original says otherwise of shared properties. That they are required is not enforced: its own forms leave
/// most of them empty.
fn advertise(property: &mut ConfigurationProperty) {
    match property.name.as_str() {
        "clientId" | "clientCertAlias" | "clientCertPassword" => property.required = true,
        name if name.starts_with("httpProxy") => property.required = true,
        "refreshToken" => property.confidential = false,
        _ => {}
    }
}

impl PingOneConfiguration {
    fn check(&self) -> icf::Result<()> {
        Settings::new(self).map(drop)
    }
}
