//! A server with a port for legacy clients alone, and a client that writes and reads bytes.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use icf::Registration;
use icf_wire::binary::{Decoder, Encoder, Limits, Object, Profile};
use rcs::config::{self, Inputs};
use rcs::serve::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything here takes.
pub(crate) const HANG_GUARD: Duration = Duration::from_secs(30);

/// Starts a server with the key `changeit` and these further lines of its file.
pub(crate) async fn start(connectors: Vec<Registration>, lines: &str) -> Server {
    let folder = tempfile::tempdir().expect("create a temporary folder");
    let file = folder.path().join("rcs.properties");
    let fixed = "connectorserver.port=8759\nconnectorserver.legacyPort=8758\nconnectorserver.ifaddress=127.0.0.1\n\
                 connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=\n";
    fs::write(&file, format!("{fixed}{lines}")).expect("write the properties");
    let loaded = config::load(&Inputs {
        home: folder.path().to_owned(),
        file: Some(file),
        environment: BTreeMap::new(),
        defines: Vec::new(),
        host_name: "host-7".to_owned(),
    });
    let mut settings = loaded.settings.expect("the settings are sound");
    let listener = settings.server.as_mut().expect("it listens");
    // The file has no word for any free port.
    listener.port = 0;
    listener.legacy_port = Some(0);
    Server::start(settings, connectors).await.expect("the server starts")
}

/// The port for legacy clients.
pub(crate) fn address(server: &Server) -> SocketAddr {
    server.legacy_address().expect("it has a port for them")
}

/// A client, byte by byte.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    decoder: Decoder,
    encoder: Encoder,
}

impl Client {
    pub(crate) async fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.expect("somebody listens");
        Self { stream, decoder: Decoder::new(Limits::default()), encoder: Encoder::new(Profile::CONNID_1_6) }
    }

    /// Sends bytes; that the server takes no more is for the reader to find out.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Sends objects.
    pub(crate) async fn say(&mut self, objects: &[Object]) {
        let mut bytes = Vec::new();
        for object in objects {
            self.encoder.encode(object, &mut bytes).expect("an object of the format");
        }
        self.send(&bytes).await;
    }

    /// Sends the first objects as another framework writes them.
    pub(crate) async fn say_as(&mut self, profile: Profile, objects: &[Object]) {
        self.encoder = Encoder::new(profile);
        self.say(objects).await;
    }

    /// The next object; none at the end of the connection, however it ends.
    pub(crate) async fn next(&mut self) -> Option<Object> {
        loop {
            if let Some(object) = self.decoder.next().expect("the server speaks the protocol") {
                return Some(object);
            }
            let mut chunk = vec![0; 4096];
            let read = timeout(HANG_GUARD, self.stream.read(&mut chunk)).await.expect("an answer or an end");
            match read {
                Ok(0) | Err(_) => {
                    assert!(!self.decoder.is_inside_object(), "an answer was cut off");
                    return None;
                }
                Ok(read) => self.decoder.feed(chunk.get(..read).expect("no more than asked for")),
            }
        }
    }

    /// Ends what it has to say, and gives what comes until the server ends the connection, too.
    pub(crate) async fn finish(mut self) -> Vec<Object> {
        let _ = self.stream.shutdown().await;
        let mut objects = Vec::new();
        while let Some(object) = self.next().await {
            objects.push(object);
        }
        objects
    }
}
