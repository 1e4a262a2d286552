//! A relay of TCP connections to one address, which loses what is under way and cuts them when told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// How long a connection swallows what it should pass on before it is cut.
const LOSING: Duration = Duration::from_millis(150);

/// A running relay; it ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<Connection>>>,
}

#[derive(Debug)]
struct Connection {
    traffic: Arc<Traffic>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Traffic {
    bytes: AtomicU64,
    loses: AtomicBool,
}

impl Relay {
    /// Relays to a port of this machine.
    pub(crate) async fn to(port: u64) -> Self {
        let port = u16::try_from(port).expect("a port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen on loopback");
        let address = listener.local_addr().expect("the address");
        let connections: Arc<Mutex<Vec<Connection>>> = Arc::default();
        let accepted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let traffic = Arc::<Traffic>::default();
                let task = tokio::spawn(relay(near, port, Arc::clone(&traffic))).abort_handle();
                accepted.lock().expect("nobody panics with it").push(Connection { traffic, task });
            }
        });
        Self { address, connections }
    }

    pub(crate) fn port(&self) -> u64 {
        self.address.port().into()
    }

    fn passed(&self) -> Vec<u64> {
        let connections = self.connections.lock().expect("nobody panics with it");
        connections.iter().map(|connection| connection.traffic.bytes.load(Ordering::Relaxed)).collect()
    }

    /// Loses what passes over the busiest connection for a moment, then cuts it.
    pub(crate) async fn cut_busiest(&self) {
        let before = self.passed();
        sleep(Duration::from_millis(300)).await;
        let after = self.passed();
        let grown = before.iter().zip(&after).map(|(before, after)| after - before);
        let (busiest, _) = grown.enumerate().max_by_key(|(_, bytes)| *bytes).expect("a connection");
        self.cut(|number| number == busiest).await;
    }

    /// The same with all connections at once.
    pub(crate) async fn cut_all(&self) {
        self.cut(|_| true).await;
    }

    async fn cut(&self, which: impl Fn(usize) -> bool) {
        let tasks: Vec<AbortHandle> = {
            let connections = self.connections.lock().expect("nobody panics with it");
            let chosen = connections.iter().enumerate().filter(|(number, _)| which(*number));
            chosen
                .map(|(_, connection)| {
                    connection.traffic.loses.store(true, Ordering::Relaxed);
                    connection.task.clone()
                })
                .collect()
        };
        sleep(LOSING).await;
        tasks.into_iter().for_each(|task| task.abort());
    }
}

async fn relay(near: TcpStream, port: u16, traffic: Arc<Traffic>) {
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pass(near_in, far_out, &traffic) => {}
        () = pass(far_in, near_out, &traffic) => {}
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, traffic: &Traffic) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        traffic.bytes.fetch_add(read as u64, Ordering::Relaxed);
        let Some(bytes) = buffer.get(..read) else { return };
        if !traffic.loses.load(Ordering::Relaxed) && to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
