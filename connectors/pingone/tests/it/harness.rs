//! A connector on an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use icf::operations::Lookup;
use icf::{
    Attribute, AttributeSet, BoundConfiguration, CallContext, ConnectorObject, ErrorKind, Filter,
    GuardedString, Instance, ObjectSink, OperationOptions, Registration, Result, SearchResult, Uid, Value,
    ValueMap,
};
use icf_connector_pingone::registrations;
use icf_testkit::Collector;
use icf_testkit::http::{assert_nothing_betrayed, never_logged};

use crate::fake::{ENV, PingOne};

/// Properties, bound once.
pub(crate) struct Connector {
    bound: Arc<dyn BoundConfiguration>,
}

pub(crate) fn registration() -> Registration {
    registrations(&BTreeMap::new()).pop().unwrap()
}

/// A secret; no test may find it in the log.
pub(crate) fn secret(clear: &str) -> Value {
    never_logged(clear);
    Value::GuardedString(GuardedString::new(clear))
}

pub(crate) fn properties(root: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("serviceUri", root.into()),
        ("environmentId", ENV.into()),
        ("tokenEndpoint", format!("{root}/{ENV}/as/token").into()),
        ("clientId", "client".into()),
        ("clientSecret", secret("secret")),
        ("grantType", "client_credentials".into()),
    ]
}

impl Drop for Connector {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_nothing_betrayed();
        }
    }
}

impl Connector {
    pub(crate) fn new(properties: &[(&'static str, Value)]) -> Self {
        let last: BTreeMap<&str, &Value> = properties.iter().map(|(name, value)| (*name, value)).collect();
        let list: Vec<_> = last.into_iter().collect();
        Self { bound: registration().bind(&list).unwrap() }
    }

    pub(crate) fn on(pingone: &PingOne) -> Self {
        Self::with(pingone, &[])
    }

    pub(crate) fn with(pingone: &PingOne, more: &[(&'static str, Value)]) -> Self {
        let mut properties = properties(&pingone.service.url(""));
        properties.extend_from_slice(more);
        Self::new(&properties)
    }

    pub(crate) fn validate(&self) -> Result<()> {
        self.bound.validate()
    }

    pub(crate) async fn instance(&self) -> Box<dyn Instance> {
        self.bound.open(&cx()).await.unwrap()
    }

    pub(crate) async fn test(&self) -> Result<()> {
        self.instance().await.test_op().unwrap().test(&cx()).await
    }

    pub(crate) async fn create(&self, class: &str, set: AttributeSet) -> Result<String> {
        let instance = self.instance().await;
        let options = OperationOptions::default();
        let uid = instance.create_op().unwrap().create(&cx(), &class.into(), set, &options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn update(&self, class: &str, uid: &str, set: AttributeSet) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let options = OperationOptions::default();
        instance.update_op().unwrap().update(&cx(), &class.into(), &uid, set, &options).await.map(drop)
    }

    pub(crate) async fn add(&self, class: &str, uid: &str, set: AttributeSet) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let (values, options) = (instance.update_attribute_values_op().unwrap(), OperationOptions::default());
        values.add_attribute_values(&cx(), &class.into(), &uid, set, &options).await.map(drop)
    }

    pub(crate) async fn delete(&self, class: &str, uid: &str) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let options = OperationOptions::default();
        instance.delete_op().unwrap().delete(&cx(), &class.into(), &uid, &options).await
    }

    pub(crate) async fn search(
        &self,
        class: &str,
        filter: Option<Filter>,
        options: &OperationOptions,
    ) -> Result<Found> {
        let mut collector = Collector::new();
        let mut sink = ObjectSink::new(&mut collector);
        let instance = self.instance().await;
        instance
            .search_op()
            .unwrap()
            .search(&cx(), &class.into(), filter.as_ref(), options, &mut sink)
            .await?;
        let result = sink.into_result().unwrap_or_default();
        assert!(collector.exact, "every filter is judged by the connector");
        Ok(Found { objects: collector.items, result })
    }

    pub(crate) async fn find(&self, class: &str, filter: Filter) -> Vec<String> {
        uids(&self.search(class, Some(filter), &OperationOptions::default()).await.unwrap().objects)
    }

    pub(crate) async fn get(&self, class: &str, uid: &str, wanted: &[&str]) -> Option<ConnectorObject> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let options = OperationOptions::default().with_attributes_to_get(wanted.iter().copied());
        match instance.search_op().unwrap().get(&cx(), &class.into(), &uid, &options).await.unwrap() {
            Lookup::Found(object) => Some(*object),
            Lookup::Missing => None,
            Lookup::NotProvided => panic!("the connector has a get of its own"),
        }
    }
}

/// What a search delivered.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) objects: Vec<ConnectorObject>,
    pub(crate) result: SearchResult,
}

pub(crate) fn cx() -> CallContext {
    CallContext::new("request-1")
}

pub(crate) fn uids(objects: &[ConnectorObject]) -> Vec<String> {
    objects.iter().map(|object| object.uid.value().to_owned()).collect()
}

pub(crate) fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> AttributeSet {
    pairs.into_iter().map(|(name, value)| Attribute::single(name, value)).collect()
}

pub(crate) fn texts<const N: usize>(pairs: [(&str, &str); N]) -> AttributeSet {
    attributes(pairs.map(|(name, value)| (name, value.into())))
}

pub(crate) fn list(name: &str, values: &[&str]) -> AttributeSet {
    AttributeSet::new().with(Attribute::new(name, values.iter().map(|value| (*value).into()).collect()))
}

pub(crate) fn map(pairs: &[(&str, Value)]) -> Value {
    let mut map = ValueMap::default();
    for (key, value) in pairs {
        map = map.with(*key, value.clone());
    }
    Value::Map(map)
}

pub(crate) fn equals(name: &str, value: impl Into<Value>) -> Filter {
    Filter::Equals(Attribute::single(name, value))
}

pub(crate) fn failure<T: std::fmt::Debug>(outcome: Result<T>) -> (ErrorKind, String) {
    let error = outcome.unwrap_err();
    (error.kind().clone(), error.to_string())
}

pub(crate) fn kind<T: std::fmt::Debug>(outcome: Result<T>) -> ErrorKind {
    failure(outcome).0
}
