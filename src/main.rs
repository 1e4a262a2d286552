//! `rcs`: see `rcs --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rcs::main(rcs::bundled::connectors)
}
