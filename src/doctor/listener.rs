//! Server mode: whether the port can be had, and whether the key is the one that the tenant has.

use std::io::ErrorKind;

use icf::Registration;

use super::cause::Cause;
use super::report::{Kind, Part, Step};
use crate::config::{KeyRecipe, Secret, ServerSettings, Settings};
use crate::listen::ListenError;
use crate::report::with_causes;
use crate::serve::{Server, StartError};

const PORT: &str = "port";
const KEY: &str = "key";

/// Examines the listener by starting it as the server does and stopping it again. `taken_by_us` says whether the server
/// that runs with this configuration has the port; `key` is the plain key, if it was given.
pub(super) async fn examine(
    settings: &Settings,
    listener: &ServerSettings,
    registrations: Vec<Registration>,
    taken_by_us: bool,
    key: Option<&Secret>,
) -> Part {
    let interface = listener.interface.as_deref().unwrap_or("every interface");
    let mut part = Part::new(Kind::Listener, format!("port {} of {interface}", listener.port));
    part.steps.push(if taken_by_us {
        Step::passed(PORT, "the server that runs with this configuration has it")
    } else {
        port(settings, registrations).await
    });
    part.steps.push(compare(listener, key));
    part
}

async fn port(settings: &Settings, registrations: Vec<Registration>) -> Step {
    let alone = Settings { client: None, ..settings.clone() };
    match Server::start(alone, registrations).await {
        Ok(server) => {
            let tls = if settings.server.as_ref().is_some_and(|server| server.tls.is_some()) {
                "with TLS"
            } else {
                "without TLS"
            };
            let said = match server.address() {
                Some(address) => format!("can listen at {address}, {tls}"),
                None => format!("can listen, {tls}"),
            };
            server.stop().await;
            Step::passed(PORT, said)
        }
        Err(error) => {
            let cause = match &error {
                StartError::Listen(ListenError::Bind { source, .. }) => match source.kind() {
                    ErrorKind::AddrInUse => Cause::PortTaken,
                    ErrorKind::PermissionDenied => Cause::PortForbidden,
                    ErrorKind::AddrNotAvailable => Cause::Interface,
                    _ => Cause::Listener,
                },
                StartError::Listen(ListenError::Resolve { .. }) => Cause::Interface,
                StartError::Listen(ListenError::Tls(_)) | StartError::Tls(_) => Cause::Store,
                _ => Cause::Listener,
            };
            Step::failed(PORT, with_causes(&error), cause)
        }
    }
}

fn compare(listener: &ServerSettings, key: Option<&Secret>) -> Step {
    let Some(key) = key else {
        return Step::skipped(
            KEY,
            "has the form of a hash; with --key-file it is compared with the key itself",
        );
    };
    match listener.key.recipe_for(key.expose()) {
        Some(KeyRecipe::Utf16) => Step::passed(KEY, "is the hash of the key in the file"),
        Some(KeyRecipe::Utf8) => {
            Step::failed(KEY, "is the hash of the key's UTF-8 bytes, which no tenant sends", Cause::KeyRecipe)
        }
        None => Step::failed(KEY, "is not the hash of the key in the file", Cause::KeyDiffers),
    }
}
