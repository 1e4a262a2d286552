//! A forward proxy that understands `CONNECT` and nothing else. It leads every name where the test says,
//! so that certificates for made-up names can be tested, and fails as the test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::HANG_GUARD;

/// How the proxy answers.
#[derive(Debug, Clone)]
pub(crate) enum Conduct {
    /// 200, then bytes both ways.
    Tunnel,
    /// 200 if `Proxy-Authorization` has this value, otherwise 407.
    TunnelFor(&'static str),
    /// The tunnel, each chunk delayed.
    Slow(Duration),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes again and again, for ever.
    Endless(&'static [u8]),
    /// No answer.
    Hang,
}

/// A running proxy. Its tunnels break when this is dropped.
pub(crate) struct ConnectProxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    cut: watch::Sender<u64>,
}

impl ConnectProxy {
    /// Leads every tunnel to `target`, whatever name was asked for.
    pub(crate) async fn start(target: SocketAddr, conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (cut, cuts) = watch::channel(0);
        let recorded = Arc::clone(&heads);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("accepting");
                let (recorded, conduct, mut cuts) = (Arc::clone(&recorded), conduct.clone(), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = serve(client, target, conduct, &recorded) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { address, heads, cut }
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }

    /// Drops every open tunnel.
    pub(crate) fn cut_all(&self) {
        self.cut.send_modify(|count| *count += 1);
    }
}

async fn serve(mut client: TcpStream, target: SocketAddr, conduct: Conduct, heads: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).expect("an ASCII head");
    heads.lock().expect("not poisoned").push(head.clone());
    let ok = b"HTTP/1.1 200 Connection established\r\n\r\n".as_slice();
    let mut delay = None;
    match conduct {
        Conduct::Tunnel => {}
        Conduct::Slow(pause) => delay = Some(pause),
        Conduct::TunnelFor(value) => {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let shown = lines.find(|(name, _)| name.eq_ignore_ascii_case("Proxy-Authorization"));
            if shown.map(|(_, shown)| shown) != Some(value) {
                let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                               Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 12\r\n\r\nwho are you?";
                let _ = client.write_all(refusal.as_bytes()).await;
                return;
            }
        }
        Conduct::Raw(bytes) => {
            let _ = client.write_all(&bytes).await;
            return;
        }
        Conduct::Endless(bytes) => while client.write_all(bytes).await.is_ok() {},
        Conduct::Hang => sleep(HANG_GUARD).await,
    }
    let mut server = TcpStream::connect(target).await.expect("the target listens");
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket option");
    }
    client.write_all(ok).await.expect("an answer");
    match delay {
        None => {
            let _ = copy_bidirectional(&mut client, &mut server).await;
        }
        Some(pause) => {
            let ((client_read, client_write), (server_read, server_write)) =
                (client.into_split(), server.into_split());
            tokio::join!(
                trickle(client_read, server_write, pause),
                trickle(server_read, client_write, pause)
            );
        }
    }
}

async fn trickle(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    pause: Duration,
) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        sleep(pause).await;
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
