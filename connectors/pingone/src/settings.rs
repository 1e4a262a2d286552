//! The configuration, understood.

use std::time::Duration;

use icf::{ConnectorError, Result};
use icf_http::{
    Credentials, HttpConfiguration, ServiceSettings, Url, absolute_url, blank_to_none, needed, needed_secret,
    rate,
};

use crate::configuration::PingOneConfiguration;

/// Requests under way at most, whatever the number of connections.
const MOST_UNDER_WAY: usize = 8;
/// Where PingOne is, by the ends of its host names.
const REGIONS: [&str; 6] = ["com", "ca", "eu", "asia", "com.au", "sg"];

/// What the connector works with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Root of the API, ending without a slash.
    pub(crate) root: Url,
    /// Root of the environment.
    pub(crate) environment: Url,
    pub(crate) service: ServiceSettings,
    pub(crate) default_population: Option<String>,
    pub(crate) include_memberships: bool,
    pub(crate) expand_nested: bool,
}

fn wrong(text: impl Into<String>) -> ConnectorError {
    ConnectorError::configuration(text)
}

impl Settings {
    /// Checks everything.
    pub(crate) fn new(configuration: &PingOneConfiguration) -> Result<Self> {
        let region = region(blank_to_none(configuration.region.as_deref()))?;
        let given = blank_to_none(configuration.environment_id.as_deref());
        let filled = region.map(|region| format!("https://api.pingone.{region}/v1"));
        let service_uri = blank_to_none(configuration.service_uri.as_deref()).or(filled.as_deref());
        let (root, inside) = root(absolute_url("serviceUri", service_uri)?);
        let id = match (given, inside) {
            (Some(given), Some(inside)) if !given.eq_ignore_ascii_case(&inside) => {
                return Err(wrong(
                    "Properties serviceUri and environmentId name two environments; correct one of them",
                ));
            }
            (Some(given), _) => given.to_owned(),
            (None, Some(inside)) => inside,
            (None, None) => {
                return Err(wrong("Property environmentId is blank; set it to the environment's id"));
            }
        };
        if !is_uuid(&id) {
            return Err(wrong(
                "Property environmentId is no UUID; copy it from the environment's properties",
            ));
        }
        let mut environment = root.clone();
        environment.set_path(&format!("{}/environments/{id}", root.path().trim_end_matches('/')));
        let auth = region.map(|region| format!("https://auth.pingone.{region}/{id}/as/token"));
        let credentials = credentials(configuration, auth.as_deref())?;
        let mut connection = configuration.http.connection()?;
        connection.connections = connection.connections.min(MOST_UNDER_WAY);
        let rate = rate("rateLimit", configuration.rate_limit.as_deref())?;
        let service = ServiceSettings {
            read_rate: rate,
            write_rate: rate,
            ..ServiceSettings::new(&root, credentials, connection)
        };
        Ok(Self {
            root,
            environment,
            service,
            default_population: blank_to_none(configuration.default_population_id.as_deref())
                .map(str::to_owned),
            include_memberships: configuration.include_memberships.0,
            expand_nested: configuration.expand_nested.0,
        })
    }

    /// How long one call may take.
    pub(crate) const fn budget(&self) -> Duration {
        Duration::from_secs(12)
    }
}

fn region(name: Option<&str>) -> Result<Option<&str>> {
    match name {
        Some(name) if !REGIONS.contains(&name) => {
            Err(wrong(format!("Property region must be one of {}, in lower case", REGIONS.join(", "))))
        }
        name => Ok(name),
    }
}

/// The root of the API, and the environment if the address names one.
fn root(mut url: Url) -> (Url, Option<String>) {
    let path = url.path().trim_end_matches('/').to_owned();
    let (path, inside) = match path.split_once("/environments/") {
        Some((root, id)) => (root.to_owned(), Some(id.to_owned())),
        None => (path, None),
    };
    url.set_path(if path.is_empty() { "/v1" } else { &path });
    (url, inside)
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn credentials(configuration: &PingOneConfiguration, auth: Option<&str>) -> Result<Credentials> {
    let method = blank_to_none(configuration.authentication_method.as_deref()).unwrap_or("OAUTH");
    let mut http: HttpConfiguration = configuration.http.clone();
    if blank_to_none(http.token_endpoint.as_deref()).is_none() {
        http.token_endpoint = auth.map(str::to_owned);
    }
    match method.to_ascii_uppercase().as_str() {
        "OAUTH" => {}
        "JWT_TOKEN" => http.grant_type = Some("jwt_bearer".to_owned()),
        // The API takes bearer tokens only: login and password are those of a client.
        "BASIC" => {
            http.client_id = Some(needed("login", configuration.login.as_deref(), method)?.to_owned());
            http.client_secret = Some(needed_secret("password", configuration.password.as_ref(), method)?);
            http.grant_type = Some("client_credentials".to_owned());
        }
        "TOKEN" => return http.token(),
        _ => return Err(wrong("Property authenticationMethod must be OAUTH, BASIC, JWT_TOKEN or TOKEN")),
    }
    http.oauth(true, None)
}
