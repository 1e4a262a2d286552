//! Values with a grammar of their own.

use std::path::PathBuf;
use std::str::FromStr;

use super::reading::Complaint;
use crate::config::server_url::ServerUrl;
use crate::config::settings::{AdminListen, Placement};

/// Tenant URLs, separated by blanks or commas.
pub(super) fn urls(text: &str) -> Result<Vec<ServerUrl>, Complaint> {
    let mut urls: Vec<ServerUrl> = Vec::new();
    for part in text.split(|separator: char| separator == ',' || separator.is_whitespace()) {
        if part.is_empty() {
            continue;
        }
        let url = ServerUrl::parse(part).map_err(|error| {
            // A URL with a password in it must not be repeated.
            let shown = if part.contains('@') { "a URL" } else { part };
            Complaint::new(format!("`{shown}`: {error}"), "write it like wss://tenant.example.com/openicf/0")
        })?;
        if urls.contains(&url) {
            return Err(Complaint::new(format!("`{url}` stands in the list twice"), "remove one of the two"));
        }
        urls.push(url);
    }
    Ok(urls)
}

/// The token endpoint.
pub(super) fn endpoint(text: &str) -> Result<url::Url, Complaint> {
    let remedy = "write it like https://tenant.example.com/am/oauth2/realms/root/realms/alpha/access_token";
    let url = url::Url::parse(text).map_err(|error| Complaint::new(format!("not a URL: {error}"), remedy))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Complaint::new(format!("the scheme `{}` is not https", url.scheme()), remedy));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let remedy = "use connectorserver.clientId and connectorserver.clientSecret";
        return Err(Complaint::new("user name and password do not belong into the URL", remedy));
    }
    Ok(url)
}

/// A place in the upgrade request.
pub(super) fn placement(text: &str) -> Result<Placement, Complaint> {
    let complaint = |message: String| {
        Complaint::new(message, "use `auto`, `query:<name>`, `header:<name>`, `path` or `none`")
    };
    match text.split_once(':') {
        None if text == "auto" => Ok(Placement::Auto),
        None if text == "path" => Ok(Placement::Path),
        None if text == "none" => Ok(Placement::None),
        Some(("query", name)) if !name.is_empty() => Ok(Placement::Query(name.to_owned())),
        Some(("header", name)) => {
            header_name(name)?;
            Ok(Placement::Header(name.to_owned()))
        }
        _ => Err(complaint(format!("`{text}` is not a place in the upgrade request"))),
    }
}

/// `name=value` pairs, separated by line ends or `;`.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, Complaint> {
    text.split(['\n', '\r', ';'])
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(Complaint::new(format!("`{pair}` is not a pair"), "write name=value; name=value")),
        })
        .collect()
}

/// Headers for the upgrade request: those that the WebSocket handshake and the authentication need are not to be
/// set by hand.
pub(super) fn headers(text: &str) -> Result<Vec<(String, String)>, Complaint> {
    let headers = pairs(text)?;
    for (name, value) in &headers {
        header_name(name)?;
        if !value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
            let message =
                format!("the value of the header `{name}` has characters that a header cannot carry");
            return Err(Complaint::new(message, "use printable ASCII characters"));
        }
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<(), Complaint> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Complaint::new(
            format!("`{name}` is not the name of a header"),
            "use letters, digits and hyphens",
        ));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("sec-websocket-") || RESERVED_HEADERS.contains(&lower.as_str()) {
        return Err(Complaint::new(
            format!("the header `{name}` is set by the server itself"),
            "use another header",
        ));
    }
    Ok(())
}

/// Replaces the placeholders of upgrade headers and parameters.
pub(super) fn replace_placeholders(
    pairs: &mut [(String, String)],
    name: &str,
    host_id: &str,
) -> Result<(), Complaint> {
    for (_, value) in pairs {
        *value = value.replace("${connectorServerName}", name).replace("${hostId}", host_id);
        if let Some((_, rest)) = value.split_once("${") {
            let placeholder = rest.split('}').next().unwrap_or_default();
            return Err(Complaint::new(
                format!("`${{{placeholder}}}` is not a placeholder"),
                "use ${connectorServerName} or ${hostId}",
            ));
        }
    }
    Ok(())
}

/// As in the properties file, but for relative paths, which start at the current directory.
impl FromStr for AdminListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        listen(text).map_err(|Complaint { message, remedy }| format!("{message}; {remedy}"))
    }
}

/// `host:port`, `unix:path` or `off`.
pub(super) fn listen(text: &str) -> Result<AdminListen, Complaint> {
    if text == "off" {
        return Ok(AdminListen::Off);
    }
    if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Ok(AdminListen::Unix(PathBuf::from(path)));
    }
    let complaint = || {
        Complaint::new(
            format!("`{text}` is not an address to listen on"),
            "use `<host>:<port>`, `unix:<path>` or `off`",
        )
    };
    let (host, port) = text.rsplit_once(':').ok_or_else(complaint)?;
    let host = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']').ok_or_else(complaint)?,
        None if host.contains(':') => return Err(complaint()),
        None => host,
    };
    let port = port.parse().map_err(|_| complaint())?;
    Ok(AdminListen::Tcp { host: self::host(host)?, port })
}

/// A host name or an IP address without brackets.
pub(super) fn host(text: &str) -> Result<String, Complaint> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte);
    if text.is_empty() || !text.bytes().all(allowed) {
        return Err(Complaint::new(
            format!("`{text}` is neither a host name nor an IP address"),
            "write it like host.example.com or 192.0.2.1, without scheme and port",
        ));
    }
    Ok(text.to_owned())
}

/// A version as connectors have it.
pub(super) fn version(text: &str) -> Result<String, Complaint> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.bytes().all(allowed) {
        return Err(Complaint::new(format!("`{text}` is not a version"), "write it like 1.5.20.31"));
    }
    Ok(text.to_owned())
}

const RESERVED_HEADERS: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "proxy-authorization",
    "transfer-encoding",
    "upgrade",
];
