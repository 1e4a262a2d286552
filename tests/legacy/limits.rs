//! Clients that send nothing, too much, or what they must not, and which port is for whom.

use std::time::{Duration, Instant};

use icf_wire::binary::Object;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::live;
use crate::requests::{hello, introduction};
use crate::server::{Client, HANG_GUARD, address, start};

/// The shortest that the file can set.
const LIMIT: Duration = Duration::from_secs(1);
/// Far above the limit, and far below any other that could be at work.
const SOON: Duration = Duration::from_secs(10);

/// What comes until the server ends the connection, in whatever way.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = timeout(HANG_GUARD, stream.read_to_end(&mut bytes)).await.expect("the end of the connection");
    bytes
}

#[tokio::test]
async fn who_does_not_show_a_key_is_cut_off_in_time() {
    let server = start(vec![live::registration()], "connectorserver.handshakeTimeout=1\n").await;
    let header = b"\x00\x00\xfa\xfb\x00\x00\x00\x02".as_slice();
    for opening in [&b""[..], b"\x00", header, &[header, b"\x00\x00\x00\x01\x00\x00\x00\x06Loc"].concat()] {
        let mut stream = TcpStream::connect(address(&server)).await.expect("somebody listens");
        let begun = Instant::now();
        stream.write_all(opening).await.expect("sent");
        assert_eq!(until_closed(&mut stream).await, b"");
        assert!((LIMIT..SOON).contains(&begun.elapsed()), "{opening:?}: after {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn who_drips_is_cut_off_in_time() {
    let server = start(vec![live::registration()], "connectorserver.handshakeTimeout=1\n").await;
    let stream = TcpStream::connect(address(&server)).await.expect("somebody listens");
    let (mut read, mut write) = stream.into_split();
    let begun = Instant::now();
    let dripping = tokio::spawn(async move {
        // A field of 4,096 bytes, of which one comes now and then.
        let _ = write
            .write_all(b"\x00\x00\xfa\xfb\x00\x00\x00\x02\x00\x00\x00\x00\x3c\x46\x00\x00\x10\x00")
            .await;
        while write.write_u8(b'x').await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = timeout(HANG_GUARD, read.read_to_end(&mut bytes)).await.expect("the end of the connection");
    dripping.abort();
    assert!((LIMIT..SOON).contains(&begun.elapsed()), "after {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_length_that_is_too_large_is_not_waited_for() {
    let server = start(vec![live::registration()], "").await;
    let field = |length: u32| {
        let mut bytes = b"\x00\x00\xfa\xfb\x00\x00\x00\x02\x00\x00\x00\x00\x3c\x46".to_vec();
        bytes.extend(length.to_be_bytes());
        bytes
    };
    let names = b"\x00\x00\xfa\xfb\x00\x00\x00\x02\x7f\xff\xff\xff".to_vec();
    for opening in [field(0x7fff_ffff), field(0xffff_ffff), field(17_000), names] {
        let mut stream = TcpStream::connect(address(&server)).await.expect("somebody listens");
        let begun = Instant::now();
        stream.write_all(&opening).await.expect("sent");
        assert_eq!(until_closed(&mut stream).await, b"");
        assert!(begun.elapsed() < SOON, "{opening:?}: after {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn without_the_key_nobody_sends_much() {
    let server = start(vec![live::registration()], "").await;
    let mut client = Client::connect(address(&server)).await;
    client.say(&introduction("wrong")).await;
    let begun = Instant::now();
    client.say(&[Object::Bytes(vec![7; 1 << 20])]).await;
    assert!(client.next().await.is_none());
    assert!(begun.elapsed() < SOON, "after {:?}", begun.elapsed());

    // With it, a request may be as large as the settings say.
    let mut client = Client::connect(address(&server)).await;
    client.say(&crate::requests::echo("changeit", Object::Bytes(vec![7; 1 << 20]))).await;
    assert!(client.next().await.is_some());
}

#[tokio::test]
async fn a_request_beyond_the_settings_is_cut_off() {
    let server = start(vec![live::registration()], "connectorserver.maxMessageSize=65536\n").await;
    let mut client = Client::connect(address(&server)).await;
    client.say(&crate::requests::echo("changeit", Object::Bytes(vec![7; 1 << 20]))).await;
    assert!(client.next().await.is_none());
}

#[tokio::test]
async fn each_port_takes_its_own_clients() {
    let server = start(vec![live::registration()], "").await;
    let main = server.address().expect("it listens");

    let mut legacy_at_main = Client::connect(main).await;
    legacy_at_main.say(&hello("changeit", 4)).await;
    assert!(legacy_at_main.next().await.is_none());

    let mut http_at_legacy = TcpStream::connect(address(&server)).await.expect("somebody listens");
    http_at_legacy.write_all(b"GET /openicf HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(until_closed(&mut http_at_legacy).await, b"");

    let mut http_at_main = TcpStream::connect(main).await.expect("somebody listens");
    http_at_main.write_all(b"GET /openicf HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert!(until_closed(&mut http_at_main).await.starts_with(b"HTTP/1.1 401 "));
}
