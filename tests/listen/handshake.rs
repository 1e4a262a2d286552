//! After the upgrade: who speaks first, and how long the server waits.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::client::{REQUEST, ask, until_closed};
use crate::server::{Options, Server};
use crate::support::HANG_GUARD;
use crate::support::acceptor::{is_silent, read_frame};

/// A handshake of session "AB", as a masked frame.
const HANDSHAKE: &[u8] = b"\x82\x8a\x37\xfa\x21\x3d\x25\xf2\x2b\x3b\x3d\xf8\x60\x7f\x27\xfb";
/// The answer of session "CD", as an unmasked frame.
const ANSWER: [u8; 12] = *b"\x82\x0a\x1a\x08\x0a\x06\x0a\x02CD\x10\x02";

#[tokio::test]
async fn wire_c15_the_handshake_is_answered_before_anything_else() {
    let server = Server::start().await;
    let mut answer = ask(server.address, REQUEST).await;
    assert!(is_silent(&mut answer.stream).await, "the dialer speaks first");
    answer.stream.write_all(HANDSHAKE).await.expect("sent");
    let mut first = [0; ANSWER.len()];
    timeout(HANG_GUARD, answer.stream.read_exact(&mut first)).await.expect("an answer").expect("bytes");
    assert_eq!(first, ANSWER);
    let second = timeout(HANG_GUARD, read_frame(&mut answer.stream)).await.expect("a request");
    // A control request, with id 1, for the connector list.
    assert_eq!(second.payload, b"\x08\x01\x12\x08\x12\x06\x0a\x01\x00\x1a\x01\x01");
    assert!(!second.masked);
}

#[tokio::test]
async fn frames_sent_together_with_the_request_are_read() {
    let server = Server::start().await;
    let mut answer = ask(server.address, [REQUEST.as_bytes(), HANDSHAKE].concat()).await;
    let mut first = [0; ANSWER.len()];
    timeout(HANG_GUARD, answer.stream.read_exact(&mut first)).await.expect("an answer").expect("bytes");
    assert_eq!(first, ANSWER);
}

#[tokio::test]
async fn wire_c16_a_silent_peer_is_told_nothing_and_closed_at_the_limit() {
    let handshake_timeout = Duration::from_millis(400);
    let server = Server::start_with(Options { handshake_timeout, ..Default::default() }).await;
    let start = Instant::now();
    let mut answer = ask(server.address, REQUEST).await;
    let first = timeout(HANG_GUARD, answer.stream.read_u8()).await.expect("the end").expect("a close frame");
    assert!(start.elapsed() >= handshake_timeout, "closed after {:?}", start.elapsed());
    // No message before the close.
    assert_eq!(first, 0x88);
    until_closed(&mut answer.stream).await;
}
