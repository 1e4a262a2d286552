//! `rcs import`: a Java server's installation becomes a configuration of this one.

use std::io::{self, Write};

use icf::Registration;

use super::{Exit, ImportArguments, service, stores};
use crate::config::{self, BundleNames, BundleSettings, Inputs};
use crate::import::{Page, Plan};
use crate::report::with_causes;

/// Takes the installation over and prints the page of what became of it.
///
/// # Errors
///
/// Those of writing to `out`.
pub(super) fn import(
    arguments: &ImportArguments,
    connectors: impl FnOnce(&BundleSettings) -> Vec<Registration>,
    out: &mut impl Write,
) -> io::Result<Exit> {
    service::forbid_core_dumps();
    let every_name = BundleSettings { names: BundleNames::Both, versions: std::collections::BTreeMap::new() };
    let offered: Vec<_> = connectors(&every_name).iter().map(|one| one.key().clone()).collect();
    let (from, to) = (std::path::absolute(&arguments.from)?, std::path::absolute(&arguments.to)?);
    let planned = Plan::of(&from, &to, &offered);
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = plan.write(arguments.force) {
        return refuse(&error);
    }
    // As it stands in the files: what this process's environment says may not hold for the server's.
    let mut inputs = Inputs::from_process(Some(plan.properties()), Vec::new());
    inputs.environment.clear();
    let loaded = config::load(&inputs);
    let found = loaded.settings.as_ref().map(|settings| stores(settings, &loaded)).unwrap_or_default();
    write!(out, "{}", Page { plan: &plan, loaded: &loaded, stores: &found })?;
    Ok(if loaded.has_errors() { Exit::Invalid } else { Exit::Clean })
}

fn refuse(error: &dyn std::error::Error) -> io::Result<Exit> {
    writeln!(io::stderr(), "rcs: {}", with_causes(error))?;
    Ok(Exit::Invalid)
}
