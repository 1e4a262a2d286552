//! Names and explanations of the connector's own properties, and of those that mean something special here.

use icf_http::PropertyText;

pub(crate) const TEXTS: [PropertyText; 12] = [
    ("serviceUri", "Service URI", "Root of the API, such as https://api.pingone.com/v1."),
    ("environmentId", "Environment ID", "The environment that is managed."),
    ("login", "Login", "Client of older configurations with BASIC."),
    ("password", "Password", "Its secret."),
    ("authenticationMethod", "Authentication Method", "OAUTH, BASIC, JWT_TOKEN or TOKEN."),
    (
        "tokenEndpoint",
        "Token Endpoint",
        "Address that hands out access tokens, such as https://auth.pingone.com/ENVIRONMENT/as/token.",
    ),
    ("clientId", "Client ID", "The worker application."),
    (
        "region",
        "Region",
        "com, ca, eu, asia, com.au or sg; fills Service URI and Token Endpoint where they are blank.",
    ),
    ("defaultPopulationId", "Default Population", "Population of new users that name none."),
    ("rateLimit", "Rate Limit", "Requests at most, such as 50/sec."),
    (
        "includeMemberships",
        "Memberships In Searches",
        "Whether searches for users read the groups of each, one request a user.",
    ),
    ("expandNested", "Dotted Names", "Whether parts of nested attributes are offered under dotted names."),
];
