//! The configuration, understood.

use std::time::Duration;

use icf::{ConnectorError, GuardedString, Result};
use icf_http::header::{HeaderMap, HeaderName, HeaderValue};
use icf_http::{ConnectionSettings, Credentials, Rate, Url, absolute_url, blank_to_none};

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
    pub(crate) credentials: Credentials,
    pub(crate) connection: ConnectionSettings,
    pub(crate) read_rate: Option<Rate>,
    pub(crate) write_rate: Option<Rate>,
    /// Whether any address is `https`.
    pub(crate) tls: bool,
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
            configuration.token_endpoint.as_deref().unwrap_or_default(),
        )?;
        let credentials = credentials(configuration, knobs.token_auth)?;
        let connection = configuration.shared().connection()?;
        let tls = base.scheme() == "https"
            || matches!(&credentials, Credentials::OAuth(oauth) if oauth.endpoint.scheme() == "https");
        warn_of_clear_text(&base);
        let rate = |property: &str, configured: &Option<String>, known: &Option<String>| {
            let text = blank_to_none(configured.as_deref()).or(known.as_deref());
            text.map(str::parse).transpose().map_err(|error| wrong(format!("Property {property}: {error}")))
        };
        Ok(Self {
            version,
            credentials,
            connection,
            read_rate: rate("readRateLimit", &configuration.read_rate_limit, &knobs.read_rate_limit)?,
            write_rate: rate("writeRateLimit", &configuration.write_rate_limit, &knobs.write_rate_limit)?,
            tls,
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
    let secret = |property: &str, value: &Option<GuardedString>| {
        value.clone().filter(|secret| !secret.reveal().trim().is_empty()).ok_or_else(|| {
            wrong(format!("Property {property} is blank, which authenticationMethod {method} needs; set it"))
        })
    };
    match method.to_ascii_uppercase().as_str() {
        "BASIC" => {
            let user = blank_to_none(configuration.user.as_deref()).ok_or_else(|| {
                wrong("Property user is blank, which authenticationMethod BASIC needs; set it")
            })?;
            Ok(Credentials::Basic {
                user: user.to_owned(),
                password: secret("password", &configuration.password)?,
            })
        }
        "TOKEN" => Ok(Credentials::Token {
            prefix: configuration.prefix().to_owned(),
            token: secret("authToken", &configuration.auth_token)?,
        }),
        "OAUTH" => {
            let (basic, switch) = match token_auth {
                TokenAuth::Auto => (configuration.use_basic_auth_for_oauth_token_neg.0, true),
                TokenAuth::Basic => (true, false),
                TokenAuth::Form => (false, false),
            };
            Ok(Credentials::OAuth(Box::new(configuration.oauth(basic, switch).settings()?)))
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
