//! Keys of client mode: whom to dial, with which credentials, and what the upgrade request carries.

use super::{Kind, Scope, group};
use crate::config::choices::{Mode, TokenEndpointAuthMethod};

group! {
    IDENTITY, "Mode, name and tenant",
    "A server with a `url` dials the tenant (client mode, the only one the cloud accepts); a server without listens \
     on `port` (server mode).",
    MODE {
        name: "mode",
        kind: Kind::Choice(Mode::WORDS),
        default: Some("auto"),
        description: "Which side opens the connections. `auto` is `client` when `url` is set and `server` when only \
            `port` is, as with the Java server; `both` dials and listens."
    }
    CONNECTOR_SERVER_NAME {
        name: "connectorServerName",
        scope: Scope::Client,
        environment: &["NAME"],
        example: "rcs1",
        description: "Required in client mode. The name under which the tenant knows this server; it must equal the \
            entry in the tenant's list of connector servers. The documented pattern is `^[a-z0-9]*$`; a name outside \
            it is used, with a warning."
    }
    URL {
        name: "url",
        kind: Kind::Urls,
        scope: Scope::Client,
        example: "wss://tenant.example.com/openicf/0",
        description: "The tenant's endpoints; each gets a set of links of its own. An AIC development tenant has \
            `/openicf/0`, staging and production have `/openicf/0`, `/openicf/1` and `/openicf/2`; PingIDM has \
            `/openicf`, an RCS agent `/rcs`. `https` and `http` are read as `wss` and `ws`."
    }
    HOST_ID {
        name: "hostId",
        scope: Scope::Client,
        default_text: "the host's name",
        description: "Tells this process from others with the same `connectorServerName`; unique for each process."
    }
}

group! {
    AUTHENTICATION, "Authentication to the tenant",
    "With `tokenEndpoint` the server shows an OAuth 2.0 bearer token, otherwise a name and a password.",
    TOKEN_ENDPOINT {
        name: "tokenEndpoint",
        kind: Kind::Endpoint,
        scope: Scope::Client,
        example: "https://tenant.example.com/am/oauth2/realms/root/realms/alpha/access_token",
        description: "The OAuth 2.0 token endpoint. A query string is kept."
    }
    CLIENT_ID {
        name: "clientId",
        default: Some("RCSClient"),
        scope: Scope::Client,
        description: "The OAuth 2.0 client; the tenant must map it to a user."
    }
    CLIENT_SECRET {
        name: "clientSecret",
        kind: Kind::Secret,
        scope: Scope::Client,
        file: Some(&CLIENT_SECRET_FILE),
        description: "Secret of that client. Required with `tokenEndpoint`."
    }
    CLIENT_SECRET_FILE {
        name: "clientSecretFile",
        kind: Kind::Path,
        scope: Scope::Client,
        description: "File with the client secret, in place of `clientSecret`."
    }
    SCOPE {
        name: "scope",
        default: Some("fr:idm:*"),
        scope: Scope::Client,
        description: "Requested OAuth 2.0 scope."
    }
    TOKEN_ENDPOINT_AUTH_METHOD {
        name: "tokenEndpointAuthMethod",
        kind: Kind::Choice(TokenEndpointAuthMethod::WORDS),
        default: Some("auto"),
        scope: Scope::Client,
        description: "How the client secret is sent. `auto` begins with `client_secret_basic`, turns to \
            `client_secret_post` when the answer is `invalid_client`, and keeps what worked."
    }
    TOKEN_TIMEOUT {
        name: "tokenTimeout",
        kind: Kind::seconds(1),
        default: Some("30"),
        scope: Scope::Client,
        description: "For the whole token request."
    }
    PRINCIPAL {
        name: "principal",
        default: Some("anonymous"),
        scope: Scope::Client,
        description: "User name of HTTP Basic authentication; unused with `tokenEndpoint`."
    }
    PASSWORD {
        name: "password",
        kind: Kind::Secret,
        default: Some("changeit"),
        scope: Scope::Client,
        file: Some(&PASSWORD_FILE),
        description: "Password of HTTP Basic authentication; unused with `tokenEndpoint`."
    }
    PASSWORD_FILE {
        name: "passwordFile",
        kind: Kind::Path,
        scope: Scope::Client,
        description: "File with the password, in place of `password`."
    }
}

group! {
    PROXY, "Proxy",
    "An HTTP proxy that is used for links (with `CONNECT`) and for token requests.",
    PROXY_HOST {
        name: "proxyHost",
        kind: Kind::Host,
        scope: Scope::Client,
        example: "proxy.example.com",
        description: "The proxy's host. Without it there is no proxy."
    }
    PROXY_PORT {
        name: "proxyPort",
        kind: Kind::PORT,
        default: Some("80"),
        scope: Scope::Client,
        description: "The proxy's port."
    }
    PROXY_PRINCIPAL {
        name: "proxyPrincipal",
        scope: Scope::Client,
        description: "User name at the proxy; goes with `proxyPassword`."
    }
    PROXY_PASSWORD {
        name: "proxyPassword",
        kind: Kind::Secret,
        scope: Scope::Client,
        file: Some(&PROXY_PASSWORD_FILE),
        description: "Password at the proxy; goes with `proxyPrincipal`."
    }
    PROXY_PASSWORD_FILE {
        name: "proxyPasswordFile",
        kind: Kind::Path,
        scope: Scope::Client,
        description: "File with that password, in place of `proxyPassword`."
    }
}

group! {
    UPGRADE, "Upgrade request",
    "Where the tenant expects the server's name in the upgrade request is not public. `auto` finds the place; these \
     keys fix it.",
    NAME_PLACEMENT {
        name: "namePlacement",
        kind: Kind::Placement,
        default: Some("auto"),
        scope: Scope::Client,
        description: "Where the request carries `connectorServerName`. `auto` tries \
            `query:connectorServerName`, `header:connectorServerName`, \
            `header:x-openicf-connector-server-name` and `path`, one for each attempt and only after the answer 403; \
            the place that worked is kept for the life of the process and logged."
    }
    HOST_ID_PLACEMENT {
        name: "hostIdPlacement",
        kind: Kind::Placement,
        default: Some("auto"),
        scope: Scope::Client,
        description: "Where the request carries `hostId`."
    }
    UPGRADE_HEADERS {
        name: "upgradeHeaders",
        kind: Kind::Pairs,
        scope: Scope::Client,
        example: "x-site=vienna",
        description: "Headers added to every upgrade request. `${connectorServerName}` and `${hostId}` are replaced."
    }
    UPGRADE_PARAMETERS {
        name: "upgradeParameters",
        kind: Kind::Pairs,
        scope: Scope::Client,
        example: "site=vienna",
        description: "Query parameters added to every upgrade request, with the same placeholders."
    }
}
