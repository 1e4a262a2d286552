//! The message tables of `docs/protocol.md` against the messages in the code.

use std::collections::BTreeMap;
use std::fs;

use super::root;

/// For each message its fields as (number, name in snake case).
type Messages = BTreeMap<String, Vec<(u32, String)>>;

fn messages_in_code() -> Messages {
    let mut messages = Messages::new();
    for file in ["rpc", "operation", "common"] {
        let path = root().join("crates/icf-wire/src/envelope").join(file).with_extension("rs");
        let text = fs::read_to_string(path).unwrap();
        for part in text.split("pub struct ").skip(1) {
            let (name, rest) = part.split_once(' ').unwrap();
            let body = rest.split_once('}').unwrap().0;
            let mut fields = Vec::new();
            for field in body.split("tag = \"").skip(1) {
                let (number, rest) = field.split_once('"').unwrap();
                let name = rest.split_once("pub ").unwrap().1.split_once(':').unwrap().0;
                fields.push((number.parse().unwrap(), name.to_owned()));
            }
            messages.insert(name.to_owned(), fields);
        }
    }
    messages
}

fn messages_on_the_page() -> Messages {
    let text = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let tables = text.split_once("\n## 9.").unwrap().1.split_once("### 9.4").unwrap().0;
    let mut messages = Messages::new();
    for row in tables.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (name, fields) = row.split_once("` | ").unwrap();
        let fields = fields.trim_end_matches(" |").split(", ").filter(|field| *field != "(none)");
        let fields = fields.map(|field| {
            let mut words = field.split(' ');
            let number = words.next().unwrap().parse().unwrap();
            (number, snake_case(words.next().unwrap().trim_matches('`')))
        });
        messages.insert(name.to_owned(), fields.collect());
    }
    messages
}

fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
        snake
    })
}

#[test]
fn the_protocol_page_shows_the_messages_of_the_code() {
    let (code, page) = (messages_in_code(), messages_on_the_page());
    assert!(code.len() > 60, "{} messages found in the code", code.len());
    let names = |messages: &Messages| messages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&page), names(&code));
    for (name, fields) in &code {
        assert_eq!(&page[name], fields, "the fields of {name}");
    }
}
