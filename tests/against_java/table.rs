//! What a CSV file holds, read by neither of the connectors under test.

/// How the file is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    pub(crate) quote: char,
    pub(crate) delimiter: char,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { quote: '"', delimiter: ',' }
    }
}

/// A cell; `None` is no value (nothing, or a quoted nothing).
pub(crate) type Cell = Option<String>;
pub(crate) type Row = Vec<Cell>;

/// Every record, the header included. A quote that is never closed takes the rest of the file.
pub(crate) fn rows(text: &str, dialect: Dialect) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted, mut begun) = (Row::new(), String::new(), false, false);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == dialect.quote {
            begun = true;
            if quoted && characters.peek() == Some(&dialect.quote) {
                characters.next();
                cell.push(dialect.quote);
            } else {
                quoted = !quoted;
            }
        } else if quoted {
            cell.push(character);
        } else if character == dialect.delimiter {
            begun = true;
            row.push(finished(&mut cell));
        } else if character == '\n' {
            if begun {
                row.push(finished(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            begun = false;
        } else {
            begun = true;
            cell.push(character);
        }
    }
    if begun {
        row.push(finished(&mut cell));
        rows.push(row);
    }
    rows
}

fn finished(cell: &mut String) -> Cell {
    let whole = std::mem::take(cell);
    (!whole.is_empty()).then(|| whole.trim_matches(|c| c <= ' ').to_owned())
}

#[test]
fn cells_are_what_the_format_says() {
    let text = "a,b\n\n\"x\"\"y\" , \"\"\r\"l1\r\nl2\",\" \"";
    let some = |text: &str| Some(text.to_owned());
    let expected = [vec![some("a"), some("b")], vec![some("x\"y"), some("")], vec![some("l1\nl2"), some("")]];
    assert_eq!(rows(text, Dialect::default()), expected);
    assert_eq!(rows("a,\"\",", Dialect::default()), [vec![some("a"), None, None]]);
}
