//! A relay of TCP connections to one address, which cuts them when told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A running relay; it ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Relay {
    /// Relays to a port of this machine.
    pub(crate) async fn to(port: u64) -> Self {
        let port = u16::try_from(port).expect("a port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen on loopback");
        let address = listener.local_addr().expect("the address");
        let connections: Arc<Mutex<Vec<AbortHandle>>> = Arc::default();
        let accepted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let relayed = tokio::spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
                accepted.lock().expect("nobody panics while it holds them").push(relayed.abort_handle());
            }
        });
        Self { address, connections }
    }

    pub(crate) fn port(&self) -> u64 {
        self.address.port().into()
    }

    /// Cuts the oldest of the connections that live.
    pub(crate) fn cut_one(&self) {
        let connections = self.connections.lock().expect("nobody panics while it holds them");
        let oldest = connections.iter().find(|connection| !connection.is_finished());
        oldest.expect("a connection lives").abort();
    }

    /// Cuts all connections.
    pub(crate) fn cut_all(&self) {
        let mut connections = self.connections.lock().expect("nobody panics while it holds them");
        connections.drain(..).for_each(|connection| connection.abort());
    }
}
