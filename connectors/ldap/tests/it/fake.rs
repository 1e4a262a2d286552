//! A directory that says what a test wants: a script gets each request and answers with messages, byte for byte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::harness::Ldap;

/// A request as the server sees it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: i32,
    /// Tag of the operation.
    pub(crate) tag: u8,
    pub(crate) bytes: Vec<u8>,
}

impl Asked {
    /// Whether the request holds this text.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.bytes.windows(text.len()).any(|part| part == text.as_bytes())
    }
}

/// An element with its length in the short or in the four-byte form, as Active Directory writes it.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            bytes.push(0x84);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

/// A number of up to 31 bits, in two bytes at least.
fn number(id: i32) -> Vec<u8> {
    match i16::try_from(id) {
        Ok(small) => [[2, 2], small.to_be_bytes()].concat(),
        Err(_) => [&[2, 4], id.to_be_bytes().as_slice()].concat(),
    }
}

/// A message around an operation.
pub(crate) fn message(id: i32, operation: &[u8], controls: &[u8]) -> Vec<u8> {
    let controls = if controls.is_empty() { Vec::new() } else { element(0xa0, controls) };
    element(0x30, &[&number(id), operation, &controls].concat())
}

/// A result of an operation with this tag.
pub(crate) fn done(id: i32, tag: u8, code: u8, text: &str) -> Vec<u8> {
    done_with(id, tag, code, text, &[])
}

/// A result with controls.
pub(crate) fn done_with(id: i32, tag: u8, code: u8, text: &str, controls: &[u8]) -> Vec<u8> {
    let content = [&[0x0a, 1, code, 4, 0], element(4, text.as_bytes()).as_slice()].concat();
    message(id, &element(tag, &content), controls)
}

/// An entry whose values are texts.
pub(crate) fn entry(id: i32, dn: &str, attributes: &[(&str, &[&str])]) -> Vec<u8> {
    let attributes: Vec<(&str, Vec<&[u8]>)> = attributes
        .iter()
        .map(|(name, values)| (*name, values.iter().map(|value| value.as_bytes()).collect()))
        .collect();
    entry_of_bytes(id, dn, &attributes)
}

/// An entry.
pub(crate) fn entry_of_bytes(id: i32, dn: &str, attributes: &[(&str, Vec<&[u8]>)]) -> Vec<u8> {
    let mut list = Vec::new();
    for (name, values) in attributes {
        let values: Vec<u8> = values.iter().flat_map(|value| element(4, value)).collect();
        list.extend(element(0x30, &[element(4, name.as_bytes()), element(0x31, &values)].concat()));
    }
    message(id, &element(0x64, &[element(4, dn.as_bytes()), element(0x30, &list)].concat()), &[])
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Fake {
    port: u16,
    connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Fake {
    /// Answers each request by the script; no answer is silence.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let tags = Arc::clone(&asked);
        let script = move |request: &Asked| {
            tags.lock().unwrap().push(request.tag);
            script(request)
        };
        let (counter, script) = (Arc::clone(&connections), Arc::new(script));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                tokio::spawn(async move { serve(stream, script).await });
            }
        });
        Self { port, connections, asked, task }
    }

    /// A connector on it, without login and with the built-in schema.
    pub(crate) fn ldap(&self) -> Ldap {
        Ldap::nowhere().with("port", i32::from(self.port)).with("readSchema", false)
    }

    /// The tags of the requests so far.
    pub(crate) fn asked(&self) -> Vec<u8> {
        self.asked.lock().unwrap().clone()
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<impl Fn(&Asked) -> Vec<u8>>) {
    while let Some(asked) = request(&mut stream).await {
        let answer = script(&asked);
        if !answer.is_empty() && stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// The next request.
async fn request(stream: &mut TcpStream) -> Option<Asked> {
    let first = [stream.read_u8().await.ok()?, stream.read_u8().await.ok()?];
    let mut length = usize::from(first[1]);
    if length >= 0x80 {
        let digits = length & 0x7f;
        length = 0;
        for _ in 0..digits {
            length = length << 8 | usize::from(stream.read_u8().await.ok()?);
        }
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.ok()?;
    assert_eq!(bytes[0], 2);
    let behind = 2 + usize::from(bytes[1]);
    let id = bytes[2..behind].iter().fold(0, |id, byte| id << 8 | i32::from(*byte));
    Some(Asked { id, tag: bytes[behind], bytes })
}
