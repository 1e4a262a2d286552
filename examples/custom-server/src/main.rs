//! The connector server with one more connector.

mod phone_book;

use std::process::ExitCode;

use icf::{ConnectorKey, Registration};

fn main() -> ExitCode {
    rcs::main(|bundles| {
        let mut connectors = rcs::bundled::connectors(bundles);
        let key = ConnectorKey::new("com.example.phone-book", "1.0.0", "com.example.PhoneBook");
        connectors.push(Registration::of::<phone_book::PhoneBook>(key));
        connectors
    })
}
