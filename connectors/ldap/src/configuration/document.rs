//! The table of properties in the documentation of the connector is made from the properties themselves.

use std::fmt::Write as _;

use icf::{Configuration as _, Value};

use super::LdapConfiguration;
use super::texts::TEXTS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/connectors/ldap.md");
const BEGIN: &str =
    "<!-- begin: table of properties, made by connectors/ldap/src/configuration/document.rs -->\n";
const END: &str = "<!-- end: table of properties -->\n";

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Array(array) if array.items.is_empty() => "empty".to_owned(),
        Value::Array(array) => array.items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.type_name(),
    }
}

fn table() -> String {
    let mut table = "| property | type | default | unit | what it does |\n|---|---|---|---|---|\n".to_owned();
    let properties = LdapConfiguration::properties();
    assert_eq!(properties.len(), TEXTS.len());
    for text in TEXTS {
        let property = properties.iter().find(|property| property.name == text.name).unwrap();
        let value_type = property.value_type.as_ref().unwrap();
        let unit = if text.unit.is_empty() { "–" } else { text.unit };
        let help = text.help.replace('|', "\\|").replace('<', "&lt;");
        let default = shown(&property.value);
        writeln!(table, "| `{}` | {value_type} | {default} | {unit} | {help} |", text.name).unwrap();
    }
    table
}

/// With `RCS_WRITE_GENERATED=1` it writes the table anew.
#[test]
fn the_page_has_the_table_of_properties() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (present, after) = rest.split_once(END).unwrap();
    if std::env::var_os("RCS_WRITE_GENERATED").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert!(present == table(), "run the test with RCS_WRITE_GENERATED=1 to write the table anew");
}
