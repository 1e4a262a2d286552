//! What an administrator reads when the tenant, the network or a middlebox says no.

use rcs::config::ServerUrl;
use tokio::net::TcpListener;

use crate::setup::{dial, dialer, options, short};
use crate::support::acceptor::{Acceptor, Answer};

async fn refused_with(answer: Answer) -> String {
    let acceptor = Acceptor::always(answer).await;
    let dialer = dialer(short(options().await));
    dial(&dialer, &acceptor.url("/openicf")).await.map(drop).expect_err("refused")
}

#[tokio::test]
async fn wire_c03_a_401_names_the_credentials() {
    let body = r#"{"code":401,"reason":"Unauthorized","message":"Access Denied"}"#;
    let text = refused_with(Answer::status("401 Unauthorized", body)).await;
    assert!(text.contains("Connection to server failed: 401 - Unauthorized"), "{text}");
    assert!(text.contains("Access Denied"), "{text}");
    assert!(text.contains("check the credentials"), "{text}");
    assert!(!text.contains("changeit"), "{text}");
}

#[tokio::test]
async fn wire_c04_a_403_names_server_and_principal_in_the_words_people_search_for() {
    let text = refused_with(Answer::status("403 Forbidden", "")).await;
    assert!(text.contains("Connection to server failed: 403 - Access Forbidden"), "{text}");
    assert!(text.contains("connector server \"rcs1\", principal \"anonymous\""), "{text}");
    assert!(text.starts_with("ws://127.0.0.1:"), "{text}");
}

#[tokio::test]
async fn only_refusals_that_waiting_cannot_cure_count_as_such() {
    for (status, refusal) in [
        ("401 Unauthorized", true),
        ("403 Forbidden", true),
        ("503 Service Unavailable", false),
        ("429 Too Many Requests", false),
    ] {
        let acceptor = Acceptor::always(Answer::status(status, "")).await;
        let url = ServerUrl::parse(&acceptor.url("/openicf")).expect("a URL");
        let error = dialer(options().await).dial(&url).await.map(drop).expect_err("refused");
        assert_eq!(error.is_refusal(), refusal, "{status}");
    }
}

#[tokio::test]
async fn other_answers_say_what_they_hint_at() {
    for (answer, hint) in [
        (Answer::status("503 Service Unavailable", "maintenance"), "\"maintenance\""),
        (Answer::status("404 Not Found", ""), "check the path"),
        (Answer::status("200 OK", "<html>Sign in</html>"), "web page"),
        (
            Answer::Raw(b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n".to_vec()),
            "(to https://login.example/)",
        ),
        (Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "not a WebSocket endpoint"),
        (Answer::Close, "the connection was closed after 0 bytes"),
        (Answer::Raw(b"HTTP/1.1 101 Swi".to_vec()), "closed after 16 bytes"),
        (Answer::Hang, "Timeout upgrading TCP connection to WebSocket"),
    ] {
        let text = refused_with(answer).await;
        assert!(text.contains(hint), "{hint}: {text}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    head.resize(1024 * 1024, b'x');
    let text = refused_with(Answer::Raw(head)).await;
    assert!(text.contains("a head of more than"), "{text}");
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_named_with_its_address() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("bound");
    let text = dial(&dialer(options().await), &format!("ws://{gone}/")).await.map(drop).expect_err("closed");
    assert!(text.contains(&format!("{gone}: Connection refused")), "{text}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    let url = "ws://no-such-host.invalid/openicf";
    let text = dial(&dialer(options().await), url).await.map(drop).expect_err("no address");
    assert!(text.contains("cannot resolve no-such-host.invalid"), "{text}");
}
