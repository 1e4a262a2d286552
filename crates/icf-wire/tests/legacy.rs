//! The legacy protocol without sockets: recorded bytes in, recorded bytes out.
#![allow(clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use icf::{
    ApiConfiguration, ConnectorInfo, ConnectorKey, Messages, PoolConfiguration, ResultsHandlerConfiguration,
    Uid,
};
use icf_wire::binary::{Limits, Profile};
use icf_wire::legacy::{Answers, Asked, Call, Exchange, Hello, PAUSE_AFTER, Requests, Work, fuzz};
use icf_wire::rpc::{Answer, Operation};
use proptest::prelude::*;
use serde_json::Value;

const FAMILIES: [(&str, Profile); 2] = [("binary", Profile::OpenIcf2), ("connid", Profile::CONNID_1_6)];

/// What client and server said in the recorded conversation of that name.
fn recorded(family: &str, name: &str) -> (Vec<u8>, Vec<u8>) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(family).join("transcripts.json");
    let text = std::fs::read_to_string(path).expect("the recordings are there");
    let file: Value = serde_json::from_str(&text).expect("the recordings are JSON");
    let vectors = file["vectors"].as_array().expect("a list");
    let vector = vectors.iter().find(|vector| vector["name"] == name).expect("such a recording");
    let turns = vector["connections"][0]["turns"].as_array().expect("turns");
    let of = |side: &str| {
        let said = turns.iter().filter(|turn| turn["from"] == side);
        said.flat_map(|turn| from_hex(turn["hex"].as_str().expect("bytes"))).collect()
    };
    (of("client"), of("server"))
}

fn from_hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("digits")).collect()
}

/// What a client asks for in these bytes.
fn asked(bytes: &[u8]) -> Asked {
    let mut requests = Requests::new(Limits::default());
    requests.feed(bytes);
    let is_key = |key: &icf::GuardedString| key.reveal().as_str() == "changeit";
    requests.next(is_key).expect("the protocol").expect("a whole request")
}

/// The answer as it is written at the beginning of a connection.
fn written(
    profile: Profile,
    write: impl FnOnce(&mut Answers, &mut Vec<u8>) -> Result<(), icf_wire::binary::EncodeError>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Answers::new(profile), &mut bytes).expect("it has a form");
    bytes
}

/// One that says nothing.
fn configuration() -> ApiConfiguration {
    ApiConfiguration {
        producer_buffer_size: 0,
        pooling: false,
        pool: PoolConfiguration::default(),
        results_handlers: ResultsHandlerConfiguration::default(),
        properties: Vec::new(),
        timeouts: BTreeMap::new(),
        supported_operations: None,
    }
}

#[test]
fn legacy_answers_have_the_bytes_that_java_writes() {
    for (family, profile) in FAMILIES {
        let java = |name| recorded(family, name).1;
        let badkey = written(profile, |answers, out| answers.wrong_key(Exchange::Hello, out));
        assert_eq!(badkey, java("hello-badkey"), "{family}");
        let done = written(profile, |answers, out| answers.answer(&Answer::Done, out));
        assert_eq!(done, java("test"), "{family}");
        let uid = Answer::Uid(Some(Uid::try_new("new-john").expect("a uid")));
        assert_eq!(written(profile, |answers, out| answers.answer(&uid, out)), java("create"), "{family}");
        let end = written(profile, |answers, out| answers.answer(&Answer::SearchEnd(None), out));
        assert_eq!(end, java("search-0"), "{family}");

        let Asked::Hello(level) = asked(&recorded(family, "hello-keys").0) else { panic!("a hello") };
        let connector = ConnectorInfo {
            display_name_key: String::new(),
            category_key: None,
            key: ConnectorKey::new("live.bundle", "1.2.3.4", "live.LiveConnector"),
            messages: Messages::default(),
            configuration: configuration(),
        };
        let hello = Hello { started: 1, connectors: &[connector] };
        assert_eq!(written(profile, |answers, out| answers.hello(level, hello, out)), java("hello-keys"));
    }
    let unknown = icf_wire::binary::DecodeError::NoSuchType("FutureRequest".to_owned());
    let told = written(Profile::CONNID_1_6, |answers, out| answers.unreadable(&unknown, out).map(drop));
    assert_eq!(told, recorded("connid", "raw-unknown-type").1);
    let untold = written(Profile::OpenIcf2, |answers, out| answers.unreadable(&unknown, out).map(drop));
    assert!(untold.is_empty());
}

#[test]
fn requests_are_read_with_their_arguments() {
    let Asked::Operation(Ok(call)) = asked(&recorded("connid", "updatedelta").0) else { panic!("a call") };
    let Call { locale, connector, work, .. } = *call;
    assert_eq!(locale.map(|locale| (locale.language, locale.country)), Some(("en".into(), "US".into())));
    assert_eq!(connector.connector_name, "live.LiveConnector");
    let Work::Deltas(deltas) = work else { panic!("an update by differences") };
    assert_eq!(deltas.uid.expect("a uid").value(), "1");
    assert_eq!(deltas.updates.len(), 1);

    let Asked::Operation(Ok(call)) = asked(&recorded("binary", "authenticate").0) else { panic!("a call") };
    let Work::Operation(Operation::Authenticate { username, password, .. }) = call.work else { panic!() };
    assert_eq!((username.as_deref(), password.expect("a password").reveal().as_str()), (Some("john"), "pw"));
    assert_eq!(PAUSE_AFTER, 200);
}

/// Of a request with a wrong key only the type counts: what is inside need not even make sense.
#[test]
fn without_the_key_a_request_is_not_looked_into() {
    let (mut said, _) = recorded("connid", "raw-op-badkey");
    assert!(matches!(asked(&said), Asked::WithoutKey(Exchange::Operation)));
    // The facade key, which is last but one, becomes anything.
    let at = said.len() - 200;
    said.iter_mut().skip(at).take(100).for_each(|byte| *byte = 0xff);
    assert!(matches!(asked(&said), Asked::WithoutKey(Exchange::Operation)));
}

proptest! {
    #[test]
    fn how_bytes_are_cut_does_not_matter(
        cut in any::<usize>(),
        place in any::<proptest::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
        name in proptest::sample::select(vec!["hello-info", "raw-two-requests", "updatedelta", "raw-garbage"]),
    ) {
        let family = if name == "updatedelta" { "connid" } else { "binary" };
        let (mut said, _) = recorded(family, name);
        let at = place.index(said.len());
        prop_assert_eq!(fuzz::conversation(&said, cut), Ok(()));
        said.splice(at..at, noise.iter().copied());
        prop_assert_eq!(fuzz::conversation(&said, cut), Ok(()));
        prop_assert_eq!(fuzz::conversation(&noise, cut), Ok(()));
    }
}
