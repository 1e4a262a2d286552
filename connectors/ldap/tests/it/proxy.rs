//! A way to a server that a test can cut, silence and count.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of what the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Connections stay open, and nothing comes.
    Silent,
    /// Each connection ends after so many bytes.
    CutAfter(usize),
}

/// A running proxy.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    open: Arc<AtomicUsize>,
    mode: watch::Sender<Mode>,
    task: JoinHandle<()>,
}

/// Counts a connection for as long as it is there.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Proxy {
    /// Leads to a port of this machine.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, (mode, watched)) = (Arc::new(AtomicUsize::new(0)), watch::channel(Mode::Pass));
        let counter = Arc::clone(&open);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let (counted, watched) = (Counted(Arc::clone(&counter)), watched.clone());
                tokio::spawn(async move {
                    carry(client, server, watched).await;
                    drop(counted);
                });
            }
        });
        Self { port, open, mode, task }
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send(mode).unwrap();
    }

    /// Waits until no connection is left; how many there are if that does not come to pass.
    pub(crate) async fn left(&self) -> usize {
        for _ in 0..100 {
            if self.open.load(Ordering::SeqCst) == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.open.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(mut client: TcpStream, server: u16, mode: watch::Receiver<Mode>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.split(), server.split());
    let (mut asked, mut answered) = (vec![0; 8192], vec![0; 8192]);
    let mut passed = 0;
    loop {
        tokio::select! {
            read = from_client.read(&mut asked) => match read {
                Ok(length) if length > 0 => {
                    if to_server.write_all(&asked[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            read = from_server.read(&mut answered) => {
                let Ok(length) = read else { return };
                let now = *mode.borrow();
                let allowed = match now {
                    Mode::Pass => length,
                    Mode::Silent => continue,
                    Mode::CutAfter(most) => length.min(most.saturating_sub(passed)),
                };
                passed += allowed;
                if to_client.write_all(&answered[..allowed]).await.is_err() || allowed < length || length == 0 {
                    return;
                }
            }
        }
    }
}
