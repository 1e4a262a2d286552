//! Facts about operations: what they are called, which class they touch.

use icf::ObjectClass;
use icf_wire::rpc::Operation;

/// The name in events and faults.
pub(super) const fn label(operation: &Operation) -> &'static str {
    match operation {
        Operation::Authenticate { .. } => "AUTHENTICATE",
        Operation::Batch { .. } | Operation::BatchQuery { .. } => "BATCH",
        Operation::Create { .. } => "CREATE",
        Operation::Delete { .. } => "DELETE",
        Operation::Get { .. } => "GET",
        Operation::LatestSyncToken { .. } => "LATEST_SYNC_TOKEN",
        Operation::ResolveUsername { .. } => "RESOLVEUSERNAME",
        Operation::Schema => "SCHEMA",
        Operation::ScriptOnConnector { .. } => "SCRIPT_ON_CONNECTOR",
        Operation::ScriptOnResource { .. } => "SCRIPT_ON_RESOURCE",
        Operation::Search { .. } => "SEARCH",
        Operation::SubscribeChanges { .. } => "SUBSCRIBE_CHANGES",
        Operation::SubscribeObjects { .. } => "SUBSCRIBE_OBJECTS",
        Operation::Sync { .. } => "SYNC",
        Operation::Test => "TEST",
        Operation::Update { .. } => "UPDATE",
        Operation::Validate => "VALIDATE",
    }
}

/// The class the operation is about.
pub(super) const fn class(operation: &Operation) -> Option<&ObjectClass> {
    match operation {
        Operation::Authenticate { class, .. }
        | Operation::Create { class, .. }
        | Operation::Delete { class, .. }
        | Operation::Get { class, .. }
        | Operation::LatestSyncToken { class }
        | Operation::ResolveUsername { class, .. }
        | Operation::Search { class, .. }
        | Operation::SubscribeChanges { class, .. }
        | Operation::SubscribeObjects { class, .. }
        | Operation::Sync { class, .. }
        | Operation::Update { class, .. } => class.as_ref(),
        Operation::Batch { .. }
        | Operation::BatchQuery { .. }
        | Operation::Schema
        | Operation::ScriptOnConnector { .. }
        | Operation::ScriptOnResource { .. }
        | Operation::Test
        | Operation::Validate => None,
    }
}

/// Whether the answer comes in parts.
pub(super) const fn is_streamed(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Search { .. }
            | Operation::Sync { .. }
            | Operation::Batch { .. }
            | Operation::BatchQuery { .. }
            | Operation::SubscribeChanges { .. }
            | Operation::SubscribeObjects { .. }
    )
}
