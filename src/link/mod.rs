//! One socket to a tenant, opened: name look-up, TCP, forward proxy, TLS, WebSocket upgrade.
//!
//! What the bytes inside mean, how many sockets there should be and when to try again is decided
//! elsewhere. Start at [`Dialer`]; every way in which it can fail is a [`DialFailure`].

mod dialer;
mod error;
mod head;
mod placement;
mod proxy;
mod tcp;
mod tls;
mod upgrade;
mod witness;

pub use dialer::{Credentials, DialOptions, Dialer, SubProtocolCheck};
pub use error::{DialError, DialFailure, LinkSetupError, Phase, Refusal};
pub(crate) use tcp::keep_alive;
pub use witness::{Seen, Witness};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The sub-protocol that both sides must speak.
pub const SUB_PROTOCOL: &str = "v1.openicf.forgerock.org";

/// What read calls ask the socket for: one TLS record.
const READ_BUFFER: usize = 16 * 1024;
/// Small frames are gathered up to this many bytes before they are written, unless flushed.
const WRITE_BUFFER: usize = 128 * 1024;

/// A connection of any make: TCP or TLS, dialled or accepted, or a pipe in a test.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open WebSocket. Each message is sent as one frame; fragments received are put together.
pub type LinkSocket = WebSocketStream<Box<dyn Duplex>>;

/// The limits of a WebSocket whose messages, in either direction, have up to `max_message_size` bytes.
///
/// A message is one frame (some peers drop fragments silently), so both limits are the same, and the
/// write buffer must hold one whole message behind gathered small ones.
#[must_use]
pub fn socket_config(max_message_size: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(max_message_size.saturating_add(2 * WRITE_BUFFER))
        .max_message_size(Some(max_message_size))
        .max_frame_size(Some(max_message_size))
}
