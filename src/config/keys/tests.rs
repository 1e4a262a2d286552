//! The table against itself: names, defaults and the environment names that operators already use.

use std::collections::BTreeSet;

use super::*;

#[test]
fn names_are_unique_in_every_spelling() {
    let mut seen = BTreeSet::new();
    for key in all() {
        for name in std::iter::once(&key.name).chain(key.aliases) {
            assert!(seen.insert((*name).to_owned()), "{name} stands for two keys");
        }
    }
    let environment: Vec<String> = all().flat_map(Key::environment_names).collect();
    let distinct: BTreeSet<&String> = environment.iter().collect();
    assert_eq!(distinct.len(), environment.len());
}

#[test]
fn every_row_is_complete() {
    for key in all() {
        assert!(key.description.ends_with('.'), "{key:?} needs a description of whole sentences");
        assert!(key.default.is_none() || key.default_text.is_empty(), "{key:?} has two defaults");
        if let Some(file) = key.file {
            assert_eq!(file.name, format!("{}File", key.name));
            assert_eq!(file.kind, Kind::Path);
            assert!(key.is_secret());
        }
    }
}

#[test]
fn environment_names() {
    let of = |key: &Key| key.environment_names();
    assert_eq!(of(&WEB_SOCKET_CONNECTIONS), ["WEB_SOCKET_CONNECTIONS", "WS_CONNECTIONS"]);
    assert_eq!(of(&MAX_WEB_SOCKET_CONNECTIONS), ["MAX_WEB_SOCKET_CONNECTIONS", "WS_MAX_CONNECTIONS"]);
    assert_eq!(of(&CONNECTOR_SERVER_NAME), ["CONNECTOR_SERVER_NAME", "NAME"]);
    assert_eq!(of(&URL), ["URL"]);
    assert_eq!(of(&TOKEN_ENDPOINT), ["TOKEN_ENDPOINT"]);
    assert_eq!(of(&CLIENT_ID), ["CLIENT_ID"]);
    assert_eq!(of(&CLIENT_SECRET), ["CLIENT_SECRET"]);
    assert_eq!(of(&CLIENT_SECRET_FILE), ["CLIENT_SECRET_FILE"]);
    assert_eq!(of(&SCOPE), ["SCOPE"]);
    assert_eq!(of(&TRUST_STORE_PASS), ["TRUST_STORE_PASS", "TRUSTSTORE_PASSWORD"]);
    assert_eq!(of(&LOGGER_CLASS), Vec::<String>::new());
}
