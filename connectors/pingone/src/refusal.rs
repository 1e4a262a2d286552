//! What PingOne says when it says no, and which exception that is.

use icf::{ConnectorError, ErrorKind};
use icf_http::{Answer, presentable};
use serde_json::Value as Json;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Testing,
    Creating,
    /// A change that may be a new name.
    Updating,
    SettingPassword,
    Deleting,
    Getting,
    Searching,
}

/// A refusal in the words of the service.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    details: Vec<(String, String, String)>,
    text: String,
}

impl Refusal {
    pub(crate) fn of(answer: &Answer) -> Self {
        let json = answer.json().unwrap_or_default();
        let text =
            |json: &Json, name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let details: Vec<_> = json
            .get("details")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .take(10)
            .map(|detail| (text(detail, "code"), text(detail, "target"), text(detail, "message")))
            .collect();
        let said = if json.is_object() {
            let mut parts = vec![text(&json, "message")];
            parts.extend(details.iter().map(|(_, target, message)| format!("{target}: {message}")));
            let id = text(&json, "id");
            let id = if id.is_empty() { id } else { format!(" (error id {id})") };
            format!(
                "{}{id}",
                parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ")
            )
        } else {
            answer.described()
        };
        Self { status: answer.status.as_u16(), code: text(&json, "code"), details, text: presentable(&said) }
    }

    pub(crate) fn is_duplicate(&self) -> bool {
        self.status == 409
            || self.details.iter().any(|(code, ..)| code.eq_ignore_ascii_case("UNIQUENESS_VIOLATION"))
    }

    pub(crate) fn into_error(self, doing: Doing) -> ConnectorError {
        let about_password =
            self.details.iter().any(|(_, target, _)| matches!(target.as_str(), "password" | "value"));
        let kind = match self.status {
            400 | 409 if self.is_duplicate() && matches!(doing, Doing::Creating | Doing::Updating) => {
                ErrorKind::AlreadyExists
            }
            400 if doing == Doing::SettingPassword && about_password => ErrorKind::InvalidPassword,
            400 | 403 | 409 if doing == Doing::Deleting => ErrorKind::Connector,
            400 | 409 | 413 | 422 => ErrorKind::InvalidAttributeValue,
            401 => ErrorKind::InvalidCredential,
            403 => ErrorKind::PermissionDenied,
            404 if matches!(doing, Doing::Testing | Doing::Searching | Doing::Creating) => {
                ErrorKind::Configuration
            }
            404 => ErrorKind::UnknownUid,
            405 | 501 => ErrorKind::Unsupported,
            408 | 504 => ErrorKind::OperationTimeout,
            429 => ErrorKind::Retryable,
            502 | 503 => ErrorKind::ConnectionFailed,
            _ => ErrorKind::Connector,
        };
        let hint = match kind {
            ErrorKind::PermissionDenied => {
                " Give the worker application the role Identity Data Admin on the environment."
            }
            ErrorKind::InvalidCredential => " Check client and secret, and that the application is enabled.",
            ErrorKind::Configuration => " Check serviceUri and environmentId.",
            _ => "",
        };
        let code = if self.code.is_empty() { String::new() } else { format!(" {}", presentable(&self.code)) };
        ConnectorError::new(
            kind,
            format!("PingOne refused with status {}{code}: {}.{hint}", self.status, self.text),
        )
    }
}
