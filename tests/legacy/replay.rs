//! What real Java clients said to real Java servers, said to ours: its answers are the same, up to
//! [`printed`](crate::printed) and the [`differences`](crate::differences).
//!
//! `RCS_VECTORS` chooses another folder of recordings; `binary/transcripts.json` in it are of OpenICF,
//! `connid/transcripts.json` of ConnId.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use icf_wire::binary::{Decoder, Limits};
use serde_json::Value;

use crate::differences;
use crate::live;
use crate::printed::print;
use crate::server::{Client, address, start};

/// Family of recordings, profile in which its clients are answered.
const FAMILIES: [(&str, &str); 2] = [("binary", "openicf"), ("connid", "connid")];

fn recordings(family: &str) -> Vec<Value> {
    let here = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crates/icf-wire/tests/vectors");
    let folder = std::env::var_os("RCS_VECTORS").map_or_else(here, PathBuf::from);
    let path = folder.join(family).join("transcripts.json");
    let text = fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let file: Value = serde_json::from_str(&text).expect("the recordings are JSON");
    let recordings = file["vectors"].as_array().expect("the recordings are a list").clone();
    assert!(!recordings.is_empty(), "{} has no recording", path.display());
    recordings
}

/// Replays the recordings of that name, of which there is one in each family or in one of them.
async fn replay(name: &str) {
    let mut replayed = 0;
    for (family, profile) in FAMILIES {
        for recording in recordings(family).iter().filter(|recording| recording["name"] == name) {
            replay_one(family, profile, recording).await;
            replayed += 1;
        }
    }
    assert!(replayed > 0, "there is no recording called {name}");
}

async fn replay_one(family: &str, profile: &str, recording: &Value) {
    let server =
        start(vec![live::registration()], &format!("connectorserver.legacyProfile={profile}\n")).await;
    let name = recording["name"].as_str().expect("a recording has a name");
    for connection in recording["connections"].as_array().expect("a recording has connections") {
        let (expected, actual) = converse(address(&server), connection).await;
        let expected = differences::apply(family, name, expected);
        assert_eq!(actual, expected, "{family}/{name}");
    }
    // It goes on serving, whatever that was.
    let mut client = Client::connect(address(&server)).await;
    client.say(&crate::requests::hello("changeit", 4)).await;
    assert!(client.next().await.is_some(), "{family}/{name}: the next client gets no answer");
}

/// Says what the client said, as soon as as much was answered as then. What Java answered and what we do, one object a
/// line.
async fn converse(to: std::net::SocketAddr, connection: &Value) -> (String, String) {
    let mut client = Client::connect(to).await;
    let mut recorded = Decoder::new(Limits::default());
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for turn in connection["turns"].as_array().expect("a connection has turns") {
        let bytes = from_hex(turn["hex"].as_str().expect("a turn has bytes"));
        if turn["from"] == "client" {
            client.send(&bytes).await;
            continue;
        }
        recorded.feed(&bytes);
        while let Some(object) = recorded.next().expect("the recording is of the protocol") {
            expected.push(print(&object));
            actual.extend(client.next().await.as_ref().map(print));
        }
    }
    // Where Java closed without a word, there is nothing to wait for but that.
    if connection["first_close"] == "server" {
        while let Some(object) = client.next().await {
            actual.push(print(&object));
        }
    }
    actual.extend(client.finish().await.iter().map(print));
    (ended(expected), ended(actual))
}

fn ended(mut lines: Vec<String>) -> String {
    lines.push("end".to_owned());
    lines.join("\n")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hexadecimal digits");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    digits.map(byte).collect()
}

macro_rules! replays {
    ($($test:ident = $name:literal,)*) => {
        const NAMED: &[&str] = &[$($name),*];
        $(#[tokio::test]
        async fn $test() {
            replay($name).await;
        })*
    };
}

replays! {
    legacy_hello_info = "hello-info",
    legacy_hello_serverinfo = "hello-serverinfo",
    legacy_hello_keys = "hello-keys",
    legacy_hello_badkey = "hello-badkey",
    legacy_test = "test",
    legacy_validate_fails = "validate-fails",
    legacy_schema = "schema",
    legacy_create = "create",
    legacy_create_exists = "create-exists",
    legacy_update = "update",
    legacy_add_values = "add-values",
    legacy_delete = "delete",
    legacy_get = "get",
    legacy_authenticate = "authenticate",
    legacy_authenticate_expired = "authenticate-expired",
    legacy_authenticate_bad = "authenticate-bad",
    legacy_resolve = "resolve",
    legacy_script_unserializable = "script-unserializable",
    legacy_search_filter = "search-filter",
    legacy_search_0 = "search-0",
    legacy_search_paged_plain = "search-paged-plain",
    legacy_search_paged_srh = "search-paged-srh",
    legacy_search_199 = "search-199",
    legacy_search_205 = "search-205",
    legacy_search_405_stop = "search-405-stop",
    legacy_search_3_stop = "search-3-stop",
    legacy_search_fail = "search-fail",
    legacy_search_treemap = "search-treemap",
    legacy_sync = "sync",
    legacy_latest_token = "latest-token",
    legacy_socket_timeout = "socket-timeout",
    legacy_operation_timeout = "operation-timeout",
    legacy_raw_two_requests = "raw-two-requests",
    legacy_raw_echo_xml = "raw-echo-xml",
    legacy_raw_unexpected = "raw-unexpected",
    legacy_raw_unknown_connector = "raw-unknown-connector",
    legacy_raw_unknown_method = "raw-unknown-method",
    legacy_raw_method_case = "raw-method-case",
    legacy_raw_missing_arg = "raw-missing-arg",
    legacy_raw_bad_facadekey = "raw-bad-facadekey",
    legacy_raw_null_facadekey = "raw-null-facadekey",
    legacy_raw_garbage = "raw-garbage",
    legacy_raw_unknown_type = "raw-unknown-type",
    legacy_validate = "validate",
    legacy_update_unknown = "update-unknown",
    legacy_script_resource_null = "script-resource-null",
    legacy_search_3 = "search-3",
    legacy_search_200 = "search-200",
    legacy_raw_op_badkey = "raw-op-badkey",
    legacy_updatedelta = "updatedelta",
    legacy_testpartial = "testpartial",
    legacy_discover = "discover",
    legacy_instancename = "instancename",
    legacy_search_buffered = "search-buffered",
}

/// Recordings that none of the tests above names: there are some when `RCS_VECTORS` is set.
#[tokio::test]
async fn no_recording_is_left_out() {
    for (family, profile) in FAMILIES {
        let recordings = recordings(family);
        let named: BTreeSet<&str> = NAMED.iter().copied().collect();
        for recording in &recordings {
            let name = recording["name"].as_str().expect("a recording has a name");
            if !named.contains(name) {
                replay_one(family, profile, recording).await;
            }
        }
    }
}
