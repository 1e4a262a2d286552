//! The program: parses the command line and does what it says.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use icf::Registration;

use super::doctor::doctor;
use super::import::import;
use super::status::status;
use super::{Cli, Command, ConnectorsArguments, Exit, RunArguments, check, set_key, stores};
use crate::config::BundleSettings;

/// Runs the program with these connectors; `connectors` makes them from the settings about their names.
pub fn main(connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>) -> ExitCode {
    perform(Cli::parse().command, connectors).into()
}

/// Does what a command line asked for, with these connectors.
pub fn perform(command: Command, connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>) -> Exit {
    let outcome = match command {
        Command::Run(arguments) => run(&arguments, connectors),
        Command::Connectors(arguments) => list(&arguments, connectors),
        Command::Check(arguments) => check(&arguments, &[stores], &mut io::stdout().lock()),
        Command::Doctor(arguments) => doctor(&arguments, connectors, &mut io::stdout().lock()),
        Command::Import(arguments) => import(&arguments, connectors, &mut io::stdout().lock()),
        Command::Status(arguments) => status(&arguments, &mut io::stdout().lock()),
        Command::SetKey(arguments) => set_key(&arguments, &mut io::stdout().lock()),
        Command::Version => writeln!(io::stdout(), "RCS {}", env!("CARGO_PKG_VERSION")).map(|()| Exit::Clean),
    };
    match outcome {
        Ok(exit) => exit,
        // Whoever reads the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
        Err(error) => {
            // Standard error is all there is to report on.
            let _ = writeln!(io::stderr(), "rcs: {error}");
            Exit::Internal
        }
    }
}

fn run(
    arguments: &RunArguments,
    connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>,
) -> io::Result<Exit> {
    match arguments.configuration.sound() {
        Err(exit) => Ok(exit),
        Ok((settings, files)) => {
            let registrations = connectors(&settings.bundles);
            super::run::run(&arguments.configuration, settings, files, registrations)
        }
    }
}

/// One line for each connector: key, display name, operations.
fn list(
    arguments: &ConnectorsArguments,
    connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>,
) -> io::Result<Exit> {
    let settings = match arguments.configuration.settings() {
        Err(exit) => return Ok(exit),
        Ok(settings) => settings,
    };
    let mut out = io::stdout().lock();
    for registration in connectors(&settings.bundles) {
        let key = registration.key();
        writeln!(out, "{} {} {}", key.bundle_name, key.bundle_version, key.connector_name)?;
        let operations: Vec<_> = registration
            .operations()
            .into_iter()
            .map(|operation| operation.wire_name().trim_end_matches("ApiOp"))
            .collect();
        writeln!(out, "  operations: {}", operations.join(", "))?;
        for property in registration.info().configuration.properties {
            let kind = property.value_type.map_or_else(|| "?".to_owned(), |kind| kind.to_string());
            let required = if property.required { ", required" } else { "" };
            writeln!(out, "  property: {} ({kind}{required})", property.name)?;
        }
    }
    Ok(Exit::Clean)
}
