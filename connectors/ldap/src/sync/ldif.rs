//! The `changes` of a log entry: LDIF (RFC 2849) without its first lines, as servers write it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A changed attribute and the values named with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) attribute: String,
    pub(super) values: Vec<Vec<u8>>,
}

/// The lines of a text: folded ones joined, the NUL at the end that 389 Directory Server writes gone.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.strip_prefix(b" "), lines.last_mut()) {
            (Some(rest), Some(last)) => last.extend_from_slice(rest),
            _ => lines.push(line.to_vec()),
        }
    }
    for line in &mut lines {
        while line.last() == Some(&0) {
            line.pop();
        }
    }
    lines
}

/// Name and value of a line.
fn parted(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, rest) = line.split_at(colon);
    let name = std::str::from_utf8(name).ok()?.trim().to_owned();
    let rest = rest.get(1..)?;
    let value = match rest.strip_prefix(b":") {
        Some(encoded) => STANDARD.decode(encoded.trim_ascii()).ok()?,
        None => rest.strip_prefix(b" ").unwrap_or(rest).to_vec(),
    };
    Some((name, value))
}

/// The attributes of an entry, as in the change type `add` and in `deletedEntryAttrs`.
pub(super) fn attributes(bytes: &[u8]) -> Vec<Changed> {
    let mut all = Vec::new();
    for (name, value) in lines(bytes).iter().filter_map(|line| parted(line)) {
        push(&mut all, &name, Some(value));
    }
    all
}

/// The attributes that a modification changes, each with the values it names.
pub(super) fn modifications(bytes: &[u8]) -> Vec<Changed> {
    let mut all = Vec::new();
    let mut expects_kind = true;
    for line in lines(bytes) {
        if line == b"-" {
            expects_kind = true;
        } else if let Some((name, value)) = parted(&line) {
            let kind = name.to_ascii_lowercase();
            if expects_kind && matches!(kind.as_str(), "add" | "delete" | "replace" | "increment") {
                push(&mut all, &String::from_utf8_lossy(&value), None);
                expects_kind = false;
            } else {
                push(&mut all, &name, Some(value));
            }
        }
    }
    all
}

fn push(all: &mut Vec<Changed>, name: &str, value: Option<Vec<u8>>) {
    match all.iter_mut().find(|changed| changed.attribute.eq_ignore_ascii_case(name)) {
        Some(changed) => changed.values.extend(value),
        None => all.push(Changed { attribute: name.to_owned(), values: value.into_iter().collect() }),
    }
}

/// The values of an attribute among changes.
pub(super) fn values<'c>(changes: &'c [Changed], name: &str) -> &'c [Vec<u8>] {
    let found = changes.iter().find(|changed| changed.attribute.eq_ignore_ascii_case(name));
    found.map(|changed| changed.values.as_slice()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_389_directory_server_writes_is_understood() {
        let text = b"replace: description\ndescription:: SsO8cmdlbg==\n-\ndelete: mail\n-\nadd: title\ntitle: a\n b\n-\nreplace: modifiersname\nmodifiersname: cn=x\n-\n\n\0";
        let changes = modifications(text);
        let names: Vec<_> = changes.iter().map(|changed| changed.attribute.as_str()).collect();
        assert_eq!(names, ["description", "mail", "title", "modifiersname"]);
        assert_eq!(values(&changes, "Description"), ["Jürgen".as_bytes()]);
        assert_eq!(
            (values(&changes, "title"), values(&changes, "mail").len()),
            ([b"ab".to_vec()].as_slice(), 0)
        );
    }

    #[test]
    fn an_entry_has_its_attributes() {
        let changes = attributes(b"objectClass: top\r\nobjectClass: person\r\nuid: x\r\n");
        assert_eq!(values(&changes, "objectclass").len(), 2);
        assert_eq!(values(&changes, "uid"), [b"x"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_left(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = (attributes(&bytes), modifications(&bytes));
        }
    }
}
