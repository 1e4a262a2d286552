//! The table of keys for readers: `ConnectorServer.properties.example`, `docs/configuration.md` and the list in
//! `--help`.
//!
//! The two files are committed; the tests below fail when they differ from the table. To write them anew:
//! `RCS_WRITE_GENERATED=1 cargo test -p rcs --lib config::document`.

use std::fmt::Write as _;

use super::keys::{self, GROUPS, Group, Key, Scope, Status};

/// The list of keys for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "Keys of the properties file, each with its environment variable and its default. \
         `docs/configuration.md` explains them.\n",
    );
    for group in GROUPS.iter().filter(|group| is_live(group)) {
        write_line(&mut text, format_args!("\n{}:", group.title));
        for key in group.keys.iter().filter(|key| key.status == Status::Live) {
            let variable =
                key.environment_names().first().map(|name| format!("RCS_{name}")).unwrap_or_default();
            let line = format!("  {:<41} {variable:<32} {}", name(key), default(key).replace('`', ""));
            write_line(&mut text, format_args!("{}", line.trim_end()));
        }
    }
    text
}

/// A properties file with every key, its explanation and its default, all commented out.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(EXAMPLE_HEAD);
    for group in GROUPS.iter().filter(|group| is_live(group)) {
        write_line(&mut text, format_args!("\n\n## {}\n#", group.title));
        write_comment(&mut text, &group.introduction.replace('`', ""));
        for key in group.keys.iter().filter(|key| key.status == Status::Live) {
            let value = match (key.default, key.example) {
                (Some(default), _) => default,
                (None, example) => example,
            };
            text.push('\n');
            write_comment(&mut text, &key.description.replace('`', ""));
            let kind = key.kind.to_string().replace('`', "");
            let default = default(key).replace('`', "");
            let default = if default.is_empty() { default } else { format!(" Default: {default}.") };
            write_comment(&mut text, &format!("Value: {kind}.{default}"));
            write_line(&mut text, format_args!("#{}={value}", name(key)));
        }
    }
    text
}

/// The page for administrators.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(include_str!("introduction.md"));
    for group in GROUPS {
        write_line(&mut text, format_args!("\n### {}\n\n{}\n", group.title, group.introduction));
        text.push_str("| key | value | default | meaning |\n|---|---|---|---|\n");
        for key in group.keys {
            write_line(
                &mut text,
                format_args!(
                    "| `{}`{} | {} | {} | {} |",
                    name(key).trim_start_matches(keys::PREFIX),
                    variables(key),
                    key.kind,
                    default(key),
                    meaning(key),
                ),
            );
        }
    }
    text
}

fn is_live(group: &Group) -> bool {
    group.keys.iter().any(|key| key.status == Status::Live)
}

fn name(key: &Key) -> String {
    let member = if key.kind.has_members() { ".<bundle name>" } else { "" };
    format!("{}{member}", key.full_name())
}

fn default(key: &Key) -> String {
    match key.default {
        Some(default) if key.is_secret() => format!("`{default}` (the vendor's)"),
        Some(default) => format!("`{default}`"),
        None => key.default_text.to_owned(),
    }
}

/// The environment variables, as further lines of the table's first cell.
fn variables(key: &Key) -> String {
    key.environment_names().iter().fold(String::new(), |mut text, name| {
        write_text(&mut text, format_args!("<br>`RCS_{name}`"));
        text
    })
}

fn meaning(key: &Key) -> String {
    let scope = match key.scope {
        Scope::Client => "Client mode. ",
        Scope::Server => "Server mode. ",
        Scope::Always => "",
    };
    let status = match key.status {
        Status::Live => "",
        Status::Unused => " Accepted and ignored.",
        Status::Former { .. } => " Accepted with a warning.",
    };
    format!("{scope}{}{status}", key.description)
}

/// Writes a comment in lines of at most 100 characters.
fn write_comment(text: &mut String, comment: &str) {
    let mut line = String::from("#");
    for word in comment.split_whitespace() {
        if line.len() + 1 + word.len() > 100 {
            write_line(text, format_args!("{line}"));
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    write_line(text, format_args!("{line}"));
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    write_text(text, line);
    text.push('\n');
}

fn write_text(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a String does not fail");
}

const EXAMPLE_HEAD: &str = "\
# Configuration of the connector server. Copy this file to conf/ConnectorServer.properties and remove the
# `#` before the keys that you set; check the result with `rcs check`.
#
# The format is that of java.util.Properties: ISO-8859-1, `\\` is written as `\\\\`, blanks at the end of a
# value belong to it. docs/configuration.md explains everything in one place.
";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{names, properties};

    #[track_caller]
    fn assert_committed(path: &str, generated: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("RCS_WRITE_GENERATED").is_some() {
            std::fs::write(&path, generated).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == generated,
            "{} differs from the table of keys; write it anew as the head of src/config/document/mod.rs says",
            path.display()
        );
    }

    #[test]
    fn the_committed_example_is_the_generated_one() {
        assert_committed("ConnectorServer.properties.example", &example());
    }

    #[test]
    fn the_committed_page_is_the_generated_one() {
        assert_committed("docs/configuration.md", &page());
    }

    #[test]
    fn the_example_holds_every_live_key_commented_out() {
        let example = example();
        assert!(example.is_ascii());
        assert!(properties::parse(example.as_bytes()).unwrap().entries.is_empty());

        let uncommented: String = example
            .lines()
            .filter_map(|line| line.strip_prefix("#connectorserver."))
            .map(|line| format!("connectorserver.{line}\n"))
            .collect();
        let document = properties::parse(uncommented.as_bytes()).unwrap();
        let found: Vec<&str> =
            document.entries.iter().map(|entry| names::look_up(&entry.key).unwrap().key.name).collect();
        let live: Vec<&str> =
            keys::all().filter(|key| key.status == Status::Live).map(|key| key.name).collect();
        assert_eq!(found, live);
    }

    #[test]
    fn help_names_every_live_key_with_its_variable() {
        let help = help();
        for key in keys::all().filter(|key| key.status == Status::Live) {
            assert!(help.contains(&key.full_name()), "{key:?}");
            let variable = key.environment_names().into_iter().next();
            assert!(variable.is_none_or(|variable| help.contains(&format!("RCS_{variable}"))), "{key:?}");
        }
    }
}
