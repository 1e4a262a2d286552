//! A dispatcher with test connectors, and a caller.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use icf::{
    ApiConfiguration, ApiOperation, Attribute, AttributeSet, CancellationToken, ConnectorKey,
    ConnectorObject, Filter, Flow, Locale, ObjectClass, OperationOptions, Registration, Result, Uid, Value,
    probe::Operations,
};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::rpc::{Answer, FacadeKey, Item, Operation, OperationRequest, UpdateKind};
use icf_wire::session::GroupId;
use rcs::dispatch::{
    Call, ConfigurationChange, ConfigurationChangeNotifier, DispatchOptions, Dispatcher, Results,
};
use tokio::time::{Sleep, sleep};

use crate::k::K;
use crate::world::{World, lock, uid};

/// Keeps what it is told.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<(GroupId, ConfigurationChange)>>);

impl Recorder {
    pub(crate) fn take(&self) -> Vec<(GroupId, ConfigurationChange)> {
        std::mem::take(&mut lock(&self.0))
    }
}

impl ConfigurationChangeNotifier for Recorder {
    fn changed(&self, group: GroupId, change: ConfigurationChange) {
        lock(&self.0).push((group, change));
    }
}

/// A receiver: keeps the items, and may be slow or have enough at some point.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) items: Vec<Item>,
    stop_after: Option<usize>,
    pause: Option<Duration>,
    busy: Option<Pin<Box<Sleep>>>,
    /// How many items were there each time that it was asked to pass on what it has.
    pub(crate) flushed: Vec<usize>,
}

impl Taken {
    /// Has enough after so many items.
    pub(crate) fn enough_after(count: usize) -> Self {
        Self { stop_after: Some(count), ..Self::default() }
    }

    /// Takes its time after each item.
    pub(crate) fn slow(pause: Duration) -> Self {
        Self { pause: Some(pause), ..Self::default() }
    }
}

impl Results for Taken {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        if let Some(busy) = &mut self.busy {
            ready!(busy.as_mut().poll(cx));
            self.busy = None;
        }
        Poll::Ready(Flow::Continue)
    }

    fn item(&mut self, item: Item) -> Result<Flow> {
        self.items.push(item);
        self.busy = self.pause.map(|pause| Box::pin(sleep(pause)));
        Ok(if self.stop_after == Some(self.items.len()) { Flow::Stop } else { Flow::Continue })
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        self.flushed.push(self.items.len());
        Poll::Ready(Flow::Continue)
    }
}

/// What came back.
pub(crate) struct Outcome {
    pub(crate) items: Vec<Item>,
    pub(crate) answer: Result<Answer>,
}

impl Outcome {
    /// The objects of a search that succeeded.
    pub(crate) fn objects(self) -> Vec<ConnectorObject> {
        self.answer.unwrap();
        objects_of(self.items)
    }

    /// The identities of the objects of a search that succeeded.
    pub(crate) fn uids(self) -> Vec<String> {
        self.objects().iter().map(|object| object.uid.value().to_owned()).collect()
    }

    /// Class (without package) and text of the failure.
    pub(crate) fn failure(self) -> (String, String) {
        let error = self.answer.unwrap_err();
        (error.kind().simple_name().to_owned(), error.to_string())
    }
}

pub(crate) fn objects_of(items: Vec<Item>) -> Vec<ConnectorObject> {
    let object =
        |item| if let Item::Object(object) = item { object } else { panic!("not an object: {item:?}") };
    items.into_iter().map(object).collect()
}

/// A dispatcher with one connector, in a world of its own.
pub(crate) struct Rig {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) world: Arc<World>,
    pub(crate) changes: Arc<Recorder>,
    pub(crate) connector: ConnectorKey,
    pub(crate) configuration: ApiConfiguration,
}

impl Rig {
    /// `K`, poolable.
    pub(crate) fn new() -> Self {
        Self::of::<K<true>>()
    }

    pub(crate) fn of<C: icf::Connector + Operations>() -> Self {
        Self::with_options::<C>(DispatchOptions::default())
    }

    pub(crate) fn with_options<C: icf::Connector + Operations>(options: DispatchOptions) -> Self {
        let connector = ConnectorKey::new("bundle", "1.0", "K");
        let twin = ConnectorKey::new("bundle", "2.0", "K");
        let registrations = vec![Registration::of::<C>(connector.clone()), Registration::of::<C>(twin)];
        let configuration = registrations[0].info().configuration;
        let changes = Arc::new(Recorder::default());
        let notifier = Arc::<Recorder>::clone(&changes);
        let dispatcher = Dispatcher::new(registrations, options, notifier);
        let mut rig = Self { dispatcher, world: World::new(), changes, connector, configuration };
        let world = rig.world.name.clone();
        rig.set("world", world.as_str());
        rig
    }

    /// Sets a property of the configuration, or adds one.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.configuration.properties.iter_mut().find(|property| property.name == name) {
            Some(property) => property.value = value,
            None => {
                let added = icf::ConfigurationProperty::new(name, icf::ValueType::String, value);
                self.configuration.properties.push(added);
            }
        }
    }

    pub(crate) fn limit(&mut self, operation: ApiOperation, millis: i32) {
        self.configuration.timeouts.insert(operation, millis);
    }

    pub(crate) fn key(&self) -> FacadeKey {
        FacadeKey::new(Bytes::from(facade_key::encode(&self.configuration, Profile::OpenIcf2).unwrap()))
    }

    pub(crate) fn request(&self, operation: Operation) -> OperationRequest {
        OperationRequest {
            connector: self.connector.clone(),
            facade_key: self.key(),
            locale: None,
            operation,
        }
    }

    pub(crate) async fn run(&self, operation: Operation) -> Outcome {
        self.run_into(operation, Taken::default()).await
    }

    pub(crate) async fn run_into(&self, operation: Operation, results: Taken) -> Outcome {
        self.send(self.request(operation), call(), results).await
    }

    pub(crate) async fn send(&self, request: OperationRequest, call: Call, results: Taken) -> Outcome {
        let (taken, answer) = self.dispatcher.run(request, call, results).await;
        Outcome { items: taken.items, answer }
    }

    /// Starts an operation and leaves it running.
    pub(crate) fn start(&self, operation: Operation, call: Call) -> tokio::task::JoinHandle<Outcome> {
        let (dispatcher, request) = (self.dispatcher.clone(), self.request(operation));
        tokio::spawn(async move {
            let (taken, answer) = dispatcher.run(request, call, Taken::default()).await;
            Outcome { items: taken.items, answer }
        })
    }

    /// Starts a test operation and waits until it is inside the connector.
    pub(crate) async fn start_inside(&self) -> tokio::task::JoinHandle<Outcome> {
        let started = self.start(Operation::Test, call());
        while self.world.seen().inside == 0 {
            tokio::task::yield_now().await;
        }
        started
    }

    pub(crate) async fn search(&self, filter: Option<Filter>, options: OperationOptions) -> Outcome {
        self.run(search_for(filter, options)).await
    }

    /// What the connector wrote down of its only update.
    pub(crate) fn only_update(&self) -> (&'static str, Uid, AttributeSet, OperationOptions) {
        let mut updates = std::mem::take(&mut self.world.seen().updates);
        assert_eq!(updates.len(), 1, "{updates:?}");
        updates.remove(0)
    }
}

pub(crate) fn call_of(group: u64) -> Call {
    Call { request_id: "42".into(), origin: Some(GroupId(group)), cancellation: CancellationToken::new() }
}

pub(crate) fn call() -> Call {
    call_of(1)
}

pub(crate) fn none() -> OperationOptions {
    OperationOptions::default()
}

pub(crate) fn asking_for(names: &[&str]) -> OperationOptions {
    none().with_attributes_to_get(names.iter().copied())
}

pub(crate) fn account() -> Option<ObjectClass> {
    Some(ObjectClass::ACCOUNT)
}

pub(crate) fn search_for(filter: Option<Filter>, options: OperationOptions) -> Operation {
    Operation::Search { class: account(), filter, options }
}

pub(crate) fn get(id: &str) -> Operation {
    Operation::Get { class: account(), uid: Some(uid(id)), options: none() }
}

pub(crate) fn create(attributes: Vec<Attribute>) -> Operation {
    Operation::Create { class: account(), attributes: Some(attributes.into()), options: none() }
}

pub(crate) fn update(kind: UpdateKind, id: &str, attributes: Vec<Attribute>) -> Operation {
    update_with(kind, id, attributes, none())
}

pub(crate) fn update_with(
    kind: UpdateKind,
    id: &str,
    attributes: Vec<Attribute>,
    options: OperationOptions,
) -> Operation {
    Operation::Update {
        kind,
        class: account(),
        uid: Some(uid(id)),
        attributes: Some(attributes.into()),
        options,
    }
}

pub(crate) fn texts(name: &str, values: &[&str]) -> Attribute {
    Attribute::new(name, values.iter().map(|value| Value::from(*value)).collect())
}

pub(crate) fn equals(name: &str, values: &[&str]) -> Option<Filter> {
    Some(Filter::Equals(texts(name, values)))
}

pub(crate) const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

pub(crate) fn german() -> Locale {
    Locale::new("de", "AT")
}
