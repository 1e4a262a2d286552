//! The suite itself: a connector that keeps the contract passes, and each way of breaking it is found.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use icf::operations::{
    CreateOp, DeleteOp, ResolveUsernameOp, SchemaOp, SearchOp, SyncOp, TestOp, UpdateOp, supported,
};
use icf::{
    Attribute, AttributeFlag, AttributeInfo, AttributeSet, CallContext, Configuration, ConfigurationHandle,
    Connector, ConnectorError, ConnectorKey, ConnectorObject, DeltaSink, Filter, Flow, ObjectClass,
    ObjectClassInfo, ObjectSink, OperationOptions, Registration, Result, Schema, SchemaBuilder, SyncDelta,
    SyncDeltaType, SyncToken, Uid, ValueType, async_trait, names,
};
use icf_testkit::{Check, Contract, Outcome, Report, Sample};

#[derive(Clone, Default, Configuration)]
struct Settings {
    /// Names the store, so that tests do not meet each other's objects.
    store: String,
    /// Which rule to break.
    fault: String,
}

struct Memory(ConfigurationHandle<Settings>);

static STORES: LazyLock<Mutex<HashMap<String, Vec<ConnectorObject>>>> = LazyLock::new(Mutex::default);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<ConnectorObject>) -> T) -> T {
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        work(stores.entry(self.0.get().store.clone()).or_default())
    }

    fn breaks(&self, fault: &str) -> bool {
        self.0.get().fault == fault
    }

    fn check(&self, attributes: &AttributeSet, updating: bool) -> Result<()> {
        for attribute in attributes {
            let known = ["__NAME__", "mail", "tags", "born"].iter().any(|name| attribute.name.is(name));
            if !known && !self.breaks("unknown") {
                return Err(ConnectorError::invalid_attribute_value(format!(
                    "{} is not known",
                    attribute.name
                )));
            }
            if updating && attribute.name.is("born") && !self.breaks("fixed") {
                return Err(ConnectorError::invalid_attribute_value("born cannot be changed"));
            }
        }
        Ok(())
    }

    fn reduced(&self, mut object: ConnectorObject, options: &OperationOptions) -> ConnectorObject {
        if let (Some(asked), false) = (options.attributes_to_get(), self.breaks("attributes")) {
            object.retain(|name| asked.iter().any(|asked| name.is(asked)));
        }
        object
    }
}

#[async_trait]
impl Connector for Memory {
    type Configuration = Settings;

    async fn open(configuration: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        Ok(Self(configuration))
    }
}

#[async_trait]
impl TestOp for Memory {
    async fn test(&self, _: &CallContext) -> Result<()> {
        if self.breaks("hang") { std::future::pending().await } else { Ok(()) }
    }
}

#[async_trait]
impl SchemaOp for Memory {
    async fn schema(&self, _: &CallContext) -> Result<Option<Schema>> {
        let mut attributes = vec![
            AttributeInfo::new("mail", ValueType::String),
            AttributeInfo::new("tags", ValueType::String).with(AttributeFlag::Multivalued),
            AttributeInfo::new("born", ValueType::Integer).with(AttributeFlag::NotUpdateable),
        ];
        if self.breaks("uid") {
            attributes.push(AttributeInfo::new(names::UID, ValueType::String));
        }
        let info = ObjectClassInfo::try_new(ObjectClass::ACCOUNT, attributes)?;
        SchemaBuilder::new(supported::<Self>()).class(info).build().map(Some)
    }
}

#[async_trait]
impl CreateOp for Memory {
    async fn create(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.check(&attributes, false)?;
        let name = attributes.name().unwrap_or_default().to_owned();
        let uid = Uid::try_new(name.to_lowercase())?;
        self.with(|objects| {
            if objects.iter().any(|object| object.uid == uid) && !self.breaks("identical") {
                return Err(ConnectorError::already_exists(format!("{name} exists")));
            }
            let mut object = ConnectorObject::new(class.clone(), uid.clone(), name);
            object.attributes =
                attributes.into_iter().filter(|attribute| !attribute.name.is(names::NAME)).collect();
            objects.push(object);
            Ok(Some(uid))
        })
    }
}

#[async_trait]
impl DeleteOp for Memory {
    async fn delete(&self, _: &CallContext, _: &ObjectClass, uid: &Uid, _: &OperationOptions) -> Result<()> {
        self.with(|objects| {
            let before = objects.len();
            objects.retain(|object| object.uid != *uid);
            if objects.len() == before && !self.breaks("delete") {
                return Err(ConnectorError::unknown_uid(format!("{uid} does not exist")));
            }
            Ok(())
        })
    }
}

#[async_trait]
impl UpdateOp for Memory {
    async fn update(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        self.check(&attributes, true)?;
        if self.breaks("null") && attributes.iter().any(|attribute| attribute.values.is_none()) {
            return Err(ConnectorError::null_pointer("oops"));
        }
        self.with(|objects| {
            let object = objects.iter_mut().find(|object| object.uid == *uid);
            let object =
                object.ok_or_else(|| ConnectorError::unknown_uid(format!("{uid} does not exist")))?;
            for attribute in attributes {
                if self.breaks("update") {
                    object.attributes.clear();
                }
                object.attributes.retain(|held| held.name != attribute.name);
                if attribute.values.is_some() {
                    object.attributes.push(attribute);
                }
            }
            Ok(Some(uid.clone()))
        })
    }
}

#[async_trait]
impl SearchOp for Memory {
    async fn search(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        for object in self.with(|objects| objects.clone()).into_iter().skip(self.breaks("lost").into()) {
            if self.breaks("case")
                && matches!(filter, Some(Filter::Equals(a)) if !a.as_str().unwrap_or("").contains("user"))
            {
                break;
            }
            if objects.push(self.reduced(object, options)).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SyncOp for Memory {
    async fn sync(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        token: Option<&SyncToken>,
        options: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        let from = match token.map(SyncToken::value) {
            Some(icf::Value::Long(from)) => usize::try_from(*from).unwrap_or_default(),
            _ => 0,
        };
        for object in self.with(|objects| objects.clone()).into_iter().skip(from) {
            let delta = SyncDelta {
                token: SyncToken::try_new(1_i64)?,
                delta_type: SyncDeltaType::Create,
                previous_uid: None,
                object_class: Some(object.object_class.clone()),
                uid: object.uid.clone(),
                object: Some(self.reduced(object, options)),
            };
            if deltas.push(delta).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }

    async fn latest_sync_token(&self, _: &CallContext, _: &ObjectClass) -> Result<Option<SyncToken>> {
        let count = self.with(|objects| objects.len());
        SyncToken::try_new(i64::try_from(count).unwrap_or(i64::MAX)).map(Some)
    }
}

#[async_trait]
impl ResolveUsernameOp for Memory {
    async fn resolve_username(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        username: &str,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.breaks("resolve") {
            return Ok(None);
        }
        Err(ConnectorError::unknown_uid(format!("{username} does not exist")))
    }
}

icf::operations!(Memory);

fn contract(store: &str, fault: &str) -> Contract {
    let sample = Sample::new(ObjectClass::ACCOUNT, |n| {
        AttributeSet::new()
            .with(Attribute::single(names::NAME, format!("user{n}")))
            .with(Attribute::single("mail", format!("user{n}@example.com")))
            .with(Attribute::new("tags", vec!["a".into(), "b".into()]))
    })
    .change(Attribute::single("mail", "new@example.com"))
    .clear("tags")
    .ignoring_case();
    let properties = vec![("store".to_owned(), store.into()), ("fault".to_owned(), fault.into())];
    let key = ConnectorKey::new("test", "1", "Memory");
    Contract::new(Registration::of::<Memory>(key), properties, sample)
}

fn broken(report: &Report) -> Vec<Check> {
    let broken = report.outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Broken(_)));
    broken.map(|(check, _)| *check).collect()
}

#[tokio::test]
async fn a_connector_that_keeps_the_contract_passes() {
    let report = contract("sound", "").run().await;
    report.assert_kept();
    let kept = report.outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Kept);
    assert!(kept, "every rule applies to this connector:\n{report}");
}

#[tokio::test(start_paused = true)]
async fn each_way_of_breaking_the_contract_is_found() {
    let cases: &[(&str, &[Check])] = &[
        ("hang", &[Check::Usable]),
        ("uid", &[Check::SchemaHidesUid]),
        ("unknown", &[Check::UnknownAttributeInCreate, Check::UnknownAttributeInUpdate]),
        ("fixed", &[Check::NotUpdateable]),
        ("attributes", &[Check::AttributesToGetInSearch, Check::AttributesToGetInSync]),
        ("identical", &[Check::IdenticalCreate]),
        ("delete", &[Check::SecondDelete]),
        ("null", &[Check::ClearedOrRefused]),
        ("update", &[Check::UpdateChanges]),
        ("case", &[Check::CaseOfTarget]),
        ("resolve", &[Check::UnknownUser]),
    ];
    for (fault, expected) in cases {
        let report = contract(fault, fault).run().await;
        assert_eq!(broken(&report), *expected, "{fault}:\n{report}");
    }
    let lost = broken(&contract("lost", "lost").run().await);
    assert!(lost.contains(&Check::NoFilterFindsAll) && lost.contains(&Check::CreatedIsFound), "{lost:?}");
}

#[tokio::test]
async fn a_declared_exemption_is_accepted_and_a_stale_one_is_not() {
    let reason = "drops columns it does not have";
    let report = contract("exempt", "unknown")
        .exempt(Check::UnknownAttributeInCreate, reason)
        .exempt(Check::SecondDelete, "not true")
        .run()
        .await;
    assert_eq!(report.outcome(Check::UnknownAttributeInCreate), Some(&Outcome::Exempt(reason)));
    assert_eq!(broken(&report), [Check::SecondDelete, Check::UnknownAttributeInUpdate]);
}
