//! Configurations as they are shown: secrets become references.

use serde_json::Value as Json;

use super::{HOSTS_ID, alias_of};
use crate::state::State;

/// Words in the names of properties whose nature nobody has told yet.
const TELLING: [&str; 5] = ["password", "secret", "passphrase", "credential", "privatekey"];

/// A configuration with its secrets replaced.
pub(super) fn conceal(state: &State, id: &str, content: &Json) -> Json {
    let mut shown = content.clone();
    if let Some(alias) = alias_of(id) {
        let known = state.systems.by_alias(alias).and_then(|system| system.confidential_properties());
        if let Some(Json::Object(properties)) = shown.get_mut("configurationProperties") {
            for (name, value) in properties {
                let secret = match &known {
                    Some(names) => names.contains(name),
                    None => is_telling(name),
                };
                hide(state, value, secret);
            }
        }
    } else if id == HOSTS_ID {
        let entries = shown.as_object_mut().into_iter().flat_map(|members| members.values_mut());
        for entry in entries.filter_map(Json::as_array_mut).flatten().filter_map(Json::as_object_mut) {
            for (name, value) in entry {
                hide(state, value, name == "key" || is_telling(name));
            }
        }
    }
    shown
}

fn hide(state: &State, value: &mut Json, secret: bool) {
    if let (true, Json::String(clear)) = (secret, &*value) {
        *value = state.vault.conceal(clear);
    }
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|word| name.contains(word))
}
