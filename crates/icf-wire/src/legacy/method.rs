//! Which methods there are: an operation's name and a method of it.

use icf::{ConnectorError, Result};

/// A method that a client may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Authenticate,
    Create,
    Delete,
    Get,
    LatestSyncToken,
    ResolveUsername,
    Schema,
    ScriptOnConnector,
    ScriptOnResource,
    Search,
    Sync,
    Test,
    Update,
    AddValues,
    RemoveValues,
    UpdateDelta,
    Validate,
}

/// Operation, method in lower case, what it is.
const METHODS: &[(&str, &str, Method)] = &[
    ("AuthenticationApiOp", "authenticate", Method::Authenticate),
    ("CreateApiOp", "create", Method::Create),
    ("DeleteApiOp", "delete", Method::Delete),
    ("GetApiOp", "getobject", Method::Get),
    ("ResolveUsernameApiOp", "resolveusername", Method::ResolveUsername),
    ("SchemaApiOp", "schema", Method::Schema),
    ("ScriptOnConnectorApiOp", "runscriptonconnector", Method::ScriptOnConnector),
    ("ScriptOnResourceApiOp", "runscriptonresource", Method::ScriptOnResource),
    ("SearchApiOp", "search", Method::Search),
    ("SyncApiOp", "sync", Method::Sync),
    ("SyncApiOp", "getlatestsynctoken", Method::LatestSyncToken),
    ("TestApiOp", "test", Method::Test),
    ("UpdateApiOp", "update", Method::Update),
    ("UpdateApiOp", "addattributevalues", Method::AddValues),
    ("UpdateApiOp", "removeattributevalues", Method::RemoveValues),
    ("UpdateDeltaApiOp", "updatedelta", Method::UpdateDelta),
    ("ValidateApiOp", "validate", Method::Validate),
];

/// Operations that other frameworks have or that have no form here, and why they are refused.
const REFUSED: &[(&str, &str)] = &[
    ("BatchApiOp", "the legacy protocol cannot carry the answers of a batch; send the tasks one by one"),
    ("ConnectorEventSubscriptionApiOp", NO_SUBSCRIPTION),
    ("SyncEventSubscriptionApiOp", NO_SUBSCRIPTION),
    ("LiveSyncApiOp", "the legacy protocol cannot carry live synchronisation; use sync"),
    ("DiscoverConfigurationApiOp", "no connector of this server discovers configurations"),
];

const NO_SUBSCRIPTION: &str =
    "the legacy protocol cannot carry the events of a subscription; use sync or search";

/// The method of that name, whose letter case does not matter: .NET clients write it differently.
///
/// # Errors
/// What to answer when there is none.
pub(super) fn find(operation: &str, method: &str) -> Result<Method> {
    let mut of_operation = METHODS.iter().filter(|(name, ..)| *name == operation).peekable();
    if of_operation.peek().is_none() {
        let known = REFUSED.iter().find(|(name, _)| *name == operation);
        let reason = known.map_or("there is no such operation", |(_, reason)| reason);
        return Err(ConnectorError::unsupported(format!(
            "Operation {} is refused: {reason}",
            shown(operation)
        )));
    }
    let found = of_operation.find(|(_, name, _)| name.eq_ignore_ascii_case(method));
    found.map(|(_, _, method)| *method).ok_or_else(|| {
        // The text of Java servers.
        ConnectorError::connector(format!(
            "APIOperations are expected to have exactly one method of a given name: \
             interface org.identityconnectors.framework.api.operations.{operation}"
        ))
    })
}

/// A client chooses the name, so no more than its beginning is repeated.
fn shown(operation: &str) -> String {
    operation.chars().take(80).collect()
}
