//! Sound files: how they are written, what their columns are called, what stands in them.

use icf::Value;

use crate::csv::values;
use crate::dice::Dice;
use crate::table::Dialect;

/// A sort of file, and the properties that go with it.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) key: &'static str,
    pub(crate) password: Option<&'static str>,
    pub(crate) dialect: Dialect,
    /// What ends a record, in the file and in what is written.
    newline: &'static str,
    /// Whether cells are written in every way the format allows.
    odd: bool,
    /// Whether the last record has no end.
    unended: bool,
    /// Whether keys may come twice.
    twice: bool,
}

const COMMA: Dialect = Dialect { quote: '"', delimiter: ',' };

const PLAIN: Kind = Kind {
    name: "plain",
    columns: &["firstName", "uid", "lastName", "password"],
    key: "uid",
    password: Some("password"),
    dialect: COMMA,
    newline: "\n",
    odd: false,
    unended: false,
    twice: false,
};

pub(crate) const KINDS: [(u32, &Kind); 8] = [
    (40, &PLAIN),
    (
        12,
        &Kind {
            name: "semicolons, apostrophes and CR LF",
            dialect: Dialect { quote: '\'', delimiter: ';' },
            newline: "\r\n",
            ..PLAIN
        },
    ),
    (10, &Kind { name: "no password", columns: &["uid", "a", "b"], password: None, ..PLAIN }),
    (
        10,
        &Kind {
            name: "other names",
            columns: &["First Name", "id", "Größe", "secret"],
            key: "id",
            password: Some("secret"),
            ..PLAIN
        },
    ),
    (30, &Kind { name: "odd cells", odd: true, ..PLAIN }),
    (6, &Kind { name: "last record without end", unended: true, ..PLAIN }),
    (6, &Kind { name: "keys twice", twice: true, ..PLAIN }),
    (4, &Kind { name: "column __NAME__", columns: &["uid", "__NAME__", "a", "password"], ..PLAIN }),
];

impl Kind {
    /// The columns other than key and password.
    pub(crate) fn plain_columns(&self) -> Vec<&'static str> {
        self.columns
            .iter()
            .copied()
            .filter(|name| *name != self.key && Some(*name) != self.password)
            .collect()
    }

    /// The keys that a file of this kind begins with, of which not all need to be there.
    pub(crate) fn keys(&self) -> Vec<String> {
        (1..=7).map(|number| format!("u{number}")).collect()
    }

    /// The properties that are not as advertised.
    pub(crate) fn properties(&self) -> Vec<(&'static str, Value)> {
        let mut properties = Vec::new();
        let mut set = |name, value: String, default: &str| {
            if value != default {
                properties.push((name, Value::String(value)));
            }
        };
        set("headerUid", self.key.to_owned(), "uid");
        set("headerPassword", self.password.unwrap_or("absent").to_owned(), "password");
        set("quoteCharacter", self.dialect.quote.to_string(), "\"");
        set("fieldDelimiter", self.dialect.delimiter.to_string(), ",");
        set("newlineString", self.newline.to_owned(), "\n");
        properties
    }

    /// A header and some records.
    pub(crate) fn text(&self, dice: &mut Dice) -> String {
        let delimiter = self.dialect.delimiter.to_string();
        let mut records = vec![self.columns.join(&delimiter)];
        let mut keys = dice.some(&self.keys());
        if self.twice && !keys.is_empty() {
            keys.push(keys[0].clone());
        }
        for key in keys {
            let cells: Vec<_> = self.columns.iter().map(|column| self.cell(dice, column, &key)).collect();
            records.push(cells.join(&delimiter));
            if self.odd && dice.chance(15) {
                records.push(String::new());
            }
        }
        let mut text = records.join(self.newline);
        if !self.unended {
            text.push_str(self.newline);
        }
        text
    }

    fn cell(&self, dice: &mut Dice, column: &str, key: &str) -> String {
        let quote = self.dialect.quote;
        let quoted = |text: &str| {
            let doubled = text.replace(quote, &format!("{quote}{quote}"));
            format!("{quote}{}{quote}", doubled.replace('\n', self.newline))
        };
        if column == self.key {
            return match self.odd && dice.chance(30) {
                true => format!(" {} ", quoted(key)),
                false => key.to_owned(),
            };
        }
        if dice.chance(15) {
            return String::new();
        }
        if self.odd && Some(column) == self.password && dice.chance(20) {
            return quoted(" ");
        }
        if self.odd && dice.chance(50) {
            let odd = [
                "\"\"",
                " ",
                "\" \"",
                "ab\"c\"d",
                "\"a\"\"b\"",
                "\"x\"y",
                " \"in\" ",
                "\u{a0}",
                "\"l1\r\nl2\"",
            ];
            return dice.pick(&odd).to_owned();
        }
        let text = values::text(dice);
        match text.contains([quote, self.dialect.delimiter, '\n']) || dice.chance(30) {
            true => quoted(text),
            false => text.to_owned(),
        }
    }
}
