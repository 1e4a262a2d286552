//! The head of an HTTP answer, read from the socket itself: proxy and tenant answer before there is a
//! WebSocket, and neither may send more than is reasonable.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 128;
/// How much of a refusal's body is looked at, and for how long.
const MAX_BODY: usize = 4 * 1024;
const BODY_TIME: Duration = Duration::from_secs(1);
/// How much of it is shown.
const MAX_EXCERPT: usize = 200;

/// Status line and header fields, and what was read beyond them.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) reason: String,
    fields: Vec<(String, String)>,
    pub(super) rest: Vec<u8>,
}

/// Why there is no head.
#[derive(Debug)]
pub(super) enum HeadError {
    Io(io::Error),
    /// The connection ended within it; with nothing read, before it.
    Ended {
        received: usize,
    },
    /// What came is something else; the text says what.
    NotHttp(String),
}

/// Reads up to the empty line.
pub(super) async fn read<S: AsyncRead + Unpin + ?Sized>(stream: &mut S) -> Result<Head, HeadError> {
    let mut bytes = Vec::with_capacity(2048);
    loop {
        let before = bytes.len();
        let count = (&mut *stream).take(room(before)).read_buf(&mut bytes).await.map_err(HeadError::Io)?;
        if count == 0 {
            return Err(if before >= MAX_HEAD {
                HeadError::NotHttp(format!("a head of more than {MAX_HEAD} bytes"))
            } else {
                HeadError::Ended { received: before }
            });
        }
        // Only a new line break can complete the head: parse once per line, not once per byte.
        if bytes.iter().skip(before).any(|byte| *byte == b'\n')
            && let Some(head) = parse(&mut bytes)?
        {
            return Ok(head);
        }
    }
}

fn room(used: usize) -> u64 {
    u64::try_from(MAX_HEAD.saturating_sub(used)).unwrap_or(u64::MAX)
}

fn parse(bytes: &mut Vec<u8>) -> Result<Option<Head>, HeadError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut slots);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(HeadError::NotHttp(format!("{error}: {}", excerpt(bytes)))),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).trim().to_owned();
    let fields = response.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect();
    let status = response.code.unwrap_or_default();
    let reason = excerpt(response.reason.unwrap_or_default().as_bytes());
    let rest = bytes.split_off(length);
    Ok(Some(Head { status, reason, fields, rest }))
}

impl Head {
    /// The values of all fields of this name, in order.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The members of all comma lists of this name.
    pub(super) fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|member| !member.is_empty())
    }

    /// The beginning of the body, for a message; reads for a moment and stops at any difficulty.
    pub(super) async fn body_excerpt<S: AsyncRead + Unpin + ?Sized>(&self, stream: &mut S) -> String {
        let mut body = self.rest.clone();
        let announced = self.values("Content-Length").next().and_then(|length| length.parse().ok());
        let wanted = announced.unwrap_or(MAX_BODY).min(MAX_BODY);
        let missing = u64::try_from(wanted.saturating_sub(body.len())).unwrap_or(0);
        let _ = timeout(BODY_TIME, stream.take(missing).read_to_end(&mut body)).await;
        excerpt(&body)
    }
}

/// Foreign bytes as a short text on one line.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn fed(bytes: &[u8]) -> Result<Head, HeadError> {
        read(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn what_follows_the_head_is_kept() {
        let head = fed(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a, b\r\nupgrade: c\r\n\r\n\x82\x00")
            .await
            .expect("complete");
        assert_eq!((head.status, head.reason.as_str()), (101, "Switching Protocols"));
        assert_eq!(head.members("UPGRADE").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(head.rest, [0x82, 0x00]);
    }

    #[tokio::test]
    async fn it_may_arrive_byte_by_byte() {
        let (mut near, mut far) = tokio::io::duplex(1);
        let text = b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n";
        let (head, sent) = tokio::join!(read(&mut near), far.write_all(text));
        sent.expect("taken");
        assert_eq!(head.expect("complete").values("a").collect::<Vec<_>>(), ["b"]);
    }

    #[tokio::test]
    async fn endless_and_foreign_heads_are_refused() {
        let endless = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &vec![b'x'; 100_000]].concat();
        assert!(matches!(fed(&endless).await, Err(HeadError::NotHttp(_))));
        assert!(matches!(fed(b"SSH-2.0-OpenSSH\r\n").await, Err(HeadError::NotHttp(_))));
        assert!(matches!(fed(b"").await, Err(HeadError::Ended { received: 0 })));
        assert!(matches!(fed(b"HTTP/1.1 2").await, Err(HeadError::Ended { received: 10 })));
    }

    proptest! {
        #[test]
        fn arbitrary_answers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let _ = fed(&bytes).await;
                let _ = fed(&[b"HTTP/1.1 200 OK\r\n", bytes.as_slice()].concat()).await;
            });
        }
    }
}
