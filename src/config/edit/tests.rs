//! Every byte outside the key's own lines survives.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// The file after the key was set to `changeit`.
fn after(before: &[u8]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.properties");
    fs::write(&path, before).unwrap();
    set_key(&path, &KeyHash::of("changeit")).unwrap();
    fs::read(&path).unwrap()
}

#[track_caller]
fn assert_edit(before: &[u8], expected: &[u8]) {
    let after = after(before);
    assert_eq!(after, expected, "{}", String::from_utf8_lossy(&after));
    let document = properties::parse(&after).unwrap();
    let value =
        document.entries.iter().rfind(|entry| entry.key == "connectorserver.key").unwrap().value.to_string();
    assert_eq!(value, "lmA6bMfENJGlIDbfrVtklXFK32s=");
}

#[test]
fn only_the_line_of_the_key_changes() {
    assert_edit(
        b"# h\xE9ad\r\n\r\n a : b \r\n  connectorserver.key : old\\\r\n   er\r\n!end\r\nc=d",
        b"# h\xE9ad\r\n\r\n a : b \r\n  connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=\r\n!end\r\nc=d",
    );
    assert_edit(b"connectorserver.key", b"connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=");
    assert_edit(
        b"connectorserver.key=1\nx=y\nconnectorserver.key=2\n",
        b"connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=\nx=y\n\
          connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=\n",
    );
}

#[test]
fn a_missing_key_is_added_at_the_end() {
    let line = "connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s\\=";
    for (before, between, end) in [
        ("", "", "\n"),
        ("a=b\n", "", "\n"),
        ("a=b", "\n", "\n"),
        ("a=b\r\nc", "\r\n", "\r\n"),
        ("a=b\\", "\n\n", "\n"),
        ("a=b\\\n", "\n", "\n"),
        ("a=b\\\n  ", "\n", "\n"),
        ("#connectorserver.key=", "\n", "\n"),
        ("#a\\\n", "", "\n"),
        ("a=b\n  ", "", "\n"),
    ] {
        assert_edit(before.as_bytes(), format!("{before}{between}{line}{end}").as_bytes());
    }
}

#[test]
fn mode_and_link_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("real.properties");
    let link = directory.path().join("link.properties");
    fs::write(&path, "connectorserver.key=x\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    set_key(&link, &KeyHash::of("changeit")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn what_cannot_be_changed_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.properties");
    assert!(matches!(set_key(&path, &KeyHash::of("k")), Err(EditError::Read { .. })));
    fs::write(&path, "a=\\u12\n").unwrap();
    assert!(matches!(set_key(&path, &KeyHash::of("k")), Err(EditError::Parse { .. })));
    fs::write(&path, "a=b\nconnectorserver.keyFile=/run/key\n").unwrap();
    assert!(matches!(set_key(&path, &KeyHash::of("k")), Err(EditError::KeyFile { line: 2, .. })));
    assert_eq!(fs::read(&path).unwrap(), b"a=b\nconnectorserver.keyFile=/run/key\n");
}
