//! The one error of the REST interface: a status, a message, sometimes a detail.

use axum::http::StatusCode;
use serde_json::{Map, Value as Json};

/// A refused or failed REST request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct CrestError {
    /// HTTP status.
    pub status: StatusCode,
    /// Text for the caller, not escaped.
    pub message: String,
    /// Further data.
    pub detail: Option<Box<Json>>,
    /// Class of the ICF exception behind it, told in a header.
    pub exception: Option<String>,
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $status:ident),* $(,)?) => {
        impl CrestError {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(message: impl Into<String>) -> Self {
                Self::new(StatusCode::$status, message)
            })*
        }
    };
}

statuses! {
    /// 400
    bad_request = BAD_REQUEST,
    /// 401
    unauthorized = UNAUTHORIZED,
    /// 403
    forbidden = FORBIDDEN,
    /// 404
    not_found = NOT_FOUND,
    /// 409
    conflict = CONFLICT,
    /// 412
    precondition_failed = PRECONDITION_FAILED,
    /// 500
    internal = INTERNAL_SERVER_ERROR,
    /// 501
    not_implemented = NOT_IMPLEMENTED,
    /// 503
    unavailable = SERVICE_UNAVAILABLE,
}

impl CrestError {
    /// An error of any status.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), detail: None, exception: None }
    }

    /// Adds data.
    #[must_use]
    pub fn with_detail(mut self, detail: Json) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// The error body; `escape` makes the message safe to put into HTML, as AIC does.
    #[must_use]
    pub fn body(&self, escape: bool) -> Json {
        let mut body = Map::new();
        body.insert("code".to_owned(), self.status.as_u16().into());
        body.insert("reason".to_owned(), self.status.canonical_reason().unwrap_or_default().into());
        let message = if escape { html_escape(&self.message) } else { self.message.clone() };
        body.insert("message".to_owned(), message.into());
        if let Some(detail) = &self.detail {
            body.insert("detail".to_owned(), detail.as_ref().clone());
        }
        Json::Object(body)
    }
}

fn html_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_escapes_its_message() {
        let error = CrestError::new(StatusCode::PRECONDITION_REQUIRED, "a 'Uid' & <b>");
        assert_eq!(
            error.body(true),
            json!({"code": 428, "reason": "Precondition Required", "message": "a &#39;Uid&#39; &amp; &lt;b&gt;"})
        );
        assert_eq!(error.body(false)["message"], "a 'Uid' & <b>");
    }
}
