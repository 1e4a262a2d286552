//! Which operation a request asks for, and so which member answers it.

use icf::ApiOperation;

use super::Operation;

/// An operation without its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the operation of that name")]
pub enum OperationKind {
    Authenticate,
    Batch,
    Create,
    Delete,
    Get,
    LatestSyncToken,
    ResolveUsername,
    Schema,
    ScriptOnConnector,
    ScriptOnResource,
    Search,
    SubscribeChanges,
    SubscribeObjects,
    Sync,
    Test,
    Update,
    Validate,
}

impl Operation {
    /// The caller's transaction that it belongs to, if the caller said so. Not checked in any way.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        let options = match self {
            Self::Authenticate { options, .. }
            | Self::Batch { options, .. }
            | Self::BatchQuery { options, .. }
            | Self::Create { options, .. }
            | Self::Delete { options, .. }
            | Self::Get { options, .. }
            | Self::ResolveUsername { options, .. }
            | Self::ScriptOnConnector { options, .. }
            | Self::ScriptOnResource { options, .. }
            | Self::Search { options, .. }
            | Self::SubscribeChanges { options, .. }
            | Self::SubscribeObjects { options, .. }
            | Self::Sync { options, .. }
            | Self::Update { options, .. } => options,
            Self::LatestSyncToken { .. } | Self::Schema | Self::Test | Self::Validate => {
                return None;
            }
        };
        options.transaction_id()
    }

    /// Which operation it is; asking for the results of a batch is a batch, too.
    #[must_use]
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Authenticate { .. } => OperationKind::Authenticate,
            Self::Batch { .. } | Self::BatchQuery { .. } => OperationKind::Batch,
            Self::Create { .. } => OperationKind::Create,
            Self::Delete { .. } => OperationKind::Delete,
            Self::Get { .. } => OperationKind::Get,
            Self::LatestSyncToken { .. } => OperationKind::LatestSyncToken,
            Self::ResolveUsername { .. } => OperationKind::ResolveUsername,
            Self::Schema => OperationKind::Schema,
            Self::ScriptOnConnector { .. } => OperationKind::ScriptOnConnector,
            Self::ScriptOnResource { .. } => OperationKind::ScriptOnResource,
            Self::Search { .. } => OperationKind::Search,
            Self::SubscribeChanges { .. } => OperationKind::SubscribeChanges,
            Self::SubscribeObjects { .. } => OperationKind::SubscribeObjects,
            Self::Sync { .. } => OperationKind::Sync,
            Self::Test => OperationKind::Test,
            Self::Update { .. } => OperationKind::Update,
            Self::Validate => OperationKind::Validate,
        }
    }

    /// The operation of the framework that it belongs to: what time limits and announced operations name.
    #[must_use]
    pub const fn api_operation(&self) -> ApiOperation {
        match self {
            Self::Authenticate { .. } => ApiOperation::Authenticate,
            Self::Batch { .. } | Self::BatchQuery { .. } => ApiOperation::Batch,
            Self::Create { .. } => ApiOperation::Create,
            Self::Delete { .. } => ApiOperation::Delete,
            Self::Get { .. } => ApiOperation::Get,
            Self::LatestSyncToken { .. } | Self::Sync { .. } => ApiOperation::Sync,
            Self::ResolveUsername { .. } => ApiOperation::ResolveUsername,
            Self::Schema => ApiOperation::Schema,
            Self::ScriptOnConnector { .. } => ApiOperation::ScriptOnConnector,
            Self::ScriptOnResource { .. } => ApiOperation::ScriptOnResource,
            Self::Search { .. } => ApiOperation::Search,
            Self::SubscribeChanges { .. } => ApiOperation::SyncEventSubscription,
            Self::SubscribeObjects { .. } => ApiOperation::ConnectorEventSubscription,
            Self::Test => ApiOperation::Test,
            Self::Update { .. } => ApiOperation::Update,
            Self::Validate => ApiOperation::Validate,
        }
    }
}
