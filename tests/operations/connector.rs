//! A connector that does what its arguments say.

use icf::operations::{BatchOp, CreateOp, SearchOp, TestOp};
use icf::{
    AttributeSet, BatchOutcome, BatchSink, BatchTask, BatchToken, CallContext, Configuration,
    ConfigurationHandle, Connector, ConnectorError, ConnectorKey, ConnectorObject, Filter, ObjectClass,
    ObjectSink, OperationOptions, Registration, Result, SearchResult, Uid, async_trait,
};

#[derive(Clone, Default, Configuration)]
pub(crate) struct Settings {}

pub(crate) struct Obedient;

icf::operations!(Obedient);

/// Under the key that the message vectors use.
pub(crate) fn registration() -> Registration {
    Registration::of::<Obedient>(ConnectorKey::new("b", "1", "c"))
}

#[async_trait]
impl Connector for Obedient {
    type Configuration = Settings;

    async fn open(_: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        Ok(Self)
    }
}

#[async_trait]
impl TestOp for Obedient {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl CreateOp for Obedient {
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if attributes.name() == Some("taken") {
            return Err(ConnectorError::already_exists("taken"));
        }
        Ok(Some(Uid::try_new("u1")?.with_revision("r")))
    }
}

#[async_trait]
impl SearchOp for Obedient {
    async fn search(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        if filter.is_some() {
            for name in ["n1", "n2"] {
                let object = ConnectorObject::new(class.clone(), Uid::try_new(name)?, name);
                let _ = objects.push(object).await?;
            }
        } else {
            objects.report(SearchResult::default());
        }
        Ok(())
    }
}

#[async_trait]
impl BatchOp for Obedient {
    async fn execute_batch(
        &self,
        _: &CallContext,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()> {
        for (index, task) in tasks.iter().enumerate() {
            let taken =
                matches!(task, BatchTask::Create { attributes, .. } if attributes.name() == Some("taken"));
            if taken && options.fail_on_error() {
                return Err(ConnectorError::already_exists("taken"));
            }
            let outcome = if taken {
                BatchOutcome::Failed(ConnectorError::already_exists("taken"))
            } else {
                BatchOutcome::Done(Some(Uid::try_new(format!("u{index}"))?))
            };
            let _ = outcomes.push(index, outcome).await?;
        }
        outcomes.report(BatchToken::default());
        Ok(())
    }

    async fn query_batch(
        &self,
        _: &CallContext,
        _: &BatchToken,
        _: &OperationOptions,
        _: &mut BatchSink<'_>,
    ) -> Result<()> {
        Ok(())
    }
}
