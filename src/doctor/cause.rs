//! Every cause that the doctor knows: its code, what is likely behind it, and what to do next. docs/troubleshooting.md
//! speaks of each; a test compares.

/// The table: the name here, the code outside, what is likely, the next step.
macro_rules! causes {
    ($($name:ident $code:literal: $likely:literal, $next:literal;)*) => {
        /// Why a step did not go as it should.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Cause {
            $(#[doc = $likely] $name,)*
        }

        impl Cause {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word that machines and the documentation know it by.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What is likely behind it.
            #[must_use]
            pub const fn likely(self) -> &'static str {
                match self { $(Self::$name => $likely,)* }
            }

            /// What to do.
            #[must_use]
            pub const fn next(self) -> &'static str {
                match self { $(Self::$name => $next,)* }
            }
        }
    };
}

causes! {
    Configuration "configuration":
        "the configuration is not sound",
        "follow the line above; `rcs check` lists all findings and the values that take effect";
    KeyHash "key-hash":
        "connectorserver.key was not made by the recipe of connector servers: SHA-1 over UTF-16, in Base64",
        "run `rcs set-key`, which writes the right hash";
    StorePassword "store-password":
        "the password does not open the store",
        "set the password that the store was made with, or make the store anew";
    Store "store":
        "the store cannot be used",
        "list it with `keytool -list` to see what is in it, and check that this user can read it";
    Certificate "certificate-ends":
        "a certificate in a store has ended, ends soon or has not begun",
        "replace it; if the dates are right, set this machine's clock";
    PortTaken "port-taken":
        "another process has the port",
        "stop it (`ss -ltnp` shows which), or set another port";
    PortForbidden "port-forbidden":
        "this user may not listen on that port",
        "set a port above 1023, or grant CAP_NET_BIND_SERVICE";
    Interface "interface":
        "this machine does not have the address in connectorserver.ifaddress",
        "set ifaddress to one that `ip address` shows, or remove it";
    Listener "listener":
        "the listener cannot be set up",
        "follow the message above";
    KeyDiffers "key-differs":
        "the key is another one than that whose hash is in connectorserver.key",
        "run `rcs set-key` with the key that the tenant has in its entry for this server";
    KeyRecipe "key-recipe":
        "connectorserver.key is the hash of this very key by another recipe: over UTF-8 instead of UTF-16",
        "run `rcs set-key`, which writes the right hash";
    NameUnknown "name-unknown":
        "the host name in the URL has no address",
        "correct the name, or this machine's DNS; where only a proxy can resolve it, set proxyHost";
    NameSilent "name-silent":
        "no DNS server answers",
        "check /etc/resolv.conf and that port 53 is open";
    ProxyName "proxy-name":
        "the name in proxyHost has no address",
        "correct proxyHost, or this machine's DNS";
    ProxyClosed "proxy-closed":
        "nothing accepts connections at proxyHost and proxyPort",
        "correct them, or start the proxy";
    ProxyWantsCredentials "proxy-wants-credentials":
        "the proxy demands credentials and none are configured",
        "set proxyPrincipal and proxyPassword (or proxyPasswordFile)";
    ProxyRefusesCredentials "proxy-refuses-credentials":
        "the proxy does not accept proxyPrincipal and proxyPassword, or wants another scheme than Basic",
        "correct them with the proxy's administrator";
    ProxyForbids "proxy-forbids":
        "the proxy does not allow tunnels to this host and port",
        "have the proxy's administrator allow CONNECT to it";
    ProxyCannotReach "proxy-cannot-reach":
        "the proxy itself cannot reach the host",
        "check the host name, and the proxy's own way out";
    ProxyWrong "proxy-wrong":
        "what answers at proxyHost and proxyPort is not a working HTTP proxy",
        "correct proxyHost and proxyPort";
    ProxySilent "proxy-silent":
        "the proxy accepts connections and does not answer",
        "check the proxy, and that proxyPort is that of its HTTP side";
    PortClosed "port-closed":
        "nothing listens on that port of the host",
        "correct host and port of the URL, or start what should listen there";
    Unreachable "unreachable":
        "no address of the host answers: a firewall or a route",
        "have the way out to this host and port opened; if there is a proxy, set proxyHost";
    AuthorityUnknown "authority-unknown":
        "the certificate's authority is not trusted: a private one, or a proxy that opens TLS",
        "import the issuer shown above into trustStoreFile (`keytool -importcert`)";
    AuthorityOther "authority-other":
        "the authority has the name of a trusted one and another key: it was made anew",
        "import the present one into trustStoreFile";
    CertificateName "certificate-name":
        "the certificate is for other names than the one in the URL",
        "use a name that it holds in the URL, or have it issued for this one";
    CertificateNoName "certificate-no-san":
        "the certificate has no subject alternative name; its common name does not count",
        "have it issued with the host name as subject alternative name";
    CertificateExpired "certificate-expired":
        "the certificate has ended; or this machine's clock is ahead",
        "have it renewed; compare this machine's clock with the dates above";
    Clock "clock":
        "the certificate has not begun yet: this machine's clock is behind",
        "set the clock, and keep it right with NTP";
    CertificateUnusable "certificate-unusable":
        "the certificate cannot be verified",
        "to trust it as it is, import it itself into trustStoreFile";
    ClientCertificate "client-certificate":
        "the host demands a client certificate, or does not accept the one shown",
        "set keyStoreFile to a key whose certificate it trusts";
    NotTls "not-tls":
        "what listens there does not speak TLS",
        "correct the port, or write ws instead of wss if there is no TLS on purpose";
    TlsVersions "tls-versions":
        "the host has no TLS version or algorithm in common with this server, which speaks 1.2 and 1.3",
        "update the host, or go through something that speaks TLS 1.2";
    TlsBroken "tls-broken":
        "something ends the TLS handshake",
        "check that the URL leads to the tenant, and what is on the way: firewalls that look into TLS do this";
    TlsSilent "tls-silent":
        "the host accepts connections and does not answer the TLS handshake",
        "check the port, and what is on the way";
    TokenClient "token-client":
        "the token endpoint does not know the client or its secret: clientId, clientSecret, or the client's authentication method",
        "compare clientId with the tenant's OAuth 2.0 client, set its secret anew in both places, and mind trailing blanks";
    TokenScope "token-scope":
        "the client may not ask for this scope",
        "add it (usually fr:idm:*) to the client's scopes at the tenant, or correct connectorserver.scope";
    TokenGrant "token-grant":
        "the client may not use the grant type client_credentials",
        "add Client Credentials to the client's grant types at the tenant";
    TokenEndpoint "token-endpoint":
        "the URL in tokenEndpoint is not that of an access_token endpoint",
        "for PingOne Advanced Identity Cloud: https://<tenant>/am/oauth2/realms/root/realms/alpha/access_token";
    TokenSilent "token-silent":
        "the token endpoint does not answer in time",
        "check that it is up; raise connectorserver.tokenTimeout if it is slow";
    TokenUnreachable "token-unreachable":
        "the token endpoint cannot be reached",
        "check its host and port, DNS, proxy and firewalls";
    TokenTls "token-tls":
        "no TLS with the token endpoint",
        "as for the tenant: authority, name, dates of its certificate; trustStoreFile must vouch for it, too";
    TokenServer "token-server":
        "the token endpoint has a fault of its own",
        "wait, and ask the tenant's operator";
    TokenRefused "token-refused":
        "the token endpoint refuses the request",
        "follow what it answered";
    Unauthorized "unauthorized":
        "the tenant does not accept the access token: of another realm, without the scope, or the clocks differ",
        "compare the realm in tokenEndpoint with the tenant's, check scope and clock";
    PasswordRefused "password-refused":
        "the tenant does not accept principal and password",
        "correct them; a tenant in the cloud wants tokenEndpoint, clientId and clientSecret instead";
    NotAdmitted "not-admitted":
        "the tenant knows who asks and does not admit it: the server's name is not registered or not enabled there, an access rule excludes it, or the client id is not mapped to a role",
        "register connectorServerName at the tenant, letter for letter; check access rules for openicf; map the client id in rsFilter's staticUserMapping to a role such as rcsclient-authorized";
    NoEndpoint "no-endpoint":
        "there is no connector endpoint at this path",
        "correct the URL's path: /openicf/0, /openicf/1, /openicf/2 in the cloud, /openicf at an IDM of one's own";
    Redirected "redirected":
        "the endpoint has moved",
        "put the address it points to into connectorserver.url";
    NoWebSocket "no-websocket":
        "what answers there is no connector endpoint, or something on the way takes the upgrade out",
        "correct the URL; let proxies and load balancers pass WebSocket";
    TlsExpected "tls-expected":
        "that port speaks TLS, and the URL says ws",
        "write wss instead of ws";
    TenantBusy "tenant-busy":
        "the fault is on the tenant's side",
        "wait; the server tries again by itself. If it stays, ask the tenant's operator";
    UpgradeRefused "upgrade-refused":
        "the tenant refuses the upgrade",
        "follow what it answered";
    UpgradeSilent "upgrade-silent":
        "the tenant takes the request and does not answer; the Java framework does so when it does not know the client",
        "map the client id in rsFilter's staticUserMapping to a role such as rcsclient-authorized";
    UpgradeBroken "upgrade-broken":
        "the connection ends within the upgrade",
        "look for proxies and load balancers that do not pass WebSocket";
    HandshakeSilent "handshake-silent":
        "the tenant accepts the link and does not introduce itself: its openicf service hangs, or something else answers there",
        "check the URL, restart the tenant's openicf service; the server tries again by itself";
    HandshakeEnded "handshake-ended":
        "the tenant ends the link instead of introducing itself",
        "look into the tenant's log at this time";
    ListNotAsked "list-not-asked":
        "the tenant never asks for the connectors, so it will show none",
        "check that the entry for this server is enabled at the tenant; look into its log";
    ListNotRead "list-not-read":
        "the tenant asked for the connectors and does not read the answer: it may be larger than the tenant accepts",
        "raise the message size of the tenant's openicf endpoint, or set connectorserver.bundleNames so that fewer are offered";
    HostIdTwice "host-id-twice":
        "two servers claim the same hostId under the same name, so the tenant takes them for one",
        "give each its own connectorserver.hostId";
    OtherServer "other-server":
        "another server has the place in connectorserver.adminListen",
        "give each server its own adminListen";
    ServerNotReady "server-not-ready":
        "the server runs and is not ready",
        "see what it misses above, and the other parts of this report";
    ServerSilent "server-silent":
        "no server answers there",
        "check the place given with --peer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_trouble_has_a_row_for_every_cause() {
        let page = include_str!("../../docs/troubleshooting.md");
        for cause in Cause::ALL {
            let row = format!("| `{}` | {} | {} |", cause.code(), cause.likely(), cause.next());
            assert!(page.contains(&row), "docs/troubleshooting.md lacks this row:\n{row}");
        }
    }
}
