//! The ICF remote protocol without I/O: bytes to messages and back, and the conversation after the handshake as a state
//! machine.

pub mod binary;
pub mod envelope;
pub mod legacy;
pub mod rpc;
pub mod session;
