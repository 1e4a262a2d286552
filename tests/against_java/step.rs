//! One step of a sequence: an operation, or something that happens beside the servers.

use icf::{ObjectClass, OperationOptions, Value};
use icf_wire::rpc::{Operation, UpdateKind};

/// What may happen. Tokens and cookies are each server's own, so a step names them by where they came from.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An operation that means the same to both servers.
    Ask(Operation),
    /// A search that goes on where the last one ended; one that begins anew if that ended without a cookie.
    NextPage(Operation),
    /// Asks for the latest token and keeps it.
    LatestToken(ObjectClass),
    /// Asks for changes and keeps the token of the end.
    Sync(ObjectClass, Since, OperationOptions),
    /// Another program writes these bytes over the file.
    Replaced(String),
    /// Another program adds these bytes to the file.
    Appended(String),
}

/// From where a synchronisation goes on.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    /// No token.
    Ever,
    /// The token that was kept as the n-th; none if there are not that many.
    Kept(usize),
    /// Whatever the caller makes up.
    Invented(Value),
}

/// What a step does, for reports.
pub(crate) fn name(step: &Step) -> &'static str {
    let operation = match step {
        Step::Ask(operation) | Step::NextPage(operation) => operation,
        Step::LatestToken(_) => return "latestSyncToken",
        Step::Sync(..) => return "sync",
        Step::Replaced(_) => return "replaced",
        Step::Appended(_) => return "appended",
    };
    match operation {
        Operation::Authenticate { .. } => "authenticate",
        Operation::Batch { .. } => "batch",
        Operation::BatchQuery { .. } => "batchQuery",
        Operation::Create { .. } => "create",
        Operation::Delete { .. } => "delete",
        Operation::Get { .. } => "get",
        Operation::LatestSyncToken { .. } => "latestSyncToken",
        Operation::ResolveUsername { .. } => "resolveUsername",
        Operation::Schema => "schema",
        Operation::ScriptOnConnector { .. } => "scriptOnConnector",
        Operation::ScriptOnResource { .. } => "scriptOnResource",
        Operation::Search { .. } => "search",
        Operation::SubscribeChanges { .. } => "subscribeChanges",
        Operation::SubscribeObjects { .. } => "subscribeObjects",
        Operation::Sync { .. } => "sync",
        Operation::Test => "test",
        Operation::Update { kind: UpdateKind::Replace, .. } => "update",
        Operation::Update { kind: UpdateKind::Add, .. } => "addValues",
        Operation::Update { kind: UpdateKind::Remove, .. } => "removeValues",
        Operation::Validate => "validate",
    }
}
