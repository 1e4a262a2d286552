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

/// An element of BER with a short length, or with one of two bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a short content").to_be_bytes();
    let head =
        if content.len() < 0x80 { vec![tag, length[1]] } else { vec![tag, 0x82, length[0], length[1]] };
    [head, content.to_vec()].concat()
}

fn message(operation: &[u8], controls: &[u8]) -> Vec<u8> {
    let controls = if controls.is_empty() { Vec::new() } else { element(0xa0, controls) };
    element(0x30, &[&[2, 1, 7], operation, &controls].concat())
}

fn control(oid: &str, value: &[u8]) -> Vec<u8> {
    element(0x30, &[element(4, oid.as_bytes()), element(4, value)].concat())
}

fn entry(name: &str, attributes: &[(&str, &[&[u8]])]) -> Vec<u8> {
    let list: Vec<u8> = attributes
        .iter()
        .flat_map(|(name, values)| {
            let values: Vec<u8> = values.iter().flat_map(|value| element(4, value)).collect();
            element(0x30, &[element(4, name.as_bytes()), element(0x31, &values)].concat())
        })
        .collect();
    element(0x64, &[element(4, name.as_bytes()), element(0x30, &list)].concat())
}

/// What directories send, and the texts in it.
fn directories() {
    let done = |tag, code, rest: &[u8]| element(tag, &[&[0x0a, 1, code, 4, 0, 4, 0], rest].concat());
    let page = element(0x30, &[2, 1, 9, 4, 2, b'c', b'k']);
    let view = element(0x30, &[2, 1, 1, 2, 1, 9, 0x0a, 1, 0, 4, 1, b'x']);
    let state = element(0x30, &[&[0x0a, 1, 2, 4, 16], [7; 16].as_slice()].concat());
    let more = element(0x30, &[2, 1, 1, 2, 1, 0, 4, 4, b'M', b'S', b'D', b'S']);
    let expired = element(0x30, &[0xa0, 3, 0x80, 1, 60, 0x81, 1, 2]);
    let controls = [
        control("1.2.840.113556.1.4.319", &page),
        control("2.16.840.1.113730.3.4.10", &view),
        control("1.3.6.1.4.1.4203.1.9.1.2", &state),
        control("1.2.840.113556.1.4.841", &more),
        control("1.3.6.1.4.1.42.2.27.8.5.1", &expired),
    ]
    .concat();
    let guid: &[u8] =
        &[0x0c, 0x01, 0x5b, 0xa3, 0xc5, 0x3b, 0x10, 0x49, 0xaf, 0x12, 0xf2, 0x8a, 0xcd, 0x2a, 0xb3, 0x54];
    let sid: &[u8] = &[1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0xf4, 1, 0, 0];
    let person = entry(
        "uid=x,dc=example,dc=com",
        &[
            ("cn", &["Jürgen".as_bytes(), b"\xff\xfe"]),
            ("member;range=0-1", &[b"cn=a", b"cn=b"]),
            ("objectGUID", &[guid]),
            ("objectSid", &[sid]),
            ("accountExpires", &[b"132000000000000000"]),
            ("userAccountControl", &[b"514"]),
            ("whenCreated", &[b"20261121194103.0Z"]),
            ("supportedCapabilities", &[b"1.2.840.113556.1.4.800"]),
        ],
    );
    let logged = entry(
        "changeNumber=7,cn=changelog",
        &[
            ("changeNumber", &[b"7"]),
            ("targetDN", &[b"uid=x,dc=example,dc=com"]),
            ("changeType", &[b"modrdn"]),
            ("newRdn", &[b"uid=y"]),
            ("newSuperior", &[b"ou=p,dc=com"]),
            ("changes", &[b"replace: description\ndescription:: SsO8cmdlbg==\n-\n\0"]),
        ],
    );
    let accessed = entry(
        "reqStart=1,cn=log",
        &[("reqStart", &[b"20261121193813.000045Z"]), ("reqDN", &[b"uid=x"]), ("reqOld", &[b"uid: x"])],
    );
    let notice = done(0x78, 52, &element(0x8a, b"1.3.6.1.4.1.1466.20036"));
    let referral = done(0x65, 10, &element(0xa3, &element(4, b"ldap://b.example:1389/dc=b??sub?(cn=*)")));
    let gone = element(
        0x79,
        &element(0x81, &[[0xa3, 23, 1, 1, 0xff, 0x31, 18, 4, 16].as_slice(), &[9; 16]].concat()),
    );
    let messages = [
        message(&person, &control("1.3.6.1.4.1.4203.1.9.1.2", &state)),
        message(&logged, &[]),
        message(&accessed, &[]),
        message(&element(0x73, &element(4, b"ldap://c/dc=c")), &[]),
        message(&gone, &[]),
        message(&referral, &[]),
        message(&notice, &[]),
        message(&done(0x65, 0, &[]), &controls),
    ];
    for (place, message) in messages.iter().enumerate() {
        keep("ldap", &place.to_string(), &[&[0], message.as_slice()].concat());
    }
    keep("ldap", "all", &[vec![1], messages.concat()].concat());
    let texts: [(u8, &str); 16] = [
        (0, r#"OU=Sales+CN=J.  Smith\, \"III\",1.3.6.1=#04024869, DC=Lu\C4\8Di ; o="a,b""#),
        (0, r"cn=C\+11 Team\ ,dc=example"),
        (1, r"(&(a=x\28y\29)(|(b=*)(!(c>=5)))(cn:dn:2.4.6.8.10:=Dino)(o=univ*of*mich*))"),
        (1, "uid=u0001"),
        (1, "(userAccountControl:1.2.840.113556.1.4.803:=2)"),
        (
            2,
            "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'it (x) $' SUP name SYNTAX 1.3{5} )\n( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY seeAlso )",
        ),
        (2, "( 1.2.840.113556.1.5.9 NAME 'user' AUX ( mailRecipient $ securityPrincipal ) MAY ( mail ) )"),
        (
            3,
            "replace: description\ndescription:: SsO8cmdlbg==\n-\ndelete: mail\n-\nadd: title\ntitle: a\n b\n-\n",
        ),
        (4, "AQI=:1:00ff"),
        (4, ":0:o45"),
        (5, "20261121194103.0Z"),
        (5, "202611212041+0100"),
        (5, "0000052D: AtrErr: DSID-031A11E2"),
        (6, "<GUID=a35b010c-3bc5-4910-af12-f28acd2ab354>"),
        (6, "0c015ba3c53b1049af12f28acd2ab354"),
        (7, "ldaps://[::1]:636/dc=ex%61mple?cn?one?(cn=*)"),
    ];
    for (place, (kind, text)) in texts.iter().enumerate() {
        keep("ldap_texts", &place.to_string(), &[&[*kind], text.as_bytes()].concat());
    }
}

/// Answers of SCIM services, of PingOne and of token endpoints.
fn services() {
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"42","userName":"ann","name":{"familyName":"A"},"active":"True","emails":[{"value":"a@x","primary":true}],"roles":[{"value":"r"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"},"meta":{"version":"W/\"1\"","lastModified":"2026-01-01T00:00:00Z"}}"#;
    let bodies = [
        format!(r#"{{"totalResults":"2","nextCursor":"c","Resources":[{user},{{"id":7,"password":"x"}}]}}"#),
        format!("[{user}]"),
        r#"{"Resources":null,"totalResults":0}"#.to_owned(),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidFilter","detail":"no \"password\": \"x y\""}"#.to_owned(),
        r#"{"Errors":[{"description":"no","code":"400"}]}"#.to_owned(),
        r#"{"patch":{"supported":true},"filter":{"supported":true,"maxResults":5},"pagination":{"cursor":true,"maxPageSize":0}}"#.to_owned(),
        r#"{"id":"urn:x","attributes":[{"name":"a","type":"complex","multiValued":true,"subAttributes":[{"name":"value"}]}]}"#.to_owned(),
        "<html>Sign in</html>".to_owned(),
    ];
    for (place, body) in bodies.iter().enumerate() {
        for choice in [0, 1, 24] {
            keep("scim", &format!("{place}-{choice}"), &[&[choice], body.as_bytes()].concat());
        }
    }
    let bodies = [
        r#"{"_links":{"next":{"href":"https://api.pingone.eu/v1/environments/e/users?cursor=abc"}},"_embedded":{"users":[{"id":"1","username":"u","enabled":true,"name":{"given":"A"},"population":{"id":"p"},"_links":{}}]},"count":2,"size":1}"#,
        r#"{"_embedded":{"groups":[{"id":"1","name":"g"}],"roles":[],"populations":null}}"#,
        r#"{"_links":{"next":{"href":"//evil.example/users"}}}"#,
        r#"{"id":"e","code":"INVALID_DATA","message":"bad","details":[{"code":"UNIQUENESS_VIOLATION","target":"username","message":"taken"}]}"#,
    ];
    for (place, body) in bodies.iter().enumerate() {
        for choice in [0, 1, 0x40, 0x80] {
            keep("pingone", &format!("{place}-{choice}"), &[&[choice], body.as_bytes()].concat());
        }
    }
    let bodies = [
        r#"{"access_token":"a","expires_in":"3600","refresh_token":"new","token_type":"Bearer"}"#,
        r#"{"access_token":"a","expires_in":1e400,"token_type":"mac"}"#,
        r#"{"error":"invalid_grant","error_description":"t0k3n-to-refresh is over, s3cr3t-of-the-client"}"#,
    ];
    for (place, body) in bodies.iter().enumerate() {
        for choice in [0, 2] {
            keep("token", &format!("{place}-{choice}"), &[&[choice], body.as_bytes()].concat());
        }
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
    directories();
    services();
    schedules();
}
