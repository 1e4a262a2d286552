//! The dispatcher: finds the facade of a request, runs it under its limits, and answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use icf::{
    CallContext, CancellationToken, ConnectorError, ConnectorInfo, ConnectorKey, ErrorKind, Registration,
    Result,
};
use icf_wire::binary::{Limits, facade_key};
use icf_wire::rpc::{Answer, Operation, OperationRequest};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::call::{Call, ConfigurationChangeNotifier, DispatchOptions, Results};
use super::facade::{Facade, FacadeStatus, InUse, Offered};
use super::facades::Facades;
use super::lease::Disposal;
use super::limit::Limit;
use super::outlet::{Gate, Outlet};
use super::report;
use super::source::Sources;
use super::supervise::{Ended, cancelled, supervise, wind_down};
use super::tally::{LastError, OperationFigures, Tally};
use super::work::Work;

/// Runs operations on connectors. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    shared: Arc<Shared>,
}

struct Shared {
    offered: HashMap<ConnectorKey, Arc<Offered>>,
    infos: Vec<ConnectorInfo>,
    facades: Facades,
    tally: Tally,
    sources: Arc<Sources>,
    options: DispatchOptions,
    draining: AtomicBool,
    /// Operations that have not been answered.
    calls: TaskTracker,
    /// Disposals, and connectors that still run although their operation was answered.
    remains: TaskTracker,
}

impl Dispatcher {
    /// A dispatcher for these connectors; of two with one key the first counts. Must be called within a runtime, where
    /// it starts a task that looks after facades and pools once a minute for as long as the dispatcher lives.
    #[must_use]
    pub fn new(
        registrations: Vec<Registration>,
        options: DispatchOptions,
        notifier: Arc<dyn ConfigurationChangeNotifier>,
    ) -> Self {
        let mut offered = HashMap::with_capacity(registrations.len());
        let mut infos = Vec::with_capacity(registrations.len());
        for registration in registrations {
            let (key, info) = (registration.key().clone(), registration.info());
            if offered.contains_key(&key) {
                tracing::warn!(connector = %key, "Two connectors have the same key; the second is left out.");
                continue;
            }
            infos.push(info.clone());
            offered.insert(key, Arc::new(Offered { registration, info }));
        }
        let remains = TaskTracker::new();
        let disposal = Disposal::new(remains.clone(), options.grace);
        let shared = Arc::new(Shared {
            offered,
            infos,
            facades: Facades::new(options.facade_life, options.facade_limit),
            tally: Tally::default(),
            sources: Arc::new(Sources::new(options.protection.clone(), disposal, notifier)),
            options,
            draining: AtomicBool::new(false),
            calls: TaskTracker::new(),
            remains,
        });
        tokio::spawn(keep_house(Arc::downgrade(&shared)));
        Self { shared }
    }

    /// What is told to those who ask for the connectors.
    #[must_use]
    pub fn connector_infos(&self) -> &[ConnectorInfo] {
        &self.shared.infos
    }

    /// Runs an operation. The parts of a streamed answer go to `results`, which comes back together with the end of the
    /// answer. After this returned, nothing more goes there, even if the connector still runs.
    ///
    /// # Errors
    /// What the operation answers instead of a result.
    pub async fn run<R: Results + 'static>(
        &self,
        request: OperationRequest,
        call: Call,
        results: R,
    ) -> (R, Result<Answer>) {
        let operation = request.operation.api_operation();
        let span = tracing::info_span!(
            "request",
            id = &*call.request_id,
            op = operation.name(),
            connector = request.connector.connector_name,
            transaction = tracing::field::Empty
        );
        let transaction = request.operation.transaction_id();
        if let Some(transaction) = transaction.filter(|transaction| transaction.len() <= MAX_TRANSACTION) {
            span.record("transaction", transaction);
        }
        let offered = self.shared.offered.get(&request.connector).map(Arc::clone);
        let started = Instant::now();
        let _counted = self.shared.calls.token();
        let (results, answer) = self.shared.run(request, call, results).instrument(span.clone()).await;
        let duration = started.elapsed();
        let connector = offered.as_ref().map(|offered| &*offered.info.key.connector_name);
        report::count(&answer, duration, operation, connector);
        self.shared.tally.ended(connector, operation, answer.as_ref().err(), duration);
        span.in_scope(|| report::ended(&answer, duration));
        (results, answer)
    }

    /// From now on refuses operations in a way that makes callers repeat them, here or elsewhere.
    pub fn stop_admitting(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
        self.shared.calls.close();
    }

    /// How many operations have not been answered.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.calls.len()
    }

    /// What the operations since the start came to, by connector and operation.
    #[must_use]
    pub fn figures(&self) -> Vec<OperationFigures> {
        self.shared.tally.figures()
    }

    /// The latest errors that operations ended with, the last one first.
    #[must_use]
    pub fn last_errors(&self) -> Vec<LastError> {
        self.shared.tally.errors()
    }

    /// The configurations that connectors were called with lately, and their instances. Those that share a pool show it
    /// once.
    #[must_use]
    pub fn facades(&self) -> Vec<FacadeStatus> {
        self.shared.facades.status()
    }

    /// Waits until every operation is answered. Ends only after [`stop_admitting`](Self::stop_admitting).
    pub async fn drained(&self) {
        self.shared.calls.wait().await;
    }

    /// Refuses operations, ends the pools, and waits until all instances that are not in use are disposed of.
    pub async fn shut_down(&self) {
        self.stop_admitting();
        self.shared.facades.shut_down();
        self.shared.remains.close();
        self.shared.remains.wait().await;
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("running", &self.running()).finish_non_exhaustive()
    }
}

impl Shared {
    async fn run<R: Results + 'static>(
        &self,
        request: OperationRequest,
        call: Call,
        results: R,
    ) -> (R, Result<Answer>) {
        let facade = match self.admit(&request, &call) {
            Ok(facade) => facade,
            Err(refused) => return (results, Err(refused)),
        };
        let OperationRequest { locale, operation, connector, .. } = request;
        let limit = Limit::starting_now(
            &operation,
            &facade.configuration().timeouts,
            self.options.max_operation_time,
        );
        let stop = call.cancellation.child_token();
        let cx = CallContext::new(Arc::clone(&call.request_id))
            .with_locale(locale.unwrap_or_else(|| self.options.default_locale.clone()))
            .with_cancellation(stop.clone())
            .with_deadline(limit.deadline())
            .with_idle_limit(limit.idle_limit());
        let gate = Arc::new(Gate::new(results));
        let kind = operation.api_operation();
        let ended = self.supervise(&facade, operation, cx, &gate, limit, &call.cancellation).await;
        let answer = match ended {
            Ended::Returned(finished) => {
                if let Some(lease) = finished.lease {
                    lease.end().await;
                }
                finished.result
            }
            Ended::Panicked(panic) => {
                tracing::error!(panic, "A connector panicked; its instance is not used again.");
                Err(panicked(&connector, &call))
            }
            Ended::Expired(running) => {
                facade.expired();
                stop.cancel();
                let wind_down = wind_down(running, self.options.grace);
                self.remains.spawn(wind_down.instrument(tracing::Span::current()));
                Err(limit.exceeded(kind, &connector))
            }
            Ended::Abandoned => Err(cancelled()),
        };
        let (results, failure) = gate.close();
        (results, failure.map_or(answer, Err))
    }

    async fn supervise<R: Results + 'static>(
        &self,
        facade: &InUse,
        operation: Operation,
        cx: CallContext,
        gate: &Arc<Gate<R>>,
        limit: Limit,
        caller: &CancellationToken,
    ) -> Ended {
        let outlet: Arc<dyn Outlet> = Arc::<Gate<R>>::clone(gate);
        let work = Work { facade: Arc::clone(facade), sources: Arc::clone(&self.sources), cx, outlet };
        let work = Box::pin(work.run(operation).instrument(tracing::Span::current()));
        supervise(work, limit, caller, &**gate, self.options.grace).await
    }

    fn admit(&self, request: &OperationRequest, call: &Call) -> Result<InUse> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(ConnectorError::retryable(
                "The connector server is shutting down; repeat the request, another server may take it",
            ));
        }
        let offered = self.offered.get(&request.connector).ok_or_else(|| not_found(&request.connector))?;
        let facade =
            self.facades.use_or_make(&request.connector, &request.facade_key, call.origin, || {
                let configuration = facade_key::decode(request.facade_key.as_bytes(), &Limits::default())?;
                Ok(Facade::new(Arc::clone(offered), request.facade_key.clone(), configuration))
            })?;
        let operation = request.operation.api_operation();
        if facade.admits(operation) { Ok(facade) } else { Err(operation.not_supported()) }
    }
}

/// Bytes of a transaction id that the log takes; those of identity services have some 60.
const MAX_TRANSACTION: usize = 200;

/// Once a minute, for as long as the dispatcher lives.
async fn keep_house(shared: std::sync::Weak<Shared>) {
    let mut minute = interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minute.tick().await;
        match shared.upgrade() {
            Some(shared) => shared.facades.sweep(),
            None => return,
        }
    }
}

fn panicked(connector: &ConnectorKey, call: &Call) -> ConnectorError {
    let message = format!("Internal error in connector {} ({})", connector.connector_name, call.request_id);
    ConnectorError::new(ErrorKind::Connector, message)
}

/// The text is that of the Java server, which prints the key in the text form of protobuf.
fn not_found(key: &ConnectorKey) -> ConnectorError {
    let fields = [
        ("bundleName", &key.bundle_name),
        ("bundleVersion", &key.bundle_version),
        ("connectorName", &key.connector_name),
    ];
    let mut text = String::from("Connector not found: ");
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("{name}: \"{}\"\n", value.escape_default()));
    }
    text.push(' ');
    ConnectorError::new(ErrorKind::Connector, text)
}
