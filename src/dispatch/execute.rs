//! One operation on one instance. The operations with rules of their own are in files of their own.

use icf::{
    ApiOperation, AttributeSet, CallContext, ConnectorError, Instance, ObjectClass, OperationOptions, Result,
    ResultsHandlerConfiguration, ScriptContext, Uid,
};
use icf_wire::rpc::Answer;

use super::arguments::Checked;
use super::normalize::Normal;
use super::outlet::Outlet;

/// What an operation runs with.
#[derive(Clone, Copy)]
pub(super) struct Execution<'a> {
    pub(super) instance: &'a dyn Instance,
    pub(super) cx: &'a CallContext,
    pub(super) handlers: ResultsHandlerConfiguration,
    pub(super) outlet: &'a dyn Outlet,
}

impl Execution<'_> {
    /// Runs an operation to its end.
    pub(super) async fn run(self, operation: Checked) -> Result<Answer> {
        match operation {
            Checked::Authenticate { class, username, password, options } => {
                let operation = supported(self.instance.authenticate_op(), ApiOperation::Authenticate)?;
                let uid = operation.authenticate(self.cx, &class, &username, &password, &options).await?;
                Ok(Answer::Uid(uid))
            }
            Checked::ResolveUsername { class, username, options } => {
                let operation =
                    supported(self.instance.resolve_username_op(), ApiOperation::ResolveUsername)?;
                Ok(Answer::Uid(operation.resolve_username(self.cx, &class, &username, &options).await?))
            }
            Checked::Create { class, attributes, options } => self.create(&class, attributes, &options).await,
            Checked::Delete { class, uid, options } => self.delete(&class, uid, &options).await,
            Checked::Update(update) => self.update(update).await,
            Checked::Get { class, uid, options } => {
                Ok(Answer::Object(self.get(&class, &uid, &options).await?.map(Box::new)))
            }
            Checked::Search { class, filter, options } => self.search(&class, filter, &options).await,
            Checked::Sync { class, token, options } => self.sync(&class, token.as_ref(), &options).await,
            Checked::LatestSyncToken { class } => {
                let operation = supported(self.instance.sync_op(), ApiOperation::Sync)?;
                Ok(Answer::LatestSyncToken(operation.latest_sync_token(self.cx, &class).await?))
            }
            Checked::Batch { tasks, options } => self.batch(tasks, &options).await,
            Checked::BatchQuery { token, options } => self.query_batch(&token, &options).await,
            Checked::SubscribeObjects { class, filter, options } => {
                self.subscribe_objects(&class, filter.as_ref(), &options).await
            }
            Checked::SubscribeChanges { class, token, options } => {
                self.subscribe_changes(&class, token.as_ref(), &options).await
            }
            Checked::Schema => {
                let operation = supported(self.instance.schema_op(), ApiOperation::Schema)?;
                Ok(Answer::Schema(operation.schema(self.cx).await?.map(Box::new)))
            }
            Checked::Test => {
                supported(self.instance.test_op(), ApiOperation::Test)?.test(self.cx).await?;
                Ok(Answer::Done)
            }
            Checked::ScriptOnConnector { script, options } => {
                self.script_on_connector(&script, &options).await
            }
            Checked::ScriptOnResource { script, options } => {
                let operation =
                    supported(self.instance.script_on_resource_op(), ApiOperation::ScriptOnResource)?;
                Ok(Answer::Value(operation.run_script_on_resource(self.cx, &script, &options).await?))
            }
        }
    }

    async fn create(
        self,
        class: &ObjectClass,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Answer> {
        let operation = supported(self.instance.create_op(), ApiOperation::Create)?;
        let normal = Normal::new(self.instance.normalizer(), class);
        let uid = operation.create(self.cx, class, normal.attributes(attributes), options).await?;
        Ok(Answer::Uid(uid.map(|uid| normal.uid(uid))))
    }

    async fn delete(self, class: &ObjectClass, uid: Uid, options: &OperationOptions) -> Result<Answer> {
        let operation = supported(self.instance.delete_op(), ApiOperation::Delete)?;
        let uid = Normal::new(self.instance.normalizer(), class).uid(uid);
        operation.delete(self.cx, class, &uid, options).await?;
        Ok(Answer::Done)
    }

    async fn script_on_connector(self, script: &ScriptContext, options: &OperationOptions) -> Result<Answer> {
        let Some(own) = self.instance.script_on_connector_op() else {
            let language = &script.script.language;
            return Err(ConnectorError::illegal_argument(format!("Language not supported: {language}")));
        };
        Ok(Answer::Value(own.run_script_on_connector(self.cx, script, options).await?))
    }
}

/// An operation of the connector, or the error that it has none.
pub(super) fn supported<T>(implemented: Option<T>, operation: ApiOperation) -> Result<T> {
    implemented.ok_or_else(|| operation.not_supported())
}
