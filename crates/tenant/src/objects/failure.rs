//! What a connector's exception is over REST.

use axum::http::StatusCode;
use icf::{ConnectorError, ErrorKind};
use serde_json::json;

use crate::crest::CrestError;

/// What was being done when a call failed, for the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failing<'a> {
    /// `CREATE`, `READ`, `UPDATE`, `DELETE`, `PATCH`, `ACTION` or `QUERY`.
    pub(super) operation: &'static str,
    /// Id of the object, if there is one.
    pub(super) id: Option<&'a str>,
    /// `system/<name>/<type>`
    pub(super) resource: Option<&'a str>,
}

impl Failing<'_> {
    /// The REST error of a failed call.
    pub(super) fn map(&self, error: &ConnectorError) -> CrestError {
        failure(error, self)
    }
}

/// The REST error of a failed call.
fn failure(error: &ConnectorError, failing: &Failing<'_>) -> CrestError {
    let Failing { operation: op, id, resource } = failing;
    let (id, resource) = (id.unwrap_or("null"), resource.unwrap_or("null"));
    let own = || error.message().unwrap_or_default().to_owned();
    let kind = known(error.kind());
    let class = kind.simple_name();
    let mut mapped = match kind {
        ErrorKind::AlreadyExists => precondition(format!("System object {id} already exists")),
        ErrorKind::Configuration => {
            CrestError::internal(format!("Operation {op} failed with {class} on system object: {id}"))
        }
        ErrorKind::ConnectionBroken | ErrorKind::ConnectorIo => {
            CrestError::unavailable(format!("Operation {op} failed with {class} on system object: {id}"))
        }
        ErrorKind::ConnectionFailed => {
            CrestError::unavailable(format!("Connection failed during operation {op} on system object: {id}"))
        }
        ErrorKind::OperationTimeout => {
            CrestError::unavailable(format!("Operation {op} Timeout on system object: {id}"))
        }
        ErrorKind::PasswordExpired => {
            CrestError::forbidden(format!("Operation {op} failed with {class} on system object: {id}"))
        }
        ErrorKind::InvalidPassword => CrestError::unauthorized(format!(
            "Invalid password has been provided to operation {op} for system object: {id}"
        )),
        ErrorKind::InvalidCredential => CrestError::unauthorized(format!(
            "Invalid credential has been provided to operation {op} for system object: {id}"
        )),
        ErrorKind::UnknownUid => CrestError::not_found(format!(
            "Operation {op} could not find resource {id} on system object: {resource}"
        ))
        .with_detail(json!({})),
        ErrorKind::PermissionDenied => {
            CrestError::forbidden(format!("Permission was denied on {op} operation for system object: {id}"))
        }
        ErrorKind::InvalidAttributeValue => CrestError::bad_request(format!(
            "Attribute value conflicts with the attribute's schema definition on operation {op} for system \
             object: {id}"
        )),
        ErrorKind::PreconditionFailed => precondition(format!(
            "The resource version for {id} does not match the version provided on operation {op} for system \
             object: {resource}"
        )),
        ErrorKind::PreconditionRequired => CrestError::new(
            StatusCode::PRECONDITION_REQUIRED,
            format!(
                "No resource version for resource {id} has been provided on operation {op} for system object: \
                 {resource}"
            ),
        ),
        ErrorKind::Retryable => CrestError::unavailable(format!(
            "Request temporarily unavailable on operation {op} for system object: {id}"
        )),
        ErrorKind::Unsupported => CrestError::not_found(own()),
        ErrorKind::IllegalArgument if *op == "QUERY" => CrestError::bad_request(own()),
        ErrorKind::IllegalArgument => CrestError::internal(own()),
        _ => CrestError::internal(format!(
            "Operation {op} failed with ConnectorException on system object: {id}"
        )),
    };
    mapped.exception = Some(error.kind().class_name().to_owned());
    mapped
}

fn precondition(message: String) -> CrestError {
    CrestError::precondition_failed(message)
}

/// The Java kind of a .NET exception that is no ICF exception.
fn known(kind: &ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::Other(class) if class.eq_ignore_ascii_case("System.NotSupportedException") => {
            ErrorKind::Unsupported
        }
        ErrorKind::Other(class) if class.eq_ignore_ascii_case("System.ArgumentException") => {
            ErrorKind::IllegalArgument
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table() {
        let failing = Failing { operation: "READ", id: Some("42"), resource: Some("system/t1/account") };
        let map = |kind: ErrorKind| {
            let error = failing.map(&ConnectorError::new(kind, "own text"));
            (error.status.as_u16(), error.message)
        };
        let row = |status: u16, text: &str| (status, text.to_owned());
        use ErrorKind as E;
        assert_eq!(map(E::AlreadyExists), row(412, "System object 42 already exists"));
        assert_eq!(
            map(E::Configuration),
            row(500, "Operation READ failed with ConfigurationException on system object: 42")
        );
        assert_eq!(
            map(E::ConnectorIo),
            row(503, "Operation READ failed with ConnectorIOException on system object: 42")
        );
        assert_eq!(
            map(E::ConnectionBroken),
            row(503, "Operation READ failed with ConnectionBrokenException on system object: 42")
        );
        assert_eq!(
            map(E::ConnectionFailed),
            row(503, "Connection failed during operation READ on system object: 42")
        );
        assert_eq!(map(E::OperationTimeout), row(503, "Operation READ Timeout on system object: 42"));
        assert_eq!(
            map(E::PasswordExpired),
            row(403, "Operation READ failed with PasswordExpiredException on system object: 42")
        );
        assert_eq!(
            map(E::InvalidPassword),
            row(401, "Invalid password has been provided to operation READ for system object: 42")
        );
        assert_eq!(
            map(E::InvalidCredential),
            row(401, "Invalid credential has been provided to operation READ for system object: 42")
        );
        assert_eq!(
            map(E::UnknownUid),
            row(404, "Operation READ could not find resource 42 on system object: system/t1/account")
        );
        assert_eq!(
            map(E::PermissionDenied),
            row(403, "Permission was denied on READ operation for system object: 42")
        );
        assert_eq!(
            map(E::InvalidAttributeValue),
            row(
                400,
                "Attribute value conflicts with the attribute's schema definition on operation READ for system object: 42"
            )
        );
        assert_eq!(
            map(E::PreconditionFailed),
            row(
                412,
                "The resource version for 42 does not match the version provided on operation READ for system object: system/t1/account"
            )
        );
        assert_eq!(
            map(E::PreconditionRequired),
            row(
                428,
                "No resource version for resource 42 has been provided on operation READ for system object: system/t1/account"
            )
        );
        assert_eq!(
            map(E::Retryable),
            row(503, "Request temporarily unavailable on operation READ for system object: 42")
        );
        assert_eq!(map(E::Unsupported), row(404, "own text"));
        assert_eq!(map(E::IllegalArgument), row(500, "own text"));
        let general = row(500, "Operation READ failed with ConnectorException on system object: 42");
        assert_eq!(map(E::ConnectorSecurity), general);
        assert_eq!(map(E::Other("x.Y".to_owned())), general);
        assert_eq!(map(E::Other("System.NotSupportedException".to_owned())), row(404, "own text"));
    }

    #[test]
    fn a_bad_argument_is_the_callers_fault_in_a_query_only() {
        let failing = Failing { operation: "QUERY", id: None, resource: None };
        let error = failing.map(&ConnectorError::illegal_argument("no such filter"));
        assert_eq!((error.status.as_u16(), error.message.as_str()), (400, "no such filter"));
        assert_eq!(error.exception.as_deref(), Some("java.lang.IllegalArgumentException"));
    }
}
