//! The connector as the framework sees it. Each operation is handed to the module that does it.

use std::sync::Arc;

use icf::operations::{
    AuthenticateOp, CreateOp, DeleteOp, ResolveUsernameOp, SchemaOp, SearchOp, SyncOp, TestOp,
    UpdateAttributeValuesOp, UpdateOp,
};
use icf::probe::Operations as _;
use icf::writing::ValueChange;
use icf::{
    AttributeSet, CallContext, ConfigurationHandle, Connector, ConnectorError, DeltaSink, Filter,
    GuardedString, ObjectClass, ObjectSink, OperationOptions, OperationSet, Result, Schema, SyncToken, Uid,
    async_trait,
};

use crate::configuration::LdapConfiguration;
use crate::link::{Patience, Session};
use crate::search::Context;
use crate::{authenticate, search, selftest, sync, write};

/// The connector.
#[derive(Debug)]
pub(crate) struct LdapConnector {
    session: Session,
}

/// The operations of the connector.
pub(crate) fn supported() -> OperationSet {
    LdapConnector::supported()
}

impl LdapConnector {
    fn patience(&self, cx: &CallContext) -> Patience {
        Patience::of(cx, self.session.directory().settings.read_timeout)
    }
}

#[async_trait]
impl Connector for LdapConnector {
    type Configuration = LdapConfiguration;

    const POOLABLE: bool = true;

    async fn open(configuration: ConfigurationHandle<LdapConfiguration>, _cx: &CallContext) -> Result<Self> {
        let directory = configuration.get().directory()?;
        Ok(Self { session: Session::new(directory) })
    }

    async fn check_alive(&self) -> Result<()> {
        let patience = self.patience(&CallContext::new("check-alive"));
        self.session.check_alive(&patience).await.map_err(ConnectorError::from)
    }

    async fn dispose(&self) {
        let patience = self.patience(&CallContext::new("dispose"));
        self.session.close(&patience).await;
    }
}

#[async_trait]
impl TestOp for LdapConnector {
    async fn test(&self, cx: &CallContext) -> Result<()> {
        Ok(selftest::test(&self.session, &self.patience(cx)).await?)
    }
}

#[async_trait]
impl SchemaOp for LdapConnector {
    async fn schema(&self, cx: &CallContext) -> Result<Option<Schema>> {
        let directory = Arc::clone(self.session.directory());
        let mut link = self.session.main(&self.patience(cx)).await;
        Ok(Some(directory.schema(&mut link).await?.icf.clone()))
    }
}

#[async_trait]
impl SearchOp for LdapConnector {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        Ok(search::search(&self.session, cx, class, filter, options, objects).await?)
    }
}

#[async_trait]
impl AuthenticateOp for LdapConnector {
    async fn authenticate(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        password: &GuardedString,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if *class != ObjectClass::ACCOUNT {
            let text = format!("Only accounts can authenticate, not objects of the class {class}");
            return Err(ConnectorError::unsupported(text));
        }
        if password.is_empty() {
            // To a directory it would be an anonymous login, which succeeds.
            let text = format!("The password of '{username}' is empty");
            return Err(ConnectorError::invalid_password(text));
        }
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        Ok(Some(authenticate::authenticate(&context, &mut link, username, password, options).await?))
    }
}

#[async_trait]
impl ResolveUsernameOp for LdapConnector {
    async fn resolve_username(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        Ok(Some(authenticate::resolve(&context, &mut link, username, options).await?.uid))
    }
}

#[async_trait]
impl CreateOp for LdapConnector {
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        Ok(Some(write::create(&context, &mut link, &attributes, options).await?))
    }
}

#[async_trait]
impl UpdateOp for LdapConnector {
    async fn update(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        Ok(Some(write::update(&context, &mut link, uid, &attributes, options).await?))
    }
}

#[async_trait]
impl UpdateAttributeValuesOp for LdapConnector {
    async fn add_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        let change = ValueChange::Add;
        Ok(Some(write::change_values(&context, &mut link, uid, &attributes, options, change).await?))
    }

    async fn remove_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        let change = ValueChange::Remove;
        Ok(Some(write::change_values(&context, &mut link, uid, &attributes, options, change).await?))
    }
}

#[async_trait]
impl DeleteOp for LdapConnector {
    async fn delete(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<()> {
        let (context, mut link) = Context::new(&self.session, cx, class, options).await?;
        Ok(write::delete(&context, &mut link, uid, options).await?)
    }
}

#[async_trait]
impl SyncOp for LdapConnector {
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        Ok(sync::sync(&self.session, cx, class, token, options, deltas).await?)
    }

    async fn latest_sync_token(&self, cx: &CallContext, class: &ObjectClass) -> Result<Option<SyncToken>> {
        Ok(sync::latest(&self.session, cx, class).await?)
    }
}

icf::operations!(LdapConnector);
