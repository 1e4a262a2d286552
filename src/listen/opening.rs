//! The first bytes of a connection: which protocol they belong to, and the head of an upgrade request.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// The most that is read of a request head.
const MAX_HEAD: usize = 16 * 1024;

/// A connection's first bytes, credentials among them. The room is taken at once, so that no copy stays behind in a
/// freed block.
pub(super) struct Received(Zeroizing<Vec<u8>>);

/// What a peer speaks. Whoever serves it gets the bytes received so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP, or something as unknown as that.
    Http,
    /// The binary protocol of older connector servers and of ConnId.
    Legacy,
    /// TLS where none is expected.
    Tls,
}

/// How far a request head has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeadEnd {
    /// After so many bytes.
    At(usize),
    /// Beyond what is read.
    TooFar,
    /// Nowhere: the peer stopped sending.
    Missing,
}

impl Received {
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(MAX_HEAD)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Waits for the first byte, which tells the protocols apart; `None` when the peer sends nothing.
    pub(super) async fn protocol<S>(&mut self, stream: &mut S) -> io::Result<Option<Protocol>>
    where
        S: AsyncRead + Unpin + ?Sized,
    {
        if self.0.is_empty() {
            self.read_more(stream).await?;
        }
        Ok(self.0.first().map(|first| match first {
            // The first byte of the legacy protocol's magic number 00 00 FA FB.
            0x00 => Protocol::Legacy,
            // A TLS record of the type handshake.
            0x16 => Protocol::Tls,
            _ => Protocol::Http,
        }))
    }

    /// Reads up to the empty line that ends a request head.
    pub(super) async fn head<S>(&mut self, stream: &mut S) -> io::Result<HeadEnd>
    where
        S: AsyncRead + Unpin + ?Sized,
    {
        let mut seen = 0;
        loop {
            if let Some(end) = end_of_head(&self.0, seen) {
                return Ok(HeadEnd::At(end));
            }
            seen = self.0.len();
            if seen >= MAX_HEAD {
                return Ok(HeadEnd::TooFar);
            }
            if self.read_more(stream).await? == 0 {
                return Ok(HeadEnd::Missing);
            }
        }
    }

    /// What came behind the head.
    pub(super) fn rest(mut self, head: usize) -> Vec<u8> {
        let head = head.min(self.0.len());
        self.0.split_off(head)
    }

    async fn read_more<S>(&mut self, stream: &mut S) -> io::Result<usize>
    where
        S: AsyncRead + Unpin + ?Sized,
    {
        let room = MAX_HEAD.saturating_sub(self.0.len());
        stream.take(u64::try_from(room).unwrap_or(u64::MAX)).read_buf(&mut *self.0).await
    }
}

/// The end of the first empty line that has one before it; the first `seen` bytes are known to hold no complete one.
/// As in RFC 9112 §2.2, a line may end in a bare line feed and empty lines may stand in front.
fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let from = start.max(seen.saturating_sub(2));
    let breaks = bytes.iter().enumerate().skip(from).filter(|(_, byte)| **byte == b'\n');
    breaks.map(|(at, _)| at + 1).find_map(|next| match bytes.get(next..)? {
        [b'\n', ..] => Some(next + 1),
        [b'\r', b'\n', ..] => Some(next + 2),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn read(bytes: &[u8]) -> (HeadEnd, Received) {
        let mut received = Received::new();
        let mut stream = bytes;
        received.protocol(&mut stream).await.unwrap();
        let end = received.head(&mut stream).await.unwrap();
        (end, received)
    }

    #[tokio::test]
    async fn the_first_byte_tells_the_protocol() {
        for (bytes, expected) in [
            (&b"GET"[..], Some(Protocol::Http)),
            (b"\r\nGET", Some(Protocol::Http)),
            (b"\x00\x00\xFA\xFB", Some(Protocol::Legacy)),
            (b"\x16\x03\x01", Some(Protocol::Tls)),
            (b"", None),
        ] {
            let mut received = Received::new();
            assert_eq!(received.protocol(&mut &*bytes).await.unwrap(), expected);
            assert_eq!(received.bytes(), bytes, "what was looked at is still there");
        }
    }

    #[tokio::test]
    async fn a_head_ends_at_its_empty_line() {
        for (bytes, end) in [
            (&b"GET / HTTP/1.1\r\n\r\n\x82\x00"[..], HeadEnd::At(18)),
            (b"GET / HTTP/1.1\n\n\n", HeadEnd::At(16)),
            (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", HeadEnd::At(22)),
            (b"GET / HTTP/1.1\r\n", HeadEnd::Missing),
            (b"\r\n\r\n", HeadEnd::Missing),
        ] {
            assert_eq!(read(bytes).await.0, end, "{}", bytes.escape_ascii());
        }
        let (_, received) = read(b"GET / HTTP/1.1\r\n\r\n\x82\x00").await;
        assert_eq!(received.rest(18), [0x82, 0x00]);
    }

    #[tokio::test]
    async fn an_endless_head_is_read_to_the_limit_and_no_further() {
        let endless = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &vec![b'x'; 100_000]].concat();
        let (end, received) = read(&endless).await;
        assert_eq!((end, received.bytes().len()), (HeadEnd::TooFar, 16_384));
        let exact = [&vec![b'x'; 16_380][..], b"\r\n\r\n"].concat();
        assert_eq!(read(&exact).await.0, HeadEnd::At(16_384));
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_does_not_matter(
            text in "[\r\nab]{0,24}",
            cuts in proptest::collection::vec(1_usize..4, 24),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (whole, pieces) = runtime.block_on(async {
                let whole = read(text.as_bytes()).await.0;
                let (mut near, mut far) = tokio::io::duplex(64);
                let mut received = Received::new();
                let sending = async move {
                    let mut rest = text.as_bytes();
                    for cut in cuts {
                        let (now, later) = rest.split_at(cut.min(rest.len()));
                        far.write_all(now).await.unwrap();
                        tokio::task::yield_now().await;
                        rest = later;
                    }
                };
                let (pieces, ()) = tokio::join!(received.head(&mut near), sending);
                (whole, pieces.unwrap())
            });
            prop_assert_eq!(whole, pieces);
        }

        #[test]
        fn the_end_is_where_the_parser_sees_it(lines in proptest::collection::vec("[A-Z]: [a-z]{0,5}", 0..6), rest in "[a-z\r\n]{0,9}") {
            for line_end in ["\r\n", "\n"] {
                let head = format!("GET / HTTP/1.1{line_end}{}{line_end}", lines.iter().map(|line| format!("{line}{line_end}")).collect::<String>());
                let text = format!("{head}{rest}");
                prop_assert_eq!(end_of_head(text.as_bytes(), 0), Some(head.len()));
                let mut slots = [httparse::EMPTY_HEADER; 8];
                let parsed = httparse::Request::new(&mut slots).parse(text.as_bytes());
                prop_assert_eq!(parsed, Ok(httparse::Status::Complete(head.len())));
            }
        }
    }
}
