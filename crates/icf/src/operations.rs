//! One trait per operation. A connector implements those its target can do; which ones it supports is derived from that
//! (see [`operations!`](crate::operations!)).
//!
//! Object classes, names and options arrive checked against the rules of the framework: a connector never sees
//! `__ALL__` outside of synchronisation, nor `__UID__` among attributes to write, nor absent options.

use async_trait::async_trait;

use crate::api::OperationSet;
use crate::attribute::AttributeSet;
use crate::batch::{BatchTask, BatchToken};
use crate::context::CallContext;
use crate::error::Result;
use crate::filter::Filter;
use crate::guarded::GuardedString;
use crate::name::ObjectClass;
use crate::object::{ConnectorObject, Uid};
use crate::options::OperationOptions;
use crate::schema::Schema;
use crate::script::ScriptContext;
use crate::sink::{BatchSink, DeltaSink, EventSink, ObjectSink};
use crate::sync::{SyncDelta, SyncToken};
use crate::value::Value;

/// Checks credentials.
#[async_trait]
pub trait AuthenticateOp: Send + Sync {
    /// Answers the identity of the user whose name and password are right.
    async fn authenticate(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        password: &GuardedString,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;
}

/// Writes several objects in one call.
#[async_trait]
pub trait BatchOp: Send + Sync {
    /// Runs the tasks in order and reports each outcome under the task's index.
    async fn execute_batch(
        &self,
        cx: &CallContext,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()>;

    /// Reports outcomes of an earlier batch.
    async fn query_batch(
        &self,
        cx: &CallContext,
        token: &BatchToken,
        options: &OperationOptions,
        outcomes: &mut BatchSink<'_>,
    ) -> Result<()>;
}

/// Reports objects as they appear at the target.
#[async_trait]
pub trait ConnectorEventSubscriptionOp: Send + Sync {
    /// Runs as long as the subscription: confirms it, then delivers events until the context is cancelled (the caller
    /// left) or the target has no more (return `Ok`).
    async fn subscribe_objects(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        events: &mut EventSink<'_, ConnectorObject>,
    ) -> Result<()>;
}

/// Creates objects.
#[async_trait]
pub trait CreateOp: Send + Sync {
    /// Creates an object and answers its identity.
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;
}

/// Deletes objects.
#[async_trait]
pub trait DeleteOp: Send + Sync {
    /// Deletes an object; `UnknownUidException` if there is none.
    async fn delete(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<()>;
}

/// Finds the identity of a user name.
#[async_trait]
pub trait ResolveUsernameOp: Send + Sync {
    /// Answers the identity; an unknown name is an error.
    async fn resolve_username(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;
}

/// Describes classes and attributes.
#[async_trait]
pub trait SchemaOp: Send + Sync {
    /// The schema of the target as it is now.
    async fn schema(&self, cx: &CallContext) -> Result<Option<Schema>>;
}

/// Runs scripts beside the connector.
#[async_trait]
pub trait ScriptOnConnectorOp: Send + Sync {
    /// Runs a script and answers its result.
    async fn run_script_on_connector(
        &self,
        cx: &CallContext,
        script: &ScriptContext,
        options: &OperationOptions,
    ) -> Result<Value>;
}

/// Runs scripts at the target.
#[async_trait]
pub trait ScriptOnResourceOp: Send + Sync {
    /// Runs a script and answers its result.
    async fn run_script_on_resource(
        &self,
        cx: &CallContext,
        script: &ScriptContext,
        options: &OperationOptions,
    ) -> Result<Value>;
}

/// What a connector's own [`SearchOp::get`] answers.
#[derive(Debug)]
pub enum Lookup {
    /// It has none; the framework searches.
    NotProvided,
    /// No such object.
    Missing,
    /// The object.
    Found(Box<ConnectorObject>),
}

/// Reads objects.
#[async_trait]
pub trait SearchOp: Send + Sync {
    /// Delivers the objects that match; all of the class without a filter.
    ///
    /// It may deliver more than matches, never less, and says with [`ObjectSink::declare_exact`] when it evaluates the
    /// whole filter itself.
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()>;

    /// Reads one object faster than a search for its identity could.
    async fn get(
        &self,
        _cx: &CallContext,
        _class: &ObjectClass,
        _uid: &Uid,
        _options: &OperationOptions,
    ) -> Result<Lookup> {
        Ok(Lookup::NotProvided)
    }
}

/// Reads changes.
#[async_trait]
pub trait SyncOp: Send + Sync {
    /// Delivers what changed since the token. What no token means is the connector's affair.
    async fn sync(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()>;

    /// The token of now; `None` if the target has no history yet.
    async fn latest_sync_token(&self, cx: &CallContext, class: &ObjectClass) -> Result<Option<SyncToken>>;
}

/// Reports changes as they happen.
#[async_trait]
pub trait SyncEventSubscriptionOp: Send + Sync {
    /// Runs as long as the subscription, as
    /// [`subscribe_objects`](ConnectorEventSubscriptionOp::subscribe_objects) does.
    async fn subscribe_changes(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        events: &mut EventSink<'_, SyncDelta>,
    ) -> Result<()>;
}

/// Checks that the target can be reached and used.
#[async_trait]
pub trait TestOp: Send + Sync {
    /// Succeeds if operations have a fair chance to succeed.
    async fn test(&self, cx: &CallContext) -> Result<()>;
}

/// Changes objects.
#[async_trait]
pub trait UpdateOp: Send + Sync {
    /// Replaces the values of the attributes given; no value list clears the attribute. Answers the identity, which may
    /// have changed.
    async fn update(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;
}

/// Adds and removes single values. Without it the framework reads, merges and replaces.
#[async_trait]
pub trait UpdateAttributeValuesOp: UpdateOp {
    /// Adds values.
    async fn add_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;

    /// Removes values.
    async fn remove_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>>;
}

/// The operations of a connector type, for a [`SchemaBuilder`](crate::SchemaBuilder).
#[must_use]
pub fn supported<C: crate::probe::Operations>() -> OperationSet {
    C::supported()
}
