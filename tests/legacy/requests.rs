//! What a client says, as objects.

use icf_wire::binary::{ClassRef, Field, Object, Record};

/// A record with these fields.
pub(crate) fn record<'f>(type_name: &str, fields: impl IntoIterator<Item = (&'f str, Field)>) -> Object {
    let mut record = Record::new(type_name).expect("a type of the format");
    for (name, value) in fields {
        record.set(name, value).expect("a field of the type");
    }
    record.into()
}

pub(crate) fn text(text: &str) -> Field {
    Field::Text(Some(text.to_owned()))
}

/// Locale and key.
pub(crate) fn introduction(key: &str) -> [Object; 2] {
    let locale = record("Locale", [("language", text("en")), ("country", text("US")), ("variant", text(""))]);
    [locale, Object::GuardedString(key.into())]
}

fn with_introduction(key: &str, request: Object) -> Vec<Object> {
    let mut objects = introduction(key).to_vec();
    objects.push(request);
    objects
}

pub(crate) fn hello(key: &str, level: i32) -> Vec<Object> {
    with_introduction(key, record("HelloRequest", [("infoLevel", Field::I32(level))]))
}

pub(crate) fn echo(key: &str, value: Object) -> Vec<Object> {
    with_introduction(key, record("EchoMessage", [("value", Field::Object(value))]))
}

/// An operation of the reference connector or the one of the recordings.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) class: &'static str,
    pub(crate) method: &'static str,
    pub(crate) facade_key: Option<String>,
    pub(crate) arguments: Vec<Object>,
}

impl Operation {
    /// With the arguments of the connector of the recordings in its default configuration.
    pub(crate) fn new(class: &'static str, method: &'static str, arguments: Vec<Object>) -> Self {
        Self { class, method, facade_key: Some(facade_key(&[])), arguments }
    }

    /// With these properties.
    pub(crate) fn configured(mut self, properties: &[(&str, Object)]) -> Self {
        self.facade_key = Some(facade_key(properties));
        self
    }

    pub(crate) fn request(self, key: &str) -> Vec<Object> {
        let connector = record(
            "ConnectorKey",
            [
                ("bundleName", text("live.bundle")),
                ("bundleVersion", text("1.2.3.4")),
                ("connectorName", text("live.LiveConnector")),
            ],
        );
        let request = record(
            "OperationRequest",
            [
                ("operation", Field::Class(Some(ClassRef::new(self.class)))),
                ("operationMethodName", text(self.method)),
                ("ConnectorKey", Field::Object(connector)),
                ("connectorFacadeKey", Field::Text(self.facade_key)),
                ("Arguments", Field::Object(Object::List(self.arguments))),
            ],
        );
        with_introduction(key, request)
    }
}

/// A configuration of these properties that admits every operation.
fn facade_key(properties: &[(&str, Object)]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let mut list = Record::new("ConfigurationProperties").expect("a type of the format");
    for (name, value) in properties {
        let fields = [("name", text(name)), ("value", Field::Object(value.clone()))];
        list.push(record("ConfigurationProperty", fields));
    }
    let configuration = record("APIConfiguration", [("ConfigurationProperties", Field::Object(list.into()))]);
    let bytes = icf_wire::binary::encode_one(&configuration, icf_wire::binary::Profile::CONNID_1_6);
    BASE64_STANDARD.encode(bytes.expect("a configuration"))
}

pub(crate) fn account() -> Object {
    record("ObjectClass", [("type", text("__ACCOUNT__"))])
}

/// A search without filter and options.
pub(crate) fn search() -> Operation {
    Operation::new("SearchApiOp", "search", vec![account(), Object::Null, Object::Null])
}
