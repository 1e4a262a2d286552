//! Names and explanations of the connector's own properties.

use icf_http::PropertyText;

pub(crate) const TEXTS: [PropertyText; 11] = [
    (
        "SCIMEndpoint",
        "SCIM Endpoint",
        "Root of the service, such as https://host/scim/v2; /Users and the like are added.",
    ),
    ("SCIMVersion", "SCIM Version", "1 for SCIM 1.1, 2 for SCIM 2.0."),
    ("authenticationMethod", "Authentication Method", "OAUTH, BASIC or TOKEN."),
    ("user", "User", "User of BASIC."),
    ("password", "Password", "Password of BASIC."),
    ("usePathForPatchV2", "Path In PATCH", "Whether every add and replace operation of a PATCH has a path."),
    ("readRateLimit", "Read Limit", "Requests that read at most, such as 10/sec or 600/min."),
    ("writeRateLimit", "Write Limit", "Requests that write at most, such as 0.5/sec."),
    (
        "filterAttributesToGet",
        "Ask For Attributes By Name",
        "Whether the service is told which attributes are wanted.",
    ),
    ("providerProfile", "Provider Profile", "Name of a known kind of service; auto finds out."),
    ("providerOverrides", "Provider Overrides", "JSON object with settings over the profile."),
];
