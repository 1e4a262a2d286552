//! From an HTTP request to a verb on a path.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use icf::GuardedString;
use percent_encoding::percent_decode_str;
use rand::RngExt;
use serde_json::Value as Json;

use super::path::split_path;
use super::query_request::{self, QueryRequest};
use super::{CrestError, Parameters, Pointer};

/// A REST request, understood.
#[derive(Debug)]
pub(crate) struct Request {
    /// What to do.
    pub(crate) verb: Verb,
    /// Decoded segments behind `/openidm`.
    pub(crate) path: Vec<String>,
    /// Members that the answer shows.
    pub(crate) fields: Vec<Pointer>,
    /// Query parameters.
    pub(crate) parameters: Parameters,
    /// The body; always there where the verb needs one.
    pub(crate) content: Option<Json>,
    /// What else the request carries.
    pub(crate) context: Context,
}

/// What a request does.
#[derive(Clone, Debug)]
pub(crate) enum Verb {
    /// `GET`; answers 304 if the resource still has this revision.
    Read { if_none_match: Option<String> },
    /// `GET` with a query.
    Query(QueryRequest),
    /// `POST` of a new resource.
    Create,
    /// `PUT`.
    Put(PutMode),
    /// `PATCH`, at a revision.
    Patch { revision: Option<String> },
    /// `DELETE`, at a revision.
    Delete { revision: Option<String> },
    /// `POST` of an action.
    Action(String),
}

/// What a `PUT` demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PutMode {
    /// The resource must be new.
    Create,
    /// The resource must exist, at that revision if one is given.
    Update { revision: Option<String> },
    /// Either.
    Upsert,
}

/// What goes with a request into the operations it causes.
#[derive(Debug)]
pub(crate) struct Context {
    /// Node asked for by header.
    pub(crate) node: Option<usize>,
    /// Password of the person on whose behalf the request is made.
    pub(crate) reauth_password: Option<GuardedString>,
    transaction: String,
    operations: AtomicU32,
}

impl Context {
    /// The context of work that no request caused.
    pub(crate) fn internal() -> Self {
        Self::from_headers(&HeaderMap::new())
    }

    fn from_headers(headers: &HeaderMap) -> Self {
        let transaction = header_text(headers, "X-ForgeRock-TransactionId").filter(|id| !id.is_empty());
        Self {
            node: header_text(headers, "X-Tenant-Node").and_then(|node| node.parse().ok()),
            reauth_password: header_text(headers, "X-OpenIDM-Reauth-Password")
                .map(|value| GuardedString::new(&value)),
            transaction: transaction.unwrap_or_else(|| format!("{:032x}", rand::rng().random::<u128>())),
            operations: AtomicU32::new(0),
        }
    }

    /// The transaction id of the next operation.
    pub(crate) fn next_transaction(&self) -> String {
        format!("{}/0/{}", self.transaction, self.operations.fetch_add(1, Ordering::Relaxed))
    }
}

impl Request {
    /// Understands a request; `path` is its raw path behind `/openidm`.
    pub(crate) fn read(parts: &Parts, path: &str, body: &[u8]) -> Result<Self, CrestError> {
        let headers = &parts.headers;
        let protocol = protocol(headers)?;
        let parameters = Parameters::parse(parts.uri.query());
        for name in ["If-Modified-Since", "If-Unmodified-Since"] {
            if headers.contains_key(name) {
                return Err(CrestError::conflict(format!("Header '{name}' is not supported")));
            }
        }
        let verb = verb(parts, &parameters, protocol)?;
        let mut fields = Vec::new();
        for list in parameters.all("_fields") {
            for field in list.split(',').map(str::trim) {
                fields.push(Pointer::parse(field)?);
            }
        }
        let content = content(&verb, headers, body)?;
        let context = Context::from_headers(headers);
        Ok(Self { verb, path: split_path(path)?, fields, parameters, content, context })
    }

    /// The body, or an empty object where the verb may come without.
    pub(crate) fn content(&self) -> Json {
        self.content.clone().unwrap_or_else(|| Json::Object(serde_json::Map::new()))
    }
}

/// Version 1 or 2 of the REST protocol.
fn protocol(headers: &HeaderMap) -> Result<u32, CrestError> {
    let Some(text) = header_text(headers, "Accept-API-Version") else { return Ok(2) };
    let malformed = || {
        CrestError::bad_request(format!(
            "Accept-API-Version '{text}' is not valid: write protocol=2.1,resource=1.0"
        ))
    };
    let mut protocol = (2, 1);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, version) = part.split_once('=').ok_or_else(malformed)?;
        let (major, minor) = version.trim().split_once('.').unwrap_or_else(|| (version.trim(), "0"));
        let version = (major.parse::<u32>(), minor.parse::<u32>());
        let (Ok(major), Ok(minor)) = version else { return Err(malformed()) };
        if name.trim().eq_ignore_ascii_case("protocol") {
            protocol = (major, minor);
        }
    }
    if protocol > (2, 1) {
        let (major, minor) = protocol;
        return Err(CrestError::bad_request(format!("Unsupported protocol version: {major}.{minor}")));
    }
    Ok(protocol.0)
}

fn verb(parts: &Parts, parameters: &Parameters, protocol: u32) -> Result<Verb, CrestError> {
    let headers = &parts.headers;
    let if_match = header_text(headers, "If-Match");
    let if_none_match = header_text(headers, "If-None-Match");
    let no = |present: &Option<String>, name: &str| match present {
        None => Ok(()),
        Some(_) => Err(CrestError::precondition_failed(format!("{name} not supported for this request"))),
    };
    let overridden = header_text(headers, "X-HTTP-Method-Override").filter(|_| parts.method == Method::POST);
    let method = overridden.unwrap_or_else(|| parts.method.as_str().to_owned()).to_ascii_uppercase();
    let known = |names: &[&str]| parameters.check(names);
    match method.as_str() {
        "GET" => {
            no(&if_match, "If-Match")?;
            if ["_queryFilter", "_queryId", "_queryExpression"]
                .iter()
                .any(|name| parameters.get(name).is_some())
            {
                no(&if_none_match, "If-None-Match")?;
                known(&query_request::PARAMETERS)?;
                return QueryRequest::parse(parameters).map(Verb::Query);
            }
            known(&[])?;
            Ok(Verb::Read { if_none_match: if_none_match.and_then(|tag| revision(&tag)) })
        }
        "POST" => {
            no(&if_match, "If-Match")?;
            no(&if_none_match, "If-None-Match")?;
            known(&["_action", "_scriptId"])?;
            match parameters.get("_action") {
                None => Ok(Verb::Create),
                Some(action) if action.eq_ignore_ascii_case("create") => Ok(Verb::Create),
                Some(action) => Ok(Verb::Action(action.to_owned())),
            }
        }
        "PUT" => {
            known(&[])?;
            match (if_none_match.as_deref(), if_match) {
                (Some("*"), _) => Ok(Verb::Put(PutMode::Create)),
                (Some(other), _) => Err(CrestError::bad_request(format!(
                    "\"{other}\" is not a supported value for If-None-Match on PUT"
                ))),
                (None, Some(tag)) => Ok(Verb::Put(PutMode::Update { revision: revision(&tag) })),
                (None, None) if protocol == 1 => Ok(Verb::Put(PutMode::Update { revision: None })),
                (None, None) => Ok(Verb::Put(PutMode::Upsert)),
            }
        }
        "PATCH" | "DELETE" => {
            known(&[])?;
            no(&if_none_match, "If-None-Match")?;
            let revision = if_match.and_then(|tag| revision(&tag));
            Ok(if method == "PATCH" { Verb::Patch { revision } } else { Verb::Delete { revision } })
        }
        other => Err(CrestError::not_implemented(format!("Method not implemented: {other}"))),
    }
}

/// The revision in an entity tag; `*` is none.
fn revision(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    (tag != "*" && !tag.is_empty()).then(|| tag.to_owned())
}

fn content(verb: &Verb, headers: &HeaderMap, body: &[u8]) -> Result<Option<Json>, CrestError> {
    let required = match verb {
        Verb::Read { .. } | Verb::Query(_) | Verb::Delete { .. } => return Ok(None),
        Verb::Action(_) => false,
        Verb::Create | Verb::Put(_) | Verb::Patch { .. } => true,
    };
    if body.is_empty() && !required {
        return Ok(None);
    }
    check_content_type(headers)?;
    let refuse = |what: &str| {
        CrestError::bad_request(format!(
            "The request could not be processed because the provided content is not {what}"
        ))
    };
    let content: Json = serde_json::from_slice(body).map_err(|_| refuse("valid JSON"))?;
    let wants_array = matches!(verb, Verb::Patch { .. });
    match &content {
        Json::Array(_) if wants_array => Ok(Some(content)),
        Json::Object(_) if !wants_array => Ok(Some(content)),
        _ if wants_array => Err(refuse("a JSON array")),
        _ => Err(refuse("a JSON object")),
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), CrestError> {
    let text = header_text(headers, "Content-Type").unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.filter(|part| !part.is_empty()).all(|part| {
        let charset = part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        charset.is_none_or(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
    });
    if is_json && utf8 {
        return Ok(());
    }
    Err(CrestError::bad_request(format!(
        "The request could not be processed because it specified the content-type '{text}' when only the \
         content-type 'application/json' is supported"
    )))
}

/// The text of a header, `UTF-8''…` of RFC 5987 decoded.
pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned();
    let extended = text.get(..5).filter(|charset| charset.eq_ignore_ascii_case("utf-8")).and_then(|_| {
        let (_language, encoded) = text.get(5..)?.strip_prefix('\'')?.split_once('\'')?;
        percent_decode_str(encoded).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    });
    Some(extended.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use axum::http::Request as HttpRequest;

    use super::*;

    fn read(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Result<Request, CrestError> {
        let mut request = HttpRequest::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let path = parts.uri.path().to_owned();
        Request::read(&parts, &path, body.as_bytes())
    }

    const JSON: (&str, &str) = ("Content-Type", "application/json; charset=UTF-8");

    fn status(result: Result<Request, CrestError>) -> u16 {
        result.err().map_or(200, |error| error.status.as_u16())
    }

    #[test]
    fn put_headers_choose_the_mode() {
        let mode = |headers: &[(&str, &str)]| {
            let mut all = vec![JSON];
            all.extend(headers);
            match read("PUT", "/x/1", &all, "{}").unwrap().verb {
                Verb::Put(mode) => mode,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(mode(&[]), PutMode::Upsert);
        assert_eq!(mode(&[("If-None-Match", "*")]), PutMode::Create);
        assert_eq!(mode(&[("If-Match", "*")]), PutMode::Update { revision: None });
        assert_eq!(mode(&[("If-Match", "\"7\"")]), PutMode::Update { revision: Some("7".to_owned()) });
        assert_eq!(mode(&[("Accept-API-Version", "protocol=1.0")]), PutMode::Update { revision: None });
        assert_eq!(status(read("PUT", "/x/1", &[JSON, ("If-None-Match", "\"7\"")], "{}")), 400);
    }

    #[test]
    fn preconditions_stand_only_where_they_belong() {
        assert_eq!(status(read("GET", "/x", &[("If-Match", "*")], "")), 412);
        assert_eq!(status(read("POST", "/x", &[JSON, ("If-None-Match", "*")], "{}")), 412);
        assert_eq!(status(read("DELETE", "/x", &[("If-None-Match", "*")], "")), 412);
        assert_eq!(status(read("GET", "/x", &[("If-Modified-Since", "x")], "")), 409);
        assert_eq!(status(read("GET", "/x", &[("If-None-Match", "\"1\"")], "")), 200);
    }

    #[test]
    fn bodies_must_be_what_the_verb_needs() {
        assert_eq!(status(read("POST", "/x", &[], "{}")), 400, "no content type");
        assert_eq!(status(read("POST", "/x", &[JSON], "")), 400, "no body");
        assert_eq!(status(read("POST", "/x", &[JSON], "{} x")), 400, "trailing data");
        assert_eq!(status(read("POST", "/x", &[JSON], "[]")), 400);
        assert_eq!(status(read("PATCH", "/x", &[JSON], "{}")), 400);
        assert_eq!(status(read("PATCH", "/x", &[JSON], "[]")), 200);
        assert_eq!(status(read("POST", "/x?_action=test", &[], "")), 200);
        assert_eq!(
            status(read("POST", "/x", &[("Content-Type", "application/json;charset=latin1")], "{}")),
            400
        );
        assert_eq!(status(read("OPTIONS", "/x", &[], "")), 501);
        assert_eq!(status(read("GET", "/x", &[("Accept-API-Version", "protocol=3.0")], "")), 400);
        assert_eq!(status(read("GET", "/x?_foo=1", &[], "")), 400);
    }

    #[test]
    fn the_method_may_be_overridden_in_a_post() {
        let request = read("POST", "/x/1", &[("X-HTTP-Method-Override", "DELETE")], "").unwrap();
        assert!(matches!(request.verb, Verb::Delete { revision: None }));
    }

    #[test]
    fn extended_header_values_are_decoded() {
        let mut headers = HeaderMap::new();
        headers.insert("a", "UTF-8''p%C3%A4ss".parse().unwrap());
        headers.insert("b", "plain''x".parse().unwrap());
        assert_eq!(header_text(&headers, "a").unwrap(), "päss");
        assert_eq!(header_text(&headers, "b").unwrap(), "plain''x");
    }

    #[test]
    fn transaction_ids_count_up() {
        let request = read("GET", "/x", &[("X-ForgeRock-TransactionId", "tx")], "").unwrap();
        assert_eq!(request.context.next_transaction(), "tx/0/0");
        assert_eq!(request.context.next_transaction(), "tx/0/1");
    }
}
