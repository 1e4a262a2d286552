//! `rcs run`: the server as a process.

use std::io;
use std::path::PathBuf;
use std::process;

use icf::Registration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::log::Log;
use super::reload::Reloader;
use super::{ConfigurationArguments, Exit, service};
use crate::admin::{Admin, Metrics};
use crate::config::{AdminListen, Settings};
use crate::serve::Server;

/// Runs a server until SIGTERM or SIGINT; a second signal ends the process at once. SIGHUP, or a change of one of the
/// files, has the configuration read again.
///
/// # Errors
/// When the runtime cannot be made.
pub(super) fn run(
    arguments: &ConfigurationArguments,
    settings: Settings,
    files: Vec<PathBuf>,
    registrations: Vec<Registration>,
) -> io::Result<Exit> {
    let log = match Log::start(&settings.log) {
        Ok(log) => log,
        Err(failure) => {
            let file = settings.log.file.unwrap_or_default();
            eprintln!("Cannot start: the log cannot be written to {} (logFile): {failure}", file.display());
            return Ok(Exit::Start);
        }
    };
    service::forbid_core_dumps();
    let reloader = Reloader::new(arguments.clone(), files, settings.watch_interval, log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(serve(settings, registrations, reloader));
    // A connector that hangs in a blocking call must not keep the process.
    runtime.shutdown_background();
    exit
}

async fn serve(
    settings: Settings,
    registrations: Vec<Registration>,
    mut reloader: Reloader,
) -> io::Result<Exit> {
    let mut stop = StopSignals::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(reloader.log().repeats.clone().tell());
    for registration in &registrations {
        info!("Add ConnectorInfo {} to Local Connector Info Manager", registration.key());
    }
    let place = settings.admin.clone();
    // Before anything is counted.
    let metrics = match Metrics::install() {
        Ok(metrics) => metrics,
        Err(failure) => return cannot_start(&failure),
    };
    let mut server = match Server::start(settings, registrations).await {
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
    loop {
        tokio::select! {
            name = stop.received() => {
                info!("Stopping on {name}");
                break;
            }
            _ = hangup.recv() => reloader.reload(&mut server, "SIGHUP").await,
            () = reloader.changed() => reloader.reload(&mut server, "a changed file").await,
        }
    }
    service::stopping();
    tokio::select! {
        () = server.stop() => info!("Stopped"),
        _ = stop.received() => process::exit(Exit::Forced as i32),
    }
    if let Some(admin) = admin {
        admin.stop().await;
    }
    Ok(Exit::Clean)
}

/// The signals that stop the process.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one.
    async fn received(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

fn cannot_start(failure: &dyn std::error::Error) -> io::Result<Exit> {
    error!("Cannot start: {}", crate::report::with_causes(failure));
    Ok(Exit::Start)
}
