//! `rcs doctor`: where the way to the tenant stops, why, and what to do.

use std::io::{self, Write};

use icf::Registration;

use super::{DoctorArguments, Exit, service, set_key, stores};
use crate::config::{BundleSettings, Secret};
use crate::doctor::{self, Also, Kind, Report};
use crate::report::with_causes;

/// Examines everything and prints the report. Ends by the first thing that is wrong.
///
/// # Errors
///
/// Those of writing to `out`, and of making a runtime.
pub(super) fn doctor(
    arguments: &DoctorArguments,
    connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>,
    out: &mut impl Write,
) -> io::Result<Exit> {
    service::forbid_core_dumps();
    let key = match arguments.key_file.as_deref().map(set_key::key_in).transpose() {
        Ok(key) => key.map(Secret::new),
        Err(reason) => {
            writeln!(io::stderr(), "rcs: {reason}")?;
            return Ok(Exit::Invalid);
        }
    };
    let also = Also { key, servers: arguments.servers.clone() };
    let loaded = arguments.configuration.load();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let examined = runtime.block_on(doctor::examine(&loaded, stores, &also, connectors));
    // A name look-up that hangs must not keep the process.
    runtime.shutdown_background();
    let report = match examined {
        Ok(report) => report,
        Err(error) => {
            writeln!(io::stderr(), "rcs: nothing can be examined: {}", with_causes(&error))?;
            return Ok(Exit::Internal);
        }
    };
    if arguments.json {
        writeln!(out, "{:#}", report.json())?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    match report.first_failure().map(|(part, _)| part.kind) {
        None => Exit::Clean,
        Some(Kind::Configuration) => Exit::Invalid,
        Some(Kind::Listener) => Exit::Start,
        Some(Kind::Tenant | Kind::Servers) => Exit::NotReady,
    }
}
