//! A tenant with the system of the conformance cases, and a client for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use icf::{
    ApiConfiguration, Attribute, AttributeFlag, AttributeInfo, ConfigurationProperty, ConnectorInfo,
    ConnectorKey, ConnectorObject, GuardedString, Messages, ObjectClass, ObjectClassInfo, OperationSet,
    PoolConfiguration, ResultsHandlerConfiguration, Schema, SchemaBuilder, Uid, Value, ValueType,
};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tenant::{Tenant, TenantOptions};

use crate::scripted::Scripted;

pub(crate) const BUNDLE: &str = "org.example.connector";
pub(crate) const CONNECTOR: &str = "org.example.Connector";

/// The tenant of a test.
pub(crate) struct Rig {
    pub(crate) tenant: Tenant,
    pub(crate) backend: Arc<Scripted>,
    client: Client,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Json,
    pub(crate) headers: HeaderMap,
}

impl Got {
    /// The message of an error, unescaped.
    pub(crate) fn message(&self) -> String {
        let text = self.body["message"].as_str().unwrap_or_default();
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, message: &str) {
        assert_eq!((self.status, self.message().as_str()), (status, message), "{:?}", self.body);
        assert_eq!(self.body["code"], status);
    }
}

pub(crate) fn options() -> TenantOptions {
    TenantOptions { send_wait: Duration::from_millis(100), ..TenantOptions::default() }
}

impl Rig {
    /// A tenant where nothing is configured.
    pub(crate) async fn bare(options: TenantOptions) -> Self {
        let backend = Scripted::new();
        let tenant = Tenant::start_with_backend(options, backend.clone()).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { tenant, backend, client }
    }

    /// A tenant over real sockets where nothing is configured.
    pub(crate) async fn over_sockets(options: TenantOptions) -> Self {
        let tenant = Tenant::start(options).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { tenant, backend: Scripted::new(), client }
    }

    /// A tenant with host `rcs1`, connected on node 0, and no system.
    pub(crate) async fn connected(options: TenantOptions) -> Self {
        let rig = Self::bare(options).await;
        rig.tenant
            .put_configuration(
                "provisioner.openicf.connectorinfoprovider",
                json!({"remoteConnectorClients": [{"name": "rcs1", "enabled": true}]}),
            )
            .unwrap();
        rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
        rig
    }

    /// A tenant with the system `t1`, active.
    pub(crate) async fn ready() -> Self {
        Self::ready_with(json!({})).await
    }

    /// The same, with further members in the provisioner file.
    pub(crate) async fn ready_with(extra: Json) -> Self {
        let rig = Self::connected(options()).await;
        let put = rig.put_system(extra).await;
        assert_eq!(put.status, 201, "{:?}", put.body);
        assert_eq!(rig.backend.take_log(), ["Validate", "Test"]);
        rig.backend.take_seen();
        rig
    }

    pub(crate) async fn put_system(&self, extra: Json) -> Got {
        let path = "/openidm/config/provisioner.openicf/t1?waitForCompletion=true";
        self.send(Method::PUT, path, &[], Some(t1(extra))).await
    }

    /// Sends a request as the administrator.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Got {
        let mut all = vec![("X-OpenIDM-Username", "openidm-admin"), ("X-OpenIDM-Password", "openidm-admin")];
        all.extend_from_slice(headers);
        self.send_raw(method, path, &all, body).await
    }

    /// Sends a request with these headers only.
    pub(crate) async fn send_raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Got {
        let mut request = self.client.request(method, format!("{}{path}", self.tenant.base_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Json::String(text));
        Got { status, body, headers }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Got {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// A request on the type of the cases; `path` follows `/openidm/system/t1/account`.
    pub(crate) async fn on_type(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Got {
        self.send(method, &format!("/openidm/system/t1/account{path}"), headers, body).await
    }

    /// A query on the type of the cases.
    pub(crate) async fn query(&self, parameters: &[(&str, &str)]) -> Got {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.on_type(Method::GET, &format!("?{query}"), &[], None).await
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.backend.take_log()
    }

    /// Nothing was asked of the connector.
    #[track_caller]
    pub(crate) fn asked_nothing(&self) {
        assert_eq!(self.log(), Vec::<String>::new());
    }
}

/// The connector of the cases.
pub(crate) fn info(version: &str) -> ConnectorInfo {
    let property = |order, name, value_type, value: Value| ConfigurationProperty {
        order,
        ..ConfigurationProperty::new(name, value_type, value)
    };
    ConnectorInfo {
        display_name_key: "display".to_owned(),
        category_key: None,
        key: ConnectorKey::new(BUNDLE, version, CONNECTOR),
        messages: Messages::of([("display", "Example Connector")]),
        configuration: ApiConfiguration {
            producer_buffer_size: 100,
            pooling: true,
            pool: PoolConfiguration::default(),
            results_handlers: ResultsHandlerConfiguration::default(),
            properties: vec![
                property(1, "host", ValueType::String, "localhost".into()),
                property(2, "port", ValueType::PrimitiveInteger, 389.into()),
                property(3, "password", ValueType::GuardedString, GuardedString::new("initial").into()),
                property(4, "baseContexts", ValueType::Array(Box::new(ValueType::String)), Value::Null),
            ],
            timeouts: BTreeMap::new(),
            supported_operations: Some(all_operations()),
        },
    }
}

pub(crate) fn all_operations() -> OperationSet {
    icf::ApiOperation::ALL.iter().copied().collect()
}

/// The provisioner file of the cases.
pub(crate) fn t1(extra: Json) -> Json {
    let mut file = json!({
        "connectorRef": reference("[1.5.0.0,1.6.0.0)"),
        "configurationProperties": {"host": "h", "port": 636, "accountUserNameAttributes": ["name"]},
        "objectTypes": {"account": {
            "$schema": "http://json-schema.org/draft-03/schema", "id": "__ACCOUNT__", "type": "object",
            "nativeType": "__ACCOUNT__",
            "properties": {
                "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
                "sn": {"type": "string", "nativeName": "sn", "nativeType": "string", "required": true},
                "mail": {"type": "array", "items": {"type": "string", "nativeType": "string"},
                         "nativeName": "email", "nativeType": "string"},
                "age": {"type": "integer", "nativeType": "integer"},
                "big": {"type": "number", "nativeType": "JAVA_TYPE_LONG"},
                "active": {"type": "boolean", "nativeType": "boolean"},
                "photo": {"type": "string", "nativeType": "JAVA_TYPE_BYTE_ARRAY"},
                "addr": {"type": "object", "nativeType": "object"},
                "created": {"type": "string", "flags": ["NOT_CREATABLE", "NOT_UPDATEABLE"]},
                "memo": {"type": "string", "flags": ["NOT_RETURNED_BY_DEFAULT"]},
                "__PASSWORD__": {"type": "string", "nativeName": "__PASSWORD__",
                    "nativeType": "JAVA_TYPE_GUARDEDSTRING", "runAsUser": true,
                    "flags": ["NOT_READABLE", "NOT_RETURNED_BY_DEFAULT"]},
            },
        }},
        "systemActions": [{"scriptId": "s1", "actions": [
            {"systemType": ".*Connector", "actionType": "groovy", "actionSource": "code"},
            {"systemType": "other", "actionType": "groovy", "actionSource": "never"},
        ]}],
    });
    if let (Json::Object(file), Json::Object(extra)) = (&mut file, extra) {
        file.extend(extra);
    }
    file
}

pub(crate) fn reference(version: &str) -> Json {
    json!({
        "connectorHostRef": "rcs1", "bundleName": BUNDLE, "bundleVersion": version,
        "connectorName": CONNECTOR, "displayName": "Example Connector", "systemType": "provisioner.openicf",
    })
}

/// Object 42 of the cases.
pub(crate) fn object42() -> ConnectorObject {
    object("42", "jd")
        .with(Attribute::single("sn", "Doe"))
        .with(Attribute::new("email", vec!["a@x".into()]))
        .with(Attribute::single("age", 30))
}

pub(crate) fn object(uid: &str, name: &str) -> ConnectorObject {
    ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new(uid).unwrap(), name)
}

/// `O42` of the cases.
pub(crate) fn o42() -> Json {
    json!({"_id": "42", "name": "jd", "sn": "Doe", "mail": ["a@x"], "age": 30})
}

pub(crate) fn schema() -> Schema {
    let email = AttributeInfo::new("email", ValueType::String).with(AttributeFlag::Multivalued);
    let class = ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![email]).unwrap();
    SchemaBuilder::new(all_operations()).class(class).build().unwrap()
}
