//! Requests and responses of operations.

use super::common::{
    ConnectorKey, ConnectorObject, Locale, ScriptContext, SearchResult, SyncDelta, SyncToken, Uid,
};
use super::opaque_debug;
use bytes::Bytes;
use prost::{Enumeration, Message};

/// `OperationRequest`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct OperationRequest {
    /// Always.
    #[prost(message, optional, tag = "1")]
    pub connector_key: Option<ConnectorKey>,
    /// UTF-8 bytes of base64 text.
    #[prost(bytes = "bytes", tag = "2")]
    pub connector_facade_key: Bytes,
    /// Always sent by Java.
    #[prost(message, optional, tag = "3")]
    pub locale: Option<Locale>,
    /// `authenticateOpRequest`.
    #[prost(message, optional, tag = "4")]
    pub authenticate_op_request: Option<AuthenticateOpRequest>,
    /// `createOpRequest`.
    #[prost(message, optional, tag = "5")]
    pub create_op_request: Option<CreateOpRequest>,
    /// `connectorEventSubscriptionOpRequest`.
    #[prost(message, optional, tag = "6")]
    pub connector_event_subscription_op_request: Option<ConnectorEventSubscriptionOpRequest>,
    /// `deleteOpRequest`.
    #[prost(message, optional, tag = "7")]
    pub delete_op_request: Option<DeleteOpRequest>,
    /// `getOpRequest`.
    #[prost(message, optional, tag = "8")]
    pub get_op_request: Option<GetOpRequest>,
    /// `resolveUsernameOpRequest`.
    #[prost(message, optional, tag = "9")]
    pub resolve_username_op_request: Option<ResolveUsernameOpRequest>,
    /// `schemaOpRequest`.
    #[prost(message, optional, tag = "10")]
    pub schema_op_request: Option<SchemaOpRequest>,
    /// `scriptOnConnectorOpRequest`.
    #[prost(message, optional, tag = "11")]
    pub script_on_connector_op_request: Option<ScriptOnConnectorOpRequest>,
    /// `scriptOnResourceOpRequest`.
    #[prost(message, optional, tag = "12")]
    pub script_on_resource_op_request: Option<ScriptOnResourceOpRequest>,
    /// `searchOpRequest`.
    #[prost(message, optional, tag = "13")]
    pub search_op_request: Option<SearchOpRequest>,
    /// `syncOpRequest`.
    #[prost(message, optional, tag = "14")]
    pub sync_op_request: Option<SyncOpRequest>,
    /// `syncEventSubscriptionOpRequest`.
    #[prost(message, optional, tag = "15")]
    pub sync_event_subscription_op_request: Option<SyncEventSubscriptionOpRequest>,
    /// `testOpRequest`.
    #[prost(message, optional, tag = "16")]
    pub test_op_request: Option<TestOpRequest>,
    /// `updateOpRequest`.
    #[prost(message, optional, tag = "17")]
    pub update_op_request: Option<UpdateOpRequest>,
    /// Capital V in the schema (matters for JSON/text forms only).
    #[prost(message, optional, tag = "18")]
    pub validate_op_request: Option<ValidateOpRequest>,
    /// RCS → IDM.
    #[prost(message, optional, tag = "19")]
    pub configuration_change_event: Option<ConfigurationChangeEvent>,
    /// Its member of that name.
    #[prost(message, optional, tag = "20")]
    pub batch_op_request: Option<BatchOpRequest>,
}

/// `OperationResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct OperationResponse {
    /// `authenticateOpResponse`.
    #[prost(message, optional, tag = "1")]
    pub authenticate_op_response: Option<AuthenticateOpResponse>,
    /// `createOpResponse`.
    #[prost(message, optional, tag = "2")]
    pub create_op_response: Option<CreateOpResponse>,
    /// `connectorEventSubscriptionOpResponse`.
    #[prost(message, optional, tag = "3")]
    pub connector_event_subscription_op_response: Option<ConnectorEventSubscriptionOpResponse>,
    /// `deleteOpResponse`.
    #[prost(message, optional, tag = "4")]
    pub delete_op_response: Option<DeleteOpResponse>,
    /// Capital G in the schema.
    #[prost(message, optional, tag = "5")]
    pub get_op_response: Option<GetOpResponse>,
    /// `resolveUsernameOpResponse`.
    #[prost(message, optional, tag = "6")]
    pub resolve_username_op_response: Option<ResolveUsernameOpResponse>,
    /// `schemaOpResponse`.
    #[prost(message, optional, tag = "7")]
    pub schema_op_response: Option<SchemaOpResponse>,
    /// `scriptOnConnectorOpResponse`.
    #[prost(message, optional, tag = "8")]
    pub script_on_connector_op_response: Option<ScriptOnConnectorOpResponse>,
    /// `scriptOnResourceOpResponse`.
    #[prost(message, optional, tag = "9")]
    pub script_on_resource_op_response: Option<ScriptOnResourceOpResponse>,
    /// `searchOpResponse`.
    #[prost(message, optional, tag = "10")]
    pub search_op_response: Option<SearchOpResponse>,
    /// `syncOpResponse`.
    #[prost(message, optional, tag = "11")]
    pub sync_op_response: Option<SyncOpResponse>,
    /// `syncEventSubscriptionOpResponse`.
    #[prost(message, optional, tag = "12")]
    pub sync_event_subscription_op_response: Option<SyncEventSubscriptionOpResponse>,
    /// `testOpResponse`.
    #[prost(message, optional, tag = "13")]
    pub test_op_response: Option<TestOpResponse>,
    /// `updateOpResponse`.
    #[prost(message, optional, tag = "14")]
    pub update_op_response: Option<UpdateOpResponse>,
    /// `validateOpResponse`.
    #[prost(message, optional, tag = "15")]
    pub validate_op_response: Option<ValidateOpResponse>,
    /// Its member of that name.
    #[prost(message, optional, tag = "16")]
    pub batch_op_result: Option<BatchOpResult>,
}

/// `AuthenticateOpRequest`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct AuthenticateOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `username`.
    #[prost(string, tag = "2")]
    pub username: String,
    /// LBF: GuardedString.
    #[prost(bytes = "bytes", tag = "3")]
    pub password: Bytes,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "4")]
    pub options: Bytes,
}

/// `AuthenticateOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct AuthenticateOpResponse {
    /// `uid`.
    #[prost(message, optional, tag = "1")]
    pub uid: Option<Uid>,
}

/// `BatchOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct BatchOpRequest {
    /// `query`.
    #[prost(bool, tag = "1")]
    pub query: bool,
    /// `tasks`.
    #[prost(message, repeated, tag = "2")]
    pub tasks: Vec<BatchOpTask>,
    /// `batchToken`.
    #[prost(string, repeated, tag = "3")]
    pub batch_token: Vec<String>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "4")]
    pub options: Bytes,
}

/// `BatchOpTask`.
#[derive(Clone, PartialEq, Message)]
pub struct BatchOpTask {
    /// Decimal index, from "0".
    #[prost(string, tag = "1")]
    pub task_id: String,
    /// `createRequest`.
    #[prost(message, optional, tag = "2")]
    pub create_request: Option<CreateOpRequest>,
    /// `deleteRequest`.
    #[prost(message, optional, tag = "3")]
    pub delete_request: Option<DeleteOpRequest>,
    /// `updateRequest`.
    #[prost(message, optional, tag = "4")]
    pub update_request: Option<UpdateOpRequest>,
}

/// `BatchOpResult`.
#[derive(Clone, PartialEq, Message)]
pub struct BatchOpResult {
    /// `batchToken`.
    #[prost(string, repeated, tag = "1")]
    pub batch_token: Vec<String>,
    /// Decimal index of the task; empty in token/complete messages.
    #[prost(string, tag = "2")]
    pub task_id: String,
    /// `complete`.
    #[prost(bool, tag = "3")]
    pub complete: bool,
    /// `error`.
    #[prost(bool, tag = "4")]
    pub error: bool,
    /// `queryRequired`.
    #[prost(bool, tag = "5")]
    pub query_required: bool,
    /// `asynchronousResults`.
    #[prost(bool, tag = "6")]
    pub asynchronous_results: bool,
    /// `returnsResults`.
    #[prost(bool, tag = "7")]
    pub returns_results: bool,
    /// Result of a create/update task.
    #[prost(message, optional, tag = "8")]
    pub uid: Option<Uid>,
    /// Result of other tasks.
    #[prost(message, optional, tag = "9")]
    pub empty_result: Option<BatchEmptyResponse>,
}

/// `BatchEmptyResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct BatchEmptyResponse {
    /// **field number 2**, there is no field 1.
    #[prost(string, tag = "2")]
    pub result_message: String,
}

/// `CreateOpRequest`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct CreateOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// LBF: Set of Attribute.
    #[prost(bytes = "bytes", tag = "2")]
    pub create_attributes: Bytes,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `CreateOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct CreateOpResponse {
    /// `uid`.
    #[prost(message, optional, tag = "1")]
    pub uid: Option<Uid>,
}

/// `ConnectorEventSubscriptionOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ConnectorEventSubscriptionOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// LBF: Filter.
    #[prost(bytes = "bytes", tag = "2")]
    pub event_filter: Bytes,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `ConnectorEventSubscriptionOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ConnectorEventSubscriptionOpResponse {
    /// `connectorObject`.
    #[prost(message, optional, tag = "1")]
    pub connector_object: Option<ConnectorObject>,
    /// Its member of that name.
    #[prost(bool, tag = "2")]
    pub completed: bool,
}

/// `DeleteOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct DeleteOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `uid`.
    #[prost(message, optional, tag = "2")]
    pub uid: Option<Uid>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `DeleteOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct DeleteOpResponse {}

/// `GetOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct GetOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `uid`.
    #[prost(message, optional, tag = "2")]
    pub uid: Option<Uid>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `GetOpResponse`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct GetOpResponse {
    /// LBF: **ConnectorObject** (whole object); empty = not found.
    #[prost(bytes = "bytes", tag = "1")]
    pub connector_object: Bytes,
}

/// `ResolveUsernameOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ResolveUsernameOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `username`.
    #[prost(string, tag = "2")]
    pub username: String,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `ResolveUsernameOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ResolveUsernameOpResponse {
    /// `uid`.
    #[prost(message, optional, tag = "1")]
    pub uid: Option<Uid>,
}

/// `SchemaOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct SchemaOpRequest {}

/// `SchemaOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct SchemaOpResponse {
    /// LBF: Schema.
    #[prost(bytes = "bytes", tag = "1")]
    pub schema: Bytes,
}

/// `ScriptOnConnectorOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ScriptOnConnectorOpRequest {
    /// `scriptContext`.
    #[prost(message, optional, tag = "1")]
    pub script_context: Option<ScriptContext>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "2")]
    pub options: Bytes,
}

/// `ScriptOnConnectorOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ScriptOnConnectorOpResponse {
    /// LBF: any object; empty = null.
    #[prost(bytes = "bytes", tag = "1")]
    pub object: Bytes,
}

/// `ScriptOnResourceOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ScriptOnResourceOpRequest {
    /// `scriptContext`.
    #[prost(message, optional, tag = "1")]
    pub script_context: Option<ScriptContext>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "2")]
    pub options: Bytes,
}

/// `ScriptOnResourceOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ScriptOnResourceOpResponse {
    /// LBF: any object; empty = null.
    #[prost(bytes = "bytes", tag = "1")]
    pub object: Bytes,
}

/// `SearchOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct SearchOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// LBF: Filter.
    #[prost(bytes = "bytes", tag = "2")]
    pub filter: Bytes,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `SearchOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct SearchOpResponse {
    /// 1..N for items; N in the final message.
    #[prost(int64, tag = "1")]
    pub sequence: i64,
    /// Final message only; optional even there.
    #[prost(message, optional, tag = "2")]
    pub result: Option<SearchResult>,
    /// Present = item.
    #[prost(message, optional, tag = "3")]
    pub connector_object: Option<ConnectorObject>,
}

/// `SyncOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncOpRequest {
    /// `sync`.
    #[prost(message, optional, tag = "1")]
    pub sync: Option<SyncRequest>,
    /// `latestSyncToken`.
    #[prost(message, optional, tag = "2")]
    pub latest_sync_token: Option<LatestSyncTokenRequest>,
}

/// `SyncOpRequest.Sync`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// See 5.9: Java RCS fails when absent.
    #[prost(message, optional, tag = "2")]
    pub token: Option<SyncToken>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `SyncOpRequest.LatestSyncToken`.
#[derive(Clone, PartialEq, Message)]
pub struct LatestSyncTokenRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
}

/// `SyncOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncOpResponse {
    /// `sync`.
    #[prost(message, optional, tag = "1")]
    pub sync: Option<SyncResponse>,
    /// `latestSyncToken`.
    #[prost(message, optional, tag = "2")]
    pub latest_sync_token: Option<LatestSyncTokenResponse>,
}

/// `SyncOpResponse.Sync`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncResponse {
    /// `sequence`.
    #[prost(int64, tag = "1")]
    pub sequence: i64,
    /// Final message only; optional.
    #[prost(message, optional, tag = "2")]
    pub sync_token: Option<SyncToken>,
    /// Present = item.
    #[prost(message, optional, tag = "3")]
    pub sync_delta: Option<SyncDelta>,
}

/// `SyncOpResponse.LatestSyncToken`.
#[derive(Clone, PartialEq, Message)]
pub struct LatestSyncTokenResponse {
    /// `syncToken`.
    #[prost(message, optional, tag = "1")]
    pub sync_token: Option<SyncToken>,
}

/// `SyncEventSubscriptionOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncEventSubscriptionOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `token`.
    #[prost(message, optional, tag = "2")]
    pub token: Option<SyncToken>,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "3")]
    pub options: Bytes,
}

/// `SyncEventSubscriptionOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncEventSubscriptionOpResponse {
    /// `syncDelta`.
    #[prost(message, optional, tag = "1")]
    pub sync_delta: Option<SyncDelta>,
    /// Its member of that name.
    #[prost(bool, tag = "2")]
    pub completed: bool,
}

/// `TestOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct TestOpRequest {}

/// `TestOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct TestOpResponse {}

/// `UpdateOpRequest`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct UpdateOpRequest {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `uid`.
    #[prost(message, optional, tag = "2")]
    pub uid: Option<Uid>,
    /// `updateType`.
    #[prost(enumeration = "UpdateType", tag = "3")]
    pub update_type: i32,
    /// LBF: Set of Attribute, for all three update types.
    #[prost(bytes = "bytes", tag = "4")]
    pub replace_attributes: Bytes,
    /// LBF: OperationOptions.
    #[prost(bytes = "bytes", tag = "5")]
    pub options: Bytes,
}

/// `UpdateOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct UpdateOpResponse {
    /// `uid`.
    #[prost(message, optional, tag = "1")]
    pub uid: Option<Uid>,
}

/// `ValidateOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ValidateOpRequest {}

/// `ValidateOpResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ValidateOpResponse {}

/// `ConfigurationChangeEvent`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ConfigurationChangeEvent {
    /// LBF: List of ConfigurationProperty.
    #[prost(bytes = "bytes", tag = "1")]
    pub configuration_property_change: Bytes,
}

/// `UpdateOpRequest.UpdateType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub enum UpdateType {
    /// `REPLACE`.
    Replace = 0,
    /// `ADD`.
    Add = 1,
    /// `REMOVE`.
    Remove = 2,
}

opaque_debug!(
    OperationRequest,
    AuthenticateOpRequest,
    CreateOpRequest,
    UpdateOpRequest,
    ConfigurationChangeEvent,
    GetOpResponse
);
