//! Reading the configuration again while the server runs.

use std::path::PathBuf;
use std::time::Duration;

use metrics::{counter, gauge};
use tracing::{error, info, warn};

use super::log::Log;
use super::watch::Watch;
use super::{ConfigurationArguments, service};
use crate::config::{Loaded, Severity};
use crate::serve::{Reloaded, Server};

/// Reads the configuration again and has the server go over to it.
#[derive(Debug)]
pub(super) struct Reloader {
    arguments: ConfigurationArguments,
    watch: Watch,
    log: Log,
}

impl Reloader {
    /// `files` are looked at every so often.
    pub(super) fn new(
        arguments: ConfigurationArguments,
        files: Vec<PathBuf>,
        every: Option<Duration>,
        log: Log,
    ) -> Self {
        Self { arguments, watch: Watch::new(every, files), log }
    }

    pub(super) const fn log(&self) -> &Log {
        &self.log
    }

    /// Waits until a file of the configuration has changed. May be dropped at any time.
    pub(super) async fn changed(&mut self) {
        self.watch.changed().await;
    }

    /// Reads the configuration and goes over to it, or says why not; then the one before stays in force.
    pub(super) async fn reload(&mut self, server: &mut Server, cause: &str) {
        service::reloading();
        info!("Reading the configuration again on {cause}");
        self.watch.mark();
        let outcome = self.attempt(server).await;
        match &outcome {
            Ok(Reloaded { changed, needs_restart }) => {
                let changed = if changed.is_empty() { "nothing".to_owned() } else { changed.join("; ") };
                info!("Reloaded. Changed: {changed}");
                if !needs_restart.is_empty() {
                    warn!("Takes effect at the next start only: {}", needs_restart.join(", "));
                }
            }
            Err(reason) => {
                error!("The new configuration is refused and the one before stays in force: {reason}")
            }
        }
        count(outcome.is_ok());
        server.note_reload(outcome);
        service::reloaded();
    }

    async fn attempt(&mut self, server: &mut Server) -> Result<Reloaded, String> {
        let arguments = self.arguments.clone();
        let loaded = tokio::task::spawn_blocking(move || arguments.load()).await;
        let Loaded { settings, problems, files, .. } =
            loaded.map_err(|_| "the program failed while reading it; please report that".to_owned())?;
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Warning) {
            warn!("{problem}");
        }
        let Some(settings) = settings else {
            let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
            return Err(errors.map(ToString::to_string).collect::<Vec<_>>().join("; "));
        };
        let (log, every) = (settings.log.clone(), settings.watch_interval);
        let mut reloaded =
            server.reload(settings).await.map_err(|failure| crate::report::with_causes(&failure))?;
        self.watch.follow(every, files);
        if self.log.change(&log) {
            reloaded.changed.push(format!("the log level ({})", log.level));
        }
        Ok(reloaded)
    }
}

fn count(succeeded: bool) {
    let outcome = if succeeded { "applied" } else { "refused" };
    counter!("rcs_reloads_total", "outcome" => outcome).increment(1);
    gauge!("rcs_reload_succeeded").set(if succeeded { 1.0 } else { 0.0 });
}
