//! Opening links and forming groups.

use super::*;

fn hex(bytes: &Bytes) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An engine alone, with the messages it writes.
struct Alone(Engine);

impl Alone {
    fn new(session_id: &str) -> Self {
        Self(Engine::new(EngineConfig::default(), session(session_id)))
    }

    fn opened(&mut self, role: Role) -> Vec<String> {
        self.0.opened(LinkId(1), role, "x", Instant::now());
        self.written()
    }

    fn receive(&mut self, hex: &str) -> Vec<String> {
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
        self.0.received(LinkId(1), RemoteMessage::from_bytes(bytes.into()).unwrap(), Instant::now());
        self.written()
    }

    fn written(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.0.next_action())
            .filter_map(|action| match action {
                Action::Write { bytes, .. } => Some(hex(&bytes)),
                Action::Close { code, .. } => Some(format!("close {}", code.0)),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn wire_c14_the_dialer_speaks_first_and_without_id() {
    assert_eq!(Alone::new("AB").opened(Role::Dialer), ["12080a060a0241421001"]);
}

#[test]
fn wire_c15_the_acceptor_answers_before_anything_else() {
    let mut acceptor = Alone::new("CD");
    assert!(acceptor.opened(Role::Acceptor).is_empty());
    let written = acceptor.receive("12080a060a0241421001");
    assert_eq!(written[0], "1a080a060a0243441001");
    assert_eq!(written[1], "0801120812060a01001a0101", "then it asks for the connector list");
    assert_eq!(written.len(), 2);
}

#[test]
fn wire_c16_a_silent_dialer_is_closed_after_the_handshake_limit() {
    let mut acceptor = Alone::new("CD");
    let start = Instant::now();
    acceptor.0.opened(LinkId(1), Role::Acceptor, "x", start);
    acceptor.0.tick(start + Duration::from_secs(29));
    assert!(acceptor.written().is_empty());
    acceptor.0.tick(start + Duration::from_secs(31));
    assert_eq!(acceptor.written(), ["close 1002"]);
}

const EARLY_REQUEST: &str = "08021a7722750a456f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074696f6e732e436f6e6e6563746f72457863657074696f6e122c436f6e6e656374696f6e2072656365697665642072657175657374206265666f72652068616e647368616b65";

#[test]
fn wire_c17_a_request_before_the_handshake_is_an_error() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    let test = "080212201a1e0a090a01621201311a0163120451513d3d1a080a02656e12025553820100";
    assert_eq!(acceptor.receive(test), [EARLY_REQUEST]);
}

#[test]
fn wire_c18_a_response_before_the_handshake_is_an_error() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    let written = acceptor.receive("08021a041a026a00");
    let expected = b"Connection received response before handshake";
    let text: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(written[0].contains(&text), "{written:?}");
}

#[test]
fn an_error_before_the_handshake_is_not_answered() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    assert!(acceptor.receive(EARLY_REQUEST).is_empty());
    assert!(acceptor.receive("0801").is_empty());
}

#[test]
fn wire_c19_a_dialer_ignores_a_handshake_request() {
    let mut dialer = Alone::new("AB");
    dialer.opened(Role::Dialer);
    assert!(dialer.receive("12080a060a0241421001").is_empty());
    assert_eq!(dialer.0.group_of(LinkId(1)), None);
}

#[test]
fn wire_c20_a_second_handshake_is_answered_and_changes_nothing() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    acceptor.receive("12080a060a0241421001");
    let group = acceptor.0.group_of(LinkId(1));
    assert_eq!(acceptor.receive("12080a060a0258591001"), ["1a080a060a0243441001"]);
    assert_eq!(acceptor.0.group_of(LinkId(1)), group);
    assert_eq!(acceptor.0.groups().len(), 1);
}

#[test]
fn wire_c21_a_blank_session_id_is_refused() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    assert_eq!(acceptor.receive("12050a030a0120"), ["close 1002"]);
    assert!(acceptor.0.groups().is_empty());
    let mut dialer = Alone::new("AB");
    dialer.opened(Role::Dialer);
    assert_eq!(dialer.receive("1a020a00"), ["close 1002"]);
    assert!(dialer.0.groups().is_empty());
}

#[test]
fn wire_c22_links_of_one_session_form_one_group_with_one_id_space() {
    let mut net = Net::new();
    net.connect(1);
    net.connect(2);
    for side in [Side::Rcs, Side::Idm] {
        let groups = net.engine(side).groups();
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].links, [LinkId(1), LinkId(2)]);
    }
    net.submit(test_request());
    net.submit(test_request());
    net.run();
    // Id 1 was the connector list.
    let mut ids: Vec<_> = net.started().iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [2, 3]);
}

#[test]
fn wire_c23_two_sessions_with_the_same_credentials_are_two_groups() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    acceptor.receive("12080a060a0241421001");
    acceptor.0.opened(LinkId(2), Role::Acceptor, "x", Instant::now());
    let other = RemoteMessage::of_request(
        0,
        RpcRequest { handshake_message: Some(session("XY")), ..Default::default() },
    );
    acceptor.0.received(LinkId(2), other, Instant::now());
    assert_eq!(acceptor.0.groups().len(), 2);
    assert_eq!(acceptor.0.groups()[1].session, "XY");
}

#[test]
fn wire_c24_only_the_first_link_of_a_group_asks_for_connectors() {
    let mut net = Net::new();
    let infos = |net: &mut Net| {
        net.take(Side::Idm, |action| match action {
            Action::ConnectorInfos { infos, .. } => Some(infos.clone()),
            _ => None,
        })
    };
    net.connect(1);
    assert_eq!(infos(&mut net), [Bytes::from_static(&[0xaa, 0xbb])]);
    net.connect(2);
    assert!(infos(&mut net).is_empty());
    net.cut(1);
    net.cut(2);
    net.connect(3);
    assert_eq!(infos(&mut net).len(), 1, "asked again after all links were gone");
}

#[test]
fn links_of_different_servers_never_share_a_group() {
    let mut acceptor = Alone::new("CD");
    acceptor.opened(Role::Acceptor);
    acceptor.receive("12080a060a0241421001");
    acceptor.0.opened(LinkId(2), Role::Acceptor, "another server", Instant::now());
    let same = RemoteMessage::of_request(
        0,
        RpcRequest { handshake_message: Some(session("AB")), ..Default::default() },
    );
    acceptor.0.received(LinkId(2), same, Instant::now());
    assert_eq!(acceptor.0.groups().len(), 2);
}
