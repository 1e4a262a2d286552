//! A target that is made up: so many objects, values as large as wanted, and answers that never come.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use icf::operations::{CreateOp, SearchOp, TestOp};
use icf::{
    Attribute, AttributeSet, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorKey,
    ConnectorObject, Filter, Flow, ObjectClass, ObjectSink, OperationOptions, Registration, Result, Uid,
    Value, async_trait,
};
use serde_json::{Value as Json, json};

const BUNDLE: &str = "org.example.made-up";
const VERSION: &str = "1.0.0";
const CLASS_NAME: &str = "org.example.MadeUp";

/// The uids of calls that hang at this moment, in all tests of the process.
static HANGING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether a call for this uid hangs now.
pub(crate) fn hangs(uid: &str) -> bool {
    HANGING.lock().unwrap_or_else(PoisonError::into_inner).contains(uid)
}

#[derive(Clone, Default, Configuration)]
pub(crate) struct MadeUpSettings {
    /// How many objects a search of everything yields.
    objects: i32,
}

pub(crate) struct MadeUp {
    settings: Arc<MadeUpSettings>,
}

icf::operations!(MadeUp);

pub(crate) fn registration() -> Registration {
    Registration::of::<MadeUp>(ConnectorKey::new(BUNDLE, VERSION, CLASS_NAME))
}

/// The provisioner file of a system with so many objects.
pub(crate) fn provisioner(objects: usize) -> Json {
    json!({
        "connectorRef": {
            "connectorHostRef": "rcs1", "bundleName": BUNDLE, "bundleVersion": VERSION, "connectorName": CLASS_NAME,
        },
        "configurationProperties": {"objects": objects},
        // None: what ends an operation is the server's own limit.
        "operationTimeout": {"CREATE": -1, "GET": -1, "SEARCH": -1, "TEST": -1},
        "objectTypes": {"account": {
            "$schema": "http://json-schema.org/draft-03/schema", "id": "__ACCOUNT__", "type": "object",
            "nativeType": "__ACCOUNT__",
            "properties": {
                "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
                "blob": {"type": "string", "nativeName": "blob", "nativeType": "string"},
            },
        }},
    })
}

/// The `_id` of object number `n`.
pub(crate) fn uid(n: usize) -> String {
    format!("uid-{n:08}")
}

#[async_trait]
impl Connector for MadeUp {
    type Configuration = MadeUpSettings;

    async fn open(settings: ConfigurationHandle<MadeUpSettings>, _: &CallContext) -> Result<Self> {
        Ok(Self { settings: settings.get() })
    }
}

#[async_trait]
impl TestOp for MadeUp {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

/// Names a call as hanging until it is dropped.
struct Hanging(String);

impl Hanging {
    fn new(uid: &str) -> Self {
        HANGING.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.to_owned());
        Self(uid.to_owned())
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        HANGING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

#[async_trait]
impl CreateOp for MadeUp {
    /// The uid tells how long the value was.
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        attributes: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let blob = attributes.get("blob").and_then(Attribute::single_value).and_then(Value::as_str);
        Uid::try_new(format!("blob-{}", blob.unwrap_or_default().len())).map(Some)
    }
}

#[async_trait]
impl SearchOp for MadeUp {
    /// Everything; or by uid: `hang-…` never answers, `blob-<n>` has a value of n bytes, all others are small.
    async fn search(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        if let Some(wanted) = wanted(filter) {
            if wanted.starts_with("hang-") {
                let _hanging = Hanging::new(wanted);
                std::future::pending::<()>().await;
            }
            let size = wanted.strip_prefix("blob-").and_then(|size| size.parse().ok()).unwrap_or(8);
            let object = ConnectorObject::new(class.clone(), Uid::try_new(wanted)?, wanted)
                .with(Attribute::single("blob", "x".repeat(size)));
            let _ = objects.push(object).await?;
            return Ok(());
        }
        for n in 0..usize::try_from(self.settings.objects).unwrap_or(0) {
            let uid = uid(n);
            let object = ConnectorObject::new(class.clone(), Uid::try_new(&*uid)?, uid)
                .with(Attribute::single("blob", "some text, as objects have it"));
            if objects.push(object).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// The uid that a search of one object is for.
fn wanted(filter: Option<&Filter>) -> Option<&str> {
    match filter? {
        Filter::Equals(attribute) => attribute.single_value()?.as_str(),
        _ => None,
    }
}
