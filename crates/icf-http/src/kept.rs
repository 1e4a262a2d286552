//! What a connector keeps for as long as a configuration is in use, and what of it changes the configuration.

use std::future::Future;
use std::sync::Arc;

use icf::{Configuration, ConfigurationHandle, ConnectorError, GuardedString, Result};
use tokio::sync::OnceCell;

use crate::fault::Fault;
use crate::service::{Service, ServiceSettings};

struct Slot<T>(OnceCell<Arc<T>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

/// What all instances of a configuration share; opened by the first call, and by the next where that failed.
///
/// # Errors
/// Those of `open`.
pub async fn kept<C, T, F>(configuration: &ConfigurationHandle<C>, open: impl FnOnce() -> F) -> Result<Arc<T>>
where
    C: Configuration,
    T: Send + Sync + 'static,
    F: Future<Output = Result<T>>,
{
    let slot = configuration.state(Slot::<T>::default).ok_or_else(|| {
        ConnectorError::illegal_state("The state of the configuration belongs to another connector.")
    })?;
    slot.0.get_or_try_init(|| async { open().await.map(Arc::new) }).await.cloned()
}

impl Service {
    /// [`Service::open`] for a configuration: a refresh token that replaces the configured one is written into it, of
    /// which the caller is told.
    ///
    /// # Errors
    /// Settings that no client can be made of.
    pub async fn of<C: Configuration>(
        configuration: &ConfigurationHandle<C>,
        settings: ServiceSettings,
        refresh_token: fn(&mut C) -> &mut Option<GuardedString>,
    ) -> Result<Self, Fault> {
        let owner = configuration.downgrade();
        Self::open(settings, move |token| {
            let Some(configuration) = owner.upgrade() else { return false };
            tracing::info!("The service replaced the refresh token; the caller is told the new one.");
            configuration.update(|configuration| *refresh_token(configuration) = Some(token));
            true
        })
        .await
    }
}
