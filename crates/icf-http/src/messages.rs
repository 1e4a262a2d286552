//! Names and explanations of properties.

use icf::Messages;

/// Message key of a connector's display name.
pub const DISPLAY_NAME_KEY: &str = "connector_name.display";

/// Property, name, explanation.
pub type PropertyText = (&'static str, &'static str, &'static str);

/// Those of [`HttpConfiguration`](crate::HttpConfiguration).
const TEXTS: [PropertyText; 29] = [
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

/// The texts of a connector: its name, and those of the properties it has besides, or wants to say otherwise.
#[must_use]
pub fn messages(display_name: &str, own: &[PropertyText]) -> Messages {
    let properties = TEXTS.iter().chain(own).flat_map(|(property, name, help)| {
        [(format!("{property}.display"), *name), (format!("{property}.help"), *help)]
    });
    Messages::of(properties.chain([(DISPLAY_NAME_KEY.to_owned(), display_name)]))
}
