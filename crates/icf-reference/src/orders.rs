//! What a caller orders by options.

use std::time::Duration;

use icf::{CallContext, ConnectorError, ErrorKind, OperationOptions, Result, Value};
use tokio::time::sleep;

use crate::connector::Reference;
use crate::world::Counters;

/// The options that every operation obeys.
#[derive(Debug)]
pub(crate) struct Orders {
    throw: Option<String>,
    throw_after: i32,
    pub(crate) null: bool,
    delay: Duration,
    pub(crate) generate: Option<i32>,
    pub(crate) text_length: Option<i32>,
    pub(crate) describe: bool,
}

impl Orders {
    pub(crate) fn of(options: &OperationOptions) -> Self {
        let number = |name: &str| match options.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let flag = |name: &str| matches!(options.get(name), Some(Value::Boolean(true)));
        Self {
            throw: options.get("throw").and_then(Value::as_str).map(str::to_owned),
            throw_after: number("throwAfter").unwrap_or(0),
            null: flag("null"),
            delay: Duration::from_millis(number("delayMillis").and_then(|n| n.try_into().ok()).unwrap_or(0)),
            generate: number("generate"),
            text_length: number("textLength"),
            describe: flag("describe"),
        }
    }

    /// Waits as long as ordered; false if the call was cancelled before.
    pub(crate) async fn pause(&self, cx: &CallContext) -> bool {
        if self.delay.is_zero() {
            return true;
        }
        tokio::select! {
            () = sleep(self.delay) => true,
            () = cx.cancellation().cancelled() => false,
        }
    }

    /// Fails if ordered once so many items are out.
    pub(crate) fn fail_after(&self, items: i32) -> Result<()> {
        match &self.throw {
            Some(class) if items >= self.throw_after => Err(asked_for(class)),
            _ => Ok(()),
        }
    }
}

impl Reference {
    /// Obeys the orders for an operation with one answer; true if that is to be null.
    pub(crate) async fn obey(&self, cx: &CallContext, options: &OperationOptions) -> Result<bool> {
        let orders = Orders::of(options);
        if !orders.pause(cx).await {
            Counters::count(&self.world.counters.stopped);
            let class = "java.util.concurrent.CancellationException".to_owned();
            return Err(ConnectorError::new(ErrorKind::Other(class), "cancelled"));
        }
        orders.fail_after(0)?;
        Ok(orders.null)
    }
}

/// The framework's own exceptions by their simple names, which say nothing about how a kind travels.
const KINDS: [(&str, ErrorKind); 17] = [
    ("ConnectorException", ErrorKind::Connector),
    ("AlreadyExistsException", ErrorKind::AlreadyExists),
    ("ConfigurationException", ErrorKind::Configuration),
    ("ConnectorIOException", ErrorKind::ConnectorIo),
    ("ConnectionBrokenException", ErrorKind::ConnectionBroken),
    ("ConnectionFailedException", ErrorKind::ConnectionFailed),
    ("ConnectorSecurityException", ErrorKind::ConnectorSecurity),
    ("InvalidCredentialException", ErrorKind::InvalidCredential),
    ("InvalidPasswordException", ErrorKind::InvalidPassword),
    ("PasswordExpiredException", ErrorKind::PasswordExpired),
    ("UnknownUidException", ErrorKind::UnknownUid),
    ("PermissionDeniedException", ErrorKind::PermissionDenied),
    ("InvalidAttributeValueException", ErrorKind::InvalidAttributeValue),
    ("OperationTimeoutException", ErrorKind::OperationTimeout),
    ("PreconditionFailedException", ErrorKind::PreconditionFailed),
    ("PreconditionRequiredException", ErrorKind::PreconditionRequired),
    ("RetryableException", ErrorKind::Retryable),
];

/// The exception of that name, simple or full.
pub(crate) fn asked_for(name: &str) -> ConnectorError {
    let kind = KINDS
        .into_iter()
        .find_map(|(simple, kind)| (simple == name).then_some(kind))
        .unwrap_or_else(|| ErrorKind::from_class_name(name));
    ConnectorError::new(kind, format!("asked for {name}"))
}
