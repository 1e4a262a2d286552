//! The configuration properties, in the order and with the types and defaults of the original; most of them are shared.

use icf::{Configuration, GuardedString};
use icf_http::{Flag, HttpConfiguration, Number};

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
    /// OAuth, connections, trust.
    #[icf(flatten)]
    pub http: HttpConfiguration,
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
}

impl Default for ScimConfiguration {
    fn default() -> Self {
        Self {
            scim_endpoint: None,
            scim_version: Number::default(),
            authentication_method: Some("OAUTH".to_owned()),
            user: None,
            password: None,
            http: HttpConfiguration::default(),
            use_path_for_patch_v2: Flag::default(),
            read_rate_limit: None,
            write_rate_limit: None,
            filter_attributes_to_get: Flag::default(),
            provider_profile: Some("auto".to_owned()),
            provider_overrides: None,
        }
    }
}

impl ScimConfiguration {
    fn check(&self) -> icf::Result<()> {
        Settings::new(self).map(drop)
    }
}
