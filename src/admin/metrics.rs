//! Figures for Prometheus. What happens is counted where it happens, through the `metrics` facade, so that connectors can
//! count, too; what is, is looked at when somebody asks.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::pool::PoolStatus;
use crate::serve::View;

/// Upper bounds of durations, in seconds: from a look into a cache to a slow directory.
const DURATIONS: [f64; 12] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0];

/// The figures of this process.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// The figures cannot be collected: something else in this process collects them already.
#[derive(Debug, thiserror::Error)]
#[error("cannot collect metrics in this process")]
pub struct MetricsError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Metrics {
    /// Collects the figures of this process from now on.
    ///
    /// # Errors
    /// When something else collects them already.
    pub fn install() -> Result<Self, MetricsError> {
        let builder = PrometheusBuilder::new().set_buckets(&DURATIONS);
        let failed = |error: BuildError| MetricsError(Box::new(error));
        let recorder = builder.map_err(failed)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)
            .map_err(|_| MetricsError("another recorder is installed".into()))?;
        describe();
        Ok(Self { handle })
    }

    /// The figures as of now.
    pub(super) fn render(&self, view: &View) -> String {
        observe(view);
        self.handle.run_upkeep();
        self.handle.render()
    }
}

fn describe() {
    describe_gauge!("rcs_build_info", "Always 1; the label is the version.");
    describe_gauge!("rcs_uptime_seconds", "Since the start.");
    describe_gauge!("rcs_links", "Links by URL; those that retire still carry what was under way.");
    describe_gauge!("rcs_links_wanted", "Links there should be to each URL.");
    describe_counter!("rcs_link_failures_total", "Attempts that failed and links that were lost, by URL.");
    describe_histogram!("rcs_link_ping_seconds", "From a ping to its answer.");
    describe_gauge!("rcs_token_age_seconds", "Since the access token in use was requested.");
    describe_gauge!("rcs_token_expires_in_seconds", "Until the access token in use ends.");
    describe_counter!("rcs_token_requests_total", "Token requests by outcome.");
    describe_counter!(
        "rcs_operations_held_back_total",
        "Operations that were not sent, to spare their target."
    );
    describe_gauge!("rcs_targets_paused", "Targets that keep failing and are left alone.");
    describe_counter!("rcs_reloads_total", "Times the configuration was read again, by outcome.");
    describe_gauge!("rcs_reload_succeeded", "1 if the last reload was applied, 0 if it was refused.");
    describe_gauge!("rcs_operations_in_flight", "Operations that have not been answered.");
    describe_counter!("rcs_operations_total", "Operations by connector, operation and outcome.");
    describe_histogram!("rcs_operation_duration_seconds", "From an operation to the end of its answer.");
    describe_counter!(
        "rcs_messages_repeated_total",
        "Messages sent again because the link they went over died."
    );
    describe_gauge!("rcs_backlog_messages", "Messages that wait for a link.");
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds far below 2^52")]
fn observe(view: &View) {
    gauge!("rcs_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!("rcs_uptime_seconds").set(view.started.elapsed().as_secs_f64());
    gauge!("rcs_operations_in_flight").set(view.dispatcher.running() as f64);
    counter!("rcs_messages_repeated_total").absolute(view.session.counters().messages_repeated);
    let backlog: usize = view.session.groups().iter().map(|group| group.backlog).sum();
    gauge!("rcs_backlog_messages").set(backlog as f64);
    view.pools().iter().for_each(observe_pool);
    if let Some(source) = view.token() {
        let token = source.status();
        counter!("rcs_token_requests_total", "outcome" => "granted").absolute(token.granted);
        counter!("rcs_token_requests_total", "outcome" => "failed").absolute(token.failures);
        gauge!("rcs_token_age_seconds").set(token.age.map_or(f64::NAN, |age| age.as_secs_f64()));
        gauge!("rcs_token_expires_in_seconds").set(token.expires_in.map_or(0.0, |left| left.as_secs_f64()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of links")]
fn observe_pool(pool: &watch::Receiver<PoolStatus>) {
    let status = pool.borrow();
    let retiring = status.links.iter().filter(|seen| seen.retiring).count();
    let url = &status.url;
    gauge!("rcs_links", "url" => url.clone(), "state" => "ready").set((status.links.len() - retiring) as f64);
    gauge!("rcs_links", "url" => url.clone(), "state" => "retiring").set(retiring as f64);
    gauge!("rcs_links_wanted", "url" => url.clone()).set(status.wanted as f64);
    counter!("rcs_link_failures_total", "url" => url.clone()).absolute(status.failures);
}
