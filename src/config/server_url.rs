//! The address of a tenant's connector endpoint.

use std::fmt;

use url::Url;

/// A WebSocket URL with its port made explicit, without user name and without fragment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerUrl {
    tls: bool,
    host: String,
    port: u16,
    path_and_query: String,
}

/// Why a text is not the address of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerUrlError {
    /// The text is not a URL.
    #[error("not a URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// The URL has a scheme other than the four allowed ones.
    #[error("the scheme `{0}` is none of wss, ws, https, http")]
    Scheme(String),
    /// There is no host to connect to.
    #[error("there is no host name")]
    NoHost,
    /// User name or password in the URL.
    #[error("user name and password do not belong into the URL")]
    Credentials,
    /// Text after a `#`.
    #[error("a fragment (`#...`) has no meaning here")]
    Fragment,
}

impl ServerUrl {
    /// Reads one URL. `https` counts as `wss`, `http` as `ws`; ports default to 443 and 80. A lone `#` at the end,
    /// as Java servers print it in their log, is tolerated.
    ///
    /// # Errors
    ///
    /// See [`ServerUrlError`].
    pub fn parse(text: &str) -> Result<Self, ServerUrlError> {
        let url = Url::parse(text)?;
        let tls = match url.scheme() {
            "wss" | "https" => true,
            "ws" | "http" => false,
            other => return Err(ServerUrlError::Scheme(other.to_owned())),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ServerUrlError::Credentials);
        }
        if url.fragment().is_some_and(|fragment| !fragment.is_empty()) {
            return Err(ServerUrlError::Fragment);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ServerUrlError::NoHost)?;
        let port = url.port().unwrap_or(if tls { 443 } else { 80 });
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { tls, host: host.to_owned(), port, path_and_query: format!("{}{query}", url.path()) })
    }

    /// The same address with TLS.
    #[must_use]
    pub fn with_tls(&self) -> Self {
        Self { tls: true, ..self.clone() }
    }

    /// Whether the link is protected by TLS.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.tls
    }

    /// Host name or address; an IPv6 address stands in brackets, as the `Host` header and `CONNECT` want it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path, beginning with `/`, and query string, percent-encoded.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Whether the host is this machine, so that nobody else reads what is sent without TLS.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// Scheme, host, explicit port and path, for example `wss://tenant.example.com:443/openicf/0`.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "wss" } else { "ws" };
        write!(f, "{scheme}://{}:{}{}", self.host, self.port, self.path_and_query)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a host, with or without brackets, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_made_explicit() {
        for (text, shown) in [
            ("wss://tenant.example.com/openicf/0", "wss://tenant.example.com:443/openicf/0"),
            ("https://h/openicf", "wss://h:443/openicf"),
            ("ws://h/openicf", "ws://h:80/openicf"),
            ("http://h:8080/openicf?a=b", "ws://h:8080/openicf?a=b"),
            ("wss://h:443/openicf/0#", "wss://h:443/openicf/0"),
            ("ws://[::1]:8080/openicf", "ws://[::1]:8080/openicf"),
            ("wss://h", "wss://h:443/"),
        ] {
            assert_eq!(ServerUrl::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_tenant_is_refused() {
        for (text, error) in [
            ("tenant.example.com/openicf", ServerUrlError::Syntax(url::ParseError::RelativeUrlWithoutBase)),
            ("ftp://h/", ServerUrlError::Scheme("ftp".to_owned())),
            ("wss://user:pass@h/openicf", ServerUrlError::Credentials),
            ("wss://h/openicf#x", ServerUrlError::Fragment),
        ] {
            assert_eq!(ServerUrl::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn loopback() {
        for (text, expected) in [
            ("ws://127.0.0.1/", true),
            ("ws://[::1]/", true),
            ("ws://LOCALHOST/", true),
            ("ws://10.0.0.1/", false),
        ] {
            assert_eq!(ServerUrl::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
