//! `ConnectorServer.properties` and its overrides, read into typed [`Settings`].

pub mod properties;

mod choices;
mod key_hash;
mod secret;
mod server_url;
mod settings;

pub use choices::{BundleNames, LegacyProfile, Mode, StoreType, TokenEndpointAuthMethod};
pub use key_hash::{KeyHash, KeyHashError};
pub use secret::Secret;
pub use server_url::{ServerUrl, ServerUrlError};
pub use settings::{
    AdminListen, Authentication, BasicCredentials, BundleSettings, ClientSettings, DispatchSettings,
    KeyStoreSettings, LinkSettings, OAuthSettings, Placement, PoolSettings, ProxySettings, ServerSettings,
    Settings, StoreSettings, TlsSettings, UpgradeSettings,
};
