//! Properties of the reader: it never fails on its own account, agrees with a plain reading of the rules, and reads back
//! what was written.

use std::io::{self, Read};

use proptest::prelude::*;

use super::{Limits, ReadError, Records};
use crate::charset::Charset;
use crate::dialect::{Dialect, LineEnd, Mark, trimmed};

fn dialect(quote: char, delimiter: char, line_end: LineEnd) -> Dialect {
    Dialect {
        quote: Mark::new(quote, Charset::Utf8).unwrap(),
        delimiter: Mark::new(delimiter, Charset::Utf8).unwrap(),
        line_end,
        charset: Charset::Utf8,
        quoted_empty_is_null: false,
    }
}

/// Gives a few bytes at a time, so that every state meets the end of the buffer.
struct Dribble<'a> {
    data: &'a [u8],
    step: usize,
}

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(buffer.len());
        self.data.read(&mut buffer[..length])
    }
}

type Row = (Vec<Option<String>>, u64, u64, u64);

fn read(bytes: &[u8], step: usize, dialect: Dialect) -> Result<Vec<Row>, ReadError> {
    let mut records = Records::new(Dribble { data: bytes, step }, dialect, Limits::default(), 1)?;
    let mut rows = Vec::new();
    while let Some(record) = records.next()? {
        let cells = (0..record.cell_count()).map(|i| record.text(i).map(|text| text.into_owned())).collect();
        rows.push((cells, record.offset, record.end, record.line));
    }
    Ok(rows)
}

/// The rules as written, character by character; `None` for an unclosed quote.
fn by_the_rules(text: &str, quote: char, delimiter: char) -> Option<Vec<Vec<Option<String>>>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut rows = Vec::new();
    let (mut row, mut cell, mut raw, mut inside) = (Vec::new(), String::new(), String::new(), false);
    let mut characters = text.chars().chain(['\n']).peekable();
    let close = |cell: &mut String, raw: &mut String| {
        let value = (!raw.is_empty()).then(|| trimmed(cell).to_owned());
        cell.clear();
        raw.clear();
        value
    };
    while let Some(c) = characters.next() {
        let last = characters.peek().is_none();
        if last && inside {
            return None;
        }
        if c == quote {
            raw.push(c);
            if inside && characters.peek() == Some(&quote) {
                raw.extend(characters.next());
                cell.push(quote);
            } else {
                inside = !inside;
            }
        } else if c == delimiter && !inside {
            row.push(close(&mut cell, &mut raw));
        } else if c == '\n' && !inside {
            let blank = row.is_empty() && !raw.contains(quote) && trimmed(&raw).is_empty();
            row.push(close(&mut cell, &mut raw));
            let row = std::mem::take(&mut row);
            if !blank {
                rows.push(row);
            }
        } else {
            raw.push(c);
            cell.push(c);
        }
    }
    Some(rows)
}

fn untidy_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just("\""),
            Just("\"\""),
            Just(","),
            Just("\n"),
            Just("\r"),
            Just("\r\n"),
            Just(" "),
            Just("a"),
            Just("é"),
            Just("\u{A0}"),
            Just("§"),
            Just("¿"),
            Just("bc"),
            Just("\0"),
        ],
        0..40,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn reading_agrees_with_the_rules(text in untidy_text(), step in 1_usize..5) {
        for (quote, delimiter) in [('"', ','), ('¿', '§'), ('"', ' ')] {
            let rows = read(text.as_bytes(), step, dialect(quote, delimiter, LineEnd::Lf));
            match by_the_rules(&text, quote, delimiter) {
                None => prop_assert!(matches!(rows, Err(ReadError::UnterminatedQuote { .. })), "{rows:?}"),
                Some(expected) => {
                    let cells: Vec<_> = rows.unwrap().into_iter().map(|(cells, ..)| cells).collect();
                    prop_assert_eq!(cells, expected);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), step in 1_usize..7) {
        let _ = read(&bytes, step, dialect('"', ',', LineEnd::Lf));
    }

    #[test]
    fn what_was_written_is_read_back(
        rows in prop::collection::vec(prop::collection::vec(prop::option::of(".{0,12}|[\"\\n\\r, ]{0,6}"), 2..5), 0..6),
        line_end in prop_oneof![Just(LineEnd::Lf), Just(LineEnd::CrLf), Just(LineEnd::Cr)],
        step in 1_usize..9,
    ) {
        let dialect = dialect('"', ',', line_end);
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for row in rows {
            let offset = bytes.len() as u64;
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                if let Some(cell) = cell {
                    bytes.extend_from_slice(&dialect.cell(cell).unwrap());
                }
            }
            bytes.extend_from_slice(line_end.as_bytes());
            let as_read = |text: String| trimmed(&text.replace("\r\n", "\n").replace('\r', "\n")).to_owned();
            let cells: Vec<_> = row.into_iter().map(|cell| cell.map(as_read)).collect();
            expected.push((cells, offset, bytes.len() as u64));
        }
        let found: Vec<_> =
            read(&bytes, step, dialect).unwrap().into_iter().map(|(cells, from, to, _)| (cells, from, to)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_record_can_be_read_again_at_its_offset(text in untidy_text()) {
        let dialect = dialect('"', ',', LineEnd::Lf);
        let Ok(rows) = read(text.as_bytes(), 3, dialect) else { return Ok(()) };
        for (cells, offset, end, line) in rows {
            let at = usize::try_from(offset).unwrap();
            let mut again = Records::at(&text.as_bytes()[at..], dialect, Limits::default(), 64, offset, line);
            let record = again.next().unwrap().unwrap();
            let found: Vec<_> = (0..record.cell_count()).map(|i| record.text(i).map(|t| t.into_owned())).collect();
            prop_assert_eq!((found, record.offset, record.end, record.line), (cells, offset, end, line));
        }
    }
}

#[test]
fn lines_are_counted_through_blank_ones_and_quoted_ones() {
    let rows = read(b"\n\na,\"b\r\nc\"\r\n\rd,e", 1, dialect('"', ',', LineEnd::Lf)).unwrap();
    let lines: Vec<_> = rows.iter().map(|(_, _, _, line)| *line).collect();
    assert_eq!(lines, [3, 6]);
}

#[test]
fn limits_hold_whatever_the_buffer() {
    let limits = Limits { record: 100, cell: 50 };
    let dialect = dialect('"', ',', LineEnd::Lf);
    let first = |text: &str| {
        let mut records = Records::new(text.as_bytes(), dialect, limits, 16).unwrap();
        records.next().map(|record| record.is_some())
    };
    let (a, b) = ("a".repeat(50), "b".repeat(49));
    assert!(matches!(first(&format!("{a},{b}\nx")), Ok(true)));
    assert!(matches!(first(&format!("{a},{a}\nx")), Err(ReadError::RecordTooLong { line: 1, limit: 100 })));
    assert!(matches!(first(&format!("\n{a}a,b\n")), Err(ReadError::CellTooLong { line: 2, limit: 50 })));
    assert!(matches!(
        first(&format!("\"{}", "a\n".repeat(500))),
        Err(ReadError::RecordTooLong { line: 1, .. })
    ));
}
