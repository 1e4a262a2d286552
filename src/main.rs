//! `rcs`: see `rcs --help`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use rcs::cli::{self, Cli, Command, Exit};

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let outcome = match Cli::parse().command {
        Command::Check(arguments) => cli::check(&arguments, &[cli::stores], &mut out),
        Command::SetKey(arguments) => cli::set_key(&arguments, &mut out),
        Command::Version => writeln!(out, "RCS {}", env!("CARGO_PKG_VERSION")).map(|()| Exit::Clean),
        Command::Run(_) | Command::Connectors(_) => {
            Err(io::Error::new(io::ErrorKind::Unsupported, "this build has no server yet"))
        }
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            // Standard error is all there is to report on.
            let _ = writeln!(io::stderr(), "rcs: {error}");
            Exit::Internal.into()
        }
    }
}
