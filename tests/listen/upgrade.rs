//! Which upgrade requests are accepted, and what the others are answered.

use icf_session::SessionEvent;
use tokio::io::AsyncWriteExt;

use crate::client::{Answer, REQUEST, ask, request_as, request_with, request_without};
use crate::server::{Options, Server};

const ACCEPTED: &str = "HTTP/1.1 101 Switching Protocols";

async fn answer_to(request: impl AsRef<[u8]>) -> Answer {
    ask(Server::start().await.address, request).await
}

async fn status_of(request: impl AsRef<[u8]>) -> String {
    answer_to(request).await.status_line().to_owned()
}

async fn status_with_key(key: &'static str, credentials: &str) -> String {
    let server = Server::start_with(Options { key, ..Default::default() }).await;
    ask(server.address, request_as(credentials)).await.status_line().to_owned()
}

#[tokio::test]
async fn wire_c07_without_credentials_the_answer_asks_for_them() {
    let mut answer = answer_to(request_without("Authorization")).await;
    assert_eq!(
        answer.head,
        "HTTP/1.1 401 Unauthorized. \r\n\
         Server: OpenICF Connector Server\r\n\
         WWW-Authenticate: Basic realm=\"openicf.forgerock.org\"\r\n\
         Connection: close\r\n\
         \r\n"
    );
    // The Java dialer never reports a refusal that has a Content-Length or a page.
    assert_eq!(answer.page().await, "");
}

#[tokio::test]
async fn people_and_health_checks_get_a_page() {
    let mut answer = answer_to("GET /openicf HTTP/1.1\r\nHost: 127.0.0.1:8759\r\n\r\n").await;
    assert_eq!(
        answer.head,
        "HTTP/1.1 401 Unauthorized. \r\n\
         Server: OpenICF Connector Server\r\n\
         WWW-Authenticate: Basic realm=\"openicf.forgerock.org\"\r\n\
         Connection: close\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Length: 126\r\n\
         \r\n"
    );
    // The health check of the community's image looks for the last line in the page, not in the headers.
    assert_eq!(
        answer.page().await,
        "401 Unauthorized.\r\n\
         a user name and the shared key are required, as credentials of the Basic scheme\r\n\
         OpenICF Connector Server\r\n"
    );
}

#[tokio::test]
async fn wire_c07_other_schemes_count_as_no_credentials() {
    // The last is `changeit`, without a colon.
    for value in ["Bearer YW5vbnltb3VzOmNoYW5nZWl0", "Basic Y2hhbmdlaXQ="] {
        let request = request_with("Authorization", &format!("Authorization: {value}\r\n"));
        let answer = answer_to(request).await;
        assert_eq!(answer.status_line(), "HTTP/1.1 401 Unauthorized. ");
        assert_eq!(answer.values("WWW-Authenticate"), ["Basic realm=\"openicf.forgerock.org\""]);
    }
}

#[tokio::test]
async fn wire_c08_a_wrong_key_is_refused() {
    // anonymous:wrong
    let mut answer = answer_to(request_as("YW5vbnltb3VzOndyb25n")).await;
    assert_eq!(answer.status_line(), "HTTP/1.1 403 Failed To connect");
    assert_eq!(answer.values("Server"), ["OpenICF Connector Server"]);
    assert_eq!(answer.page().await, "");
}

#[tokio::test]
async fn wire_c09_any_user_name_comes_in_with_the_key() {
    let mut server = Server::start().await;
    // any-name:changeit
    let mut answer = ask(server.address, request_as("YW55LW5hbWU6Y2hhbmdlaXQ=")).await;
    assert_eq!(
        answer.head,
        "HTTP/1.1 101 Switching Protocols\r\n\
         Server: OpenICF Connector Server\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\n\
         \r\n"
    );
    // A handshake of session "AB", masked.
    let handshake = b"\x82\x8a\x37\xfa\x21\x3d\x25\xf2\x2b\x3b\x3d\xf8\x60\x7f\x27\xfb";
    answer.stream.write_all(handshake).await.expect("sent");
    assert!(matches!(server.event().await, SessionEvent::LinkReady { .. }));
    let SessionEvent::GroupUp { session, label, .. } = server.event().await else {
        panic!("no group");
    };
    assert_eq!((session.as_str(), label.as_str()), ("AB", "any-name"));
}

#[tokio::test]
async fn wire_c10_a_repeated_sub_protocol_is_confirmed_once() {
    let name = "Sec-WebSocket-Protocol";
    let lists = [
        "Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\nSec-WebSocket-Protocol: v1.openicf.forgerock.org\r\n",
        "Sec-WebSocket-Protocol: v1.openicf.forgerock.org, v1.openicf.forgerock.org\r\n",
        "sec-websocket-protocol: chat,V1.OpenICF.ForgeRock.org\r\n",
    ];
    for lines in lists {
        let answer = answer_to(request_with(name, lines)).await;
        assert_eq!(answer.status_line(), ACCEPTED, "{lines}");
        assert_eq!(answer.values(name), ["v1.openicf.forgerock.org"], "{lines}");
    }
}

#[tokio::test]
async fn wire_c11_without_a_sub_protocol_none_is_confirmed() {
    for lines in ["", "Sec-WebSocket-Protocol: \r\n"] {
        let answer = answer_to(request_with("Sec-WebSocket-Protocol", lines)).await;
        assert_eq!(answer.status_line(), ACCEPTED);
        assert!(answer.values("Sec-WebSocket-Protocol").is_empty(), "{}", answer.head);
    }
}

#[tokio::test]
async fn foreign_sub_protocols_alone_are_refused() {
    let lines = "Sec-WebSocket-Protocol: chat, v2.openicf.forgerock.org\r\n";
    let answer = answer_to(request_with("Sec-WebSocket-Protocol", lines)).await;
    assert_eq!(answer.status_line(), "HTTP/1.1 400 the sub-protocol spoken here is v1.openicf.forgerock.org");
}

#[tokio::test]
async fn wire_c12_the_key_is_read_as_iso_8859_1() {
    assert_eq!(status_with_key("pässword", "YW5vbnltb3VzOnDkc3N3b3Jk").await, ACCEPTED);
    // The same in UTF-8 is another key.
    assert_eq!(
        status_with_key("pässword", "YW5vbnltb3VzOnDDpHNzd29yZA==").await,
        "HTTP/1.1 403 Failed To connect"
    );
}

#[tokio::test]
async fn wire_c13_blanks_around_name_and_key_do_not_count() {
    // ` a : changeit\t`
    assert_eq!(status_with_key("changeit", "IGEgOiBjaGFuZ2VpdAk=").await, ACCEPTED);
    // `a:change it` with the blank inside.
    assert_eq!(status_with_key("change it", "YTpjaGFuZ2UgaXQ=").await, ACCEPTED);
    assert_eq!(status_with_key("changeit", "YTpjaGFuZ2UgaXQ=").await, "HTTP/1.1 403 Failed To connect");
    // ` :changeit`
    assert_eq!(
        status_with_key("changeit", "IDpjaGFuZ2VpdA==").await,
        "HTTP/1.1 400 the user name in the credentials is blank"
    );
}

#[tokio::test]
async fn only_one_path_exists() {
    for target in ["/", "/openicf/", "/openicf/0", "/Openicf", "/openicfx", "*", "/x?/openicf"] {
        let request = REQUEST.replacen("/openicf", target, 1);
        assert_eq!(status_of(request).await, "HTTP/1.1 404 Not Found", "{target}");
    }
    let with_query = REQUEST.replacen("/openicf", "/openicf?connectorServerName=rcs1", 1);
    assert_eq!(status_of(with_query).await, ACCEPTED);
}

#[tokio::test]
async fn another_version_is_told_which_one_is_spoken() {
    for lines in
        ["", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"]
    {
        let answer = answer_to(request_with("Sec-WebSocket-Version", lines)).await;
        assert_eq!(answer.status_line(), "HTTP/1.1 400 The WebSocket version must be 13");
        assert_eq!(answer.values("Sec-WebSocket-Version"), ["13"]);
    }
}

#[tokio::test]
async fn malformed_requests_are_answered_with_the_reason() {
    let cases = [
        (REQUEST.replacen("GET", "POST", 1), "the method of an upgrade is GET"),
        (REQUEST.replacen("HTTP/1.1", "HTTP/1.0", 1), "an upgrade needs HTTP/1.1"),
        (request_without("Upgrade"), "the Upgrade header must say websocket"),
        (request_with("Upgrade", "Upgrade: h2c\r\n"), "the Upgrade header must say websocket"),
        (request_without("Connection"), "the Connection header must say Upgrade"),
        (request_with("Connection", "Connection: keep-alive\r\n"), "the Connection header must say Upgrade"),
        (request_without("Host"), "there must be one Host header"),
        (request_with("Host", "Host: a\r\nHost: b\r\n"), "there must be one Host header"),
        (request_without("Sec-WebSocket-Key"), "there must be one Sec-WebSocket-Key"),
        (request_with("Sec-WebSocket-Key", "Sec-WebSocket-Key: AAAA\r\n"), "the Base64 form of 16 bytes"),
        (request_with("Accept", "Content-Length: 5\r\n"), "an upgrade has no body"),
        (request_with("Accept", "Transfer-Encoding: chunked\r\n"), "an upgrade has no body"),
        (request_as("YTpi*"), "the credentials are not Base64"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), "what was sent is no HTTP request"),
    ];
    for (request, reason) in cases {
        let answer = answer_to(&request).await;
        let status = answer.status_line();
        assert!(status.starts_with("HTTP/1.1 400 ") && status.contains(reason), "{status}: {request}");
        assert_eq!(answer.values("Server"), ["OpenICF Connector Server"]);
    }
}

#[tokio::test]
async fn what_the_headers_allow_is_accepted() {
    let cases = [
        request_with("Connection", "Connection: keep-alive, upgrade\r\n"),
        request_with("Host", "Host: [::1]:8759\r\n"),
        request_with("Accept", "Content-Length: 0\r\n"),
        request_with("Accept", "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        REQUEST.replace("\r\n", "\n"),
        format!("\r\n{REQUEST}"),
    ];
    for request in cases {
        let answer = answer_to(&request).await;
        assert_eq!(answer.status_line(), ACCEPTED, "{request}");
        assert!(answer.values("Sec-WebSocket-Extensions").is_empty());
    }
}

#[tokio::test]
async fn the_first_thing_wrong_is_what_is_answered() {
    let elsewhere = request_without("Authorization").replacen("/openicf", "/x", 1);
    assert_eq!(status_of(elsewhere).await, "HTTP/1.1 404 Not Found");
    let old = request_without("Authorization").replacen("Version: 13", "Version: 8", 1);
    assert_eq!(status_of(old).await, "HTTP/1.1 401 Unauthorized. ");
    let wrong = request_as("YTpi").replacen("Version: 13", "Version: 8", 1);
    assert_eq!(status_of(wrong).await, "HTTP/1.1 403 Failed To connect");
    let no_upgrade = "GET /openicf HTTP/1.1\r\nAuthorization: Basic YTpjaGFuZ2VpdA==\r\n\r\n";
    assert_eq!(answer_to(no_upgrade).await.values("Sec-WebSocket-Version"), ["13"]);
}

#[tokio::test]
async fn a_head_request_gets_no_page() {
    let mut answer = answer_to("HEAD /openicf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
    assert_eq!(answer.status_line(), "HTTP/1.1 401 Unauthorized. ");
    assert_eq!(answer.page().await, "");
}
