//! A peer that writes requests and reads answers as text.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::HANG_GUARD;

/// An upgrade request as the Java dialer sends it, for `anonymous` and `changeit`.
pub(crate) const REQUEST: &str = "\
GET /openicf HTTP/1.1\r
Connection: Upgrade\r
Upgrade: WebSocket\r
Host: 127.0.0.1:8759\r
Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r
Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
Sec-WebSocket-Version: 13\r
Origin: ws://127.0.0.1:8759\r
Accept: */*\r
User-Agent: OpenICF-Client-Version[1.5]\r
Authorization: Basic YW5vbnltb3VzOmNoYW5nZWl0\r
\r
";

/// [`REQUEST`] without the lines of header `name`, and with the lines `instead`.
pub(crate) fn request_with(name: &str, instead: &str) -> String {
    let name = format!("{name}: ");
    let lines = REQUEST.trim_end().split("\r\n").filter(|line| !line.starts_with(&name));
    let kept: String = lines.map(|line| format!("{line}\r\n")).collect();
    format!("{kept}{instead}\r\n")
}

/// [`REQUEST`] without the lines of header `name`.
pub(crate) fn request_without(name: &str) -> String {
    request_with(name, "")
}

/// [`REQUEST`] with other credentials.
pub(crate) fn request_as(credentials: &str) -> String {
    request_with("Authorization", &format!("Authorization: Basic {credentials}\r\n"))
}

/// What came back, and the connection.
pub(crate) struct Answer {
    /// Up to and with the empty line.
    pub(crate) head: String,
    pub(crate) stream: TcpStream,
}

impl Answer {
    pub(crate) fn status_line(&self) -> &str {
        self.head.split("\r\n").next().expect("a line")
    }

    /// The values of all header lines of this name.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let lines = self.head.trim_end().split("\r\n").skip(1);
        let fields = lines.map(|line| line.split_once(": ").expect("a header line"));
        fields.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Everything up to the end of the connection, which is orderly.
    pub(crate) async fn page(&mut self) -> String {
        let mut page = String::new();
        let read = timeout(HANG_GUARD, self.stream.read_to_string(&mut page)).await;
        read.expect("the end of the connection").expect("no reset");
        page
    }
}

/// Sends `request` and reads the head of the answer.
pub(crate) async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    stream.write_all(request.as_ref()).await.expect("sent");
    read_answer(stream).await
}

pub(crate) async fn read_answer(mut stream: TcpStream) -> Answer {
    let mut head = Vec::new();
    let reading = async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
    };
    timeout(HANG_GUARD, reading).await.expect("an answer in time");
    Answer { head: String::from_utf8(head).expect("text"), stream }
}

/// What the server sends until it ends the connection, in whatever way.
pub(crate) async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = timeout(HANG_GUARD, stream.read_to_end(&mut bytes)).await.expect("the end of the connection");
    bytes
}
