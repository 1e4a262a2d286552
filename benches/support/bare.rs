//! The tenant's side with nothing behind it, and the server's side with nothing behind it: both ends of the baseline.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use icf::{ObjectClass, OperationOptions};
use icf_wire::envelope::{ControlResponse, RemoteMessage, RpcRequest, RpcResponse};
use icf_wire::rpc::{Operation, OperationRequest};
use rcs::serve::new_identity;
use tokio_tungstenite::tungstenite::Message;

use super::loopback::Socket;
use super::pair;

/// Under which id the search is asked for; every message of its answer bears it.
const SEARCH: i64 = 2;

/// A tenant that does the handshake, asks for one thing, answers pings as WebSocket demands and otherwise only looks at
/// the bytes that come.
pub(crate) struct BareTenant(Socket);

impl BareTenant {
    /// Answers the server's handshake and its question for connectors.
    pub(crate) async fn meet(mut socket: Socket) -> Self {
        let mut answered = 0;
        while answered < 2 {
            let message = RemoteMessage::from_bytes(next_frame(&mut socket).await).unwrap();
            let request = message.request.unwrap();
            let mut answer = RpcResponse::default();
            if request.handshake_message.is_some() {
                answer.handshake_message = Some(new_identity().unwrap());
            } else if request.control_request.is_some() {
                answer.control_response = Some(ControlResponse::default());
            }
            let answer = RemoteMessage::of_response(message.message_id, answer);
            socket.send(Message::Binary(answer.to_bytes())).await.unwrap();
            answered += 1;
        }
        Self(socket)
    }

    /// Asks for that many objects.
    pub(crate) async fn ask(&mut self, count: usize) {
        let class = Some(ObjectClass::new(count.to_string()));
        let search = Operation::Search { class, filter: None, options: OperationOptions::default() };
        self.request(&pair::request(search)).await;
    }

    /// Asks for something.
    pub(crate) async fn request(&mut self, request: &OperationRequest) {
        let request = request.to_message().unwrap();
        let request = RpcRequest { operation_request: Some(Box::new(request)), ..Default::default() };
        let request = RemoteMessage::of_request(SEARCH, request).to_bytes();
        self.0.send(Message::Binary(request)).await.unwrap();
    }

    /// The frames of that many objects and of the end of the search.
    pub(crate) async fn record(&mut self, count: usize) -> Vec<Bytes> {
        let mut frames = Vec::with_capacity(count + 1);
        while frames.len() <= count {
            // A copy, because a slice would keep the whole buffer that the socket was read into.
            frames.push(Bytes::copy_from_slice(&next_frame(&mut self.0).await));
        }
        frames
    }

    pub(crate) async fn see(&mut self, count: usize) -> Seen {
        see(&mut self.0, count).await
    }

    pub(crate) async fn leave(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = self.0.next().await {}
    }
}

/// What is left of frames that were only looked at. Equal for equal frames in equal order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    bytes: usize,
    digest: u64,
}

impl Seen {
    pub(crate) fn look(&mut self, frame: &[u8]) {
        let (words, rest) = frame.as_chunks::<8>();
        let sum = words.iter().map(|word| u64::from_le_bytes(*word)).fold(0, u64::wrapping_add);
        let rest = rest.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        self.bytes += frame.len();
        self.digest = self.digest.wrapping_mul(31).wrapping_add(sum ^ rest);
    }

    pub(crate) const fn bytes(self) -> usize {
        self.bytes
    }
}

/// Reads that many frames; the same for the baseline and for the server.
pub(crate) async fn see(socket: &mut Socket, frames: usize) -> Seen {
    let mut seen = Seen::default();
    for _ in 0..frames {
        seen.look(&next_frame(socket).await);
    }
    seen
}

async fn next_frame(socket: &mut Socket) -> Bytes {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Binary(bytes) => return bytes,
            // The library answers pings.
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Sends frames that exist already, flushing after every `together` of them.
pub(crate) async fn send(mut socket: Socket, frames: &[Bytes], together: usize) -> Socket {
    for some in frames.chunks(together) {
        for frame in some {
            socket.feed(Message::Binary(frame.clone())).await.unwrap();
        }
        socket.flush().await.unwrap();
    }
    socket
}
