//! Requests as messages, in both directions.

use icf::{ConnectorError, ConnectorKey, Result};

use super::parts::{self, Reading, Writing};
use super::{FacadeKey, Operation, OperationRequest, UpdateKind, batch};
use crate::binary::Limits;
use crate::envelope;

/// The answer to a request that asks for nothing.
const NO_OPERATION: &str = "Unknown OperationRequest";

impl OperationRequest {
    /// Reads a request. Of several operations the first counts, in the order in which Java looks for them.
    ///
    /// # Errors
    /// When it asks for no operation, or a member cannot be read; what to answer.
    pub fn from_message(message: envelope::OperationRequest, limits: &Limits) -> Result<Self> {
        let mut message = message;
        let key = message.connector_key.take().unwrap_or_default();
        let facade_key = FacadeKey::new(std::mem::take(&mut message.connector_facade_key));
        let locale = message.locale.take().map(parts::locale);
        Ok(Self {
            connector: ConnectorKey::new(key.bundle_name, key.bundle_version, key.connector_name),
            facade_key,
            locale,
            operation: read_operation(Reading { limits }, message)?,
        })
    }

    /// The message of this request.
    ///
    /// # Errors
    /// When an argument has no form on the wire.
    pub fn to_message(&self) -> Result<envelope::OperationRequest> {
        let mut message = envelope::OperationRequest {
            connector_key: Some(envelope::ConnectorKey {
                bundle_name: self.connector.bundle_name.clone(),
                bundle_version: self.connector.bundle_version.clone(),
                connector_name: self.connector.connector_name.clone(),
            }),
            connector_facade_key: self.facade_key.as_bytes().clone(),
            locale: self.locale.as_ref().map(parts::locale_message),
            ..envelope::OperationRequest::default()
        };
        write_operation(&mut Writing::new(), &self.operation, &mut message)?;
        Ok(message)
    }
}

fn read_operation(reading: Reading<'_>, message: envelope::OperationRequest) -> Result<Operation> {
    if let Some(request) = message.batch_op_request {
        return batch::read_request(reading, request);
    }
    if let Some(request) = message.authenticate_op_request {
        return authenticate(reading, request);
    }
    if let Some(request) = message.create_op_request {
        return create(reading, request);
    }
    if let Some(request) = message.connector_event_subscription_op_request {
        return subscribe_objects(reading, request);
    }
    if let Some(request) = message.delete_op_request {
        return delete(reading, request);
    }
    if let Some(request) = message.get_op_request {
        return get(reading, request);
    }
    if let Some(request) = message.resolve_username_op_request {
        return resolve_username(reading, request);
    }
    if message.schema_op_request.is_some() {
        return Ok(Operation::Schema);
    }
    if let Some(request) = message.script_on_connector_op_request {
        return script_on_connector(reading, request);
    }
    if let Some(request) = message.script_on_resource_op_request {
        return script_on_resource(reading, request);
    }
    if let Some(request) = message.search_op_request {
        return search(reading, request);
    }
    if let Some(request) = message.sync_op_request {
        return sync(reading, request);
    }
    if let Some(request) = message.sync_event_subscription_op_request {
        return subscribe_changes(reading, request);
    }
    if message.test_op_request.is_some() {
        return Ok(Operation::Test);
    }
    if let Some(request) = message.update_op_request {
        return update(reading, request);
    }
    if message.validate_op_request.is_some() {
        return Ok(Operation::Validate);
    }
    Err(ConnectorError::connector(NO_OPERATION))
}

fn authenticate(reading: Reading<'_>, request: envelope::AuthenticateOpRequest) -> Result<Operation> {
    Ok(Operation::Authenticate {
        class: parts::named_class(request.object_class),
        username: Some(request.username),
        password: reading.password(&request.password)?,
        options: reading.options(&request.options)?,
    })
}

fn create(reading: Reading<'_>, request: envelope::CreateOpRequest) -> Result<Operation> {
    Ok(Operation::Create {
        class: parts::named_class(request.object_class),
        attributes: reading.attributes("createAttributes", &request.create_attributes)?,
        options: reading.options(&request.options)?,
    })
}

fn subscribe_objects(
    reading: Reading<'_>,
    request: envelope::ConnectorEventSubscriptionOpRequest,
) -> Result<Operation> {
    Ok(Operation::SubscribeObjects {
        class: parts::named_class(request.object_class),
        filter: reading.filter(&request.event_filter)?,
        options: reading.options(&request.options)?,
    })
}

fn delete(reading: Reading<'_>, request: envelope::DeleteOpRequest) -> Result<Operation> {
    Ok(Operation::Delete {
        class: parts::named_class(request.object_class),
        uid: Some(parts::uid(request.uid.unwrap_or_default())?),
        options: reading.options(&request.options)?,
    })
}

fn get(reading: Reading<'_>, request: envelope::GetOpRequest) -> Result<Operation> {
    Ok(Operation::Get {
        class: parts::named_class(request.object_class),
        uid: Some(parts::uid(request.uid.unwrap_or_default())?),
        options: reading.options(&request.options)?,
    })
}

fn resolve_username(reading: Reading<'_>, request: envelope::ResolveUsernameOpRequest) -> Result<Operation> {
    Ok(Operation::ResolveUsername {
        class: parts::named_class(request.object_class),
        username: Some(request.username),
        options: reading.options(&request.options)?,
    })
}

fn script_on_connector(
    reading: Reading<'_>,
    request: envelope::ScriptOnConnectorOpRequest,
) -> Result<Operation> {
    Ok(Operation::ScriptOnConnector {
        script: reading.script(request.script_context)?,
        options: reading.options(&request.options)?,
    })
}

fn script_on_resource(
    reading: Reading<'_>,
    request: envelope::ScriptOnResourceOpRequest,
) -> Result<Operation> {
    Ok(Operation::ScriptOnResource {
        script: reading.script(request.script_context)?,
        options: reading.options(&request.options)?,
    })
}

fn search(reading: Reading<'_>, request: envelope::SearchOpRequest) -> Result<Operation> {
    Ok(Operation::Search {
        class: parts::named_class(request.object_class),
        filter: reading.filter(&request.filter)?,
        options: reading.options(&request.options)?,
    })
}

fn subscribe_changes(
    reading: Reading<'_>,
    request: envelope::SyncEventSubscriptionOpRequest,
) -> Result<Operation> {
    Ok(Operation::SubscribeChanges {
        class: parts::named_class(request.object_class),
        token: reading.token(request.token.as_ref())?,
        options: reading.options(&request.options)?,
    })
}

fn update(reading: Reading<'_>, request: envelope::UpdateOpRequest) -> Result<Operation> {
    Ok(Operation::Update {
        kind: update_kind(request.update_type)?,
        class: parts::named_class(request.object_class),
        uid: Some(parts::uid(request.uid.unwrap_or_default())?),
        attributes: reading.attributes("replaceAttributes", &request.replace_attributes)?,
        options: reading.options(&request.options)?,
    })
}

/// Two requests share a message; the one for the latest token counts first.
fn sync(reading: Reading<'_>, message: envelope::SyncOpRequest) -> Result<Operation> {
    if let Some(request) = message.latest_sync_token {
        return Ok(Operation::LatestSyncToken { class: parts::named_class(request.object_class) });
    }
    let Some(request) = message.sync else {
        return Err(ConnectorError::connector(format!("{NO_OPERATION}: a SyncOpRequest without content")));
    };
    Ok(Operation::Sync {
        class: parts::named_class(request.object_class),
        token: reading.token(request.token.as_ref())?,
        options: reading.options(&request.options)?,
    })
}

pub(super) fn update_kind(number: i32) -> Result<UpdateKind> {
    match envelope::UpdateType::try_from(number) {
        Ok(envelope::UpdateType::Replace) => Ok(UpdateKind::Replace),
        Ok(envelope::UpdateType::Add) => Ok(UpdateKind::Add),
        Ok(envelope::UpdateType::Remove) => Ok(UpdateKind::Remove),
        Err(_) => Err(ConnectorError::illegal_argument(format!(
            "Unknown update type {number}: known are 0 (replace), 1 (add) and 2 (remove)"
        ))),
    }
}

pub(super) const fn update_type(kind: UpdateKind) -> envelope::UpdateType {
    match kind {
        UpdateKind::Replace => envelope::UpdateType::Replace,
        UpdateKind::Add => envelope::UpdateType::Add,
        UpdateKind::Remove => envelope::UpdateType::Remove,
    }
}

fn name(class: Option<&icf::ObjectClass>) -> String {
    class.map_or_else(String::new, |class| class.as_str().to_owned())
}

fn write_operation(
    w: &mut Writing,
    operation: &Operation,
    message: &mut envelope::OperationRequest,
) -> Result<()> {
    match operation {
        Operation::Authenticate { class, username, password, options } => {
            message.authenticate_op_request = Some(envelope::AuthenticateOpRequest {
                object_class: name(class.as_ref()),
                username: username.clone().unwrap_or_default(),
                password: w.password(password.as_ref())?,
                options: w.options(options)?,
            });
        }
        Operation::Batch { tasks, options } => {
            message.batch_op_request = Some(batch::message(w, tasks, options)?);
        }
        Operation::BatchQuery { token, options } => {
            message.batch_op_request = Some(batch::query_message(w, token, options)?);
        }
        Operation::Create { class, attributes, options } => {
            message.create_op_request = Some(envelope::CreateOpRequest {
                object_class: name(class.as_ref()),
                create_attributes: w.attributes(attributes.as_ref())?,
                options: w.options(options)?,
            });
        }
        Operation::Delete { class, uid, options } => {
            message.delete_op_request = Some(envelope::DeleteOpRequest {
                object_class: name(class.as_ref()),
                uid: uid.as_ref().map(parts::uid_message),
                options: w.options(options)?,
            });
        }
        Operation::Get { class, uid, options } => {
            message.get_op_request = Some(envelope::GetOpRequest {
                object_class: name(class.as_ref()),
                uid: uid.as_ref().map(parts::uid_message),
                options: w.options(options)?,
            });
        }
        Operation::ResolveUsername { class, username, options } => {
            message.resolve_username_op_request = Some(envelope::ResolveUsernameOpRequest {
                object_class: name(class.as_ref()),
                username: username.clone().unwrap_or_default(),
                options: w.options(options)?,
            });
        }
        Operation::Schema => message.schema_op_request = Some(envelope::SchemaOpRequest {}),
        Operation::Test => message.test_op_request = Some(envelope::TestOpRequest {}),
        Operation::Validate => message.validate_op_request = Some(envelope::ValidateOpRequest {}),
        Operation::Update { kind, class, uid, attributes, options } => {
            message.update_op_request = Some(envelope::UpdateOpRequest {
                object_class: name(class.as_ref()),
                uid: uid.as_ref().map(parts::uid_message),
                update_type: update_type(*kind).into(),
                replace_attributes: w.attributes(attributes.as_ref())?,
                options: w.options(options)?,
            });
        }
        streamed => write_streamed(w, streamed, message)?,
    }
    Ok(())
}

/// Scripts, and the operations whose answer comes in parts.
fn write_streamed(
    w: &mut Writing,
    operation: &Operation,
    message: &mut envelope::OperationRequest,
) -> Result<()> {
    match operation {
        Operation::ScriptOnConnector { script, options } => {
            message.script_on_connector_op_request = Some(envelope::ScriptOnConnectorOpRequest {
                script_context: w.script(script.as_ref())?,
                options: w.options(options)?,
            });
        }
        Operation::ScriptOnResource { script, options } => {
            message.script_on_resource_op_request = Some(envelope::ScriptOnResourceOpRequest {
                script_context: w.script(script.as_ref())?,
                options: w.options(options)?,
            });
        }
        Operation::Search { class, filter, options } => {
            message.search_op_request = Some(envelope::SearchOpRequest {
                object_class: name(class.as_ref()),
                filter: w.filter(filter.as_ref())?,
                options: w.options(options)?,
            });
        }
        Operation::SubscribeObjects { class, filter, options } => {
            message.connector_event_subscription_op_request =
                Some(envelope::ConnectorEventSubscriptionOpRequest {
                    object_class: name(class.as_ref()),
                    event_filter: w.filter(filter.as_ref())?,
                    options: w.options(options)?,
                });
        }
        Operation::SubscribeChanges { class, token, options } => {
            message.sync_event_subscription_op_request = Some(envelope::SyncEventSubscriptionOpRequest {
                object_class: name(class.as_ref()),
                token: token.as_ref().map(|token| w.token(token)).transpose()?,
                options: w.options(options)?,
            });
        }
        Operation::LatestSyncToken { class } => {
            let request = envelope::LatestSyncTokenRequest { object_class: name(class.as_ref()) };
            let sync = envelope::SyncOpRequest { sync: None, latest_sync_token: Some(request) };
            message.sync_op_request = Some(sync);
        }
        Operation::Sync { class, token, options } => {
            let request = envelope::SyncRequest {
                object_class: name(class.as_ref()),
                token: token.as_ref().map(|token| w.token(token)).transpose()?,
                options: w.options(options)?,
            };
            message.sync_op_request =
                Some(envelope::SyncOpRequest { sync: Some(request), latest_sync_token: None });
        }
        _ => {}
    }
    Ok(())
}
