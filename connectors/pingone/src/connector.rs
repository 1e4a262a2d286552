//! The connector as the framework sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use icf::operations::{
    CreateOp, DeleteOp, Lookup, SchemaOp, SearchOp, TestOp, UpdateAttributeValuesOp, UpdateOp, supported,
};
use icf::{
    AttributeSet, CallContext, ConfigurationHandle, Connector, Filter, ObjectClass, ObjectSink,
    OperationOptions, Result, Schema, Uid, async_trait,
};

use crate::class::Class;
use crate::configuration::PingOneConfiguration;
use crate::refusal::{Doing, Refusal};
use crate::target::Target;
use crate::write::Change;
use crate::{schema, search, write};

/// The connector. All instances of a configuration share one [`Target`].
#[derive(Debug)]
pub(crate) struct PingOneConnector {
    configuration: ConfigurationHandle<PingOneConfiguration>,
}

impl PingOneConnector {
    async fn target(&self) -> Result<Arc<Target>> {
        Target::of(&self.configuration).await
    }

    async fn change(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        change: Change,
    ) -> Result<Option<Uid>> {
        write::update(cx, &*self.target().await?, Class::of(class)?, uid, attributes, change).await.map(Some)
    }
}

#[async_trait]
impl Connector for PingOneConnector {
    type Configuration = PingOneConfiguration;

    async fn open(
        configuration: ConfigurationHandle<PingOneConfiguration>,
        _cx: &CallContext,
    ) -> Result<Self> {
        Ok(Self { configuration })
    }
}

#[async_trait]
impl TestOp for PingOneConnector {
    async fn test(&self, cx: &CallContext) -> Result<()> {
        let target = self.target().await?;
        let call = target.call(cx);
        let answer = target.get(&call, target.url(&[], &[])?).await?;
        let answer = match answer.status.as_u16() {
            // The application need not be allowed to read the environment itself.
            403 => target.get(&call, target.url(&["users"], &[("limit", "1".to_owned())])?).await?,
            _ => answer,
        };
        if answer.is_success() { Ok(()) } else { Err(Refusal::of(&answer).into_error(Doing::Testing)) }
    }
}

#[async_trait]
impl SchemaOp for PingOneConnector {
    async fn schema(&self, cx: &CallContext) -> Result<Option<Schema>> {
        let target = self.target().await?;
        let none = BTreeMap::new();
        let call = target.call(cx);
        let custom = match target.custom_attributes(&call).await {
            Ok(custom) => custom,
            Err(error) => {
                tracing::warn!(%error, "The environment's own attributes cannot be read; the schema is without them.");
                &none
            }
        };
        schema::schema(custom, target.settings.expand_nested, supported::<Self>()).map(Some)
    }
}

#[async_trait]
impl SearchOp for PingOneConnector {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        search::search(cx, &*self.target().await?, Class::of(class)?, filter, options, objects).await
    }

    async fn get(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<Lookup> {
        search::get(cx, &*self.target().await?, Class::of(class)?, uid, options).await
    }
}

#[async_trait]
impl CreateOp for PingOneConnector {
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        write::create(cx, &*self.target().await?, Class::of(class)?, attributes).await.map(Some)
    }
}

#[async_trait]
impl UpdateOp for PingOneConnector {
    async fn update(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.change(cx, class, uid, attributes, Change::Replace).await
    }
}

#[async_trait]
impl UpdateAttributeValuesOp for PingOneConnector {
    async fn add_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.change(cx, class, uid, attributes, Change::Add).await
    }

    async fn remove_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.change(cx, class, uid, attributes, Change::Remove).await
    }
}

#[async_trait]
impl DeleteOp for PingOneConnector {
    async fn delete(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        _options: &OperationOptions,
    ) -> Result<()> {
        write::delete(cx, &*self.target().await?, Class::of(class)?, uid).await
    }
}

icf::operations!(PingOneConnector);
