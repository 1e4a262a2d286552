//! Where a server is, and LDAP URLs (RFC 4516).

use std::fmt;

use percent_encoding::percent_decode_str;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// Name or IP address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS from the first byte.
    pub(crate) tls: bool,
}

/// What an LDAP URL says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LdapUrl {
    /// None if the URL leaves the server open.
    pub(crate) address: Option<Address>,
    pub(crate) dn: String,
    /// `base`, `one` or `sub`; none if the URL does not say.
    pub(crate) scope: Option<String>,
    pub(crate) filter: Option<String>,
}

impl Address {
    /// The server of a URL; `tls` is what `ldap://` means here. Only host and port matter.
    pub(crate) fn parse(url: &str, tls: bool) -> Option<Self> {
        LdapUrl::parse(url, tls)?.address
    }
}

impl LdapUrl {
    /// Reads a URL.
    pub(crate) fn parse(url: &str, tls: bool) -> Option<Self> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "ldap" => tls,
            "ldaps" => true,
            _ => return None,
        };
        let (server, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut parts = path.split('?').map(decoded);
        let dn = parts.next().flatten()?;
        let _attributes = parts.next();
        let mut part = || Some(parts.next().flatten()).map(|part| part.filter(|text| !text.is_empty()));
        let scope = part()?.map(|scope| scope.to_ascii_lowercase());
        let filter = part()?;
        let address = if server.is_empty() { None } else { Some(Self::server(server, tls, scheme)?) };
        Some(Self { address, dn, scope, filter })
    }

    fn server(server: &str, tls: bool, scheme: &str) -> Option<Address> {
        let usual = if scheme.eq_ignore_ascii_case("ldaps") { 636 } else { 389 };
        let (host, port) = match server.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                (host, rest.strip_prefix(':'))
            }
            None => match server.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (server, None),
            },
        };
        let port = match port.filter(|port| !port.is_empty()) {
            None => usual,
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        };
        let host = decoded(host)?;
        (!host.is_empty()).then_some(Address { host, port, tls })
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "ldaps" } else { "ldap" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_with_their_defaults() {
        let address = |url| Address::parse(url, false).map(|address| address.to_string());
        assert_eq!(address("ldap://a.example").as_deref(), Some("ldap://a.example:389"));
        assert_eq!(address("LDAPS://a.example/").as_deref(), Some("ldaps://a.example:636"));
        assert_eq!(address("ldap://[::1]:3890/dc=x").as_deref(), Some("ldap://[::1]:3890"));
        assert_eq!(Address::parse("ldap://a", true).map(|a| a.tls), Some(true));
        for url in ["a.example", "http://a", "ldap://a:0", "ldap://a:x", "ldap://", "ldap://[::1"] {
            assert_eq!(address(url), None, "{url}");
        }
    }

    #[test]
    fn parts_of_a_referral_are_decoded() {
        let url = LdapUrl::parse("ldap://h/ou=a%2c%20b,dc=x??one?(cn=%2a)", false).unwrap();
        assert_eq!(url.dn, "ou=a, b,dc=x");
        assert_eq!((url.scope.as_deref(), url.filter.as_deref()), (Some("one"), Some("(cn=*)")));
        let bare = LdapUrl::parse("ldap:///dc=x", false).unwrap();
        assert_eq!((bare.address, bare.scope), (None, None));
    }
}
