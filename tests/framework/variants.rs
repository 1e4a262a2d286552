//! Connectors that have what `K` lacks: updates of single values, a normalizer, a get of its own, batches,
//! subscriptions.

use icf::operations::{
    BatchOp, ConnectorEventSubscriptionOp, CreateOp, Lookup, SearchOp, SyncEventSubscriptionOp, SyncOp,
    UpdateAttributeValuesOp, UpdateOp,
};
use icf::{
    Attribute, AttributeNormalizer, AttributeSet, BatchSink, BatchTask, BatchToken, CallContext,
    ConfigurationHandle, Connector, ConnectorObject, DeltaSink, EventSink, Filter, Flow, ObjectClass,
    ObjectSink, OperationOptions, Result, SyncDelta, SyncToken, Uid, Value, async_trait,
};

use crate::k::{K, Settings};

macro_rules! around_k {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub(crate) struct $name(K<true>);

        #[async_trait]
        impl Connector for $name {
            type Configuration = Settings;
            const POOLABLE: bool = true;

            async fn open(configuration: ConfigurationHandle<Settings>, cx: &CallContext) -> Result<Self> {
                K::open(configuration, cx).await.map(Self)
            }
        }

        #[async_trait]
        impl UpdateOp for $name {
            async fn update(
                &self,
                cx: &CallContext,
                class: &ObjectClass,
                uid: &Uid,
                attributes: AttributeSet,
                options: &OperationOptions,
            ) -> Result<Option<Uid>> {
                self.0.update(cx, class, uid, attributes, options).await
            }
        }
    };
}

macro_rules! searches {
    ($name:ident) => {
        #[async_trait]
        impl SearchOp for $name {
            async fn search(
                &self,
                cx: &CallContext,
                class: &ObjectClass,
                filter: Option<&Filter>,
                options: &OperationOptions,
                objects: &mut ObjectSink<'_>,
            ) -> Result<()> {
                self.0.search(cx, class, filter, options, objects).await
            }
        }
    };
}

around_k! {
    /// Adds and removes values by itself.
    Values
}
searches!(Values);

#[async_trait]
impl UpdateAttributeValuesOp for Values {
    async fn add_attribute_values(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.0.world.seen().updates.push(("add", uid.clone(), attributes, options.clone()));
        Ok(Some(uid.clone()))
    }

    async fn remove_attribute_values(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.0.world.seen().updates.push(("remove", uid.clone(), attributes, options.clone()));
        Ok(Some(uid.clone()))
    }
}

icf::operations!(Values);

around_k! {
    /// Cannot search.
    WriteOnly
}

icf::operations!(WriteOnly);

around_k! {
    /// Compares in upper case.
    Upper
}
searches!(Upper);

impl AttributeNormalizer for Upper {
    fn normalize(&self, _: &ObjectClass, attribute: Attribute) -> Attribute {
        let upper = |value| if let Value::String(text) = value { text.to_uppercase().into() } else { value };
        let values = attribute.values.map(|values| values.into_iter().map(upper).collect());
        Attribute { values, ..attribute }
    }
}

#[async_trait]
impl CreateOp for Upper {
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let name = attributes.name().unwrap_or_default().to_owned();
        self.0.world.seen().updates.push((
            "create",
            Uid::try_new("none")?,
            attributes,
            OperationOptions::default(),
        ));
        Uid::try_new(name.to_lowercase()).map(Some)
    }
}

#[async_trait]
impl SyncOp for Upper {
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        self.0.sync(cx, class, token, options, deltas).await
    }

    async fn latest_sync_token(&self, cx: &CallContext, class: &ObjectClass) -> Result<Option<SyncToken>> {
        self.0.latest_sync_token(cx, class).await
    }
}

icf::operations!(Upper);

around_k! {
    /// Has a get of its own, which finds identities in whatever case.
    Getter
}

#[async_trait]
impl SearchOp for Getter {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        self.0.search(cx, class, filter, options, objects).await
    }

    async fn get(&self, _: &CallContext, _: &ObjectClass, uid: &Uid, _: &OperationOptions) -> Result<Lookup> {
        let objects = self.0.world.knobs().objects.clone();
        let found = objects.into_iter().find(|object| icf::same_name(object.uid.value(), uid.value()));
        Ok(found.map_or(Lookup::Missing, |object| Lookup::Found(Box::new(object))))
    }
}

icf::operations!(Getter);

around_k! {
    /// Runs batches.
    Batches
}
searches!(Batches);

#[async_trait]
impl CreateOp for Batches {
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.0.create(cx, class, attributes, options).await
    }
}

#[async_trait]
impl BatchOp for Batches {
    async fn execute_batch(
        &self,
        cx: &CallContext,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        icf::run_tasks(self, cx, tasks, options, outcomes).await
    }

    async fn query_batch(
        &self,
        _: &CallContext,
        token: &BatchToken,
        _: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        for (index, text) in token.tokens.iter().enumerate() {
            if outcomes.push(index, icf::BatchOutcome::Message(text.clone())).await? == Flow::Stop {
                break;
            }
        }
        outcomes.report(token.clone());
        Ok(())
    }
}

icf::operations!(Batches);

around_k! {
    /// Has subscriptions: confirms, then delivers every object (every change) once a second; ends after that if the
    /// filter is a presence.
    Events
}

impl Events {
    async fn deliver<T: Send>(
        &self,
        cx: &CallContext,
        items: Vec<T>,
        ends: bool,
        events: &mut EventSink<'_, T>,
    ) -> Result<()> {
        let _accepted = events.accepted().await?;
        for item in items {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if events.push(item).await? == Flow::Stop {
                return Ok(());
            }
        }
        if !ends {
            cx.cancellation().cancelled().await;
            self.0.world.seen().cancelled += 1;
        }
        Ok(())
    }
}

#[async_trait]
impl ConnectorEventSubscriptionOp for Events {
    async fn subscribe_objects(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        filter: Option<&Filter>,
        _: &OperationOptions,
        events: &mut EventSink<'_, ConnectorObject>,
    ) -> Result<()> {
        let objects = self.0.world.knobs().objects.clone();
        self.deliver(cx, objects, matches!(filter, Some(Filter::Presence(_))), events).await
    }
}

#[async_trait]
impl SyncEventSubscriptionOp for Events {
    async fn subscribe_changes(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        _: Option<&SyncToken>,
        _: &OperationOptions,
        events: &mut EventSink<'_, SyncDelta>,
    ) -> Result<()> {
        let deltas = self.0.world.knobs().deltas.clone();
        self.deliver(cx, deltas, true, events).await
    }
}

icf::operations!(Events);
