//! The links that a server opens: one pool for each URL, all made the same way.

use std::sync::Arc;

use icf_session::Session;
use rand::RngExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::dialling::Dialling;
use crate::config::{ClientSettings, PoolSettings, ServerUrl};
use crate::pool::{Control, DialedLinks, Pool, PoolOptions, PoolStatus};
use crate::token::TokenSource;

/// The links of a server in client mode.
#[derive(Debug)]
pub(super) struct Links {
    session: Session,
    dialling: Option<Dialling>,
    pools: Vec<Kept>,
    seen: watch::Sender<SeenPools>,
}

/// What can be watched of them.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenPools {
    /// The links to each URL.
    pub pools: Vec<watch::Receiver<PoolStatus>>,
    /// Where tokens come from, with OAuth.
    pub token: Option<TokenSource>,
}

#[derive(Debug)]
struct Kept {
    url: ServerUrl,
    control: Control,
    status: watch::Receiver<PoolStatus>,
}

impl Links {
    pub(super) fn new(session: Session) -> Self {
        Self { session, dialling: None, pools: Vec::new(), seen: watch::Sender::default() }
    }

    pub(super) fn seen(&self) -> watch::Receiver<SeenPools> {
        self.seen.subscribe()
    }

    /// Opens links this way from now on; those that there are get replaced.
    pub(super) fn redial(&mut self, dialling: Dialling, client: &ClientSettings) {
        for kept in &self.pools {
            kept.control.renew(self.opener(&dialling, &kept.url, client));
        }
        self.dialling = Some(dialling);
        self.publish();
    }

    pub(super) fn resize(&self, settings: &PoolSettings) {
        self.pools.iter().for_each(|kept| kept.control.resize(settings.clone()));
    }

    /// Takes the links to a URL out of use.
    pub(super) fn leave(&mut self, url: &ServerUrl) {
        self.pools.iter().filter(|kept| kept.url == *url).for_each(|kept| kept.control.leave());
        self.pools.retain(|kept| kept.url != *url);
        self.publish();
    }

    /// Begins with the links to a URL; the future keeps them until `stop`. None before it is known how to open them.
    pub(super) fn go_to(
        &mut self,
        url: &ServerUrl,
        client: &ClientSettings,
        stop: CancellationToken,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let opener = self.opener(self.dialling.as_ref()?, url, client);
        let seed = rand::rng().random();
        let options = PoolOptions { settings: client.pool.clone(), url: url.to_string(), seed };
        let pool = Pool::new(opener, options);
        self.pools.push(Kept { url: url.clone(), control: pool.control(), status: pool.status() });
        self.publish();
        Some(pool.run(stop))
    }

    fn opener(&self, dialling: &Dialling, url: &ServerUrl, client: &ClientSettings) -> DialedLinks {
        DialedLinks {
            dialer: Arc::clone(&dialling.dialer),
            url: url.clone(),
            session: self.session.clone(),
            server_name: client.name.clone(),
        }
    }

    fn publish(&self) {
        let pools = self.pools.iter().map(|kept| kept.status.clone()).collect();
        let token = self.dialling.as_ref().and_then(|dialling| dialling.token.clone());
        self.seen.send_replace(SeenPools { pools, token });
    }
}
