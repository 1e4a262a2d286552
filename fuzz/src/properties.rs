//! The grammar of properties files.

use grammar::parse;

/// As a file, not as part of the server, which takes ten times as long to build as all that is fuzzed.
#[path = "../../src/config/properties.rs"]
#[allow(dead_code, reason = "whoever edits a file or warns about one uses the rest")]
#[rustfmt::skip]
mod grammar;

/// Takes any bytes. Each entry stands where it says, and means the same when it stands alone.
pub fn run(data: &[u8]) {
    let Ok(document) = parse(data) else { return };
    let mut end = 0;
    for entry in &document.entries {
        assert!(end <= entry.span.start, "two entries overlap");
        let alone = data.get(entry.span.clone()).expect("a span lies inside the file");
        end = entry.span.end;
        let line = 1 + line_ends(&data[..entry.span.start]);
        assert_eq!(entry.line, line, "an entry names another line than its own");
        let read = parse(alone).expect("a part of a sound file is sound");
        let [read] = read.entries.as_slice() else { panic!("{} entries in one", read.entries.len()) };
        assert_eq!((&read.key, &read.value), (&entry.key, &entry.value), "alone it means something else");
    }
}

/// Line feeds, carriage returns, and pairs of both.
fn line_ends(bytes: &[u8]) -> usize {
    let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
    let returns = bytes.iter().filter(|byte| **byte == b'\r').count();
    let pairs = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    feeds + returns - pairs
}
