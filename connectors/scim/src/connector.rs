//! The connector as the framework sees it.

use std::sync::Arc;

use icf::operations::{
    CreateOp, DeleteOp, Lookup, SchemaOp, SearchOp, SyncOp, TestOp, UpdateAttributeValuesOp, UpdateOp,
    supported,
};
use icf::{
    AttributeSet, CallContext, ConfigurationHandle, Connector, DeltaSink, Filter, ObjectClass, ObjectSink,
    OperationOptions, Result, Schema, SyncToken, Uid, async_trait,
};

use crate::configuration::ScimConfiguration;
use crate::target::Target;
use crate::write::Change;
use crate::{model, search, selftest, sync, write};

/// The connector. All instances of a configuration share one [`Target`].
#[derive(Debug)]
pub(crate) struct ScimConnector {
    configuration: ConfigurationHandle<ScimConfiguration>,
}

impl ScimConnector {
    async fn target(&self) -> Result<Arc<Target>> {
        Target::of(&self.configuration).await
    }
}

#[async_trait]
impl Connector for ScimConnector {
    type Configuration = ScimConfiguration;

    async fn open(configuration: ConfigurationHandle<ScimConfiguration>, _cx: &CallContext) -> Result<Self> {
        Ok(Self { configuration })
    }
}

#[async_trait]
impl TestOp for ScimConnector {
    async fn test(&self, cx: &CallContext) -> Result<()> {
        selftest::test(cx, &*self.target().await?).await
    }
}

#[async_trait]
impl SchemaOp for ScimConnector {
    async fn schema(&self, cx: &CallContext) -> Result<Option<Schema>> {
        let target = self.target().await?;
        let found = target.fresh_model(&target.budget(cx)).await?;
        model::schema(&found, supported::<Self>()).map(Some)
    }
}

#[async_trait]
impl SearchOp for ScimConnector {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        search::search(cx, &*self.target().await?, class, filter, options, objects).await
    }

    async fn get(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<Lookup> {
        search::get(cx, &*self.target().await?, class, uid, options).await
    }
}

#[async_trait]
impl CreateOp for ScimConnector {
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        write::create(cx, &*self.target().await?, class, attributes).await.map(Some)
    }
}

#[async_trait]
impl UpdateOp for ScimConnector {
    async fn update(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        write::update(cx, &*self.target().await?, class, uid, attributes, Change::Replace).await.map(Some)
    }
}

#[async_trait]
impl UpdateAttributeValuesOp for ScimConnector {
    async fn add_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        write::update(cx, &*self.target().await?, class, uid, attributes, Change::Add).await.map(Some)
    }

    async fn remove_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        write::update(cx, &*self.target().await?, class, uid, attributes, Change::Remove).await.map(Some)
    }
}

#[async_trait]
impl DeleteOp for ScimConnector {
    async fn delete(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        _options: &OperationOptions,
    ) -> Result<()> {
        write::delete(cx, &*self.target().await?, class, uid).await
    }
}

#[async_trait]
impl SyncOp for ScimConnector {
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        sync::run(cx, &*self.target().await?, class, token, options, deltas).await
    }

    async fn latest_sync_token(&self, cx: &CallContext, _class: &ObjectClass) -> Result<Option<SyncToken>> {
        sync::latest_token(cx, &*self.target().await?).await.map(Some)
    }
}

icf::operations!(ScimConnector);
