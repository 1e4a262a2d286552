//! A forward proxy that remembers whom it was asked for.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::lock;

/// A running proxy for `CONNECT`; it ends when dropped. Whatever name is asked for, it connects to one address.
pub struct FakeProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl fmt::Debug for FakeProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeProxy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl FakeProxy {
    /// Starts a proxy that leads to `target`.
    ///
    /// # Panics
    /// Without a free port.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are free ports");
        let address = listener.local_addr().expect("a bound listener has an address");
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            let mut tunnels = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                tunnels.spawn(tunnel(stream, target, Arc::clone(&log)));
            }
        });
        Self { address, heads, task }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The heads of the requests so far, whole.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        lock(&self.heads).clone()
    }
}

impl Drop for FakeProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn tunnel(stream: TcpStream, target: SocketAddr, log: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    lock(&log).push(head);
    let Ok(mut onward) = TcpStream::connect(target).await else { return };
    if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    }
}
