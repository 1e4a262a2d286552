//! Peers that take their time, send too much or come in numbers.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::client::{REQUEST, ask, read_answer, until_closed};
use crate::log::{listen_to_log, logged};
use crate::server::{Options, Server};

const LIMIT: Duration = Duration::from_millis(400);
/// Far above the limit, and far below any other that could be at work.
const SOON: Duration = Duration::from_secs(10);

async fn impatient() -> Server {
    Server::start_with(Options { handshake_timeout: LIMIT, ..Default::default() }).await
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off() {
    listen_to_log();
    let server = impatient().await;
    let stream = TcpStream::connect(server.address).await.expect("somebody listens");
    let (address, start) = (stream.local_addr().expect("connected"), Instant::now());
    let (mut read, mut write) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while write.write_u8(b'x').await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = read.read_to_end(&mut bytes).await;
    dripping.abort();
    assert!((LIMIT..SOON).contains(&start.elapsed()), "after {:?}", start.elapsed());
    assert_eq!(bytes, b"");
    logged(&address.to_string(), "no upgrade or legacy key within 400ms (handshakeTimeout)").await;
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_cut_off() {
    let server = impatient().await;
    let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
    let start = Instant::now();
    assert_eq!(until_closed(&mut stream).await, b"");
    assert!((LIMIT..SOON).contains(&start.elapsed()), "after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_head_that_never_ends_is_refused() {
    let server = Server::start().await;
    let endless = [REQUEST.trim_end().as_bytes(), b"\r\nX: ", &vec![b'x'; 40_000]].concat();
    let mut answer = ask(server.address, endless).await;
    assert_eq!(answer.status_line(), "HTTP/1.1 431 Request Header Fields Too Large");
    assert_eq!(answer.values("Server"), ["OpenICF Connector Server"]);
    assert!(answer.page().await.contains("too large"));
}

#[tokio::test]
async fn a_refused_peer_cannot_go_on_sending() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
    let start = Instant::now();
    let flood = vec![b'x'; 64 * 1024];
    while stream.write_all(&flood).await.is_ok() {
        assert!(start.elapsed() < SOON, "still taking bytes");
    }
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let server = Server::start().await;
    let many: String = (0..100).map(|number| format!("X-{number}: x\r\n")).collect();
    let answer = ask(server.address, format!("{}\r\n{many}\r\n", REQUEST.trim_end())).await;
    assert_eq!(answer.status_line(), "HTTP/1.1 431 Request Header Fields Too Large");
}

#[tokio::test]
async fn a_crowd_that_says_nothing_does_not_keep_others_out_for_long() {
    listen_to_log();
    let server = impatient().await;
    let mut crowd = Vec::new();
    for _ in 0..600 {
        crowd.push(TcpStream::connect(server.address).await.expect("somebody listens"));
    }
    let start = Instant::now();
    let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
    stream.write_all(REQUEST.as_bytes()).await.expect("sent");
    let answer = read_answer(stream).await;
    assert_eq!(answer.status_line(), "HTTP/1.1 101 Switching Protocols");
    assert!(start.elapsed() < SOON, "after {:?}", start.elapsed());
    logged("WARN", "256 connections have not shown the key; others have to wait").await;
}

#[tokio::test]
async fn other_protocols_are_told_apart() {
    listen_to_log();
    let server = Server::start().await;
    let cases: [(&[u8], &str); 2] = [
        (b"\x00\x00\xfa\xfb\x00\x00\x00\x01", "not the legacy protocol: Unexpected version: 1"),
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "the peer speaks TLS: set usessl to true"),
    ];
    for (opening, expected) in cases {
        let mut stream = TcpStream::connect(server.address).await.expect("somebody listens");
        stream.write_all(opening).await.expect("sent");
        let address = stream.local_addr().expect("connected").to_string();
        assert_eq!(until_closed(&mut stream).await, b"");
        logged(&address, expected).await;
    }
}
