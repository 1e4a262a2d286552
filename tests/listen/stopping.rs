//! The end of the listener, which is not the end of its links.

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::{REQUEST, ask, until_closed};
use crate::server::Server;
use crate::support::HANG_GUARD;
use crate::support::acceptor::{frame, read_frame};

#[tokio::test]
async fn a_stopped_listener_leaves_its_links_and_frees_its_port() {
    let mut server = Server::start().await;
    let mut link = ask(server.address, REQUEST).await.stream;
    let mut half = TcpStream::connect(server.address).await.expect("somebody listens");
    half.write_all(b"GET /openicf HTT").await.expect("sent");
    // Accepted before it, so it is being served by now.
    ask(server.address, REQUEST).await;

    server.stop.cancel();
    let running = server.running.take().expect("taken once");
    timeout(HANG_GUARD, running).await.expect("an end").expect("no panic");
    assert_eq!(until_closed(&mut half).await, b"");
    TcpListener::bind(server.address).await.expect("the port is free");

    link.write_all(b"\x89\x82\x00\x00\x00\x00hi").await.expect("sent");
    let pong = timeout(HANG_GUARD, read_frame(&mut link)).await.expect("a pong");
    assert_eq!((pong.first_byte, pong.payload.as_slice()), (0x8a, &b"hi"[..]));
}

#[tokio::test]
async fn the_session_closes_the_links() {
    let server = Server::start().await;
    let mut link = ask(server.address, REQUEST).await.stream;
    let session = server.session.clone();
    let closing = tokio::spawn(async move { session.shutdown(HANG_GUARD).await });
    let close = timeout(HANG_GUARD, read_frame(&mut link)).await.expect("a close frame");
    assert_eq!((close.first_byte, close.payload.get(..2)), (0x88, Some(&[0x03, 0xe8][..])));
    let mut answer = frame(0x88, &[0x03, 0xe8]);
    // Masked, with a mask that changes nothing.
    answer.splice(1..2, [0x82, 0, 0, 0, 0]);
    link.write_all(&answer).await.expect("sent");
    timeout(HANG_GUARD, closing).await.expect("an end").expect("no panic");
}
