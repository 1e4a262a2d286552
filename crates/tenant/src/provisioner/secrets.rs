//! Secrets in configurations: shown as references, which may be sent back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use icf::GuardedString;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::token::hex;

/// The type of `$crypto` objects that this tenant makes.
const TYPE: &str = "x-tenant";

/// Secrets by reference.
#[derive(Debug)]
pub(crate) struct Vault {
    salt: [u8; 16],
    known: Mutex<HashMap<String, GuardedString>>,
}

/// What stands in the place of a configuration property.
#[derive(Debug)]
pub(super) enum Revealed {
    /// No `$crypto` object: the value itself.
    Plain,
    /// A secret that could be revealed.
    Secret(GuardedString),
    /// A secret that this tenant cannot reveal.
    Unusable,
}

impl Vault {
    pub(crate) fn new() -> Self {
        Self { salt: rand::random(), known: Mutex::default() }
    }

    /// A `$crypto` object that stands for a secret. Equal secrets get equal references within one process.
    pub(crate) fn conceal(&self, clear: &str) -> Json {
        let digest = Sha256::new().chain_update(self.salt).chain_update(clear.as_bytes()).finalize();
        let reference = hex(digest.get(..12).unwrap_or_default());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(reference.clone()).or_insert_with(|| GuardedString::new(clear));
        json!({"$crypto": {"type": TYPE, "value": {"ref": reference}}})
    }

    /// A text that may stand in clear or as one of this vault's references.
    pub(crate) fn text(&self, json: &Json) -> Option<GuardedString> {
        match (self.reveal(json, "", ""), json) {
            (Revealed::Plain, Json::String(clear)) => Some(GuardedString::new(clear)),
            (Revealed::Secret(secret), _) => Some(secret),
            _ => None,
        }
    }

    /// Reveals a `$crypto` object of property `property` in configuration `alias`.
    pub(super) fn reveal(&self, json: &Json, alias: &str, property: &str) -> Revealed {
        let Some(crypto) = json.get("$crypto") else { return Revealed::Plain };
        let reference = crypto.get("value").and_then(|value| value.get("ref")).and_then(Json::as_str);
        let own = reference.filter(|_| crypto.get("type").and_then(Json::as_str) == Some(TYPE));
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = own.and_then(|reference| known.get(reference)) {
            return Revealed::Secret(secret.clone());
        }
        let variable = format!("TENANT_SECRET_{alias}_{property}").to_uppercase();
        match std::env::var(variable) {
            Ok(clear) => Revealed::Secret(GuardedString::new(&clear)),
            Err(_) => Revealed::Unusable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concealed_secret_can_be_sent_back() {
        let vault = Vault::new();
        let shown = vault.conceal("geheim");
        assert!(!shown.to_string().contains("geheim"));
        assert!(
            matches!(vault.reveal(&shown, "a", "p"), Revealed::Secret(s) if s == GuardedString::new("geheim"))
        );
        let foreign = json!({"$crypto": {"type": "x-simple-encryption", "value": {"data": "x"}}});
        assert!(matches!(vault.reveal(&foreign, "a", "p"), Revealed::Unusable));
        assert!(matches!(vault.reveal(&json!("clear"), "a", "p"), Revealed::Plain));
    }
}
