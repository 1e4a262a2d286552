//! A target that writes a line when an operation begins and one when it ends, so that what was done can be counted
//! across processes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use icf::operations::{CreateOp, SearchOp, TestOp};
use icf::{
    Attribute, AttributeSet, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorError,
    ConnectorKey, ConnectorObject, ErrorKind, Filter, Flow, GuardedString, ObjectClass, ObjectSink,
    OperationOptions, Registration, Result, Uid, Value, async_trait,
};
use serde_json::{Value as Json, json};

const BUNDLE: &str = "org.example.counted";
const VERSION: &str = "1.0.0";
const CLASS_NAME: &str = "org.example.Counted";

/// Objects that a search of everything yields.
pub(crate) const OBJECTS: usize = 300;

/// The environment variable with the name of the process, for its lines.
pub(crate) const WHO: &str = "ROLLING_NAME";

#[derive(Clone, Default, Configuration)]
pub(crate) struct CountedSettings {
    /// Where the lines go.
    journal: String,
    /// Nobody asks for it.
    password: Option<GuardedString>,
}

pub(crate) struct Counted {
    settings: Arc<CountedSettings>,
}

icf::operations!(Counted);

pub(crate) fn registration() -> Registration {
    Registration::of::<Counted>(ConnectorKey::new(BUNDLE, VERSION, CLASS_NAME))
}

/// The provisioner file of a system of this host.
pub(crate) fn provisioner(host: &str, journal: &str, password: &str) -> Json {
    json!({
        "connectorRef": {
            "connectorHostRef": host, "bundleName": BUNDLE, "bundleVersion": VERSION, "connectorName": CLASS_NAME,
        },
        "configurationProperties": {"journal": journal, "password": password},
        "operationTimeout": {"CREATE": -1, "GET": -1, "SEARCH": -1, "TEST": -1},
        "objectTypes": {"account": {
            "$schema": "http://json-schema.org/draft-03/schema", "id": "__ACCOUNT__", "type": "object",
            "nativeType": "__ACCOUNT__",
            "properties": {
                "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
                "millis": {"type": "string", "nativeName": "millis", "nativeType": "string"},
            },
        }},
    })
}

impl CountedSettings {
    /// One line, written at once, so that lines of several processes do not mix.
    fn note(&self, what: &str, name: &str) -> Result<()> {
        let who = std::env::var(WHO).unwrap_or_default();
        let written = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.journal)
            .and_then(|mut file| file.write_all(format!("{what} {name} {who}\n").as_bytes()));
        written.map_err(|error| {
            ConnectorError::new(ErrorKind::ConnectorIo, format!("cannot write the journal: {error}"))
        })
    }
}

#[async_trait]
impl Connector for Counted {
    type Configuration = CountedSettings;

    async fn open(configuration: ConfigurationHandle<CountedSettings>, _: &CallContext) -> Result<Self> {
        Ok(Self { settings: configuration.get() })
    }
}

#[async_trait]
impl TestOp for Counted {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl CreateOp for Counted {
    /// Takes as many milliseconds as the object says.
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let text =
            |name: &str| attributes.get(name).and_then(Attribute::single_value).and_then(Value::as_str);
        let name = text("__NAME__").unwrap_or_default();
        let millis = text("millis").and_then(|millis| millis.parse().ok()).unwrap_or(0);
        self.settings.note("begin", name)?;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        self.settings.note("end", name)?;
        Uid::try_new(name).map(Some)
    }
}

#[async_trait]
impl SearchOp for Counted {
    /// Everything, with pauses; or the object that is asked for.
    async fn search(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        if let Some(Filter::Equals(attribute)) = filter {
            let wanted = attribute.single_value().and_then(Value::as_str).unwrap_or_default();
            let _ = objects.push(ConnectorObject::new(class.clone(), Uid::try_new(wanted)?, wanted)).await?;
            return Ok(());
        }
        for number in 0..OBJECTS {
            if number % 50 == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let uid = format!("{number:05}");
            let object = ConnectorObject::new(class.clone(), Uid::try_new(&*uid)?, uid);
            if objects.push(object).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}
