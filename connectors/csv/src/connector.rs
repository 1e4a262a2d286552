//! The connector as the framework sees it. Each operation is handed to the module that does it, on a thread that may
//! block.

use std::sync::Arc;

use icf::operations::{
    AuthenticateOp, BatchOp, CreateOp, DeleteOp, Lookup, ResolveUsernameOp, SchemaOp, SearchOp, SyncOp,
    TestOp, UpdateAttributeValuesOp, UpdateOp, supported,
};
use icf::probe::Operations;
use icf::{
    AttributeSet, BatchSink, BatchTask, BatchToken, CallContext, ConfigurationHandle, Connector,
    ConnectorError, DeltaSink, Filter, GuardedString, ObjectClass, ObjectSink, OperationOptions, Result,
    Schema, SyncToken, Uid, async_trait,
};

use crate::handover::blocking;
use crate::profile::{OipConfiguration, PingConfiguration, ProfileConfiguration};
use crate::settings::Settings;
use crate::write::{Request, ValueChange};
use crate::{accounts, batch, schema, search, selftest, sync, write};

/// The connector, with the properties of one profile.
#[derive(Debug)]
pub(crate) struct CsvConnector<C: ProfileConfiguration> {
    configuration: ConfigurationHandle<C>,
}

impl<C: ProfileConfiguration> CsvConnector<C> {
    fn settings(&self) -> Result<Arc<Settings>> {
        Ok(Arc::new(self.configuration.get().settings()?))
    }

    async fn write(&self, class: &ObjectClass, request: Request) -> Result<Option<Uid>> {
        check_class(class)?;
        write::one(self.settings()?, request).await
    }
}

/// Only accounts live in a CSV file.
pub(crate) fn check_class(class: &ObjectClass) -> Result<()> {
    if *class == ObjectClass::ACCOUNT {
        return Ok(());
    }
    Err(ConnectorError::illegal_argument(format!(
        "Operation requires ObjectClass {}, received ObjectClass: {class}",
        ObjectClass::ACCOUNT
    )))
}

#[async_trait]
impl<C: ProfileConfiguration> Connector for CsvConnector<C> {
    type Configuration = C;

    async fn open(configuration: ConfigurationHandle<C>, _cx: &CallContext) -> Result<Self> {
        Ok(Self { configuration })
    }
}

#[async_trait]
impl<C: ProfileConfiguration> AuthenticateOp for CsvConnector<C> {
    async fn authenticate(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        password: &GuardedString,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        check_class(class)?;
        let (settings, cancellation) = (self.settings()?, cx.cancellation().clone());
        let (username, password) = (username.to_owned(), password.clone());
        let check = move || accounts::authenticate(&settings, &username, &password, &cancellation);
        Ok(Some(blocking(check).await?))
    }
}

#[async_trait]
impl<C: ProfileConfiguration> ResolveUsernameOp for CsvConnector<C> {
    async fn resolve_username(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        check_class(class)?;
        let (settings, cancellation) = (self.settings()?, cx.cancellation().clone());
        let username = username.to_owned();
        Ok(Some(blocking(move || accounts::resolve(&settings, &username, &cancellation)).await?))
    }
}

#[async_trait]
impl<C: ProfileConfiguration> SchemaOp for CsvConnector<C>
where
    Self: Operations,
{
    async fn schema(&self, _cx: &CallContext) -> Result<Option<Schema>> {
        let settings = self.settings()?;
        Ok(Some(blocking(move || schema::schema(&settings, supported::<Self>())).await?))
    }
}

#[async_trait]
impl<C: ProfileConfiguration> TestOp for CsvConnector<C> {
    async fn test(&self, _cx: &CallContext) -> Result<()> {
        let configuration = self.configuration.get();
        blocking(move || selftest::test(configuration.raw())).await
    }
}

#[async_trait]
impl<C: ProfileConfiguration> SearchOp for CsvConnector<C> {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        check_class(class)?;
        search::search(cx, self.settings()?, filter, options, objects).await
    }

    async fn get(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<Lookup> {
        check_class(class)?;
        search::get(cx, self.settings()?, uid, options).await
    }
}

#[async_trait]
impl<C: ProfileConfiguration> CreateOp for CsvConnector<C> {
    async fn create(
        &self,
        _cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.write(class, Request::Create(attributes)).await
    }
}

#[async_trait]
impl<C: ProfileConfiguration> UpdateOp for CsvConnector<C> {
    async fn update(
        &self,
        _cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.write(class, Request::change(uid, attributes, ValueChange::Set)).await
    }
}

#[async_trait]
impl<C: ProfileConfiguration> UpdateAttributeValuesOp for CsvConnector<C> {
    async fn add_attribute_values(
        &self,
        _cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.write(class, Request::change(uid, attributes, ValueChange::Set)).await
    }

    async fn remove_attribute_values(
        &self,
        _cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.write(class, Request::change(uid, attributes, ValueChange::Clear)).await
    }
}

#[async_trait]
impl<C: ProfileConfiguration> DeleteOp for CsvConnector<C> {
    async fn delete(
        &self,
        _cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        _options: &OperationOptions,
    ) -> Result<()> {
        self.write(class, Request::Delete(uid.clone())).await.map(drop)
    }
}

#[async_trait]
impl<C: ProfileConfiguration> BatchOp for CsvConnector<C> {
    async fn execute_batch(
        &self,
        _cx: &CallContext,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        batch::execute(self.settings()?, tasks, options.fail_on_error(), outcomes).await
    }

    async fn query_batch(
        &self,
        _cx: &CallContext,
        _token: &BatchToken,
        _options: &OperationOptions,
        _outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        // A batch is over when its call ends; there is nothing to ask for later.
        Ok(())
    }
}

#[async_trait]
impl<C: ProfileConfiguration> SyncOp for CsvConnector<C> {
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        check_class(class)?;
        sync::run(cx, self.settings()?, token, options, deltas).await
    }

    async fn latest_sync_token(&self, _cx: &CallContext, class: &ObjectClass) -> Result<Option<SyncToken>> {
        check_class(class)?;
        let settings = self.settings()?;
        Ok(Some(blocking(move || sync::latest_token(&settings)).await?))
    }
}

icf::operations!(CsvConnector<PingConfiguration>);
icf::operations!(CsvConnector<OipConfiguration>);
