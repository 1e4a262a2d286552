//! The test connector.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use icf::filter::Queries;
use icf::operations::{CreateOp, DeleteOp, SchemaOp, SearchOp, SyncOp, TestOp, UpdateOp, supported};
use icf::{
    ApiOperation, Attribute, AttributeInfo, AttributeSet, CallContext, Configuration, ConfigurationHandle,
    Connector, ConnectorError, ConnectorObject, DeltaSink, Filter, Flow, ObjectClass, ObjectClassInfo,
    ObjectSink, OperationOptions, Result, Schema, SchemaBuilder, SyncToken, Uid, ValueType, async_trait,
    same_name,
};
use tokio::time::{Instant, sleep};

use crate::world::World;

#[derive(Clone, Debug, PartialEq, Configuration)]
#[icf(validate = Self::check)]
pub(crate) struct Settings {
    /// Name of the world it lives in.
    world: String,
    #[icf(required, display = "host.text")]
    pub(crate) host: Option<String>,
    #[icf(order = 2)]
    pub(crate) retries: i32,
    pub(crate) note: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { world: String::new(), host: Some("localhost".into()), retries: 3, note: Some("none".into()) }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        let world = World::find(&self.world);
        world.pass("validate");
        world.seen().validated += 1;
        let invalid = world.knobs().invalid.clone();
        invalid.map_or(Ok(()), |text| Err(ConnectorError::configuration(text)))
    }
}

/// `POOLABLE` as in its name.
pub(crate) struct K<const POOLABLE: bool> {
    pub(crate) world: Arc<World>,
    number: usize,
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Counts a call while it is inside the connector.
pub(crate) struct Inside(Arc<World>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.seen().inside -= 1;
    }
}

impl<const POOLABLE: bool> K<POOLABLE> {
    pub(crate) fn enter(&self, cx: &CallContext) -> Inside {
        let mut seen = self.world.seen();
        seen.inside += 1;
        seen.most_inside = seen.most_inside.max(seen.inside);
        seen.ran_on.push(self.number);
        seen.locales.push(cx.locale().to_string());
        let left = cx.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        seen.limits.push((left, cx.idle_limit()));
        Inside(Arc::clone(&self.world))
    }

    /// Takes as long as the world wants, unless the call is cancelled and the connector minds.
    async fn work(&self, cx: &CallContext) {
        let (work, stubborn) = {
            let knobs = self.world.knobs();
            (knobs.work, knobs.stubborn)
        };
        tokio::select! {
            () = sleep(work) => {}
            () = cx.cancellation().cancelled(), if !stubborn => self.world.seen().cancelled += 1,
        }
    }

    async fn deliver(
        &self,
        objects: Vec<ConnectorObject>,
        options: &OperationOptions,
        sink: &mut ObjectSink<'_>,
    ) -> Result<()> {
        self.world.seen().queries += 1;
        for (index, object) in objects.into_iter().enumerate() {
            let (gap, panics, obeys) = {
                let knobs = self.world.knobs();
                let gap = knobs.gaps.get(index).or_else(|| knobs.gaps.last()).copied();
                (gap, knobs.panic_after == Some(index), knobs.obeys_attributes)
            };
            assert!(!panics, "the connector was asked to panic");
            if let Some(gap) = gap {
                sleep(gap).await;
            }
            let object = if obeys { reduced(object, options) } else { object };
            if sink.push(object).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

fn reduced(mut object: ConnectorObject, options: &OperationOptions) -> ConnectorObject {
    if let Some(asked) = options.attributes_to_get().filter(|asked| !asked.is_empty()) {
        object.retain(|name| asked.iter().any(|asked| name.is(asked)));
    }
    object
}

#[async_trait]
impl<const POOLABLE: bool> Connector for K<POOLABLE> {
    type Configuration = Settings;
    const POOLABLE: bool = POOLABLE;

    async fn open(configuration: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        let world = World::find(&configuration.get().world);
        world.pass("open");
        {
            let mut knobs = world.knobs();
            if knobs.open_failures > 0 {
                knobs.open_failures -= 1;
                return Err(ConnectorError::connection_failed("nobody there"));
            }
        }
        let opening = world.knobs().opening;
        sleep(opening).await;
        let mut seen = world.seen();
        seen.opened += 1;
        seen.settings.push((*configuration.get()).clone());
        seen.handle = Some(configuration);
        drop(seen);
        Ok(Self { world, number: NEXT.fetch_add(1, Ordering::Relaxed) })
    }

    async fn check_alive(&self) -> Result<()> {
        self.world.pass("check_alive");
        let mut knobs = self.world.knobs();
        let answer = if knobs.dead.is_empty() { None } else { knobs.dead.remove(0) };
        answer.map_or(Ok(()), |kind| Err(ConnectorError::new(kind, "not alive")))
    }

    async fn dispose(&self) {
        self.world.pass("dispose");
        self.world.seen().disposed += 1;
    }
}

#[async_trait]
impl<const POOLABLE: bool> SearchOp for K<POOLABLE> {
    async fn search(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        let _inside = self.enter(cx);
        self.world.seen().searches.push((filter.cloned(), options.clone()));
        let (mut found, exact, two_queries, unknown, result) = {
            let knobs = self.world.knobs();
            (knobs.objects.clone(), knobs.exact, knobs.two_queries, knobs.unknown_uid, knobs.result.clone())
        };
        if unknown {
            return Err(ConnectorError::unknown_uid("no such object"));
        }
        if exact {
            objects.declare_exact();
            if let Some(Filter::Equals(Attribute { name, values: Some(values) })) = filter {
                let wanted = values.first().and_then(icf::Value::as_str).unwrap_or_default().to_owned();
                found.retain(|object| match name.as_str() {
                    "__UID__" => same_name(object.uid.value(), &wanted),
                    _ => same_name(&object.name, &wanted),
                });
            }
        }
        if let Some(result) = result {
            objects.report(result);
        }
        if !two_queries {
            return self.deliver(found, options, objects).await;
        }
        let again = found.iter().take(1).cloned().collect();
        let mut queries = Queries::new(vec![found, again], objects);
        while let Some((found, mut sink)) = queries.next() {
            self.deliver(found, options, &mut sink).await?;
            let end = sink.into_result();
            queries.report(end);
        }
        Ok(())
    }
}

#[async_trait]
impl<const POOLABLE: bool> CreateOp for K<POOLABLE> {
    async fn create(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let _inside = self.enter(cx);
        self.work(cx).await;
        self.world.seen().created += 1;
        Uid::try_new("u3").map(Some)
    }
}

#[async_trait]
impl<const POOLABLE: bool> DeleteOp for K<POOLABLE> {
    async fn delete(&self, cx: &CallContext, _: &ObjectClass, uid: &Uid, _: &OperationOptions) -> Result<()> {
        let _inside = self.enter(cx);
        self.world.knobs().objects.retain(|object| object.uid != *uid);
        Ok(())
    }
}

#[async_trait]
impl<const POOLABLE: bool> UpdateOp for K<POOLABLE> {
    async fn update(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let _inside = self.enter(cx);
        self.work(cx).await;
        self.world.seen().updates.push(("replace", uid.clone(), attributes, options.clone()));
        Ok(Some(uid.clone()))
    }
}

#[async_trait]
impl<const POOLABLE: bool> SyncOp for K<POOLABLE> {
    async fn sync(
        &self,
        cx: &CallContext,
        _: &ObjectClass,
        _: Option<&SyncToken>,
        _: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        let _inside = self.enter(cx);
        let (found, tokens) = {
            let knobs = self.world.knobs();
            (knobs.deltas.clone(), knobs.tokens.clone())
        };
        for delta in found {
            if deltas.push(delta).await? == Flow::Stop {
                break;
            }
        }
        for token in tokens {
            deltas.report(token);
        }
        Ok(())
    }

    async fn latest_sync_token(&self, _: &CallContext, _: &ObjectClass) -> Result<Option<SyncToken>> {
        Ok(self.world.knobs().tokens.last().cloned())
    }
}

#[async_trait]
impl<const POOLABLE: bool> TestOp for K<POOLABLE> {
    async fn test(&self, cx: &CallContext) -> Result<()> {
        let _inside = self.enter(cx);
        if self.world.knobs().panics_in == Some("blocking") {
            icf::blocking(|| -> Result<()> { panic!("the connector was asked to panic in blocking work") })
                .await?;
        }
        self.work(cx).await;
        Ok(())
    }
}

/// Accounts for everything, but for synchronisation.
fn schema(operations: icf::OperationSet) -> Result<Option<Schema>> {
    let info =
        ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![AttributeInfo::new("a", ValueType::String)])?;
    let builder = SchemaBuilder::new(operations).class(info);
    builder.without(ApiOperation::Sync, &ObjectClass::ACCOUNT).build().map(Some)
}

#[async_trait]
impl SchemaOp for K<true> {
    async fn schema(&self, _: &CallContext) -> Result<Option<Schema>> {
        schema(supported::<Self>())
    }
}

#[async_trait]
impl SchemaOp for K<false> {
    async fn schema(&self, _: &CallContext) -> Result<Option<Schema>> {
        schema(supported::<Self>())
    }
}

icf::operations!(K<true>);
icf::operations!(K<false>);
