//! A connector on some service.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use icf::operations::Lookup;
use icf::{
    Attribute, AttributeSet, BoundConfiguration, CallContext, ConnectorError, ConnectorObject, DeltaSink,
    ErrorKind, Filter, GuardedString, Instance, ObjectClass, ObjectSink, OperationOptions, Registration,
    Result, Schema, SearchResult, SyncDelta, SyncToken, Uid, Value, option_names,
};
use icf_connector_scim::registrations;
use icf_testkit::Collector;
use icf_testkit::http::{assert_nothing_betrayed, never_logged};

/// All values of a changed configuration.
type Told = Vec<(&'static str, Value)>;

/// Properties, bound once, so that all calls share what the connector keeps.
pub(crate) struct Scim {
    bound: Arc<dyn BoundConfiguration>,
    /// Values of the configuration as told to the caller, one list for each change.
    pub(crate) changes: Arc<Mutex<Vec<Told>>>,
    limit: Option<Duration>,
}

pub(crate) fn registration() -> Registration {
    registrations(&BTreeMap::new()).pop().unwrap()
}

/// A secret; no test may find it in the log.
pub(crate) fn secret(clear: &str) -> Value {
    never_logged(clear);
    Value::GuardedString(GuardedString::new(clear))
}

/// The properties of a service with a fixed token.
pub(crate) fn token_properties(endpoint: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("SCIMEndpoint", endpoint.into()),
        ("SCIMVersion", 2.into()),
        ("authenticationMethod", "TOKEN".into()),
        ("authToken", secret("tok")),
    ]
}

/// The properties of a service with an OAuth client.
pub(crate) fn oauth_properties(base: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("SCIMEndpoint", format!("{base}/s").into()),
        ("SCIMVersion", 2.into()),
        ("authenticationMethod", "OAUTH".into()),
        ("grantType", "client_credentials".into()),
        ("tokenEndpoint", format!("{base}/token").into()),
        ("clientId", "client".into()),
        ("clientSecret", secret("secret")),
    ]
}

impl Drop for Scim {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_nothing_betrayed();
        }
    }
}

impl Scim {
    pub(crate) fn new(properties: &[(&'static str, Value)]) -> Self {
        Self::try_new(properties).unwrap()
    }

    pub(crate) fn try_new(properties: &[(&'static str, Value)]) -> Result<Self> {
        // A later value takes the place of an earlier one.
        let last: BTreeMap<&str, &Value> = properties.iter().map(|(name, value)| (*name, value)).collect();
        let list: Vec<_> = last.into_iter().collect();
        let bound = registration().bind(&list)?;
        let changes: Arc<Mutex<Vec<_>>> = Arc::default();
        let told = Arc::clone(&changes);
        bound.on_change(Box::new(move |values| told.lock().unwrap().push(values)));
        Ok(Self { bound, changes, limit: None })
    }

    /// A connector with a fixed token.
    pub(crate) fn at(endpoint: &str) -> Self {
        Self::new(&token_properties(endpoint))
    }

    /// The same with more properties.
    pub(crate) fn with(endpoint: &str, more: &[(&'static str, Value)]) -> Self {
        let mut properties = token_properties(endpoint);
        properties.extend_from_slice(more);
        Self::new(&properties)
    }

    /// Every call has a deadline.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(crate) fn cx(&self) -> CallContext {
        CallContext::new("test").with_deadline(self.limit.map(|limit| tokio::time::Instant::now() + limit))
    }

    pub(crate) fn validate(&self) -> Result<()> {
        self.bound.validate()
    }

    pub(crate) async fn instance(&self) -> Box<dyn Instance> {
        self.bound.open(&self.cx()).await.unwrap()
    }

    pub(crate) async fn test(&self) -> Result<()> {
        self.instance().await.test_op().unwrap().test(&self.cx()).await
    }

    pub(crate) async fn schema(&self) -> Result<Schema> {
        Ok(self.instance().await.schema_op().unwrap().schema(&self.cx()).await?.unwrap())
    }

    pub(crate) async fn search(
        &self,
        class: &str,
        filter: Option<Filter>,
        options: &OperationOptions,
    ) -> Result<Found> {
        self.search_at_most(usize::MAX, class, filter, options).await
    }

    pub(crate) async fn search_at_most(
        &self,
        most: usize,
        class: &str,
        filter: Option<Filter>,
        options: &OperationOptions,
    ) -> Result<Found> {
        let mut collector = Collector::stopping_after(most);
        let mut sink = ObjectSink::new(&mut collector);
        let instance = self.instance().await;
        let search = instance.search_op().unwrap();
        search.search(&self.cx(), &class.into(), filter.as_ref(), options, &mut sink).await?;
        let result = sink.into_result().unwrap_or_default();
        assert!(collector.exact, "every filter is judged by the connector");
        Ok(Found { objects: collector.items, result })
    }

    pub(crate) async fn users(&self) -> Result<Vec<ConnectorObject>> {
        Ok(self.search("__ACCOUNT__", None, &OperationOptions::default()).await?.objects)
    }

    /// Identities of the users that match.
    pub(crate) async fn find(&self, filter: Filter) -> Vec<String> {
        let found = self.search("__ACCOUNT__", Some(filter), &OperationOptions::default()).await.unwrap();
        uids(&found.objects)
    }

    pub(crate) async fn get(&self, class: &str, uid: &str) -> Result<Option<ConnectorObject>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let search = instance.search_op().unwrap();
        match search.get(&self.cx(), &class.into(), &uid, &OperationOptions::default()).await? {
            Lookup::Found(object) => Ok(Some(*object)),
            Lookup::Missing => Ok(None),
            Lookup::NotProvided => panic!("the connector has a get of its own"),
        }
    }

    pub(crate) async fn create(&self, class: &str, attributes: AttributeSet) -> Result<String> {
        let instance = self.instance().await;
        let options = OperationOptions::default();
        let create = instance.create_op().unwrap();
        let uid = create.create(&self.cx(), &class.into(), attributes, &options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn update(&self, class: &str, uid: &str, attributes: AttributeSet) -> Result<String> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let options = OperationOptions::default();
        let update = instance.update_op().unwrap();
        let uid = update.update(&self.cx(), &class.into(), &uid, attributes, &options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn add(&self, class: &str, uid: &str, attributes: AttributeSet) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let (values, options) = (instance.update_attribute_values_op().unwrap(), OperationOptions::default());
        values.add_attribute_values(&self.cx(), &class.into(), &uid, attributes, &options).await
    }

    pub(crate) async fn remove(
        &self,
        class: &str,
        uid: &str,
        attributes: AttributeSet,
    ) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let (values, options) = (instance.update_attribute_values_op().unwrap(), OperationOptions::default());
        values.remove_attribute_values(&self.cx(), &class.into(), &uid, attributes, &options).await
    }

    pub(crate) async fn delete(&self, class: &str, uid: &str) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let delete = instance.delete_op().unwrap();
        delete.delete(&self.cx(), &class.into(), &uid, &OperationOptions::default()).await
    }

    pub(crate) async fn latest_token(&self) -> Result<String> {
        let instance = self.instance().await;
        let token = instance.sync_op().unwrap().latest_sync_token(&self.cx(), &ObjectClass::ACCOUNT).await?;
        Ok(token.unwrap().value().as_str().unwrap().to_owned())
    }

    /// Changes, and the token after them.
    pub(crate) async fn sync(&self, class: &str, token: &str) -> Result<(Vec<SyncDelta>, String)> {
        let token = SyncToken::try_new(token).unwrap();
        let mut collector = Collector::new();
        let mut sink = DeltaSink::new(&mut collector);
        let instance = self.instance().await;
        let (sync, options) = (instance.sync_op().unwrap(), OperationOptions::default());
        sync.sync(&self.cx(), &class.into(), Some(&token), &options, &mut sink).await?;
        let token = sink.into_token().unwrap().value().as_str().unwrap().to_owned();
        Ok((collector.items, token))
    }
}

/// What a search delivered.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) objects: Vec<ConnectorObject>,
    pub(crate) result: SearchResult,
}

pub(crate) fn uids(objects: &[ConnectorObject]) -> Vec<String> {
    objects.iter().map(|object| object.uid.value().to_owned()).collect()
}

/// Attributes with one value each.
pub(crate) fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> AttributeSet {
    pairs.into_iter().map(|(name, value)| Attribute::single(name, value)).collect()
}

/// Attributes with one text each.
pub(crate) fn texts<const N: usize>(pairs: [(&str, &str); N]) -> AttributeSet {
    attributes(pairs.map(|(name, value)| (name, value.into())))
}

/// An attribute with these texts.
pub(crate) fn list(name: &str, values: &[&str]) -> AttributeSet {
    AttributeSet::new().with(Attribute::new(name, values.iter().map(|value| (*value).into()).collect()))
}

/// The text of an attribute; `None` if the object lacks it.
pub(crate) fn text<'a>(object: &'a ConnectorObject, name: &str) -> Option<&'a str> {
    object.attribute(name).and_then(Attribute::as_str)
}

/// The kind and the text of a failure.
pub(crate) fn failure<T: std::fmt::Debug>(outcome: Result<T>) -> (ErrorKind, String) {
    let error: ConnectorError = outcome.unwrap_err();
    (error.kind().clone(), error.to_string())
}

pub(crate) fn kind<T: std::fmt::Debug>(outcome: Result<T>) -> ErrorKind {
    failure(outcome).0
}

pub(crate) fn page(size: i32) -> OperationOptions {
    OperationOptions::default().with(option_names::PAGE_SIZE, size)
}

pub(crate) fn equals(name: &str, value: impl Into<Value>) -> Filter {
    Filter::Equals(Attribute::single(name, value))
}

pub(crate) fn no_options() -> OperationOptions {
    OperationOptions::default()
}
