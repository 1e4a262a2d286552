//! A connector on a directory, and short ways to call it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use icf::{
    Attribute, AttributeSet, BoundConfiguration, CallContext, ConnectorError, ConnectorObject, DeltaSink,
    ErrorKind, Filter, GuardedString, Instance, ObjectClass, ObjectSink, OperationOptions, Registration,
    Result, Schema, SearchResult, SyncDelta, SyncToken, Uid, Value, ValueArray, names,
};
use icf_connector_ldap::{Profile, registrations};
use icf_testkit::Collector;

use crate::slapd::{ADMIN, SECRET, SUFFIX, Slapd};

/// Properties, and the configuration made of them.
pub(crate) struct Ldap {
    properties: Vec<(&'static str, Value)>,
    bound: OnceLock<Arc<dyn BoundConfiguration>>,
    pub(crate) class: ObjectClass,
    pub(crate) options: OperationOptions,
}

pub(crate) fn registration() -> Registration {
    registrations(&[Profile::Ping], &BTreeMap::new()).pop().unwrap()
}

pub(crate) fn list<const N: usize>(texts: [&str; N]) -> Value {
    Value::Array(Box::new(ValueArray::of_strings(texts)))
}

pub(crate) fn secret(clear: &str) -> Value {
    Value::GuardedString(GuardedString::new(clear))
}

impl Ldap {
    /// A connector without a server.
    pub(crate) fn nowhere() -> Self {
        let properties = vec![("host", "127.0.0.1".into()), ("baseContexts", list([SUFFIX]))];
        let (class, options) = (ObjectClass::ACCOUNT, OperationOptions::default());
        Self { properties, bound: OnceLock::new(), class, options }
    }

    /// The administrator of a server.
    pub(crate) fn on(server: &Slapd) -> Self {
        Self::nowhere()
            .with("port", i32::from(server.port))
            .with("principal", ADMIN)
            .with("credentials", secret(SECRET))
    }

    /// Sets a property.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.properties.retain(|(known, _)| *known != name);
        self.properties.push((name, value.into()));
        self.bound = OnceLock::new();
        self
    }

    /// Another one with the same properties.
    pub(crate) fn copy(&self) -> Self {
        let (properties, class) = (self.properties.clone(), self.class.clone());
        Self { properties, bound: OnceLock::new(), class, options: self.options.clone() }
    }

    /// Works on another class from here on.
    pub(crate) fn of(mut self, class: &str) -> Self {
        self.class = ObjectClass::from(class);
        self
    }

    /// Calls with these options from here on.
    pub(crate) fn using(mut self, options: OperationOptions) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn bound(&self) -> &Arc<dyn BoundConfiguration> {
        self.bound.get_or_init(|| {
            let properties: Vec<_> = self.properties.iter().map(|(name, value)| (*name, value)).collect();
            registration().bind(&properties).unwrap()
        })
    }

    pub(crate) async fn instance(&self) -> Box<dyn Instance> {
        self.bound().open(&cx()).await.unwrap()
    }

    pub(crate) async fn test(&self) -> Result<()> {
        self.bound().open(&cx()).await?.test_op().unwrap().test(&cx()).await
    }

    pub(crate) async fn schema(&self) -> Schema {
        self.instance().await.schema_op().unwrap().schema(&cx()).await.unwrap().unwrap()
    }

    pub(crate) async fn search(&self, filter: Option<Filter>) -> Result<Found> {
        self.search_at_most(usize::MAX, filter).await
    }

    /// A search whose caller stops after some objects.
    pub(crate) async fn search_at_most(&self, most: usize, filter: Option<Filter>) -> Result<Found> {
        let mut collector = Collector::stopping_after(most);
        let mut sink = ObjectSink::new(&mut collector);
        let instance = self.instance().await;
        let search = instance.search_op().unwrap();
        let ended = search.search(&cx(), &self.class, filter.as_ref(), &self.options, &mut sink).await;
        let result = sink.into_result();
        Ok(Found { objects: collector.items, result, ended })
    }

    /// The objects that match; an error ends the test.
    pub(crate) async fn found(&self, filter: Filter) -> Vec<ConnectorObject> {
        let found = self.search(Some(filter)).await.unwrap();
        found.ended.unwrap();
        found.objects
    }

    /// First parts of the names of what matches, sorted.
    pub(crate) async fn rdns(&self, filter: Filter) -> Vec<String> {
        let objects = self.found(filter).await;
        let mut rdns: Vec<_> =
            objects.iter().map(|object| object.name.split(',').next().unwrap().to_owned()).collect();
        rdns.sort();
        rdns
    }

    /// The object of a name, with these attributes.
    pub(crate) async fn at(&self, dn: &str, attributes: &[&str]) -> Option<ConnectorObject> {
        let mut collector = Collector::new();
        let mut sink = ObjectSink::new(&mut collector);
        let instance = self.instance().await;
        let options = OperationOptions::default().with_attributes_to_get(attributes.iter().copied());
        let class = ObjectClass::from("__ANY__");
        let search = instance.search_op().unwrap();
        search.search(&cx(), &class, Some(&named(dn)), &options, &mut sink).await.unwrap();
        collector.items.pop()
    }

    /// The texts of an attribute of the entry of a name.
    pub(crate) async fn texts(&self, dn: &str, attribute: &str) -> Vec<String> {
        let object = self.at(dn, &[attribute]).await.unwrap_or_else(|| panic!("no entry {dn}"));
        texts(&object, attribute)
    }

    pub(crate) async fn uid(&self, dn: &str) -> String {
        self.at(dn, &[]).await.unwrap_or_else(|| panic!("no entry {dn}")).uid.value().to_owned()
    }

    pub(crate) async fn create(&self, attributes: AttributeSet) -> Result<String> {
        let instance = self.instance().await;
        let create = instance.create_op().unwrap();
        let uid = create.create(&cx(), &self.class, attributes, &self.options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn update(&self, uid: &str, attributes: AttributeSet) -> Result<String> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let update = instance.update_op().unwrap();
        let uid = update.update(&cx(), &self.class, &uid, attributes, &self.options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn add(&self, uid: &str, attribute: Attribute) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let values = instance.update_attribute_values_op().unwrap();
        values.add_attribute_values(&cx(), &self.class, &uid, vec![attribute].into(), &self.options).await
    }

    pub(crate) async fn remove(&self, uid: &str, attribute: Attribute) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let values = instance.update_attribute_values_op().unwrap();
        values.remove_attribute_values(&cx(), &self.class, &uid, vec![attribute].into(), &self.options).await
    }

    pub(crate) async fn delete(&self, uid: &str) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        instance.delete_op().unwrap().delete(&cx(), &self.class, &uid, &self.options).await
    }

    pub(crate) async fn authenticate(&self, name: &str, password: &str) -> Result<String> {
        let (instance, password) = (self.instance().await, GuardedString::new(password));
        let authenticate = instance.authenticate_op().unwrap();
        let uid = authenticate.authenticate(&cx(), &self.class, name, &password, &self.options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn resolve(&self, name: &str) -> Result<String> {
        let instance = self.instance().await;
        let resolve = instance.resolve_username_op().unwrap();
        let uid = resolve.resolve_username(&cx(), &self.class, name, &self.options).await?;
        Ok(uid.unwrap().value().to_owned())
    }
}

/// What a search delivered, and how it ended.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) objects: Vec<ConnectorObject>,
    pub(crate) result: Option<SearchResult>,
    pub(crate) ended: Result<()>,
}

impl Found {
    /// The cookie of the next page.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.result.as_ref()?.paged_results_cookie.clone()
    }
}

/// The context of a call; its limit is a guard, so that no test waits for ever.
pub(crate) fn cx() -> CallContext {
    let guard = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    CallContext::new("test").with_deadline(Some(guard))
}

pub(crate) fn person(number: usize) -> String {
    let branch = if number <= 200 { "People" } else { "Partners" };
    format!("uid=u{number:04},ou={branch},{SUFFIX}")
}

pub(crate) fn group(name: &str) -> String {
    format!("cn={name},ou=Groups,{SUFFIX}")
}

pub(crate) fn named(dn: &str) -> Filter {
    Filter::Equals(Attribute::single(names::NAME, dn))
}

pub(crate) fn equals(name: &str, value: impl Into<Value>) -> Filter {
    Filter::Equals(Attribute::single(name, value))
}

/// Attributes with one text each.
pub(crate) fn attributes<const N: usize>(pairs: [(&str, &str); N]) -> AttributeSet {
    pairs.into_iter().map(|(name, value)| Attribute::single(name, value)).collect()
}

/// A new person below `ou=People`.
pub(crate) fn newcomer(uid: &str) -> AttributeSet {
    let name = format!("uid={uid},ou=People,{SUFFIX}");
    attributes([("__NAME__", &name), ("cn", "New Comer"), ("sn", "Comer")])
}

pub(crate) fn texts(object: &ConnectorObject, name: &str) -> Vec<String> {
    let values = object.attribute(name).map(|attribute| attribute.values().to_vec()).unwrap_or_default();
    let mut texts: Vec<_> = values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
    texts.sort();
    texts
}

/// The kind and the text of a failure.
pub(crate) fn failure<T: std::fmt::Debug>(outcome: Result<T>) -> (ErrorKind, String) {
    let error: ConnectorError = outcome.unwrap_err();
    (error.kind().clone(), error.to_string())
}

/// What a synchronisation delivered.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) deltas: Vec<SyncDelta>,
    pub(crate) token: Value,
}

impl Ldap {
    pub(crate) async fn latest_token(&self) -> Value {
        let instance = self.instance().await;
        let token = instance.sync_op().unwrap().latest_sync_token(&cx(), &self.class).await.unwrap();
        token.map_or(Value::Null, |token| token.value().clone())
    }

    pub(crate) async fn sync(&self, token: impl Into<Value>) -> Result<Changes> {
        let token = match token.into() {
            Value::Null => None,
            value => Some(SyncToken::try_new(value).unwrap()),
        };
        let mut collector = Collector::new();
        let mut sink = DeltaSink::new(&mut collector);
        let instance = self.instance().await;
        instance
            .sync_op()
            .unwrap()
            .sync(&cx(), &self.class, token.as_ref(), &self.options, &mut sink)
            .await?;
        let token = sink.into_token();
        let token = token.map_or(Value::Null, |token| token.value().clone());
        Ok(Changes { deltas: collector.items, token })
    }
}
