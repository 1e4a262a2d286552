//! The ICF (Identity Connector Framework) object model and the traits a connector implements.
//!
//! A connector author depends on this crate alone. It knows objects, attributes, values, filters, schemas,
//! options and errors; it knows nothing about sockets, bytes on a wire, configuration files or any one target.
//!
//! Start reading at [`Connector`] and the operation traits in [`operations`](mod@crate::operations).

mod api;
mod attribute;
mod batch;
mod blocking;
mod configuration;
mod connector;
mod context;
mod error;
pub mod filter;
mod guarded;
mod locale;
mod messages;
mod name;
mod object;
pub mod operations;
mod options;
pub mod probe;
mod registration;
mod schema;
mod script;
mod sink;
mod sync;
mod value;
pub mod writing;

pub use api::{
    ApiConfiguration, ApiOperation, ConnectorInfo, ConnectorKey, OperationSet, PoolConfiguration,
    ResultsHandlerConfiguration,
};
pub use async_trait::async_trait;
pub use attribute::{Attribute, AttributeSet, names};
pub use batch::{BatchOutcome, BatchTask, BatchToken, run_tasks};
pub use blocking::blocking;
pub use configuration::{
    ChangeListener, Configuration, ConfigurationHandle, ConfigurationProperty, PropertyMismatch,
    PropertyValue, WeakConfigurationHandle,
};
pub use connector::{AttributeNormalizer, Connector};
pub use context::CallContext;
pub use error::{ConnectorError, ErrorKind, Result};
pub use filter::Filter;
pub use guarded::{GuardedBytes, GuardedString};
pub use icf_derive::Configuration;
pub use locale::Locale;
pub use messages::{Catalogue, Messages};
pub use name::{AttributeName, ObjectClass, same_name};
pub use object::{ConnectorObject, QualifiedUid, Uid};
pub use options::{OperationOptions, SortKey, option_names};
pub use registration::{BoundConfiguration, Instance, Registration};
pub use schema::{
    AttributeFlag, AttributeFlags, AttributeInfo, ObjectClassInfo, OperationOptionInfo, Schema, SchemaBuilder,
};
pub use script::{Script, ScriptContext};
pub use sink::{BatchSink, DeltaSink, Event, EventSink, Flow, ObjectSink, Receive};
pub use sync::{CountPolicy, SearchResult, SyncDelta, SyncDeltaType, SyncToken};
pub use tokio_util::sync::CancellationToken;
pub use value::{BigDecimal, BigInteger, Value, ValueArray, ValueMap, ValueSet, ValueType};
