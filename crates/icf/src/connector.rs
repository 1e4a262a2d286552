//! What every connector is: something opened from a configuration.

use async_trait::async_trait;

use crate::attribute::Attribute;
use crate::configuration::{Configuration, ConfigurationHandle};
use crate::context::CallContext;
use crate::error::Result;
use crate::name::ObjectClass;

/// A connector to one kind of target.
///
/// A value of the type is one instance: it serves one call at a time and may live for many if the connector is
/// poolable. The operations are separate traits in [`operations`](mod@crate::operations); one line,
/// `icf::operations!(MyConnector);`, makes them known.
#[async_trait]
pub trait Connector: Sized + Send + Sync + 'static {
    /// Its configuration.
    type Configuration: Configuration;

    /// Whether instances are kept and used again.
    const POOLABLE: bool = false;

    /// Makes an instance. Called for every call, or once per pooled instance.
    async fn open(configuration: ConfigurationHandle<Self::Configuration>, cx: &CallContext) -> Result<Self>;

    /// Whether a pooled instance still works; asked before every use.
    async fn check_alive(&self) -> Result<()> {
        Ok(())
    }

    /// Gives back what the instance holds. Errors are the connector's own affair by now; log them.
    async fn dispose(&self) {}
}

/// Brings attribute values into the form in which the target compares them.
pub trait AttributeNormalizer: Send + Sync {
    /// The attribute in normal form.
    fn normalize(&self, class: &ObjectClass, attribute: Attribute) -> Attribute;
}
