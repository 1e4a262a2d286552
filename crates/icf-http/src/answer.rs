//! What came back.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde_json::Value;

use crate::fault::presentable;

/// The answer to a request, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, decompressed, no longer than the request allows.
    pub body: Bytes,
    /// Whether an earlier attempt may have been carried out although no answer to it came.
    pub uncertain: bool,
}

impl Answer {
    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `ETag` header, verbatim.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    /// The `Location` header.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    /// The `Date` header.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.header(&DATE)
    }

    /// The `Retry-After` header.
    #[must_use]
    pub fn retry_after(&self) -> Option<&str> {
        self.header(&RETRY_AFTER)
    }

    /// The body as JSON, if it is that.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        crate::json::parse(&self.body).ok()
    }

    /// What the body is, for a message: its type and its beginning.
    #[must_use]
    pub fn described(&self) -> String {
        let kind = self.header(&CONTENT_TYPE).unwrap_or("no content type");
        let text: String =
            String::from_utf8_lossy(self.body.get(..self.body.len().min(800)).unwrap_or_default())
                .chars()
                .take(200)
                .collect();
        format!("status {}, {kind}: {}", self.status.as_u16(), presentable(&text))
    }
}
