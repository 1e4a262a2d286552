//! A CSV file in a directory of its own and a connector on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use icf::operations::Lookup;
use icf::{
    Attribute, AttributeSet, BatchOutcome, BatchSink, BatchTask, CallContext, ConnectorError,
    ConnectorObject, DeltaSink, ErrorKind, Filter, GuardedString, Instance, ObjectClass, ObjectSink,
    OperationOptions, Registration, Result, Schema, SearchResult, SyncDelta, SyncToken, Uid, Value,
    option_names,
};
use icf_connector_csv::{Profile, registrations};
use icf_testkit::Collector;
use tempfile::TempDir;

/// The header most cases of the specification use.
pub(crate) const H: &str = "firstName,uid,lastName,password\n";

/// A file, a profile and properties.
pub(crate) struct Csv {
    pub(crate) directory: TempDir,
    profile: Profile,
    properties: Vec<(&'static str, Value)>,
}

pub(crate) fn registration(profile: Profile) -> Registration {
    registrations(&[profile], &BTreeMap::new()).pop().unwrap()
}

impl Csv {
    /// A file under the profile of the Open Identity Platform.
    pub(crate) fn oip(content: impl AsRef<[u8]>) -> Self {
        Self::of(Profile::Oip, content)
    }

    /// A file under the profile of Ping Identity.
    pub(crate) fn ping(content: impl AsRef<[u8]>) -> Self {
        Self::of(Profile::Ping, content)
    }

    fn of(profile: Profile, content: impl AsRef<[u8]>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, content).unwrap();
        let file = Value::File(path.to_string_lossy().into_owned());
        Self { directory, profile, properties: vec![("csvFile", file)] }
    }

    /// Sets a property.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.properties.retain(|(known, _)| *known != name);
        self.properties.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("t.csv")
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    pub(crate) fn set_text(&self, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(), text).unwrap();
    }

    /// The names in the directory, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        names_in(self.directory.path())
    }

    pub(crate) fn validate(&self) -> Result<()> {
        self.bound().validate()
    }

    fn bound(&self) -> std::sync::Arc<dyn icf::BoundConfiguration> {
        let properties: Vec<_> = self.properties.iter().map(|(name, value)| (*name, value)).collect();
        registration(self.profile).bind(&properties).unwrap()
    }

    pub(crate) async fn instance(&self) -> Box<dyn Instance> {
        self.bound().open(&cx()).await.unwrap()
    }

    pub(crate) async fn schema(&self) -> Result<Schema> {
        Ok(self.instance().await.schema_op().unwrap().schema(&cx()).await?.unwrap())
    }

    pub(crate) async fn test(&self) -> Result<()> {
        self.instance().await.test_op().unwrap().test(&cx()).await
    }

    pub(crate) async fn all(&self) -> Result<Vec<ConnectorObject>> {
        Ok(self.search(None, &OperationOptions::default()).await?.objects)
    }

    pub(crate) async fn uids(&self, filter: Filter) -> Vec<String> {
        let found = self.search(Some(filter), &OperationOptions::default()).await.unwrap();
        uids(&found.objects)
    }

    pub(crate) async fn search(&self, filter: Option<Filter>, options: &OperationOptions) -> Result<Found> {
        self.search_at_most(usize::MAX, filter, options).await
    }

    /// A search whose caller stops after some objects.
    pub(crate) async fn search_at_most(
        &self,
        most: usize,
        filter: Option<Filter>,
        options: &OperationOptions,
    ) -> Result<Found> {
        let mut collector = Collector::stopping_after(most);
        let mut sink = ObjectSink::new(&mut collector);
        let instance = self.instance().await;
        let search = instance.search_op().unwrap();
        search.search(&cx(), &ObjectClass::ACCOUNT, filter.as_ref(), options, &mut sink).await?;
        let result = sink.into_result().unwrap();
        Ok(Found { objects: collector.items, result, exact: collector.exact })
    }

    pub(crate) async fn get(&self, uid: &str) -> Result<Option<ConnectorObject>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let search = instance.search_op().unwrap();
        match search.get(&cx(), &ObjectClass::ACCOUNT, &uid, &OperationOptions::default()).await? {
            Lookup::Found(object) => Ok(Some(*object)),
            Lookup::Missing => Ok(None),
            Lookup::NotProvided => panic!("the connector has a get of its own"),
        }
    }

    pub(crate) async fn create(&self, attributes: AttributeSet) -> Result<String> {
        let instance = self.instance().await;
        let create = instance.create_op().unwrap();
        let uid =
            create.create(&cx(), &ObjectClass::ACCOUNT, attributes, &OperationOptions::default()).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn update(&self, uid: &str, attributes: AttributeSet) -> Result<String> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let update = instance.update_op().unwrap();
        let uid = update
            .update(&cx(), &ObjectClass::ACCOUNT, &uid, attributes, &OperationOptions::default())
            .await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn add(&self, uid: &str, attributes: AttributeSet) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let values = instance.update_attribute_values_op().unwrap();
        let options = OperationOptions::default();
        values.add_attribute_values(&cx(), &ObjectClass::ACCOUNT, &uid, attributes, &options).await
    }

    pub(crate) async fn remove(&self, uid: &str, attributes: AttributeSet) -> Result<Option<Uid>> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let values = instance.update_attribute_values_op().unwrap();
        let options = OperationOptions::default();
        values.remove_attribute_values(&cx(), &ObjectClass::ACCOUNT, &uid, attributes, &options).await
    }

    pub(crate) async fn delete(&self, uid: &str) -> Result<()> {
        let (instance, uid) = (self.instance().await, Uid::try_new(uid).unwrap());
        let delete = instance.delete_op().unwrap();
        delete.delete(&cx(), &ObjectClass::ACCOUNT, &uid, &OperationOptions::default()).await
    }

    pub(crate) async fn authenticate(&self, name: &str, password: &str) -> Result<String> {
        let instance = self.instance().await;
        let password = GuardedString::new(password);
        let authenticate = instance.authenticate_op().unwrap();
        let options = OperationOptions::default();
        let uid = authenticate.authenticate(&cx(), &ObjectClass::ACCOUNT, name, &password, &options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn resolve(&self, name: &str) -> Result<String> {
        let instance = self.instance().await;
        let resolve = instance.resolve_username_op().unwrap();
        let options = OperationOptions::default();
        let uid = resolve.resolve_username(&cx(), &ObjectClass::ACCOUNT, name, &options).await?;
        Ok(uid.unwrap().value().to_owned())
    }

    pub(crate) async fn batch(
        &self,
        tasks: Vec<BatchTask>,
        options: &OperationOptions,
    ) -> Result<Vec<(usize, BatchOutcome)>> {
        let mut collector = Collector::new();
        let mut sink = BatchSink::new(&mut collector);
        let instance = self.instance().await;
        instance.batch_op().unwrap().execute_batch(&cx(), tasks, options, &mut sink).await?;
        Ok(collector.items)
    }

    pub(crate) async fn latest_token(&self) -> Result<Value> {
        let instance = self.instance().await;
        let token = instance.sync_op().unwrap().latest_sync_token(&cx(), &ObjectClass::ACCOUNT).await?;
        Ok(token.unwrap().value().clone())
    }

    pub(crate) async fn sync(&self, token: impl Into<Value>) -> Result<Changes> {
        self.sync_at_most(usize::MAX, token).await
    }

    /// A synchronisation whose caller stops after some deltas.
    pub(crate) async fn sync_at_most(&self, most: usize, token: impl Into<Value>) -> Result<Changes> {
        let token = match token.into() {
            Value::Null => None,
            value => Some(SyncToken::try_new(value).unwrap()),
        };
        let mut collector = Collector::stopping_after(most);
        let mut sink = DeltaSink::new(&mut collector);
        let instance = self.instance().await;
        let (sync, options) = (instance.sync_op().unwrap(), OperationOptions::default());
        sync.sync(&cx(), &ObjectClass::ACCOUNT, token.as_ref(), &options, &mut sink).await?;
        let token = sink.into_token();
        Ok(Changes {
            deltas: collector.items,
            token: token.map_or(Value::Null, |token| token.value().clone()),
        })
    }
}

/// What a search delivered.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) objects: Vec<ConnectorObject>,
    pub(crate) result: SearchResult,
    pub(crate) exact: bool,
}

/// What a synchronisation delivered.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) deltas: Vec<SyncDelta>,
    pub(crate) token: Value,
}

pub(crate) fn cx() -> CallContext {
    CallContext::new("test")
}

pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Attributes with one value each.
pub(crate) fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> AttributeSet {
    pairs.into_iter().map(|(name, value)| Attribute::single(name, value)).collect()
}

/// Attributes with one text each.
pub(crate) fn texts<const N: usize>(pairs: [(&str, &str); N]) -> AttributeSet {
    attributes(pairs.map(|(name, value)| (name, value.into())))
}

pub(crate) fn uids(objects: &[ConnectorObject]) -> Vec<String> {
    objects.iter().map(|object| object.uid.value().to_owned()).collect()
}

/// The text of an attribute; `None` if the object lacks it.
pub(crate) fn text<'a>(object: &'a ConnectorObject, name: &str) -> Option<&'a str> {
    object.attribute(name).map(|attribute| attribute.as_str().unwrap())
}

pub(crate) fn password(object: &ConnectorObject) -> Option<String> {
    let attribute = object.attribute("__PASSWORD__")?;
    match attribute.single_value() {
        Some(Value::GuardedString(secret)) => Some(secret.reveal().to_string()),
        other => panic!("not a secret: {other:?}"),
    }
}

pub(crate) fn secret(clear: &str) -> Value {
    Value::GuardedString(GuardedString::new(clear))
}

/// The kind and the text of a failure.
pub(crate) fn failure<T: std::fmt::Debug>(outcome: Result<T>) -> (ErrorKind, String) {
    let error: ConnectorError = outcome.unwrap_err();
    (error.kind().clone(), error.to_string())
}

pub(crate) fn page(size: i32) -> OperationOptions {
    OperationOptions::default().with(option_names::PAGE_SIZE, size)
}

pub(crate) fn cookie(options: OperationOptions, cookie: &str) -> OperationOptions {
    options.with(option_names::PAGED_RESULTS_COOKIE, cookie)
}
