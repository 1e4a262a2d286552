//! How messages look on the wire.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rcs::tls::{Trust, client_config};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_rustls::rustls::ServerConfig;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};

use crate::setup::{dial, dialer, options, options_with_tls};
use crate::support::HANG_GUARD;
use crate::support::acceptor::{Acceptor, Answer, Duplex, frame, is_silent, read_frame};
use crate::support::certificates::Authority;

const BINARY: u8 = 0x82;

async fn linked(tls: Option<Arc<ServerConfig>>) -> (rcs::link::LinkSocket, Box<dyn Duplex>) {
    let scheme = if tls.is_some() { "wss" } else { "ws" };
    let mut acceptor = Acceptor::start(tls, |_, _| Answer::Accept).await;
    let config = client_config(Trust::Anyone, None).await.expect("a configuration");
    let url = format!("{scheme}://{}/openicf", acceptor.address);
    let link = dial(&dialer(options_with_tls(config)), &url).await.expect("accepted");
    (link, acceptor.next().await.stream)
}

/// What the link yields next.
async fn next(link: &mut rcs::link::LinkSocket) -> Result<Message, Error> {
    timeout(HANG_GUARD, link.next()).await.expect("an end").expect("open")
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index % 251).expect("small")).collect()
}

#[tokio::test]
async fn wire_c33_a_message_is_one_masked_frame() {
    let (mut link, mut peer) = linked(None).await;
    let payload = pattern(1024 * 1024);
    let message = Message::binary(payload.clone());
    let (sent, received) = tokio::join!(link.send(message), read_frame(&mut peer));
    sent.expect("sent");
    assert_eq!(received.first_byte, BINARY, "FIN set, no RSV bit, binary");
    assert!(received.masked);
    assert!(received.payload == payload);
    assert!(is_silent(&mut peer).await);
}

#[tokio::test]
async fn wire_c32_fragments_are_put_together() {
    let (mut link, mut peer) = linked(None).await;
    for part in [frame(0x02, b"one "), frame(0x00, b"two "), frame(0x89, b"ping"), frame(0x80, b"three")] {
        peer.write_all(&part).await.expect("sent");
    }
    assert_eq!(next(&mut link).await.expect("a ping"), Message::Ping("ping".into()));
    assert_eq!(next(&mut link).await.expect("a message"), Message::binary("one two three"));
    assert_eq!(read_frame(&mut peer).await.payload, b"ping", "answered with an exact echo");
}

#[tokio::test]
async fn messages_of_32_mib_pass_in_both_directions_over_tls() {
    let identity = Authority::new().server(&["127.0.0.1"]);
    let (mut link, mut peer) = linked(Some(identity.serve())).await;
    let payload = pattern(32 * 1024 * 1024);
    let exchange = async {
        let message = Message::binary(payload.clone());
        let (sent, received) = tokio::join!(link.send(message), read_frame(&mut peer));
        sent.expect("sent");
        assert_eq!(received.first_byte, BINARY);
        assert!(received.payload == payload);
        let bytes = frame(BINARY, &payload);
        let (sent, received) = tokio::join!(peer.write_all(&bytes), link.next());
        sent.expect("sent");
        assert!(received.expect("open").expect("a message").into_data() == payload);
    };
    timeout(HANG_GUARD, exchange).await.expect("an end");
}

#[tokio::test]
async fn what_is_longer_than_allowed_is_refused_by_its_header_alone() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let mut options = options().await;
    options.max_message_size = 1000;
    let mut link = dial(&dialer(options), &acceptor.url("/")).await.expect("accepted");
    let mut peer = acceptor.next().await.stream;
    peer.write_all(&[BINARY, 126, 0x03, 0xe9]).await.expect("sent");
    let error = next(&mut link).await.expect_err("1001 bytes announced");
    assert!(matches!(error, Error::Capacity(CapacityError::MessageTooLong { size: 1001, max_size: 1000 })));
}

#[tokio::test]
async fn what_comes_with_the_answer_is_not_lost() {
    let mut acceptor = Acceptor::always(Answer::AcceptThen(frame(BINARY, b"early"))).await;
    let mut link = dial(&dialer(options().await), &acceptor.url("/")).await.expect("accepted");
    assert_eq!(next(&mut link).await.expect("a message"), Message::binary("early"));
    acceptor.next().await;
}
