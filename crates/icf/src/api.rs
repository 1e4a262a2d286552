//! What a connector advertises and what a caller configures: keys, operations, pools, handlers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::configuration::ConfigurationProperty;
use crate::error::ConnectorError;
use crate::messages::Messages;

/// Which connector: bundle, version and class name, all exact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectorKey {
    /// Name of the bundle.
    pub bundle_name: String,
    /// Version of the bundle.
    pub bundle_version: String,
    /// Name of the connector, by custom a Java class name.
    pub connector_name: String,
}

impl ConnectorKey {
    /// A key of three parts.
    #[must_use]
    pub fn new(
        bundle_name: impl Into<String>,
        bundle_version: impl Into<String>,
        connector_name: impl Into<String>,
    ) -> Self {
        Self {
            bundle_name: bundle_name.into(),
            bundle_version: bundle_version.into(),
            connector_name: connector_name.into(),
        }
    }
}

impl fmt::Display for ConnectorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ConnectorKey( bundleName={} bundleVersion={} connectorName={} )",
            self.bundle_name, self.bundle_version, self.connector_name
        )
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $interface:literal),* $(,)?) => {
        /// An operation as a caller sees it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ApiOperation {
            $($(#[$doc])* $name,)*
        }

        impl ApiOperation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name on the wire, such as `SearchApiOp`.
            #[must_use]
            pub const fn wire_name(self) -> &'static str {
                match self {
                    $(Self::$name => $interface,)*
                }
            }
        }
    };
}

operations! {
    /// Check a user's credentials.
    Authenticate = "AuthenticationApiOp",
    /// Write several objects in one call.
    Batch = "BatchApiOp",
    /// Watch for objects.
    ConnectorEventSubscription = "ConnectorEventSubscriptionApiOp",
    /// Create an object.
    Create = "CreateApiOp",
    /// Delete an object.
    Delete = "DeleteApiOp",
    /// Read one object.
    Get = "GetApiOp",
    /// Find the identity of a user name.
    ResolveUsername = "ResolveUsernameApiOp",
    /// Describe classes and attributes.
    Schema = "SchemaApiOp",
    /// Run a script beside the connector.
    ScriptOnConnector = "ScriptOnConnectorApiOp",
    /// Run a script at the target.
    ScriptOnResource = "ScriptOnResourceApiOp",
    /// Read many objects.
    Search = "SearchApiOp",
    /// Read changes.
    Sync = "SyncApiOp",
    /// Watch for changes.
    SyncEventSubscription = "SyncEventSubscriptionApiOp",
    /// Check that the target can be reached.
    Test = "TestApiOp",
    /// Change an object.
    Update = "UpdateApiOp",
    /// Check the configuration.
    Validate = "ValidateApiOp",
}

impl ApiOperation {
    /// The operation of that wire name.
    #[must_use]
    pub fn from_wire_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.wire_name() == name)
    }

    /// The name of the operation itself, such as `Search`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.wire_name().trim_end_matches("ApiOp")
    }

    /// The full name of the Java interface, which messages to callers contain.
    #[must_use]
    pub fn interface_name(self) -> String {
        format!("org.identityconnectors.framework.api.operations.{}", self.wire_name())
    }

    /// What a call of the operation answers where it is not supported.
    #[must_use]
    pub fn not_supported(self) -> ConnectorError {
        ConnectorError::unsupported(format!("Operation 'interface {}' not supported.", self.interface_name()))
    }
}

/// A set of operations.
pub type OperationSet = BTreeSet<ApiOperation>;

/// How many instances of a connector live at once, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PoolConfiguration {
    /// Instances at most, idle and busy.
    pub max_objects: i32,
    /// Idle instances at most.
    pub max_idle: i32,
    /// Milliseconds a call waits for an instance.
    pub max_wait: i64,
    /// Milliseconds after which an idle instance may be disposed.
    pub min_evictable_idle_time_millis: i64,
    /// Idle instances that are kept although they are old.
    pub min_idle: i32,
}

impl Default for PoolConfiguration {
    fn default() -> Self {
        Self {
            max_objects: 10,
            max_idle: 10,
            max_wait: 150_000,
            min_evictable_idle_time_millis: 120_000,
            min_idle: 1,
        }
    }
}

/// Which handlers stand between a connector's objects and the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResultsHandlerConfiguration {
    /// Put every attribute through the connector's normalizer.
    pub normalizing: bool,
    /// Pass only what the filter accepts.
    pub filtered: bool,
    /// Let that filter ignore case.
    pub case_insensitive: bool,
    /// Reduce objects to the attributes asked for.
    pub attributes_to_get: bool,
}

impl Default for ResultsHandlerConfiguration {
    fn default() -> Self {
        Self { normalizing: true, filtered: true, case_insensitive: false, attributes_to_get: true }
    }
}

/// How a caller wants a connector to run. It travels, encoded, in every request as the facade key.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiConfiguration {
    /// Results between connector and sender at most.
    pub producer_buffer_size: i32,
    /// Whether instances are pooled.
    pub pooling: bool,
    /// Pool settings.
    pub pool: PoolConfiguration,
    /// Handler settings.
    pub results_handlers: ResultsHandlerConfiguration,
    /// Configuration properties in advertised order.
    pub properties: Vec<ConfigurationProperty>,
    /// Milliseconds per operation; absent or negative means no limit.
    pub timeouts: BTreeMap<ApiOperation, i32>,
    /// Admitted operations; `None` admits all that the connector implements.
    pub supported_operations: Option<OperationSet>,
}

/// What a server tells about one of its connectors.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorInfo {
    /// Message key of the display name.
    pub display_name_key: String,
    /// Message key of the category; Java servers never fill it.
    pub category_key: Option<String>,
    /// Which connector.
    pub key: ConnectorKey,
    /// Its texts.
    pub messages: Messages,
    /// Its default configuration.
    pub configuration: ApiConfiguration,
}
