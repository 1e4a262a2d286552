//! From the winning values to [`Settings`]. Every section reads all its values before it gives up on one, so that
//! one run reports everything there is to report.

mod authentication;
mod client;
mod log;
mod pool;
mod protection;
mod reading;
mod server;
mod stores;
mod syntax;

use std::collections::BTreeMap;

pub(super) use reading::Reading;

use super::choices::{BundleNames, Mode};
use super::keys;
use super::problem::Severity;
use super::settings::{AdminListen, BundleSettings, DispatchSettings, Settings};

/// Builds the settings; `None` when anything essential is missing or malformed, which was reported then.
pub(super) fn settings(reading: &mut Reading<'_>) -> Option<Settings> {
    let mode = mode(reading);
    let dials = matches!(mode, Some(Mode::Client | Mode::Both));
    let listens = matches!(mode, Some(Mode::Server | Mode::Both));

    let tls = stores::tls(reading);
    // The inner `Option` says whether a part is wanted, the outer whether it is sound.
    let client = if dials { client::settings(reading).map(Some) } else { Some(None) };
    let identity = tls.as_ref().map(|tls| tls.identity.clone());
    let server = if listens { server::settings(reading, identity).map(Some) } else { Some(None) };
    if dials && !listens {
        server::remark_unused(reading);
    }
    let link = pool::link(reading);
    let dispatch = dispatch(reading);
    let bundles = bundles(reading);
    let admin = reading.get(&keys::ADMIN_LISTEN, syntax::listen);
    let drain_timeout = reading.seconds(&keys::DRAIN_TIMEOUT);
    let watch_interval = reading.interval(&keys::WATCH_INTERVAL);
    let log = log::settings(reading);

    mode?;
    Some(Settings {
        client: client?,
        server: server?,
        tls: tls?,
        link: link?,
        dispatch: dispatch?,
        bundles: bundles?,
        admin: match admin? {
            AdminListen::Unix(path) => AdminListen::Unix(reading.resolve(&path)),
            other => other,
        },
        drain_timeout: drain_timeout?,
        watch_interval: watch_interval?,
        log: log?,
    })
}

/// The mode, never [`Mode::Auto`].
fn mode(reading: &mut Reading<'_>) -> Option<Mode> {
    let dials = reading.is_given(&keys::URL);
    match reading.choice(&keys::MODE, Mode::from_word)? {
        Mode::Auto if dials => Some(Mode::Client),
        Mode::Auto if reading.is_given(&keys::PORT) => Some(Mode::Server),
        Mode::Auto => {
            reading.missing(
                &keys::URL,
                "neither a URL to dial nor a port to listen on is set",
                "set connectorserver.url to the tenant's endpoints, or connectorserver.port for server mode",
            );
            None
        }
        Mode::Server if dials => {
            let message = "the URL has no effect in server mode";
            reading.complain(
                Severity::Warning,
                &keys::URL,
                message,
                "set connectorserver.mode to `both` or remove it",
            );
            Some(Mode::Server)
        }
        other => Some(other),
    }
}

fn dispatch(reading: &mut Reading<'_>) -> Option<DispatchSettings> {
    let max_operation_time = reading.interval(&keys::MAX_OPERATION_TIME);
    let max_facade_life_time = reading.interval(&keys::MAX_FACADE_LIFE_TIME);
    let protection = reading.members(&keys::PROTECT, protection::parse);
    Some(DispatchSettings {
        max_operation_time: max_operation_time?,
        max_facade_life_time: max_facade_life_time?,
        protection: protection?,
    })
}

fn bundles(reading: &mut Reading<'_>) -> Option<BundleSettings> {
    let names = reading.choice(&keys::BUNDLE_NAMES, BundleNames::from_word);
    let versions: Option<BTreeMap<String, String>> = reading.members(&keys::BUNDLE_VERSION, syntax::version);
    Some(BundleSettings { names: names?, versions: versions? })
}
