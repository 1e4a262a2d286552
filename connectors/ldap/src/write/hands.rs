//! Who does what: the connector looks things up as itself and changes them as the user of the option `RUN_AS_USER`.

use icf::{ConnectorError, OperationOptions};
use tokio::sync::Mutex;

use crate::authenticate::{judge, resolve};
use crate::fault::{Fault, Result};
use crate::link::{Connection, Link, bind};
use crate::message::control::oid;
use crate::message::{Control, LdapResult, Request};
use crate::search::Context;
use crate::settings::Authentication;

/// Where a user's own connection is kept for the time of one operation.
#[derive(Debug, Default)]
pub(super) struct UserSlot(Mutex<Option<Connection>>);

/// The connections of one change.
pub(super) struct Hands<'l, 'a> {
    pub(super) service: &'l mut Link<'a>,
    user: Option<Link<'l>>,
    /// Sent with every change, when the server lets the connector act for others.
    act_as: Option<Control>,
}

impl<'l, 'a> Hands<'l, 'a> {
    /// The hands for a call with these options.
    pub(super) async fn new(
        context: &'l Context<'_>,
        service: &'l mut Link<'a>,
        slot: &'l UserSlot,
        options: &OperationOptions,
    ) -> Result<Self> {
        let Some((name, password)) = options.run_as() else {
            return Ok(Self { service, user: None, act_as: None });
        };
        let user = resolve(context, service, name, &OperationOptions::default()).await?;
        let directory = context.session.directory();
        let Some(password) = password else {
            let by_certificate = matches!(directory.settings.authentication, Authentication::External);
            if by_certificate && context.facts.supports(oid::PROXIED_AUTHORIZATION) {
                return Ok(Self { service, user: None, act_as: Some(Control::act_as(&user.dn)) });
            }
            return Err(Fault::Final(ConnectorError::configuration(
                "RUN_AS_USER needs RUN_WITH_PASSWORD; only a connector that authenticates by certificate can act for a user without",
            )));
        };
        let mut connection = directory.opener.connect(&directory.settings, &context.patience).await?;
        let result = bind(&mut connection, &user.dn, password, &[], &context.patience).await?;
        judge(context, &user, &result)?;
        *slot.0.lock().await = Some(connection);
        let link = Link::on(directory, &slot.0, &context.patience);
        let link = link.ok_or_else(|| Fault::general("The connection of the user is in use"))?;
        Ok(Self { service, user: Some(link), act_as: None })
    }

    /// Sends a change as the one who makes it.
    pub(super) async fn execute(
        &mut self,
        request: &Request<'_>,
        controls: &[Control],
        target: &str,
    ) -> Result<LdapResult> {
        match &mut self.user {
            Some(user) => user.execute(request, controls, target).await,
            None => self.service.execute(request, controls, target).await,
        }
    }

    /// What is sent with every change.
    pub(super) fn controls(&self, more: impl IntoIterator<Item = Control>) -> Vec<Control> {
        self.act_as.iter().cloned().chain(more).collect()
    }
}
