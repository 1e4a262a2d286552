//! Answers from messages: what the side that asked makes of them.

use icf::{ConnectorError, Result};

use super::parts::{self, Reading, unreadable_object};
use super::{Answer, Item, Operation, OperationKind, batch};
use crate::binary::{Limits, Objects};
use crate::envelope::OperationResponse;

/// Reads the messages that answer one operation.
#[derive(Debug)]
pub struct Expected {
    kind: OperationKind,
    limits: Limits,
    objects: Objects,
}

impl Expected {
    /// The answer to an operation.
    #[must_use]
    pub fn of(operation: &Operation, limits: Limits) -> Self {
        Self { kind: operation.kind(), limits, objects: Objects::new(limits) }
    }

    /// Reads a part of a streamed answer, one that the session delivered as an item.
    ///
    /// # Errors
    /// When it answers another operation, or cannot be read.
    pub fn item(&mut self, message: OperationResponse) -> Result<Item> {
        let reading = Reading { limits: &self.limits };
        let item = match self.kind {
            OperationKind::Search => {
                message.search_op_response.and_then(|search| search.connector_object).map(|object| {
                    let read = self.objects.read(&object.attributes, object.object_class.into());
                    read.map(Item::Object).map_err(unreadable_object)
                })
            }
            OperationKind::Sync => message
                .sync_op_response
                .and_then(|sync| sync.sync?.sync_delta)
                .map(|delta| reading.delta(delta).map(Item::Delta)),
            OperationKind::Batch => message.batch_op_result.map(batch::read_item),
            OperationKind::SubscribeObjects => {
                message.connector_event_subscription_op_response.map(|event| match event.connector_object {
                    Some(object) => reading.object(object).map(Item::ObjectEvent),
                    None => Ok(Item::Accepted),
                })
            }
            OperationKind::SubscribeChanges => {
                message.sync_event_subscription_op_response.map(|event| match event.sync_delta {
                    Some(delta) => reading.delta(delta).map(Item::ChangeEvent),
                    None => Ok(Item::Accepted),
                })
            }
            _ => None,
        };
        item.unwrap_or_else(|| Err(self.unexpected()))
    }

    /// Reads the last message.
    ///
    /// # Errors
    /// When it answers another operation, or cannot be read.
    pub fn end(&self, message: OperationResponse) -> Result<Answer> {
        let reading = Reading { limits: &self.limits };
        let uid = |uid: Option<_>| uid.map(parts::uid).transpose().map(Answer::Uid);
        let answer = match self.kind {
            OperationKind::Authenticate => message.authenticate_op_response.map(|part| uid(part.uid)),
            OperationKind::Create => message.create_op_response.map(|part| uid(part.uid)),
            OperationKind::ResolveUsername => message.resolve_username_op_response.map(|part| uid(part.uid)),
            OperationKind::Update => message.update_op_response.map(|part| uid(part.uid)),
            OperationKind::Delete => message.delete_op_response.map(|_| Ok(Answer::Done)),
            OperationKind::Test => message.test_op_response.map(|_| Ok(Answer::Done)),
            OperationKind::Validate => message.validate_op_response.map(|_| Ok(Answer::Done)),
            OperationKind::Get => message.get_op_response.map(|part| {
                let object = reading.whole_object(&part.connector_object)?;
                Ok(Answer::Object(object.map(Box::new)))
            }),
            OperationKind::Schema => message
                .schema_op_response
                .map(|part| Ok(Answer::Schema(reading.schema(&part.schema)?.map(Box::new)))),
            OperationKind::ScriptOnConnector => message
                .script_on_connector_op_response
                .map(|part| reading.value("the script's result", &part.object).map(Answer::Value)),
            OperationKind::ScriptOnResource => message
                .script_on_resource_op_response
                .map(|part| reading.value("the script's result", &part.object).map(Answer::Value)),
            OperationKind::Search => message
                .search_op_response
                .map(|part| Ok(Answer::SearchEnd(part.result.map(parts::search_result)))),
            OperationKind::Sync => message
                .sync_op_response
                .and_then(|sync| sync.sync)
                .map(|part| reading.token(part.sync_token.as_ref()).map(Answer::SyncEnd)),
            OperationKind::LatestSyncToken => message
                .sync_op_response
                .and_then(|sync| sync.latest_sync_token)
                .map(|part| reading.token(part.sync_token.as_ref()).map(Answer::LatestSyncToken)),
            // A batch may end without a message of its own.
            OperationKind::Batch => Some(Ok(Answer::BatchEnd)),
            OperationKind::SubscribeObjects => {
                message.connector_event_subscription_op_response.map(|_| Ok(Answer::SubscriptionEnd))
            }
            OperationKind::SubscribeChanges => {
                message.sync_event_subscription_op_response.map(|_| Ok(Answer::SubscriptionEnd))
            }
        };
        answer.unwrap_or_else(|| Err(self.unexpected()))
    }

    fn unexpected(&self) -> ConnectorError {
        ConnectorError::connector(format!(
            "Unknown response message type: it does not answer {:?}",
            self.kind
        ))
    }
}
