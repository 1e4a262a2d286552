//! Answers of the REST interface.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value as Json};

use super::{CrestError, encode_segment};

/// Names the class of the ICF exception behind an error.
const EXCEPTION_HEADER: HeaderName = HeaderName::from_static("x-tenant-icf-exception");

/// A successful answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// 200, 201 or 304.
    pub(crate) status: StatusCode,
    /// The resource or result.
    pub(crate) body: Json,
    /// Path of a created resource, for `Location`.
    pub(crate) location: Option<String>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) const fn ok(body: Json) -> Self {
        Self { status: StatusCode::OK, body, location: None }
    }

    /// 201 with the new resource; `path` is its path behind `/openidm`, the parts not encoded.
    pub(crate) fn created<'p>(body: Json, path: impl IntoIterator<Item = &'p str>) -> Self {
        let encoded = path.into_iter().map(encode_segment).collect::<Vec<_>>().join("/");
        Self { status: StatusCode::CREATED, body, location: Some(format!("/openidm/{encoded}")) }
    }

    /// 304 without a body.
    pub(crate) const fn not_modified() -> Self {
        Self { status: StatusCode::NOT_MODIFIED, body: Json::Null, location: None }
    }

    /// The HTTP response.
    pub(crate) fn into_response(self, pretty: bool) -> Response {
        let revision = self.body.get("_rev").and_then(Json::as_str).map(|revision| format!("\"{revision}\""));
        let mut response = if self.status == StatusCode::NOT_MODIFIED {
            Response::new(Body::empty())
        } else {
            json_body(&self.body, pretty)
        };
        *response.status_mut() = self.status;
        if let Some(tag) = revision.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl CrestError {
    /// The HTTP response.
    pub(crate) fn into_response(self, escape: bool, pretty: bool) -> Response {
        let mut response = json_body(&self.body(escape), pretty);
        *response.status_mut() = self.status;
        if let Some(class) = self.exception.and_then(|class| HeaderValue::from_str(&class).ok()) {
            response.headers_mut().insert(EXCEPTION_HEADER, class);
        }
        response
    }
}

fn json_body(body: &Json, pretty: bool) -> Response {
    // A JSON value without exotic map keys always serialises.
    let text = if pretty { serde_json::to_vec_pretty(body) } else { serde_json::to_vec(body) };
    let mut response = Response::new(Body::from(text.unwrap_or_default()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A resource with `_id` first, `_rev` second and everything else as it was.
pub(crate) fn resource(id: &str, revision: Option<&str>, content: Map<String, Json>) -> Json {
    let mut members = Map::new();
    members.insert("_id".to_owned(), id.into());
    if let Some(revision) = revision {
        members.insert("_rev".to_owned(), revision.into());
    }
    members.extend(content.into_iter().filter(|(name, _)| name != "_id" && name != "_rev"));
    Json::Object(members)
}
