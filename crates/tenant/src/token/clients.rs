//! OAuth clients.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use icf::GuardedString;

use super::SCOPE;

/// How a client may show its secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMethod {
    /// Either way.
    #[default]
    Any,
    /// In the `Authorization` header only.
    Basic,
    /// In the body only.
    Post,
}

impl AuthMethod {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }
}

impl FromStr for AuthMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Any, Self::Basic, Self::Post]
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| format!("Unknown tokenEndpointAuthMethod '{text}'."))
    }
}

/// An OAuth client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: GuardedString,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// Scopes it gets when it asks for none.
    pub default_scopes: Vec<String>,
    /// Grants it may use.
    pub grant_types: Vec<String>,
    /// How it may show its secret.
    pub method: AuthMethod,
    /// Whether it may do anything.
    pub active: bool,
}

impl Client {
    /// An active client for client credentials with the scope of IDM.
    #[must_use]
    pub fn new(id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: GuardedString::new(secret),
            scopes: vec![SCOPE.to_owned()],
            default_scopes: Vec::new(),
            grant_types: vec!["client_credentials".to_owned()],
            method: AuthMethod::Any,
            active: true,
        }
    }
}

/// All OAuth clients.
#[derive(Debug)]
pub(crate) struct Clients(Mutex<BTreeMap<String, Client>>);

impl Clients {
    /// The clients every tenant starts with.
    pub(crate) fn seeded() -> Self {
        let seed = [Client::new("RCSClient", "openidm"), Client::new("idm-admin", "idm-admin")];
        Self(Mutex::new(seed.into_iter().map(|client| (client.id.clone(), client)).collect()))
    }

    pub(crate) fn get(&self, id: &str) -> Option<Client> {
        self.lock().get(id).cloned()
    }

    /// Adds or replaces a client; answers the one it replaces.
    pub(crate) fn put(&self, client: Client) -> Option<Client> {
        self.lock().insert(client.id.clone(), client)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a secret is this clear text.
pub(crate) fn reveal_equal(secret: &GuardedString, clear: &str) -> bool {
    secret.reveal().as_str() == clear
}
