//! What must hold for any bytes that are read as CSV, for the fuzz targets. A broken rule panics.

use std::io::{self, Read};

use crate::charset::Charset;
use crate::dialect::{Dialect, LineEnd, Mark, trimmed};
use crate::record::{Limits, Records};

/// Takes any bytes. The first chooses dialect and size of reads, the rest is the file.
pub fn run(data: &[u8]) {
    let Some((choice, file)) = data.split_first() else { return };
    let Some(dialect) = dialect(*choice) else { return };
    let step = usize::from(choice >> 5) * 7 + 1;
    let limits = Limits { record: 4096, cell: 2048 };
    let Ok(mut records) = Records::new(InSteps { data: file, step }, dialect, limits, 1) else { return };
    let mut reached = (0, 0);
    while let Ok(Some(record)) = records.next() {
        assert!(record.offset >= reached.0 && record.line > reached.1, "records come in order");
        assert!(record.end > record.offset && record.end <= file.len() as u64);
        reached = (record.end, record.line);
        let cells: Vec<Option<String>> =
            (0..record.cell_count()).map(|cell| record.text(cell).map(|text| text.into_owned())).collect();
        is_found_again_at(file, record.offset, &cells, dialect);
        is_the_same_once_written(&cells, dialect);
    }
}

fn dialect(choice: u8) -> Option<Dialect> {
    let charset = if choice & 1 == 0 { Charset::Utf8 } else { Charset::Latin1 };
    let (quote, delimiter) = if choice & 2 == 0 { ('"', ',') } else { ('¿', '§') };
    Some(Dialect {
        quote: Mark::new(quote, charset)?,
        delimiter: Mark::new(delimiter, charset)?,
        line_end: if choice & 4 == 0 { LineEnd::Lf } else { LineEnd::CrLf },
        charset,
        quoted_empty_is_null: choice & 8 == 0,
    })
}

fn is_found_again_at(file: &[u8], offset: u64, cells: &[Option<String>], dialect: Dialect) {
    let rest = usize::try_from(offset).ok().and_then(|offset| file.get(offset..)).unwrap_or_default();
    let mut records = Records::at(rest, dialect, Limits::default(), 64, offset, 1);
    let again = records.next();
    let found = again.ok().flatten().map(|record| {
        (0..record.cell_count())
            .map(|cell| record.text(cell).map(|text| text.into_owned()))
            .collect::<Vec<_>>()
    });
    assert_eq!(found.as_deref(), Some(cells), "a record is the same when it is read at its offset");
}

fn is_the_same_once_written(cells: &[Option<String>], dialect: Dialect) {
    let mut written = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            written.extend_from_slice(dialect.delimiter.as_bytes());
        }
        let cell = cell.as_deref().map(|text| dialect.cell(text));
        written.extend_from_slice(cell.flatten().as_deref().map_or(&[], Vec::as_slice));
    }
    let expected: Vec<Option<String>> = cells
        .iter()
        .map(|cell| cell.as_deref().map(|text| trimmed(text).to_owned()))
        .map(|cell| cell.filter(|text| !text.is_empty() || !dialect.quoted_empty_is_null))
        .collect();
    // A record of one cell without value is a blank line.
    if !written.is_empty() {
        is_found_again_at(&written, 0, &expected, dialect);
    }
}

/// Gives a few bytes at a time.
struct InSteps<'a> {
    data: &'a [u8],
    step: usize,
}

impl Read for InSteps<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(buffer.len());
        self.data.read(buffer.get_mut(..length).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_keep_the_rules(
            choice in any::<u8>(),
            parts in prop::collection::vec(
                prop_oneof!["[\"¿,§\r\n ]{1,3}", "[a-zé\u{A0}]{1,4}", "\\PC{1,2}"], 0..30),
            noise in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut data = vec![choice];
            data.extend_from_slice(parts.concat().as_bytes());
            data.extend_from_slice(&noise);
            super::run(&data);
        }
    }
}
