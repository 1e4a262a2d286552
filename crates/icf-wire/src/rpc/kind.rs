//! Which operation a request asks for, and so which member answers it.

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
}
