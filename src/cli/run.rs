//! `rcs run`: the server as a process.

use std::io::{self, IsTerminal as _};
use std::process;

use icf::Registration;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};
use tracing_subscriber::EnvFilter;

use super::{Exit, service};
use crate::admin::{Admin, Metrics};
use crate::config::{AdminListen, Settings};
use crate::serve::Server;

/// The log level when `RCS_LOG` does not say otherwise.
const DEFAULT_LOG: &str = "info";

/// Runs a server until SIGTERM or SIGINT; a second signal ends the process at once.
///
/// # Errors
/// When the runtime cannot be made.
pub(super) fn run(settings: Settings, registrations: Vec<Registration>) -> io::Result<Exit> {
    start_log();
    service::forbid_core_dumps();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(serve(settings, registrations));
    // A connector that hangs in a blocking call must not keep the process.
    runtime.shutdown_background();
    exit
}

async fn serve(settings: Settings, registrations: Vec<Registration>) -> io::Result<Exit> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    for registration in &registrations {
        info!("Add ConnectorInfo {} to Local Connector Info Manager", registration.key());
    }
    let place = settings.admin.clone();
    // Before anything is counted.
    let metrics = match Metrics::install() {
        Ok(metrics) => metrics,
        Err(failure) => return cannot_start(&failure),
    };
    let server = match Server::start(settings, registrations).await {
        Ok(server) => server,
        Err(failure) => return cannot_start(&failure),
    };
    let admin = match Admin::start(&place, server.view(), metrics).await {
        Ok(admin) => admin,
        // Another server on this machine may have taken the place that nobody chose.
        Err(failure) if place == AdminListen::default() => {
            warn!("{}", crate::report::with_causes(&failure));
            None
        }
        Err(failure) => return cannot_start(&failure),
    };
    info!("RCS {} started.", env!("CARGO_PKG_VERSION"));
    service::started();
    tokio::select! {
        _ = terminate.recv() => info!("Stopping on SIGTERM"),
        _ = interrupt.recv() => info!("Stopping on SIGINT"),
    }
    service::stopping();
    tokio::select! {
        () = server.stop() => info!("Stopped"),
        _ = terminate.recv() => process::exit(Exit::Forced as i32),
        _ = interrupt.recv() => process::exit(Exit::Forced as i32),
    }
    if let Some(admin) = admin {
        admin.stop().await;
    }
    Ok(Exit::Clean)
}

fn cannot_start(failure: &dyn std::error::Error) -> io::Result<Exit> {
    error!("Cannot start: {}", crate::report::with_causes(failure));
    Ok(Exit::Start)
}

/// Text on standard error. `RCS_LOG` sets the level, for example `debug` or `info,rcs::token=debug`. The WebSocket
/// library is held below the level at which it prints what it carries.
fn start_log() {
    let wanted = std::env::var("RCS_LOG").unwrap_or_else(|_| DEFAULT_LOG.to_owned());
    let filter = EnvFilter::try_new(&wanted).unwrap_or_else(|_| EnvFilter::new(DEFAULT_LOG));
    let filter = ["tungstenite=info", "tokio_tungstenite=info", "hyper=info", "rustls=info"]
        .into_iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    // A second server in one process, as in tests, keeps the first one's log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
}
