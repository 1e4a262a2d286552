//! The outer messages: requests, responses, handshake, control, errors.

use super::operation::{OperationRequest, OperationResponse};
use bytes::Bytes;
use prost::{Enumeration, Message};

/// `RemoteMessage`.
#[derive(Clone, PartialEq, Message)]
pub struct RemoteMessage {
    /// Its member of that name.
    #[prost(int64, tag = "1")]
    pub message_id: i64,
    /// Exactly one of request/response is set; request wins if both.
    #[prost(message, optional, tag = "2")]
    pub request: Option<RpcRequest>,
    /// `response`.
    #[prost(message, optional, tag = "3")]
    pub response: Option<RpcResponse>,
}

/// `RpcRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct RpcRequest {
    /// Dialer → acceptor, first message of a socket.
    #[prost(message, optional, tag = "1")]
    pub handshake_message: Option<HandshakeMessage>,
    /// Its member of that name.
    #[prost(message, optional, tag = "2")]
    pub control_request: Option<ControlRequest>,
    /// Its member of that name.
    #[prost(message, optional, boxed, tag = "3")]
    pub operation_request: Option<Box<OperationRequest>>,
    /// Its member of that name.
    #[prost(message, optional, tag = "4")]
    pub cancel_op_request: Option<CancelOpRequest>,
}

/// `RpcResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct RpcResponse {
    /// Acceptor → dialer.
    #[prost(message, optional, tag = "1")]
    pub handshake_message: Option<HandshakeMessage>,
    /// `controlResponse`.
    #[prost(message, optional, tag = "2")]
    pub control_response: Option<ControlResponse>,
    /// `operationResponse`.
    #[prost(message, optional, boxed, tag = "3")]
    pub operation_response: Option<Box<OperationResponse>>,
    /// Ends the request.
    #[prost(message, optional, tag = "4")]
    pub error: Option<ExceptionMessage>,
}

/// `HandshakeMessage`.
#[derive(Clone, PartialEq, Message)]
pub struct HandshakeMessage {
    /// Its member of that name.
    #[prost(string, tag = "1")]
    pub session_id: String,
    /// `serverType`.
    #[prost(enumeration = "ServerType", tag = "2")]
    pub server_type: i32,
    /// DER SubjectPublicKeyInfo; informational, 6.5.
    #[prost(bytes = "bytes", tag = "3")]
    pub public_key: Bytes,
}

/// `ExceptionMessage`.
#[derive(Clone, PartialEq, Message)]
pub struct ExceptionMessage {
    /// Full Java (or .NET) class name.
    #[prost(string, tag = "1")]
    pub exception_class: String,
    /// Omitted when null.
    #[prost(string, tag = "2")]
    pub message: String,
    /// At most 4 nested levels.
    #[prost(message, optional, tag = "3")]
    pub inner_cause: Option<InnerCause>,
    /// Always set by Java, text.
    #[prost(string, tag = "4")]
    pub stack_trace: String,
}

/// `ExceptionMessage.InnerCause`.
#[derive(Clone, PartialEq, Message)]
pub struct InnerCause {
    /// `exceptionClass`.
    #[prost(string, tag = "1")]
    pub exception_class: String,
    /// `message`.
    #[prost(string, tag = "2")]
    pub message: String,
    /// `cause`.
    #[prost(message, optional, boxed, tag = "3")]
    pub cause: Option<Box<Self>>,
}

/// `CancelOpRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct CancelOpRequest {}

/// `ControlRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct ControlRequest {
    /// Only CONNECTOR_INFO has an effect.
    #[prost(enumeration = "InfoLevel", repeated, tag = "1")]
    pub info_level: Vec<i32>,
    /// Ids the sender is executing.
    #[prost(int64, repeated, tag = "2")]
    pub local_request_id: Vec<i64>,
    /// Ids the sender is waiting for.
    #[prost(int64, repeated, tag = "3")]
    pub remote_request_id: Vec<i64>,
}

/// `ControlResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ControlResponse {
    /// Never filled by Java or .NET.
    #[prost(message, repeated, tag = "1")]
    pub context_info_map: Vec<ContextInfoEntry>,
    /// LBF: List of ConnectorInfo; empty = nothing asked.
    #[prost(bytes = "bytes", tag = "2")]
    pub connector_infos: Bytes,
    /// Never filled.
    #[prost(int64, repeated, tag = "3")]
    pub request_ids: Vec<i64>,
}

/// `ControlResponse.StringMapFieldEntry`.
#[derive(Clone, PartialEq, Message)]
pub struct ContextInfoEntry {
    /// `key`.
    #[prost(string, tag = "1")]
    pub key: String,
    /// `value`.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// `PingMessage`.
#[derive(Clone, PartialEq, Message)]
pub struct PingMessage {}

/// `HandshakeMessage.ServerType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub enum ServerType {
    /// `UNKNOWN`.
    Unknown = 0,
    /// `JAVA`.
    Java = 1,
    /// `DOTNET`.
    Dotnet = 2,
}

/// `ControlRequest.InfoLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub enum InfoLevel {
    /// `CONNECTOR_INFO`.
    ConnectorInfo = 0,
    /// `CONTEXT_INFO`.
    ContextInfo = 1,
    /// `REQUESTS`.
    Requests = 2,
}
