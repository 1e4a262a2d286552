//! A connector as the server holds it: its key and texts, and how to make instances, without its Rust type.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use crate::api::{ApiConfiguration, ConnectorInfo, ConnectorKey, OperationSet};
use crate::api::{PoolConfiguration, ResultsHandlerConfiguration};
use crate::configuration::{ChangeListener, Configuration, ConfigurationHandle};
use crate::connector::Connector;
use crate::context::CallContext;
use crate::error::Result;
use crate::messages::Messages;
use crate::probe::Operations;
use crate::value::Value;

/// One live instance of a connector.
#[async_trait]
pub trait Instance: Operations {
    /// Whether it still works.
    async fn check_alive(&self) -> Result<()>;

    /// Gives back what it holds.
    async fn dispose(&self);
}

#[async_trait]
impl<C: Connector + Operations> Instance for C {
    async fn check_alive(&self) -> Result<()> {
        Connector::check_alive(self).await
    }

    async fn dispose(&self) {
        Connector::dispose(self).await;
    }
}

/// A connector's configuration with a caller's values, ready to make instances.
#[async_trait]
pub trait BoundConfiguration: Send + Sync {
    /// Runs the connector's own checks.
    fn validate(&self) -> Result<()>;

    /// The present value of every property.
    fn values(&self) -> Vec<(&'static str, Value)>;

    /// Sets who is told when the connector changes its configuration.
    fn on_change(&self, listener: ChangeListener);

    /// Makes an instance.
    async fn open(&self, cx: &CallContext) -> Result<Box<dyn Instance>>;
}

struct Bound<C: Connector>(ConfigurationHandle<C::Configuration>);

#[async_trait]
impl<C: Connector + Operations> BoundConfiguration for Bound<C> {
    fn validate(&self) -> Result<()> {
        self.0.get().validate()
    }

    fn values(&self) -> Vec<(&'static str, Value)> {
        self.0.get().values()
    }

    fn on_change(&self, listener: ChangeListener) {
        self.0.on_change(listener);
    }

    async fn open(&self, cx: &CallContext) -> Result<Box<dyn Instance>> {
        Ok(Box::new(C::open(self.0.clone(), cx).await?))
    }
}

trait Kind: Send + Sync {
    fn operations(&self) -> OperationSet;
    fn poolable(&self) -> bool;
    fn properties(&self) -> Vec<crate::ConfigurationProperty>;
    fn bind(&self, properties: &[(&str, &Value)]) -> Result<Arc<dyn BoundConfiguration>>;
}

struct KindOf<C>(PhantomData<fn() -> C>);

impl<C: Connector + Operations> Kind for KindOf<C> {
    fn operations(&self) -> OperationSet {
        C::supported()
    }

    fn poolable(&self) -> bool {
        C::POOLABLE
    }

    fn properties(&self) -> Vec<crate::ConfigurationProperty> {
        C::Configuration::properties()
    }

    fn bind(&self, properties: &[(&str, &Value)]) -> Result<Arc<dyn BoundConfiguration>> {
        let configuration = C::Configuration::bind(properties.iter().copied())?;
        Ok(Arc::new(Bound::<C>(ConfigurationHandle::new(configuration))))
    }
}

/// A connector under a key. A server serves a list of these.
#[derive(Clone)]
pub struct Registration {
    key: ConnectorKey,
    display_name_key: String,
    messages: Messages,
    kind: Arc<dyn Kind>,
}

impl Registration {
    /// Registers a connector type under a key. The display name is the connector name until said otherwise.
    #[must_use]
    pub fn of<C: Connector + Operations>(key: ConnectorKey) -> Self {
        let display_name_key = key.connector_name.clone();
        Self {
            key,
            display_name_key,
            messages: Messages::default(),
            kind: Arc::new(KindOf::<C>(PhantomData)),
        }
    }

    /// Sets the message key of the display name.
    #[must_use]
    pub fn with_display_name_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.display_name_key);
        self
    }

    /// Sets the texts.
    #[must_use]
    pub fn with_messages(mut self, messages: Messages) -> Self {
        self.messages = messages;
        self
    }

    /// Which connector.
    #[must_use]
    pub const fn key(&self) -> &ConnectorKey {
        &self.key
    }

    /// Its texts.
    #[must_use]
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The operations it implements.
    #[must_use]
    pub fn operations(&self) -> OperationSet {
        self.kind.operations()
    }

    /// Whether its instances can be pooled.
    #[must_use]
    pub fn is_poolable(&self) -> bool {
        self.kind.poolable()
    }

    /// What the server tells about it.
    #[must_use]
    pub fn info(&self) -> ConnectorInfo {
        ConnectorInfo {
            display_name_key: self.display_name_key.clone(),
            category_key: None,
            key: self.key.clone(),
            messages: self.messages.clone(),
            configuration: ApiConfiguration {
                producer_buffer_size: 100,
                pooling: self.is_poolable(),
                pool: PoolConfiguration::default(),
                results_handlers: ResultsHandlerConfiguration::default(),
                properties: self.kind.properties(),
                timeouts: std::collections::BTreeMap::new(),
                supported_operations: Some(self.operations()),
            },
        }
    }

    /// A configuration with a caller's property values.
    ///
    /// # Errors
    /// `ConfigurationException` for an unknown property or a value of the wrong type.
    pub fn bind(&self, properties: &[(&str, &Value)]) -> Result<Arc<dyn BoundConfiguration>> {
        self.kind.bind(properties)
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("key", &self.key).finish_non_exhaustive()
    }
}
