//! Answers as messages: what the side that executes an operation sends back.

use bytes::Bytes;
use icf::{ConnectorError, Result};

use super::frames::Frames;
use super::parts::{self, Writing};
use super::{Answer, Item, Operation, OperationKind, batch};
use crate::envelope::{
    AuthenticateOpResponse, BatchOpResult, ConnectorEventSubscriptionOpResponse, CreateOpResponse,
    DeleteOpResponse, ExceptionMessage, GetOpResponse, LatestSyncTokenResponse, OperationResponse,
    RemoteMessage, ResolveUsernameOpResponse, RpcResponse, SchemaOpResponse, ScriptOnConnectorOpResponse,
    ScriptOnResourceOpResponse, SearchOpResponse, SyncEventSubscriptionOpResponse, SyncOpResponse,
    SyncResponse, TestOpResponse, UpdateOpResponse, ValidateOpResponse,
};
use crate::session::ResponseClass;

/// Makes the messages that answer one operation. Numbers the parts of a search or a synchronisation from 1.
#[derive(Debug)]
pub struct Reply {
    kind: OperationKind,
    sequence: i64,
    writing: Writing,
    frames: Frames,
}

impl Reply {
    /// The answer to an operation.
    #[must_use]
    pub fn to(operation: &Operation) -> Self {
        Self { kind: operation.kind(), sequence: 0, writing: Writing::new(), frames: Frames::default() }
    }

    /// The message with one part, under the id of the request, and whether it may be sent twice. An item that cannot be
    /// sent takes no number.
    ///
    /// # Errors
    /// When the item has no form on the wire, or is none of this operation.
    pub fn message(&mut self, id: i64, item: &Item) -> Result<(Bytes, ResponseClass)> {
        if let (OperationKind::Search, Item::Object(object)) = (self.kind, item) {
            let number = self.sequence + 1;
            let message = self.writing.object_frame(&mut self.frames, id, number, object)?;
            self.sequence = number;
            return Ok((message, ResponseClass::Exact));
        }
        let (part, class) = self.part(item)?;
        Ok((RemoteMessage::of_response(id, part).to_bytes(), class))
    }

    /// One part of any other answer than a search's.
    fn part(&mut self, item: &Item) -> Result<(RpcResponse, ResponseClass)> {
        let mut response = OperationResponse::default();
        let class = match (self.kind, item) {
            (OperationKind::Sync, Item::Delta(delta)) => {
                let sync_delta = Some(self.writing.delta(delta)?);
                self.sequence += 1;
                let part = SyncResponse { sequence: self.sequence, sync_token: None, sync_delta };
                response.sync_op_response =
                    Some(SyncOpResponse { sync: Some(part), latest_sync_token: None });
                ResponseClass::Exact
            }
            (OperationKind::Batch, Item::Outcome { index, outcome, last }) => {
                response.batch_op_result = Some(batch::outcome_message(*index, outcome, *last));
                ResponseClass::Once
            }
            (OperationKind::Batch, Item::BatchToken(token)) => {
                response.batch_op_result = Some(batch::token_message(token));
                ResponseClass::Once
            }
            (OperationKind::SubscribeObjects, Item::Accepted) => {
                response.connector_event_subscription_op_response =
                    Some(ConnectorEventSubscriptionOpResponse::default());
                ResponseClass::Exact
            }
            (OperationKind::SubscribeChanges, Item::Accepted) => {
                response.sync_event_subscription_op_response =
                    Some(SyncEventSubscriptionOpResponse::default());
                ResponseClass::Exact
            }
            (OperationKind::SubscribeObjects, Item::ObjectEvent(object)) => {
                let connector_object = Some(self.writing.object(object)?);
                response.connector_event_subscription_op_response =
                    Some(ConnectorEventSubscriptionOpResponse { connector_object, completed: false });
                ResponseClass::Once
            }
            (OperationKind::SubscribeChanges, Item::ChangeEvent(delta)) => {
                let sync_delta = Some(self.writing.delta(delta)?);
                response.sync_event_subscription_op_response =
                    Some(SyncEventSubscriptionOpResponse { sync_delta, completed: false });
                ResponseClass::Once
            }
            (kind, _) => return Err(misplaced(kind)),
        };
        Ok((answered(response), class))
    }

    /// The last message: the answer, or an error, also when the answer has no form on the wire.
    #[must_use]
    pub fn end(mut self, outcome: &Result<Answer>) -> RpcResponse {
        let response = match outcome {
            Ok(answer) => self.answer(answer),
            Err(error) => return failed(error),
        };
        response.map_or_else(|error| failed(&error), answered)
    }

    fn answer(&mut self, answer: &Answer) -> Result<OperationResponse> {
        let mut response = OperationResponse::default();
        match (self.kind, answer) {
            (OperationKind::Search, Answer::SearchEnd(result)) => {
                let result = result.as_ref().map(parts::search_result_message);
                let end = SearchOpResponse { sequence: self.sequence, result, connector_object: None };
                response.search_op_response = Some(end);
            }
            (OperationKind::Sync, Answer::SyncEnd(token)) => {
                let sync_token = token.as_ref().map(|token| self.writing.token(token)).transpose()?;
                let end = SyncResponse { sequence: self.sequence, sync_token, sync_delta: None };
                response.sync_op_response = Some(SyncOpResponse { sync: Some(end), latest_sync_token: None });
            }
            (OperationKind::LatestSyncToken, Answer::LatestSyncToken(token)) => {
                let sync_token = token.as_ref().map(|token| self.writing.token(token)).transpose()?;
                let latest_sync_token = Some(LatestSyncTokenResponse { sync_token });
                response.sync_op_response = Some(SyncOpResponse { sync: None, latest_sync_token });
            }
            (OperationKind::Batch, Answer::BatchEnd) => {
                response.batch_op_result = Some(BatchOpResult { complete: true, ..BatchOpResult::default() });
            }
            (OperationKind::SubscribeObjects, Answer::SubscriptionEnd) => {
                response.connector_event_subscription_op_response =
                    Some(ConnectorEventSubscriptionOpResponse { connector_object: None, completed: true });
            }
            (OperationKind::SubscribeChanges, Answer::SubscriptionEnd) => {
                response.sync_event_subscription_op_response =
                    Some(SyncEventSubscriptionOpResponse { sync_delta: None, completed: true });
            }
            (kind, answer) => self.single(kind, answer, &mut response)?,
        }
        Ok(response)
    }

    /// The answer of an operation that is answered by one message. Null is the absence of the member's content.
    fn single(
        &mut self,
        kind: OperationKind,
        answer: &Answer,
        response: &mut OperationResponse,
    ) -> Result<()> {
        match (kind, answer) {
            (_, Answer::Uid(uid)) => {
                let uid = uid.as_ref().map(parts::uid_message);
                match kind {
                    OperationKind::Authenticate => {
                        response.authenticate_op_response = Some(AuthenticateOpResponse { uid });
                    }
                    OperationKind::Create => response.create_op_response = Some(CreateOpResponse { uid }),
                    OperationKind::ResolveUsername => {
                        response.resolve_username_op_response = Some(ResolveUsernameOpResponse { uid });
                    }
                    OperationKind::Update => response.update_op_response = Some(UpdateOpResponse { uid }),
                    other => return Err(misplaced(other)),
                }
            }
            (OperationKind::Delete, Answer::Done) => response.delete_op_response = Some(DeleteOpResponse {}),
            (OperationKind::Test, Answer::Done) => response.test_op_response = Some(TestOpResponse {}),
            (OperationKind::Validate, Answer::Done) => {
                response.validate_op_response = Some(ValidateOpResponse {});
            }
            (OperationKind::Get, Answer::Object(object)) => {
                let object = object.as_ref().map(|object| self.writing.whole_object(object)).transpose()?;
                let connector_object = object.unwrap_or_default();
                response.get_op_response = Some(GetOpResponse { connector_object });
            }
            (OperationKind::Schema, Answer::Schema(schema)) => {
                let schema = schema.as_ref().map(|schema| self.writing.schema(schema)).transpose()?;
                response.schema_op_response = Some(SchemaOpResponse { schema: schema.unwrap_or_default() });
            }
            (OperationKind::ScriptOnConnector, Answer::Value(value)) => {
                let object = self.writing.value(value)?;
                response.script_on_connector_op_response = Some(ScriptOnConnectorOpResponse { object });
            }
            (OperationKind::ScriptOnResource, Answer::Value(value)) => {
                let object = self.writing.value(value)?;
                response.script_on_resource_op_response = Some(ScriptOnResourceOpResponse { object });
            }
            (other, _) => return Err(misplaced(other)),
        }
        Ok(())
    }
}

/// The response that reports an error.
#[must_use]
pub fn failed(error: &ConnectorError) -> RpcResponse {
    RpcResponse { error: Some(ExceptionMessage::from(error)), ..RpcResponse::default() }
}

fn answered(response: OperationResponse) -> RpcResponse {
    RpcResponse { operation_response: Some(Box::new(response)), ..RpcResponse::default() }
}

fn misplaced(kind: OperationKind) -> ConnectorError {
    ConnectorError::illegal_state(format!("This is no answer to {kind:?}"))
}
