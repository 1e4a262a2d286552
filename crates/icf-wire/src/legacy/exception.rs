//! Errors as objects: by class name where an operation failed, as a type of the format everywhere else.

use icf::{ConnectorError, ErrorKind};

use crate::binary::EncodeError;
use crate::binary::profile::Profile;
use crate::binary::registry;
use crate::binary::writer::Writer;
use crate::rpc;

type Write = Result<(), EncodeError>;

/// What a client with a wrong key is told, in the words of its framework.
pub(super) fn wrong_key(profile: Profile) -> ConnectorError {
    ConnectorError::invalid_credential(match profile {
        Profile::ConnId(_) => "Remote framework key is invalid.",
        Profile::OpenIcf14 | Profile::OpenIcf2 => "Remote framework key is invalid",
    })
}

/// Writes the error of an operation with its causes. No stack trace: it would tell the caller nothing.
pub(super) fn write_remote(w: &mut Writer<'_>, error: &ConnectorError) -> Write {
    write_chain(w, error.kind().class_name(), error.message(), &rpc::causes(error))
}

fn write_chain(w: &mut Writer<'_>, class: &str, message: Option<&str>, causes: &[(String, String)]) -> Write {
    // No peer reads a blank one.
    let class = if class.trim().is_empty() { ErrorKind::Connector.class_name() } else { class };
    w.object("RemoteWrappedException", |w| {
        w.text_field("class", Some(class))?;
        w.text_field("message", message)?;
        w.named("RemoteWrappedException", |w| match causes.split_first() {
            None => w.null(),
            Some(((class, message), below)) => {
                write_chain(w, class, Some(message.as_str()).filter(|text| !text.is_empty()), below)
            }
        })
    })
}

/// Writes an error as a type of the format: its own, or the most general.
pub(super) fn write_plain(w: &mut Writer<'_>, error: &ConnectorError) -> Write {
    let own = registry::find(error.kind().simple_name()).map(|registered| registered.name);
    let type_name = own.filter(|name| name.ends_with("Exception")).unwrap_or("RuntimeException");
    w.object(type_name, |w| w.text_field("message", error.message()))
}
