//! What the listener logs: one log for all tests of the process, in which each looks for its own lines.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};
use tracing::Level;
use tracing_subscriber::util::SubscriberInitExt;

use crate::client::{ask, request_as};
use crate::server::Server;
use crate::support::HANG_GUARD;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish()
            .init();
        log
    })
}

/// Has the log written from now on.
pub(crate) fn listen_to_log() {
    log();
}

/// Waits for a line with both texts. An address alone is not enough: ports come back in other tests.
pub(crate) async fn logged(one: &str, other: &str) -> String {
    let until = Instant::now() + HANG_GUARD;
    loop {
        let text = String::from_utf8_lossy(&log().0.lock().expect("not poisoned")).into_owned();
        if let Some(line) = text.lines().find(|line| line.contains(one) && line.contains(other)) {
            return line.to_owned();
        }
        assert!(Instant::now() < until, "no line with {one:?} and {other:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_start_has_the_words_that_scripts_look_for() {
    listen_to_log();
    let server = Server::start().await;
    let port = server.address.port();
    assert_eq!(server.shown, format!("ServerListener[127.0.0.1:{port} - plain]"));
    let expected = format!("ConnectorServer listening on: ServerListener[127.0.0.1:{port} - plain]");
    let line = logged("ConnectorServer", &expected).await;
    assert!(line.contains(" INFO "), "{line}");
}

#[tokio::test]
async fn peers_are_named_and_their_keys_are_not() {
    listen_to_log();
    let server = Server::start().await;
    let refused = ask(server.address, request_as("bWFsbG9yeTp3aGl0ZS1yYWJiaXQ=")).await;
    let peer = refused.stream.local_addr().expect("connected").to_string();
    let line = logged(&peer, "user name \"mallory\"").await;
    assert!(line.contains(" WARN ") && line.contains("Closed a connection"), "{line}");
    let accepted = ask(server.address, request_as("YWxpY2U6Y2hhbmdlaXQ=")).await;
    let peer = accepted.stream.local_addr().expect("connected").to_string();
    let line = logged(&peer, "alice").await;
    assert!(line.contains(" INFO ") && line.contains("Accepted a link"), "{line}");

    let text = String::from_utf8_lossy(&log().0.lock().expect("not poisoned")).into_owned();
    for secret in
        ["white-rabbit", "d2hpdGUtcmFiYml0", "changeit", "Y2hhbmdlaXQ", "lmA6bMfENJGlIDbfrVtklXFK32s"]
    {
        assert_eq!(text.lines().find(|line| line.contains(secret)), None, "{secret} is logged");
    }
}

#[tokio::test]
async fn health_checks_do_not_fill_the_log() {
    listen_to_log();
    let server = Server::start().await;
    let check = ask(server.address, "GET /openicf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
    let knock = TcpStream::connect(server.address).await.expect("somebody listens");
    let [check, knocker] =
        [&check.stream, &knock].map(|peer| peer.local_addr().expect("connected").to_string());
    drop(knock);
    for (peer, outcome) in
        [(check, "a user name and the shared key are required"), (knocker, "nothing was sent")]
    {
        let line = logged(&peer, outcome).await;
        assert!(line.contains("DEBUG"), "{line}");
    }
}
