//! The connector of the recordings: what it did there, it does here.

use std::time::Duration;

use icf::operations::{
    AuthenticateOp, CreateOp, DeleteOp, ResolveUsernameOp, SchemaOp, ScriptOnConnectorOp, ScriptOnResourceOp,
    SearchOp, SyncOp, TestOp, UpdateAttributeValuesOp, UpdateOp,
};
use icf::{
    Attribute, AttributeFlag, AttributeInfo, AttributeSet, CallContext, Configuration, ConfigurationHandle,
    Connector, ConnectorError, ConnectorKey, ConnectorObject, DeltaSink, ErrorKind, Filter, Flow,
    GuardedString, Locale, Messages, ObjectClass, ObjectClassInfo, ObjectSink, OperationOptionInfo,
    OperationOptions, Registration, Result, Schema, SchemaBuilder, ScriptContext, SearchResult, SyncDelta,
    SyncDeltaType, SyncToken, Uid, Value, ValueType, async_trait, names,
};

#[derive(Clone, Debug, Configuration)]
#[icf(validate = Self::check)]
pub(crate) struct Settings {
    #[icf(order = 1, required)]
    host: Option<String>,
    #[icf(order = 2)]
    count: i32,
    #[icf(order = 3, confidential, operations(Authenticate))]
    password: Option<GuardedString>,
    #[icf(order = 4)]
    bases: Option<Vec<Option<String>>>,
    #[icf(order = 5)]
    delay: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let (host, bases) = (Some("localhost".to_owned()), Some(vec![Some("a".to_owned())]));
        Self { host, count: 3, password: None, bases, delay: 0 }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        match self.host() {
            "bad" => Err(ConnectorError::configuration("bad host")),
            _ => Ok(()),
        }
    }

    fn host(&self) -> &str {
        self.host.as_deref().unwrap_or_default()
    }
}

#[derive(Debug)]
pub(crate) struct Live(std::sync::Arc<Settings>);

icf::operations!(Live);

pub(crate) fn registration() -> Registration {
    let german = [("host.display".to_owned(), "Rechner".to_owned())].into_iter().collect();
    Registration::of::<Live>(ConnectorKey::new("live.bundle", "1.2.3.4", "live.LiveConnector"))
        .with_display_name_key("live.display")
        .with_messages(
            Messages::of([("live.display", "Live"), ("host.display", "Host")])
                .with(Locale::new("de", ""), german),
        )
}

fn uid(value: &str) -> Result<Uid> {
    Uid::try_new(value)
}

fn object(number: i32) -> Result<ConnectorObject> {
    Ok(ConnectorObject::new(ObjectClass::ACCOUNT, uid(&format!("u{number}"))?, format!("n{number}")))
}

#[async_trait]
impl Connector for Live {
    type Configuration = Settings;

    async fn open(configuration: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        Ok(Self(configuration.get()))
    }
}

#[async_trait]
impl TestOp for Live {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl SchemaOp for Live {
    async fn schema(&self, _: &CallContext) -> Result<Option<Schema>> {
        let attributes = vec![
            AttributeInfo::new("mail", ValueType::String).with(AttributeFlag::Multivalued),
            AttributeInfo::new(names::NAME, ValueType::String).with(AttributeFlag::Required),
        ];
        let option = OperationOptionInfo { name: "PAGE_SIZE".to_owned(), value_type: ValueType::Integer };
        SchemaBuilder::new(registration().operations())
            .class(ObjectClassInfo::try_new(ObjectClass::ACCOUNT, attributes)?)
            .option(option, &[])
            .build()
            .map(Some)
    }
}

#[async_trait]
impl CreateOp for Live {
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let name = attributes.name().unwrap_or_default();
        match name {
            "dup" => {
                let cause = ErrorKind::Other("java.io.IOException".to_owned());
                return Err(ConnectorError::already_exists("already there")
                    .with_source(ConnectorError::new(cause, "root cause")));
            }
            "slow" => tokio::time::sleep(Duration::from_millis(self.0.delay.unsigned_abs())).await,
            _ => {}
        }
        uid(&format!("new-{name}")).map(Some)
    }
}

#[async_trait]
impl UpdateOp for Live {
    async fn update(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        known: &Uid,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if known.value() == "none" {
            return Err(ConnectorError::unknown_uid(format!(
                "Object with Uid 'Attribute: {{Name=__UID__, Value=[none]}}' and ObjectClass \
                 'ObjectClass: {class}' does not exist!"
            )));
        }
        Ok(Some(known.clone().with_revision("rev2")))
    }
}

#[async_trait]
impl UpdateAttributeValuesOp for Live {
    async fn add_attribute_values(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        known: &Uid,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        Ok(Some(known.clone()))
    }

    async fn remove_attribute_values(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        known: &Uid,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        Ok(Some(known.clone()))
    }
}

#[async_trait]
impl DeleteOp for Live {
    async fn delete(&self, _: &CallContext, _: &ObjectClass, _: &Uid, _: &OperationOptions) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl AuthenticateOp for Live {
    async fn authenticate(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        username: &str,
        _: &GuardedString,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        match username {
            "expired" => Err(ConnectorError::new(ErrorKind::PasswordExpired, "expired").with_uid(uid("u1")?)),
            "bad" => Err(ConnectorError::invalid_password("wrong")),
            name => uid(&format!("auth-{name}")).map(Some),
        }
    }
}

#[async_trait]
impl ResolveUsernameOp for Live {
    async fn resolve_username(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        username: &str,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        uid(&format!("res-{username}")).map(Some)
    }
}

#[async_trait]
impl ScriptOnConnectorOp for Live {
    async fn run_script_on_connector(
        &self,
        _: &CallContext,
        script: &ScriptContext,
        _: &OperationOptions,
    ) -> Result<Value> {
        match script.script.text.as_str() {
            // There are no dates here; what Java says of one.
            "date" => Err(ConnectorError::connector("No serializer for class: class java.util.Date")),
            text => Ok(text.into()),
        }
    }
}

#[async_trait]
impl ScriptOnResourceOp for Live {
    async fn run_script_on_resource(
        &self,
        _: &CallContext,
        _: &ScriptContext,
        _: &OperationOptions,
    ) -> Result<Value> {
        Ok(Value::Null)
    }
}

#[async_trait]
impl SearchOp for Live {
    async fn search(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        _: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        for number in 0..self.0.count {
            let mut object = object(number)?;
            match (self.0.host(), number) {
                ("fail", 2) => return Err(ConnectorError::io("broken in the middle")),
                // Java's writer chokes on a sorted map, ours on a character that Java does not have.
                ("treemap", 1) => object = object.with(Attribute::single("map", Value::Character('😀'))),
                _ => {}
            }
            if objects.push(object).await? == Flow::Stop {
                break;
            }
        }
        if self.0.host() == "paged" {
            let cookie = Some("cookie-2".to_owned());
            objects.report(SearchResult {
                paged_results_cookie: cookie,
                remaining_paged_results: 7,
                ..SearchResult::default()
            });
        }
        Ok(())
    }
}

#[async_trait]
impl SyncOp for Live {
    async fn sync(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        _: Option<&SyncToken>,
        _: &OperationOptions,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<()> {
        for (number, delta_type) in [(1, SyncDeltaType::CreateOrUpdate), (2, SyncDeltaType::Delete)] {
            let exists = delta_type != SyncDeltaType::Delete;
            let object = exists.then(|| object(number)).transpose()?;
            let delta = SyncDelta {
                token: SyncToken::try_new(number)?,
                delta_type,
                previous_uid: None,
                object_class: Some(class.clone()),
                uid: uid(&format!("u{number}"))?,
                object,
            };
            if deltas.push(delta).await? == Flow::Stop {
                break;
            }
        }
        deltas.report(SyncToken::try_new(2)?);
        Ok(())
    }

    async fn latest_sync_token(&self, _: &CallContext, _: &ObjectClass) -> Result<Option<SyncToken>> {
        SyncToken::try_new(2).map(Some)
    }
}
