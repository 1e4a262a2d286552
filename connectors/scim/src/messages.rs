//! The texts of the connector: names and explanations of its properties.

use icf::Messages;

/// Message key of the display name.
pub(crate) const DISPLAY_NAME_KEY: &str = "connector_name.display";

/// Property, name, explanation.
const TEXTS: [(&str, &str, &str); 40] = [
    (
        "SCIMEndpoint",
        "SCIM Endpoint",
        "Root of the service, such as https://host/scim/v2; /Users and the like are added.",
    ),
    ("SCIMVersion", "SCIM Version", "1 for SCIM 1.1, 2 for SCIM 2.0."),
    ("authenticationMethod", "Authentication Method", "OAUTH, BASIC or TOKEN."),
    ("user", "User", "User of BASIC."),
    ("password", "Password", "Password of BASIC."),
    ("tokenEndpoint", "Token Endpoint", "Address that hands out OAuth access tokens."),
    ("clientId", "Client ID", "OAuth client."),
    ("clientSecret", "Client Secret", "Secret of the OAuth client."),
    ("authToken", "Token", "Token of TOKEN."),
    (
        "refreshToken",
        "Refresh Token",
        "Used by the grant refresh_token; rewritten when the service replaces it.",
    ),
    ("grantType", "Grant Type", "client_credentials, refresh_token, jwt_bearer or password."),
    ("scope", "Scope", "OAuth scope, sent as it is."),
    ("authorizationTokenPrefix", "Token Prefix", "Word before the token in the Authorization header."),
    (
        "useBasicAuthForOauthTokenNeg",
        "Client Secret In Header",
        "Whether client and secret stand in a Basic header of the token request instead of its form.",
    ),
    (
        "acceptSelfSignedCertificates",
        "Accept Self-Signed Certificates",
        "For tests: trust servers whose certificate nobody vouches for.",
    ),
    (
        "disableHostNameVerifier",
        "Do Not Check Host Names",
        "For tests: do not compare the name in the server's certificate.",
    ),
    ("disableHttpCompression", "No Compression", "Do not ask for compressed answers."),
    (
        "clientCertAlias",
        "Client Certificate",
        "Entry of the client certificate store, or path of a file with certificate and key.",
    ),
    ("clientCertPassword", "Client Certificate Password", "Password of that store or file."),
    ("maximumConnections", "Connections", "Connections to the service at most."),
    ("httpProxyHost", "Proxy Host", "Forward proxy for all requests."),
    ("httpProxyPort", "Proxy Port", "Port of the proxy."),
    ("httpProxyUsername", "Proxy User", "User of the proxy."),
    ("httpProxyPassword", "Proxy Password", "Password of the proxy."),
    ("connectionTimeout", "Timeout", "Seconds for connecting and for the wait for each answer."),
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
    ("jwtKey", "JWT Key", "Key that signs assertions: PEM, base64 of PKCS#8, or a shared secret."),
    ("jwtPem", "JWT Key In PEM", "Private key that signs assertions, in PEM."),
    ("jwtCert", "JWT Certificate", "Certificate of the key, in PEM."),
    ("jwtExpiration", "JWT Lifetime", "Seconds an assertion is valid."),
    ("jwtAlgorithm", "JWT Algorithm", "RS256, RS384, RS512, PS256, ES256, ES384, HS256 or HS512."),
    ("keyAlgorithm", "Key Algorithm", "Kept for older files; the key itself says it."),
    ("jwtClaims", "JWT Claims", "More claims of the assertion."),
    ("clientCertStore", "Client Certificate Store", "File or folder with client certificates."),
    ("trustedCertificates", "Trusted Certificates", "File with certificates to trust besides the system's."),
];

/// All texts.
pub(crate) fn messages() -> Messages {
    let names = TEXTS.iter().map(|(property, name, _)| (format!("{property}.display"), *name));
    let helps = TEXTS.iter().map(|(property, _, help)| (format!("{property}.help"), *help));
    let all: Vec<_> = names.chain(helps).collect();
    Messages::of(
        [(DISPLAY_NAME_KEY, "Scim Connector")]
            .into_iter()
            .chain(all.iter().map(|(key, text)| (key.as_str(), *text))),
    )
}
