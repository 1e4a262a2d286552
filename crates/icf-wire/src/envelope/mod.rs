//! The protobuf messages of the protocol (package `org.forgerock.openicf.common.protobuf`), field by field.
//!
//! Written by hand, so that building needs no protobuf compiler. One [`RemoteMessage`] travels in each binary WebSocket
//! message. Presence means something for message-typed fields only; an empty member such as [`TestOpRequest`] must still
//! be written.

mod common;
mod operation;
mod rpc;

use bytes::Bytes;
use prost::Message;

pub use common::*;
pub use operation::*;
pub use rpc::*;

/// The WebSocket sub-protocol both sides name in the upgrade.
pub const SUB_PROTOCOL: &str = "v1.openicf.forgerock.org";

/// Messages whose content may be a secret or personal data say only what they are.
macro_rules! opaque_debug {
    ($($message:ident),*) => {
        $(impl std::fmt::Debug for $message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($message), "(..)"))
            }
        })*
    };
}
use opaque_debug;

/// Why bytes are not a message.
#[derive(Clone, Debug, thiserror::Error)]
#[error("not a RemoteMessage: {0}")]
pub struct EnvelopeError(String);

impl OperationResponse {
    /// How many bytes of memory it takes, about.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.encoded_len()
    }
}

impl RemoteMessage {
    /// A request under an id.
    #[must_use]
    pub fn of_request(id: i64, request: RpcRequest) -> Self {
        Self { message_id: id, request: Some(request), response: None }
    }

    /// A response to the request of that id.
    #[must_use]
    pub fn of_response(id: i64, response: RpcResponse) -> Self {
        Self { message_id: id, request: None, response: Some(response) }
    }

    /// Reads a message. Unknown fields are ignored; nesting is bounded.
    ///
    /// # Errors
    /// When the bytes are not protobuf, or a text is not UTF-8.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, EnvelopeError> {
        // The reason of a deeply nested failure repeats itself once per level.
        Self::decode(bytes).map_err(|error| EnvelopeError(error.to_string().chars().take(200).collect()))
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.encode_to_vec())
    }
}
