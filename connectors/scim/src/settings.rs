//! The configuration, understood.

use std::time::Duration;

use icf::{ConnectorError, Result};
use icf_http::header::{HeaderMap, HeaderName, HeaderValue};
use icf_http::{
    Credentials, Flag, HttpConfiguration, ServiceSettings, Url, absolute_url, blank_to_none, needed,
    needed_secret, rate,
};

use crate::configuration::ScimConfiguration;
use crate::profile::{self, Knobs, TokenAuth, UsePath};

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// SCIM 1.1
    One,
    /// SCIM 2.0
    Two,
}

/// What the connector works with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Root of the service, ending without a slash.
    pub(crate) base: Url,
    pub(crate) version: Version,
    pub(crate) service: ServiceSettings,
    pub(crate) use_path: bool,
    pub(crate) name_attributes: bool,
    pub(crate) extra_headers: HeaderMap,
    pub(crate) knobs: Knobs,
}

fn wrong(text: impl Into<String>) -> ConnectorError {
    ConnectorError::configuration(text)
}

impl Settings {
    /// Checks everything.
    pub(crate) fn new(configuration: &ScimConfiguration) -> Result<Self> {
        let base = base(configuration.scim_endpoint.as_deref())?;
        let version = match configuration.scim_version.0 {
            1 => Version::One,
            2 => Version::Two,
            other => return Err(wrong(format!("Property SCIMVersion is {other}; it must be 1 or 2"))),
        };
        let knobs = profile::knobs(
            blank_to_none(configuration.provider_profile.as_deref()),
            configuration.provider_overrides.as_deref(),
            base.host_str().unwrap_or_default(),
            configuration.http.token_endpoint.as_deref().unwrap_or_default(),
        )?;
        let credentials = credentials(configuration, knobs.token_auth)?;
        warn_of_clear_text(&base);
        let limit = |property: &str, configured: &Option<String>, known: &Option<String>| {
            rate(property, blank_to_none(configured.as_deref()).or(known.as_deref()))
        };
        let service = ServiceSettings {
            read_rate: limit("readRateLimit", &configuration.read_rate_limit, &knobs.read_rate_limit)?,
            write_rate: limit("writeRateLimit", &configuration.write_rate_limit, &knobs.write_rate_limit)?,
            ..ServiceSettings::new(&base, credentials, configuration.http.connection()?)
        };
        Ok(Self {
            version,
            service,
            use_path: match knobs.use_path {
                UsePath::Follow => configuration.use_path_for_patch_v2.0,
                UsePath::Always => true,
                UsePath::Never => false,
            },
            name_attributes: configuration.filter_attributes_to_get.0 && knobs.send_attributes,
            extra_headers: headers(&knobs)?,
            knobs,
            base,
        })
    }

    /// How long one call may take.
    pub(crate) fn budget(&self) -> Duration {
        Duration::from_millis(self.knobs.budget_ms)
    }
}

fn base(text: Option<&str>) -> Result<Url> {
    let mut url = absolute_url("SCIMEndpoint", text)?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn headers(knobs: &Knobs) -> Result<HeaderMap> {
    let fault = |name: &str| wrong(format!("Property providerOverrides: the header {name} cannot be sent"));
    let mut headers = HeaderMap::new();
    for (name, value) in &knobs.extra_headers {
        let header = HeaderName::try_from(name.as_str()).map_err(|_| fault(name))?;
        headers.insert(header, HeaderValue::try_from(value.as_str()).map_err(|_| fault(name))?);
    }
    Ok(headers)
}

fn credentials(configuration: &ScimConfiguration, token_auth: TokenAuth) -> Result<Credentials> {
    let method = blank_to_none(configuration.authentication_method.as_deref()).unwrap_or("OAUTH");
    let (user, password) = (configuration.user.as_deref(), configuration.password.as_ref());
    match method.to_ascii_uppercase().as_str() {
        "BASIC" => Ok(Credentials::Basic {
            user: needed("user", user, method)?.to_owned(),
            password: needed_secret("password", password, method)?,
        }),
        "TOKEN" => configuration.http.token(),
        "OAUTH" => {
            let http = &configuration.http;
            let (basic, switch) = match token_auth {
                TokenAuth::Auto => (http.use_basic_auth_for_oauth_token_neg, true),
                TokenAuth::Basic => (Flag(true), false),
                TokenAuth::Form => (Flag(false), false),
            };
            let http = HttpConfiguration { use_basic_auth_for_oauth_token_neg: basic, ..http.clone() };
            http.oauth(switch, Some((user, password)))
        }
        _ => Err(wrong("Property authenticationMethod must be OAUTH, BASIC or TOKEN")),
    }
}

fn warn_of_clear_text(base: &Url) {
    let loopback = base
        .host_str()
        .is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
    if base.scheme() == "http" && !loopback {
        tracing::warn!("SCIMEndpoint is an http address: credentials and data travel in clear text.");
    }
}
