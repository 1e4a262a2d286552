//! A connector that makes objects up as fast as it can.

use icf::operations::{SearchOp, TestOp};
use icf::{
    Attribute, AttributeName, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorKey,
    ConnectorObject, Filter, Flow, ObjectClass, ObjectSink, OperationOptions, Registration, Result, Uid,
    async_trait,
};

/// How many objects a search for a class of this name yields: the class name is a number.
pub(crate) struct MadeUp;

#[derive(Clone, Default, Configuration)]
pub(crate) struct NoSettings {}

icf::operations!(MadeUp);

#[async_trait]
impl Connector for MadeUp {
    type Configuration = NoSettings;

    async fn open(_: ConfigurationHandle<NoSettings>, _: &CallContext) -> Result<Self> {
        Ok(Self)
    }
}

#[async_trait]
impl TestOp for MadeUp {
    async fn test(&self, _: &CallContext) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl SearchOp for MadeUp {
    async fn search(
        &self,
        _: &CallContext,
        class: &ObjectClass,
        _: Option<&Filter>,
        _: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        let count: usize = class.as_str().parse().unwrap_or(0);
        for n in 0..count {
            if objects.push(person(class, n)).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// An object as a directory has them: eight attributes, 880 bytes encoded.
pub(crate) fn person(class: &ObjectClass, n: usize) -> ConnectorObject {
    let one = |name, value| Attribute::single(AttributeName::from_static(name), value);
    let text = |name, value: &str| one(name, icf::Value::from(value));
    let uid = Uid::try_new(format!("uid-{n:08}")).unwrap();
    let groups = vec!["cn=staff".into(), "cn=vpn".into()];
    ConnectorObject::new(class.clone(), uid, format!("person{n}"))
        .with(text("sn", "Mustermann"))
        .with(one("givenName", format!("Erika {n}").into()))
        .with(one("mail", format!("person{n}@example.com").into()))
        .with(text("telephoneNumber", "+49 30 1234567"))
        .with(text("department", "Research and Development"))
        .with(one("employeeNumber", (n as i64).into()))
        .with(one("__ENABLE__", true.into()))
        .with(Attribute::new(AttributeName::from_static("memberOf"), groups))
}

pub(crate) fn registration() -> Registration {
    Registration::of::<MadeUp>(ConnectorKey::new("bench", "1.0.0", "MadeUp"))
}
