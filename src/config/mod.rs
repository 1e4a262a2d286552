//! `ConnectorServer.properties` and its overrides, read into typed [`Settings`]. Start at [`load()`].
//!
//! A value comes, in ascending precedence, from the table of keys (`keys`), the file, the environment, `-D` arguments
//! in `OPENICF_OPTS` and `-D` arguments of the command line. Each keeps its [`Origin`], so that every [`Problem`]
//! and every effective value can say where it stands. Reading never stops at the first problem.

pub mod properties;

mod build;
pub mod carry;
mod choices;
pub mod document;
pub mod edit;
pub(crate) mod files;
mod java_options;
mod key_hash;
mod keys;
mod layers;
mod load;
mod names;
mod origin;
mod problem;
mod secret;
mod server_url;
mod settings;
mod sources;

pub use choices::{BundleNames, LegacyProfile, LogFormat, Mode, StoreType, TokenEndpointAuthMethod};
pub use key_hash::{KeyHash, KeyHashError, KeyRecipe};
pub use load::{Effective, Inputs, Loaded, load};
pub use origin::{DefinePlace, Origin};
pub use problem::{Problem, Severity};
pub use properties::ParseError;
pub use secret::Secret;
pub use server_url::{ServerUrl, ServerUrlError};
pub use settings::{
    AdminListen, Authentication, BasicCredentials, BundleSettings, ClientSettings, DispatchSettings,
    KeyStoreSettings, LinkSettings, LogSettings, OAuthSettings, Placement, PoolSettings, ProtectionSettings,
    ProxySettings, ServerSettings, Settings, StoreSettings, TlsSettings, UpgradeSettings,
};

/// A check of sound settings that needs more than their text, such as opening the key store. What it finds is
/// reported by `rcs check` with the rest.
pub type Probe = fn(&Settings, &Loaded) -> Vec<Problem>;
