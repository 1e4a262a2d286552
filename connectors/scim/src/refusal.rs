//! What a service says when it says no, and which exception that is.

use icf::{ConnectorError, ErrorKind};
use icf_http::json::member;
use icf_http::{Answer, presentable};
use serde_json::{Map, Value as Json};

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Describing,
    Testing,
    Creating,
    Updating,
    /// An update that writes a password.
    UpdatingPassword,
    Deleting,
    /// Reading one resource.
    Getting,
    /// Reading many.
    Searching,
}

impl Doing {
    const fn text(self) -> &'static str {
        match self {
            Self::Describing => "a question for what it can do",
            Self::Testing => "the test",
            Self::Creating => "the creation of an object",
            Self::Updating | Self::UpdatingPassword => "the change of an object",
            Self::Deleting => "the deletion of an object",
            Self::Getting => "the reading of an object",
            Self::Searching => "the search",
        }
    }

    const fn is_of_one(self) -> bool {
        matches!(self, Self::Updating | Self::UpdatingPassword | Self::Deleting | Self::Getting)
    }
}

/// A refusal in the words of the service.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// `scimType`, or an empty text.
    pub(crate) scim_type: String,
    /// What it says, fit for a message.
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn of(answer: &Answer) -> Self {
        let json = answer.json();
        let object = json.as_ref().and_then(Json::as_object);
        let (scim_type, detail) = object.map(read).unwrap_or_default();
        let detail =
            if detail.is_empty() && object.is_none() { answer.described() } else { presentable(&detail) };
        Self { status: answer.status.as_u16(), scim_type, detail }
    }

    pub(crate) fn is_type(&self, name: &str) -> bool {
        self.scim_type.eq_ignore_ascii_case(name)
    }

    fn says(&self, words: &[&str]) -> bool {
        let detail = self.detail.to_ascii_lowercase();
        words.iter().any(|word| detail.contains(word))
    }

    /// Whether PATCH is what the service cannot do.
    pub(crate) fn refuses_patch(&self) -> bool {
        matches!(self.status, 405 | 501)
            || matches!(self.status, 400 | 404)
                && self.says(&["patch"])
                && self.says(&["support", "implement"])
    }

    pub(crate) fn into_error(self, doing: Doing) -> ConnectorError {
        let kind = self.kind(doing);
        let hint = match kind {
            ErrorKind::InvalidCredential => " Check the credentials in the configuration.",
            ErrorKind::PermissionDenied => " Give the service account the rights for it.",
            ErrorKind::Configuration if self.status == 404 => {
                " The endpoint was not found; check SCIMEndpoint and SCIMVersion."
            }
            _ => "",
        };
        let scim_type = if self.scim_type.is_empty() {
            String::new()
        } else {
            format!(" {}", presentable(&self.scim_type))
        };
        let detail = if self.detail.is_empty() { String::new() } else { format!(": {}", self.detail) };
        ConnectorError::new(
            kind,
            format!(
                "The service refused {} with status {}{scim_type}{detail}.{hint}",
                doing.text(),
                self.status
            ),
        )
    }

    fn kind(&self, doing: Doing) -> ErrorKind {
        let creating = doing == Doing::Creating;
        match self.status {
            400 if self.is_type("uniqueness") => ErrorKind::AlreadyExists,
            400 if self.is_type("invalidVers") => ErrorKind::Configuration,
            400 if self.is_type("expiredCursor") || self.is_type("invalidCursor") => ErrorKind::Retryable,
            400 if doing == Doing::UpdatingPassword && self.is_about_password_rules() => {
                ErrorKind::InvalidPassword
            }
            401 => ErrorKind::InvalidCredential,
            402 | 403 => ErrorKind::PermissionDenied,
            404 | 410 if doing.is_of_one() => ErrorKind::UnknownUid,
            404 => ErrorKind::Configuration,
            405 | 501 => ErrorKind::Unsupported,
            408 | 504 => ErrorKind::OperationTimeout,
            409 if creating || self.is_type("uniqueness") => ErrorKind::AlreadyExists,
            409 => ErrorKind::Retryable,
            412 => ErrorKind::PreconditionFailed,
            428 => ErrorKind::PreconditionRequired,
            422 if creating && self.says(&["already", "taken"]) => ErrorKind::AlreadyExists,
            400 | 413 | 422 => ErrorKind::InvalidAttributeValue,
            429 => ErrorKind::Retryable,
            502 | 503 => ErrorKind::ConnectionFailed,
            _ => ErrorKind::Connector,
        }
    }

    fn is_about_password_rules(&self) -> bool {
        self.says(&["password"])
            && self.says(&["policy", "complex", "too short", "too weak", "history", "at least"])
    }
}

/// `scimType` and detail in any of the shapes in use.
fn read(object: &Map<String, Json>) -> (String, String) {
    let text = |object: &Map<String, Json>, name: &str| {
        member(object, name).and_then(Json::as_str).map(str::to_owned)
    };
    let scim_type = text(object, "scimType").unwrap_or_default();
    if let Some(detail) = text(object, "detail") {
        return (scim_type, detail);
    }
    if let Some(Json::Array(errors)) = member(object, "Errors") {
        let texts: Vec<_> =
            errors.iter().filter_map(|error| text(error.as_object()?, "description")).take(5).collect();
        return (scim_type, texts.join("; "));
    }
    let named =
        ["error_description", "message", "error"].iter().find_map(|name| match member(object, name)? {
            Json::String(text) => Some(text.clone()),
            Json::Object(inner) => text(inner, "message"),
            _ => None,
        });
    (scim_type, named.unwrap_or_default())
}
