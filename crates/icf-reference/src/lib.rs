//! The reference connector: every operation, value, filter, option and error of the framework, on demand.
//!
//! `README.md` of this crate lays down what it does; `tests/java` has the same connector in Java. Only tests use it: the
//! server that is shipped does not contain it. Start reading at [`registration`].

mod accounts;
mod batches;
mod connector;
mod describe;
mod events;
mod messages;
mod orders;
mod schema;
mod scripts;
mod search;
mod settings;
mod stream;
mod sync;
mod world;
mod writes;

use icf::{ConnectorKey, Registration};

pub use connector::Reference;
pub use describe::describe;

/// Name of the bundle, in Java too.
pub const BUNDLE_NAME: &str = "rcs.tests.reference";
/// Version of the bundle, in Java too.
pub const BUNDLE_VERSION: &str = "1.0.0";
/// Name of the connector, in Java too.
pub const CONNECTOR_NAME: &str = "refconn.ReferenceConnector";

/// The connector under its own key.
#[must_use]
pub fn registration() -> Registration {
    under(ConnectorKey::new(BUNDLE_NAME, BUNDLE_VERSION, CONNECTOR_NAME))
}

/// The connector under its own key and so many others, whose bundles are `rcs.tests.reference-1` and so on.
#[must_use]
pub fn registrations(others: usize) -> Vec<Registration> {
    let more = (1..=others)
        .map(|n| under(ConnectorKey::new(format!("{BUNDLE_NAME}-{n}"), BUNDLE_VERSION, CONNECTOR_NAME)));
    std::iter::once(registration()).chain(more).collect()
}

fn under(key: ConnectorKey) -> Registration {
    Registration::of::<Reference>(key)
        .with_display_name_key("connector.display")
        .with_messages(messages::messages())
}
