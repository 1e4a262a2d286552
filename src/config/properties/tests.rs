//! The measured vectors of `Properties.load`, the positions and notes of entries, and a comparison with a real
//! Java over generated files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;

/// What `Properties` holds after loading: duplicates resolved, keys sorted.
fn load(bytes: &[u8]) -> Result<BTreeMap<String, String>, ParseError> {
    Ok(parse(bytes)?.entries.into_iter().map(|entry| (entry.key, entry.value.to_string())).collect())
}

#[track_caller]
fn assert_loads(input: &str, expected: &[(&str, &str)]) {
    let latin1: Vec<u8> = input.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let expected: BTreeMap<String, String> =
        expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    assert_eq!(load(&latin1).as_ref(), Ok(&expected), "{input:?}");
}

#[test]
fn separators() {
    for input in ["a=b", "a:b", "a b", "a\tb", "a\x0cb", "a  =  b", "  a=b", "a=b\n", "a=b\r", "a=b\r\n"] {
        assert_loads(input, &[("a", "b")]);
    }
    assert_loads("a : = b", &[("a", "= b")]);
    assert_loads("a==b", &[("a", "=b")]);
    assert_loads(
        "connectorserver.url=wss://h:443/openicf/0",
        &[("connectorserver.url", "wss://h:443/openicf/0")],
    );
}

#[test]
fn empty_keys_and_values() {
    assert_loads("a", &[("a", "")]);
    assert_loads("a=", &[("a", "")]);
    assert_loads("=b", &[("", "b")]);
    assert_loads("", &[]);
    assert_loads("\n \t\x0c\r\n\r", &[]);
}

#[test]
fn trailing_blanks_belong_to_the_value() {
    assert_loads("a=b  ", &[("a", "b  ")]);
    assert_loads("a=b\t", &[("a", "b\t")]);
}

#[test]
fn comments() {
    assert_loads("#a=b", &[]);
    assert_loads("  !a=b", &[]);
    assert_loads("a=b #c", &[("a", "b #c")]);
    assert_loads("\\#a=b", &[("#a", "b")]);
    assert_loads("#a\\\nb=c", &[("b", "c")]);
}

#[test]
fn continuations() {
    assert_loads("a=b,\\\n   c", &[("a", "b,c")]);
    assert_loads("a=b,\\\r\n   c", &[("a", "b,c")]);
    assert_loads("a=b\\\n\nc=d", &[("a", "b"), ("c", "d")]);
    assert_loads("a=b\\\n#c\nd=e", &[("a", "b#c"), ("d", "e")]);
    assert_loads("a=b\\\\\nc=d", &[("a", "b\\"), ("c", "d")]);
    assert_loads("a=b\\\\\\\nc=d", &[("a", "b\\c=d")]);
    assert_loads("a=b\\", &[("a", "b")]);
    assert_loads("a=b\\ \nc=d", &[("a", "b "), ("c", "d")]);
    assert_loads("con\\\n  nector=x", &[("connector", "x")]);
    assert_loads("\\\n#a=b\nc=d", &[("c", "d")]);
    assert_loads("\\", &[("", "")]);
    assert_loads("\\\n", &[("", "")]);
    assert_loads("\\\r\n", &[]);
}

#[test]
fn escapes() {
    assert_loads("dir=C:\\openicf\\new\\tmp", &[("dir", "C:openicf\new\tmp")]);
    assert_loads("dir=C:\\\\openicf\\\\new", &[("dir", "C:\\openicf\\new")]);
    assert_loads("a=\\u00e9\\u20AC", &[("a", "é€")]);
    assert_loads("a=\\uD83D\\uDE00", &[("a", "\u{1F600}")]);
    assert_loads("a=\\U0041", &[("a", "U0041")]);
    assert_loads("a\\=b\\:c\\ d=e", &[("a=b:c d", "e")]);
    assert_loads("k=lmA6\\=", &[("k", "lmA6=")]);
    assert_loads("k=lmA6=", &[("k", "lmA6=")]);
    assert_loads("a=\\  b", &[("a", "  b")]);
    assert_loads("a=\\t\\n\\r\\f\\q\\\\", &[("a", "\t\n\r\x0cq\\")]);
}

#[test]
fn malformed_unicode_escapes_fail_the_load_and_name_the_line() {
    for (input, line) in [
        ("a=\\u12", 1),
        ("a=\\uZZZZ", 1),
        ("a=\\uu0041", 1),
        ("a=\\users", 1),
        ("a\\u00=b", 1),
        ("x=1\ny=2\\\n  3\\\n  \\u12\nz=4", 4),
        ("x=1\r\n\r\n# c\r\ny=\\uD83", 4),
    ] {
        assert_eq!(load(input.as_bytes()), Err(ParseError::MalformedUnicodeEscape { line }), "{input:?}");
    }
}

#[test]
fn bytes_are_latin_1() {
    assert_eq!(load(b"a=\xC3\xA9").unwrap()["a"], "\u{C3}\u{A9}");
    let document = parse(b"\xEF\xBB\xBFa=b").unwrap();
    assert!(document.byte_order_mark);
    assert_eq!(document.entries[0].key, "\u{EF}\u{BB}\u{BF}a");
    assert_loads("a=1\na=2", &[("a", "2")]);
    assert_loads("a\u{A0}\x0b\0=\u{A0}b\x0b\0", &[("a\u{A0}\x0b\0", "\u{A0}b\x0b\0")]);
}

#[test]
fn entries_know_where_they_stand() {
    let file = b"# head\r\n\r\n  a = 1,\\\r\n    2\r\nb\n\nc=3";
    let document = parse(file).unwrap();
    let places: Vec<_> = document
        .entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.line, &file[entry.span.clone()]))
        .collect();
    assert_eq!(places, [("a", 3, &b"a = 1,\\\r\n    2"[..]), ("b", 5, &b"b"[..]), ("c", 7, &b"c=3"[..])]);
}

#[test]
fn notes_tell_accidents_from_intent() {
    let notes = |value: &str| {
        let line: Vec<u8> = "a=".bytes().chain(value.bytes()).collect();
        parse(&line).unwrap().entries[0].notes
    };
    assert!(notes("secret ").trailing_blanks);
    assert!(notes("secret\\\\ ").trailing_blanks);
    assert!(!notes("secret\\ ").trailing_blanks);
    assert!(notes("C:\\openicf\\security").windows_path);
    assert!(notes("c\\:\\openicf").windows_path);
    assert!(!notes("C:\\\\openicf").windows_path);
    assert!(!notes("C\\:\\\\openicf").windows_path);
    assert!(!notes("wss\\://host/openicf").windows_path);
    assert!(notes("gr\u{FC}n").utf8);
    assert!(!notes("gr\\u00fcn").utf8);
    assert!(notes("\\uD83Dx").lone_surrogate);
    assert!(!notes("\\uD83D\\uDE00").lone_surrogate);
}

#[test]
fn debug_output_holds_no_value() {
    let document = parse(b"connectorserver.clientSecret=hunter2").unwrap();
    assert!(!format!("{document:?}").contains("hunter2"));
}

/// Pieces that make the interesting cases likely.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "\\", "\\", "\n", "\r", "\r\n", "=", ":", " ", "\t", "\x0c", "#", "!", "a", "b", "key", "\\\n", "\\\r\n",
            "\\u0041", "\\u00e9", "\\uD83D", "\\uDE00", "\x0b", "\0",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        1 => Just(b"\\u12".to_vec()),
        2 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn never_panics_and_spans_stay_inside(bytes in prop_oneof![file(), prop::collection::vec(any::<u8>(), 0..200)]) {
        if let Ok(document) = parse(&bytes) {
            let mut end = 0;
            for entry in &document.entries {
                prop_assert!(entry.span.start >= end && entry.span.end <= bytes.len());
                end = entry.span.end;
            }
        }
    }
}

/// Loads files, given one a line in hexadecimal, and answers one line each: `!` if the load fails, otherwise the
/// sorted `key=value` pairs in hexadecimal UTF-16.
const REFERENCE: &str = r#"
import java.io.*;
import java.util.*;

public class Reference {
    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            System.out.println(load(HexFormat.of().parseHex(line)));
        }
    }

    static String load(byte[] file) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(file));
        } catch (IllegalArgumentException e) {
            return "!";
        }
        TreeSet<String> pairs = new TreeSet<>();
        properties.forEach((key, value) -> pairs.add(hex((String) key) + "=" + hex((String) value)));
        return String.join(" ", pairs);
    }

    static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        for (char unit : text.toCharArray()) {
            hex.append(String.format("%04x", (int) unit));
        }
        return hex.toString();
    }
}
"#;

/// The same answer from our reader. Java keeps lone surrogates, which text here cannot hold, so both sides
/// replace them.
fn our_answer(file: &[u8]) -> String {
    let Ok(properties) = load(file) else { return "!".to_owned() };
    let pairs: std::collections::BTreeSet<String> =
        properties.iter().map(|(key, value)| format!("{}={}", hex(key), hex(value))).collect();
    pairs.into_iter().collect::<Vec<_>>().join(" ")
}

fn hex(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut hex, unit| {
        write!(hex, "{unit:04x}").unwrap();
        hex
    })
}

fn has_lone_surrogate(file: &[u8]) -> bool {
    parse(file).is_ok_and(|document| {
        document.entries.iter().any(|entry| entry.notes.lone_surrogate || entry.key.contains('\u{FFFD}'))
    })
}

#[test]
fn reads_what_java_reads() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("Reference.java");
    std::fs::write(&source, REFERENCE).unwrap();
    let mut runner = TestRunner::deterministic();
    let files: Vec<Vec<u8>> = std::iter::repeat_with(|| file().new_tree(&mut runner).unwrap().current())
        .filter(|file| !has_lone_surrogate(file))
        .take(20_000)
        .collect();

    let mut java =
        Command::new("java").arg(&source).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(
            "this test compares with a real Java: install a JDK, 17 or newer, so that `java` is on the PATH",
        );
    let mut input = java.stdin.take().unwrap();
    let lines: String = files.iter().fold(String::new(), |mut lines, file| {
        file.iter().for_each(|byte| write!(lines, "{byte:02x}").unwrap());
        lines.push('\n');
        lines
    });
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = java.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the Java side failed: {}", output.status);

    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), files.len());
    for (file, java) in files.iter().zip(answers) {
        assert_eq!(our_answer(file), java, "file {:?}", String::from_utf8_lossy(file));
    }
}
