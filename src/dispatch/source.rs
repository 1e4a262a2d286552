//! A bound configuration and the instances made from it, shared by all facades that mean the same target with the same
//! pool.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use icf::{
    ApiConfiguration, BoundConfiguration, CallContext, ConnectorKey, PoolConfiguration, Registration, Result,
    Value,
};

use super::call::{ConfigurationChange, ConfigurationChangeNotifier, Protection};
use super::change::{self, Values};
use super::facade::{Facade, InstanceStatus};
use super::guard::{Guard, Pass};
use super::lease::{Disposal, Lease};
use super::pool::Pool;

/// A bound configuration with its instances.
pub(super) struct Source {
    bound: Arc<dyn BoundConfiguration>,
    /// The values it was bound with, before the connector changed any.
    values: Values,
    /// Settings of the pool; none when every call gets an instance of its own.
    pooling: Option<PoolConfiguration>,
    pool: OnceLock<Arc<Pool>>,
    /// Protects the target; none if it needs no protection.
    guard: Option<Arc<Guard>>,
    disposal: Disposal,
    notifier: Arc<dyn ConfigurationChangeNotifier>,
    facades: Mutex<Vec<Weak<Facade>>>,
}

impl Source {
    /// Runs the connector's own checks of its configuration. They may block.
    ///
    /// # Errors
    /// Those of the connector.
    pub(super) async fn validate(&self) -> Result<()> {
        let bound = Arc::clone(&self.bound);
        icf::blocking(move || bound.validate()).await
    }

    /// Lets a call through to the target; none if nothing holds it back.
    ///
    /// # Errors
    /// `RetryableException` when the target is to be spared.
    pub(super) async fn enter(&self, cx: &CallContext) -> Result<Option<Pass>> {
        match &self.guard {
            None => Ok(None),
            Some(guard) => guard.enter(cx).await.map(Some),
        }
    }

    /// A call took longer than it may.
    pub(super) fn expired(&self) {
        if let Some(guard) = &self.guard {
            guard.expired();
        }
    }

    /// An instance for one call, made or borrowed.
    ///
    /// # Errors
    /// Those of the connector and of the pool.
    pub(super) async fn lease(&self, cx: &CallContext) -> Result<Lease> {
        match self.pool()? {
            Some(pool) => pool.borrow(cx).await,
            None => Ok(Lease::for_call(self.bound.open(cx).await?, self.disposal.clone())),
        }
    }

    /// Makes a facade hear of changes that the connector makes to its configuration.
    pub(super) fn attach(&self, facade: &Arc<Facade>) {
        let mut facades = self.facades();
        facades.retain(|facade| facade.strong_count() > 0);
        facades.push(Arc::downgrade(facade));
    }

    /// The pool, if there is one.
    pub(super) fn instances(&self) -> Option<InstanceStatus> {
        self.pool.get().map(|pool| pool.status())
    }

    /// Disposes of instances idle for too long.
    pub(super) fn evict(&self) {
        if let Some(pool) = self.pool.get() {
            pool.evict();
        }
    }

    /// Ends the pool.
    pub(super) fn shut_down(&self) {
        if let Some(pool) = self.pool.get() {
            pool.shut_down();
        }
    }

    fn pool(&self) -> Result<Option<&Arc<Pool>>> {
        let Some(settings) = &self.pooling else {
            return Ok(None);
        };
        if self.pool.get().is_none() {
            let pool = Pool::try_new(Arc::clone(&self.bound), settings, self.disposal.clone())?;
            // Another call may have been quicker; then its pool is the one.
            let _ours = self.pool.set(Arc::new(pool));
        }
        Ok(self.pool.get())
    }

    /// The connector has changed its configuration: everyone who uses it is told what now differs from what they sent.
    fn changed(&self, now: Values) {
        let changed = change::changed(&self.values, now);
        if changed.is_empty() {
            return;
        }
        let facades: Vec<_> = self.facades().iter().filter_map(Weak::upgrade).collect();
        for facade in facades {
            let properties = facade.describe(&changed);
            for group in facade.groups() {
                let change =
                    ConfigurationChange { facade_key: facade.key().clone(), properties: properties.clone() };
                self.notifier.changed(group, change);
            }
        }
    }

    fn facades(&self) -> MutexGuard<'_, Vec<Weak<Facade>>> {
        self.facades.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every source in use.
pub(super) struct Sources {
    pooled: Mutex<Vec<(ConnectorKey, Weak<Source>)>>,
    protection: BTreeMap<String, Protection>,
    disposal: Disposal,
    notifier: Arc<dyn ConfigurationChangeNotifier>,
}

impl Sources {
    pub(super) const fn new(
        protection: BTreeMap<String, Protection>,
        disposal: Disposal,
        notifier: Arc<dyn ConfigurationChangeNotifier>,
    ) -> Self {
        Self { pooled: Mutex::new(Vec::new()), protection, disposal, notifier }
    }

    /// Binds a caller's properties. One connector with the same values and pool settings is one source, so that its pool
    /// is shared.
    ///
    /// # Errors
    /// `ConfigurationException` for a property that cannot be set.
    pub(super) fn bind(
        &self,
        registration: &Registration,
        configuration: &ApiConfiguration,
    ) -> Result<Arc<Source>> {
        let properties: Vec<(&str, &Value)> = configuration
            .properties
            .iter()
            .map(|property| (property.name.as_str(), &property.value))
            .collect();
        let bound = registration.bind(&properties)?;
        let values = bound.values();
        // A caller that wants a pool for a connector without gets none.
        let pooling = (configuration.pooling && registration.is_poolable()).then_some(configuration.pool);
        if pooling.is_none() {
            return Ok(self.source(registration.key(), bound, values, pooling));
        }
        let mut pooled = self.pooled.lock().unwrap_or_else(PoisonError::into_inner);
        pooled.retain(|(_, source)| source.strong_count() > 0);
        let same = |source: &Arc<Source>| source.pooling == pooling && source.values == values;
        let known = pooled
            .iter()
            .filter(|(key, _)| key == registration.key())
            .filter_map(|(_, source)| source.upgrade())
            .find(same);
        if let Some(source) = known {
            return Ok(source);
        }
        let source = self.source(registration.key(), bound, values, pooling);
        pooled.push((registration.key().clone(), Arc::downgrade(&source)));
        Ok(source)
    }

    fn source(
        &self,
        connector: &ConnectorKey,
        bound: Arc<dyn BoundConfiguration>,
        values: Values,
        pooling: Option<PoolConfiguration>,
    ) -> Arc<Source> {
        let protection = self.protection.get(&connector.bundle_name).or_else(|| self.protection.get("*"));
        let source = Arc::new(Source {
            guard: protection.and_then(|protection| Guard::of(&connector.connector_name, *protection)),
            bound,
            values,
            pooling,
            pool: OnceLock::new(),
            disposal: self.disposal.clone(),
            notifier: Arc::clone(&self.notifier),
            facades: Mutex::default(),
        });
        let changed = Arc::downgrade(&source);
        source.bound.on_change(Box::new(move |values| {
            if let Some(source) = changed.upgrade() {
                source.changed(values);
            }
        }));
        source
    }
}
