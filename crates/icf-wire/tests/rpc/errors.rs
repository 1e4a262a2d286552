//! Errors as they travel.

use std::error::Error as _;

use icf::{ConnectorError, ErrorKind};
use icf_wire::envelope::{ExceptionMessage, InnerCause, RemoteMessage};
use icf_wire::session::Failure;

use super::hex;

fn error_in(literal: &str) -> ConnectorError {
    let message = RemoteMessage::from_bytes(hex(literal)).unwrap();
    ConnectorError::from(&message.response.unwrap().error.unwrap())
}

#[test]
fn wire_t27d_class_text_and_cause_of_an_error() {
    let error = error_in("08031a10220e0a014512016d1a030a0143220173");
    assert_eq!((error.kind(), error.message()), (&ErrorKind::Other("E".to_owned()), Some("m")));
    let cause = error.source().unwrap().downcast_ref::<ConnectorError>().unwrap();
    assert_eq!((cause.kind(), cause.message()), (&ErrorKind::Other("C".to_owned()), None));
    assert!(cause.source().is_none());
}

#[test]
fn wire_c76_an_error_without_cause_has_none() {
    let error = error_in(
        "08021a4e224c0a466f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074\
         696f6e732e556e6b6e6f776e556964457863657074696f6e12026e6f",
    );
    assert_eq!((error.kind(), error.message()), (&ErrorKind::UnknownUid, Some("no")));
    assert!(error.source().is_none());
}

#[test]
fn wire_c77_a_dotnet_error_is_recognised() {
    let message = ExceptionMessage {
        exception_class: "Org.IdentityConnectors.Framework.Common.Exceptions.UnknownUidException".into(),
        ..Default::default()
    };
    assert_eq!(*ConnectorError::from(&message).kind(), ErrorKind::UnknownUid);
}

#[test]
fn an_error_without_class_is_a_plain_one() {
    let error = ConnectorError::from(&ExceptionMessage::default());
    assert_eq!((error.kind(), error.message()), (&ErrorKind::Connector, None));
}

#[test]
fn four_causes_travel() {
    let deepest = ConnectorError::io("5");
    let error = (0..5).rev().fold(deepest, |below, level| {
        ConnectorError::unknown_uid(level.to_string()).with_source(below).with_private("secret")
    });
    let message = ExceptionMessage::from(&error);
    let below = |cause: &InnerCause| cause.cause.as_deref().cloned();
    let causes: Vec<String> =
        std::iter::successors(message.inner_cause.clone(), below).map(|cause| cause.message).collect();
    assert_eq!(causes, ["1", "2", "3", "4"]);
    assert_eq!(message.exception_class, ErrorKind::UnknownUid.class_name());
    assert!(!format!("{message:?}").contains("secret"));

    let again = ConnectorError::from(&message);
    let depth = std::iter::successors(again.source(), |&cause| cause.source()).count();
    assert_eq!(depth, 4);
}

#[test]
fn a_cause_that_is_no_error_of_the_framework_is_a_plain_one() {
    let error = ConnectorError::io("cannot read").with_source(std::io::Error::other("disk on fire"));
    let cause = ExceptionMessage::from(&error).inner_cause.unwrap();
    assert_eq!(
        (cause.exception_class.as_str(), cause.message.as_str()),
        (ErrorKind::Connector.class_name(), "disk on fire",)
    );
}

#[test]
fn failures_of_the_conversation_are_errors_of_their_kind() {
    let remote =
        ExceptionMessage { exception_class: "java.lang.IllegalStateException".into(), ..Default::default() };
    for (failure, kind) in [
        (Failure::Remote(Box::new(remote)), ErrorKind::IllegalState),
        (Failure::LostWithLink, ErrorKind::ConnectionBroken),
        (Failure::PeerGone, ErrorKind::ConnectionBroken),
        (Failure::Inconsistent, ErrorKind::Connector),
        (Failure::Shutdown, ErrorKind::ConnectionFailed),
    ] {
        assert_eq!(*ConnectorError::from(&failure).kind(), kind);
    }
    let lost = ConnectorError::from(&Failure::Inconsistent);
    assert_eq!(lost.message(), Some("Operation finished on remote server with unknown result"));
}
