//! What the upgrade request carries and which answers are taken.

use rcs::config::{Placement, UpgradeSettings};
use rcs::link::{Credentials, LinkSetupError, SubProtocolCheck};

use crate::setup::{basic, dial, dialer, options};
use crate::support::acceptor::{Acceptor, Answer};

fn placed(name: Placement, host_id: Placement) -> UpgradeSettings {
    UpgradeSettings {
        name_placement: name,
        host_id_placement: host_id,
        headers: Vec::new(),
        parameters: Vec::new(),
    }
}

#[tokio::test]
async fn wire_c01_the_upgrade_request_is_complete_and_has_nothing_else() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let dialer = dialer(options().await);
    dial(&dialer, &acceptor.url("/openicf")).await.expect("accepted");
    let received = acceptor.next().await;
    assert!(received.head.starts_with("GET /openicf HTTP/1.1\r\n"), "{}", received.head);
    let address = acceptor.address.to_string();
    let origin = format!("ws://{address}");
    let expected = [
        ("Host", address.as_str()),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "v1.openicf.forgerock.org"),
        ("Origin", origin.as_str()),
        ("Accept", "*/*"),
        ("User-Agent", concat!("OpenICF-Client-Version[1.5] rcs/", env!("CARGO_PKG_VERSION"))),
        ("Authorization", "Basic YW5vbnltb3VzOmNoYW5nZWl0"),
    ];
    let key = received.header("Sec-WebSocket-Key").expect("a key");
    assert!(key.len() == 24 && key.ends_with("=="), "not 16 bytes in base64: {key}");
    let others: Vec<_> =
        received.headers().into_iter().filter(|(name, _)| *name != "Sec-WebSocket-Key").collect();
    assert_eq!(others, expected);
}

#[tokio::test]
async fn wire_c01_each_request_has_a_key_of_its_own() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let dialer = dialer(options().await);
    let mut keys = Vec::new();
    for _ in 0..2 {
        dial(&dialer, &acceptor.url("/openicf")).await.expect("accepted");
        keys.push(acceptor.next().await.header("Sec-WebSocket-Key").expect("a key").to_owned());
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn basic_credentials_go_out_in_iso_8859_1() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let mut options = options().await;
    options.credentials = basic("pässwörd");
    dial(&dialer(options), &acceptor.url("/openicf")).await.expect("accepted");
    assert_eq!(acceptor.next().await.header("Authorization"), Some("Basic YW5vbnltb3VzOnDkc3N39nJk"));
}

#[tokio::test]
async fn the_configured_query_string_survives() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let mut options = options().await;
    options.upgrade = placed(Placement::Query("name".to_owned()), Placement::Query("hostId".to_owned()));
    options.upgrade.parameters = vec![("zone".to_owned(), "a b&c".to_owned())];
    let dialer = dialer(options);
    for (given, sent) in [
        (
            "/openicf/0?a=%2F%20x&b=fr:idm:*&c",
            "/openicf/0?a=%2F%20x&b=fr:idm:*&c&name=rcs1&hostId=host-7&zone=a%20b%26c",
        ),
        ("/openicf/0", "/openicf/0?name=rcs1&hostId=host-7&zone=a%20b%26c"),
        ("/?name=other", "/?name=other&hostId=host-7&zone=a%20b%26c"),
    ] {
        dial(&dialer, &acceptor.url(given)).await.expect("accepted");
        assert_eq!(acceptor.next().await.target(), sent);
    }
}

#[tokio::test]
async fn name_and_host_id_stand_where_they_are_told_to() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let mut options = options().await;
    options.server_name = "rcs 1/ä".to_owned();
    options.upgrade = placed(Placement::Path, Placement::Header("X-Host".to_owned()));
    options.upgrade.headers =
        vec![("X-Zone".to_owned(), "eu".to_owned()), ("user-agent".to_owned(), "mine".to_owned())];
    dial(&dialer(options), &acceptor.url("/openicf/0?a=b")).await.expect("accepted");
    let received = acceptor.next().await;
    assert_eq!(received.target(), "/openicf/0/rcs%201%2F%C3%A4?a=b");
    assert_eq!(received.header("X-Host"), Some("host-7"));
    assert_eq!(received.header("X-Zone"), Some("eu"));
    assert_eq!(received.header("User-Agent"), Some("mine"), "replaced, not doubled");
}

#[tokio::test]
async fn under_auto_the_name_moves_after_each_403_and_stays_where_it_was_let_in() {
    let mut acceptor = Acceptor::start(None, |head, _| {
        if head.contains("x-openicf-connector-server-name: rcs1\r\n") {
            Answer::Accept
        } else {
            Answer::status("403 Forbidden", "")
        }
    })
    .await;
    let mut options = options().await;
    options.upgrade = placed(Placement::Auto, Placement::Auto);
    let dialer = dialer(options);
    let url = acceptor.url("/openicf/0");
    for place in ["query:connectorServerName", "header:connectorServerName"] {
        let error = dial(&dialer, &url).await.map(drop).expect_err("the name is elsewhere");
        assert!(error.contains("403 - Access Forbidden"), "{error}");
        assert!(error.contains(&format!("sent as {place}")), "{error}");
        assert!(error.contains("in another place next time"), "{error}");
    }
    for _ in 0..2 {
        dial(&dialer, &url).await.expect("let in");
    }
    assert_eq!(acceptor.next().await.target(), "/openicf/0?connectorServerName=rcs1&hostId=host-7");
    let second = acceptor.next().await;
    assert_eq!(second.target(), "/openicf/0");
    assert_eq!(second.header("connectorServerName"), Some("rcs1"));
    assert_eq!(second.header("hostId"), Some("host-7"));
    for _ in 0..2 {
        let received = acceptor.next().await;
        assert_eq!(received.target(), "/openicf/0");
        assert_eq!(received.header("x-openicf-connector-server-name"), Some("rcs1"));
        assert_eq!(received.header("x-openicf-host-id"), Some("host-7"));
    }
}

#[tokio::test]
async fn under_auto_other_refusals_do_not_move_the_name() {
    let mut acceptor = Acceptor::always(Answer::status("503 Service Unavailable", "")).await;
    let mut options = options().await;
    options.upgrade = placed(Placement::Auto, Placement::None);
    let dialer = dialer(options);
    for _ in 0..2 {
        dial(&dialer, &acceptor.url("/openicf")).await.map(drop).expect_err("refused");
        assert_eq!(acceptor.next().await.target(), "/openicf?connectorServerName=rcs1");
    }
}

#[tokio::test]
async fn wire_c02_an_answer_without_the_sub_protocol_is_dropped_unless_lenient() {
    for (lines, answered) in [("", "(none)"), ("Sec-WebSocket-Protocol: chat\r\n", "chat")] {
        let mut acceptor = Acceptor::always(Answer::AcceptWith(lines)).await;
        let mut options = options().await;
        let url = acceptor.url("/openicf");
        let error = dial(&dialer(options.clone()), &url).await.map(drop).expect_err("strict");
        assert!(error.contains(&format!("sub-protocol {answered} instead of v1.openicf")), "{error}");
        let mut stream = acceptor.next().await.stream;
        let end = tokio::io::AsyncReadExt::read_u8(&mut stream).await.expect_err("closed");
        assert_eq!(end.kind(), std::io::ErrorKind::UnexpectedEof);
        options.sub_protocol = SubProtocolCheck::Lenient;
        dial(&dialer(options), &url).await.expect("lenient");
    }
}

#[tokio::test]
async fn the_sub_protocol_may_come_in_a_list_in_capitals_or_twice() {
    for lines in [
        "Sec-WebSocket-Protocol: chat, V1.OpenICF.ForgeRock.org\r\n",
        "Sec-WebSocket-Protocol: v1.openicf.forgerock.org\r\nsec-websocket-protocol: v1.openicf.forgerock.org\r\n",
    ] {
        let acceptor = Acceptor::always(Answer::AcceptWith(lines)).await;
        dial(&dialer(options().await), &acceptor.url("/openicf")).await.expect("accepted");
    }
}

#[tokio::test]
async fn answers_that_break_the_rules_are_refused() {
    for (lines, complaint) in
        [("Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension"), ("", "Sec-WebSocket-Accept")]
    {
        let answer = if complaint == "extension" {
            Answer::AcceptWith(lines)
        } else {
            let head = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: keep-alive, upgrade\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            Answer::Raw(head.into())
        };
        let acceptor = Acceptor::always(answer).await;
        let error = dial(&dialer(options().await), &acceptor.url("/")).await.map(drop).expect_err("refused");
        assert!(error.contains(complaint), "{error}");
    }
    for head in
        ["HTTP/1.1 101 x\r\nConnection: upgrade\r\n\r\n", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"]
    {
        let acceptor = Acceptor::always(Answer::Raw(head.into())).await;
        let error = dial(&dialer(options().await), &acceptor.url("/")).await.map(drop).expect_err("refused");
        assert!(error.contains("header does not say"), "{error}");
    }
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_found_before_dialling() {
    for (name, value) in
        [("Sec-WebSocket-Protocol", "x"), ("host", "x"), ("a b", "x"), ("", "x"), ("X", "a\r\nb")]
    {
        let mut options = options().await;
        options.upgrade.headers = vec![(name.to_owned(), value.to_owned())];
        assert!(rcs::link::Dialer::try_new(options).is_err(), "{name:?}: {value:?}");
    }
    let mut options = options().await;
    options.credentials = basic("10 €");
    let error = rcs::link::Dialer::try_new(options).expect_err("not ISO-8859-1");
    assert!(matches!(error, LinkSetupError::Credentials(_)));
}

#[tokio::test]
async fn without_credentials_no_authorization_is_sent() {
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let mut options = options().await;
    options.credentials = Credentials::None;
    dial(&dialer(options), &acceptor.url("/openicf")).await.expect("accepted");
    assert_eq!(acceptor.next().await.header("Authorization"), None);
}
