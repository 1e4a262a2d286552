//! The texts of the connector: names and explanations of its properties.

use icf::Messages;

/// Message key of the display name.
pub(crate) const DISPLAY_NAME_KEY: &str = "connector_name.display";

/// Property, name, explanation.
const TEXTS: [(&str, &str, &str); 39] = [
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
    ("clientSecret", "Client Secret", "Its secret."),
    ("authToken", "Token", "Token of TOKEN."),
    (
        "refreshToken",
        "Refresh Token",
        "Used by the grant refresh_token; rewritten when the service replaces it.",
    ),
    ("grantType", "Grant Type", "client_credentials, refresh_token or jwt_bearer."),
    ("scope", "Scope", "OAuth scope, sent as it is."),
    ("authorizationTokenPrefix", "Token Prefix", "Word before the token in the Authorization header."),
    (
        "useBasicAuthForOauthTokenNeg",
        "Client Secret In Header",
        "Whether client and secret stand in a Basic header of the token request (client_secret_basic) or in its form (client_secret_post).",
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
    ("jwtKey", "JWT Key", "Key that signs assertions: PEM, base64 of PKCS#8, or a shared secret."),
    ("jwtPem", "JWT Key In PEM", "Private key that signs assertions, in PEM."),
    ("jwtCert", "JWT Certificate", "Certificate of the key, in PEM."),
    ("jwtExpiration", "JWT Lifetime", "Seconds an assertion is valid."),
    ("jwtAlgorithm", "JWT Algorithm", "RS256, RS384, RS512, PS256, ES256, ES384, HS256 or HS512."),
    ("keyAlgorithm", "Key Algorithm", "Kept for older files; the key itself says it."),
    ("jwtClaims", "JWT Claims", "More claims of the assertion."),
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
    ("clientCertStore", "Client Certificate Store", "File or folder with client certificates."),
    ("trustedCertificates", "Trusted Certificates", "File with certificates to trust besides the system's."),
];

/// All texts.
pub(crate) fn messages() -> Messages {
    let names = TEXTS.iter().map(|(property, name, _)| (format!("{property}.display"), *name));
    let helps = TEXTS.iter().map(|(property, _, help)| (format!("{property}.help"), *help));
    let all: Vec<_> = names.chain(helps).collect();
    let own = [(DISPLAY_NAME_KEY, "PingOne Connector")];
    Messages::of(own.into_iter().chain(all.iter().map(|(key, text)| (key.as_str(), *text))))
}
