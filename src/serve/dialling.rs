//! What opens links, made from the settings.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::server::StartError;
use crate::config::{Authentication, ClientSettings, KeyStoreSettings, LinkSettings};
use crate::link::{Credentials, DialOptions, Dialer, SubProtocolCheck};
use crate::tls::{self, Trust};
use crate::token::TokenSource;

/// What opens links to the URLs of a tenant.
#[derive(Debug)]
pub struct Dialling {
    /// Opens the sockets.
    pub dialer: Arc<Dialer>,
    /// Where its access tokens come from, with OAuth.
    pub token: Option<TokenSource>,
}

impl Dialling {
    /// Reads the stores and sets everything up; nothing is opened or requested yet.
    ///
    /// # Errors
    /// A store that cannot be used, or credentials that cannot be sent.
    pub async fn try_new(
        client: &ClientSettings,
        trust: Trust,
        identity: Option<KeyStoreSettings>,
        link: &LinkSettings,
    ) -> Result<Self, StartError> {
        let tls = tls::client_config(trust, identity).await?;
        let (credentials, token) = match &client.authentication {
            Authentication::Basic(basic) => (Credentials::Basic(basic.clone()), None),
            Authentication::OAuth(oauth) => {
                let rng = StdRng::from_rng(&mut rand::rng());
                let source = TokenSource::try_new(oauth, client.proxy.as_ref(), &tls, rng)?;
                let client_id = oauth.client_id.clone();
                (Credentials::Token { source: source.clone(), client_id }, Some(source))
            }
        };
        let dialer = Dialer::try_new(DialOptions {
            server_name: client.name.clone(),
            host_id: client.host_id.clone(),
            upgrade: client.upgrade.clone(),
            credentials,
            proxy: client.proxy.clone(),
            tls,
            connect_timeout: client.pool.connect_timeout,
            max_message_size: link.max_message_size,
            sub_protocol: SubProtocolCheck::Strict,
        })?;
        Ok(Self { dialer: Arc::new(dialer), token })
    }
}
