//! Makes the first inputs of every target from what the tests of the other crates hold: `cargo run --example seeds`.
//! What fuzzing makes of them is kept in `corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Larger inputs make a fuzzer slow and say nothing more.
const LARGEST: usize = 1_500;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn keep(target: &str, name: &str, input: &[u8]) {
    let folder = repository().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus can be written");
    fs::write(folder.join(format!("seed-{name}")), input).expect("the corpus can be written");
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join(folder)).expect("a folder of the repository");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn binary() {
    for folder in ["binary", "connid"] {
        for file in files(&format!("crates/icf-wire/tests/vectors/{folder}")) {
            let text = fs::read_to_string(&file).expect("a text");
            // Lone surrogates stand in a few descriptions, which do not matter here.
            let text = text.replace("\\ud", "\\\\ud").replace("\\uD", "\\\\uD");
            let family: Value = serde_json::from_str(&text).expect("JSON");
            let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            for (place, vector) in family["vectors"].as_array().into_iter().flatten().enumerate() {
                if let Some(input) = vector["hex"].as_str().and_then(unhex).filter(|hex| hex.len() < LARGEST)
                {
                    keep("binary", &format!("{folder}-{stem}-{place}"), &input);
                }
            }
        }
    }
}

/// What the clients of the recorded conversations said; of the long ones some, that differ in their operation.
fn legacy() {
    let operations =
        ["create", "update", "authenticate", "script-unserializable", "search-filter", "sync", "updatedelta"];
    for folder in ["binary", "connid"] {
        let file = repository().join("crates/icf-wire/tests/vectors").join(folder).join("transcripts.json");
        let text = fs::read_to_string(file).expect("a text");
        let family: Value = serde_json::from_str(&text).expect("JSON");
        for vector in family["vectors"].as_array().into_iter().flatten() {
            let name = vector["name"].as_str().expect("a name");
            let turns = vector["connections"][0]["turns"].as_array().into_iter().flatten();
            let said: Vec<u8> = turns
                .filter(|turn| turn["from"] == "client")
                .filter_map(|turn| turn["hex"].as_str().and_then(unhex))
                .flatten()
                .collect();
            if said.len() < LARGEST || operations.contains(&name) {
                keep("legacy", &format!("{folder}-{name}"), &[&[0, 200], said.as_slice()].concat());
            }
        }
    }
}

fn envelope() {
    let text =
        fs::read_to_string(repository().join("crates/icf-wire/tests/envelope/vectors.rs")).expect("a text");
    for (place, literal) in text.split('"').skip(1).step_by(2).enumerate() {
        if let Some(input) = unhex(literal) {
            keep("envelope", &place.to_string(), &input);
        }
    }
}

fn keystore() {
    for file in files("crates/keystore/tests/fixtures") {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let bytes = fs::read(&file).expect("a file");
        if bytes.len() < 4 * LARGEST && !name.contains(".sh") && !name.starts_with('.') {
            for choice in [0, 5, 6] {
                keep("keystore", &format!("{name}-{choice}"), &[&[choice], bytes.as_slice()].concat());
            }
        }
    }
}

fn properties() {
    let example = fs::read(repository().join("ConnectorServer.properties.example")).expect("a file");
    for (place, part) in example.chunks(LARGEST).enumerate() {
        keep("properties", &format!("example-{place}"), part);
    }
    let small: [&[u8]; 6] = [
        b"a=b\nc : d\re f\r\n  g\\\n  h=i\\u00e9\\ud83d\\ude00",
        b"! comment\\\n# comment\n\\ \\:\\==\\\\",
        b"\xef\xbb\xbfkey=\xc3\xa9 \n=\n:\n\\",
        b"k=\\uD800\\uDC00\\uD800",
        b"k=C:\\dir\\new  ",
        b"k=\\u12",
    ];
    for (place, input) in small.iter().enumerate() {
        keep("properties", &format!("small-{place}"), input);
    }
}

fn csv() {
    let people = fs::read(repository().join("examples/data/people.csv")).expect("a file");
    let quoted = "\"a\",\"b \"\"c\"\"\",\r\n\"line\r\nend\",,\" x \"\n¿é¿§¿b¿\n\"open".as_bytes();
    for choice in [0_u8, 1, 2, 4, 8, 0x20, 0xe0] {
        keep(
            "csv",
            &format!("people-{choice}"),
            &[&[choice], people.get(..LARGEST).unwrap_or(&people)].concat(),
        );
        keep("csv", &format!("quoted-{choice}"), &[&[choice], quoted].concat());
    }
}

/// Schedules have no recording; any bytes are one.
fn schedules() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    for place in 0..64 {
        let input: Vec<u8> = (0..300).map(|_| random()).collect();
        keep("conversation", &place.to_string(), &input);
        // Two links, a search, then whatever.
        let beginning = [0, 0, 0, 0, 15, 1, 0, 1, 2, 9, 1, 1, 0, 0, 1, 2, 9, 1, 2, 0, 0];
        keep("session", &place.to_string(), &[&beginning, input.as_slice()].concat());
    }
}

fn main() {
    binary();
    legacy();
    envelope();
    keystore();
    properties();
    csv();
    schedules();
}
