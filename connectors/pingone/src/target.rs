//! One environment under one configuration: what all instances of the connector share.

use std::collections::BTreeMap;
use std::sync::Arc;

use icf::{CallContext, ConfigurationHandle, ConnectorError, ErrorKind, Result};
use icf_http::header::{ACCEPT, HeaderName, HeaderValue};
use icf_http::{Answer, Budget, Bytes, Fault, Method, Request, Service, Url, below, segment};
use serde_json::Value as Json;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::configuration::PingOneConfiguration;
use crate::refusal::{Doing, Refusal};
use crate::settings::Settings;

/// Bytes of one answer at most.
const MAX_ANSWER: usize = 64 << 20;
/// Schemas that are looked at for custom attributes.
const MOST_SCHEMAS: usize = 10;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The environment.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) settings: Settings,
    service: Service,
    /// Custom attributes of users, each with whether it has several values.
    custom: OnceCell<BTreeMap<String, bool>>,
}

/// The circumstances of a call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) budget: Budget,
    transaction: HeaderValue,
}

impl Target {
    /// The target of a configuration; set up by the first call.
    pub(crate) async fn of(configuration: &ConfigurationHandle<PingOneConfiguration>) -> Result<Arc<Self>> {
        icf_http::kept(configuration, || Self::open(configuration)).await
    }

    async fn open(configuration: &ConfigurationHandle<PingOneConfiguration>) -> Result<Self> {
        let settings = Settings::new(&configuration.get())?;
        let service = Service::of(configuration, settings.service.clone(), |configuration| {
            &mut configuration.http.refresh_token
        })
        .await?;
        Ok(Self { settings, service, custom: OnceCell::new() })
    }

    /// The circumstances of a call, or of one page of a search.
    pub(crate) fn call(&self, cx: &CallContext) -> Call {
        // What a header cannot carry is left out; the id is for looking things up in PingOne's log.
        let id: String = cx.request_id().chars().filter(char::is_ascii_graphic).take(100).collect();
        let transaction = HeaderValue::try_from(if id.is_empty() { "unnamed".to_owned() } else { id });
        let transaction = transaction.unwrap_or(HeaderValue::from_static("unnamed"));
        Call { budget: Budget::new(cx, self.settings.budget()), transaction }
    }

    /// An address below the environment, of parts that are encoded here.
    pub(crate) fn url(&self, parts: &[&str], query: &[(&str, String)]) -> Result<Url> {
        Self::below(&self.settings.environment, parts, query)
    }

    /// An address below the root of the API.
    pub(crate) fn root_url(&self, parts: &[&str], query: &[(&str, String)]) -> Result<Url> {
        Self::below(&self.settings.root, parts, query)
    }

    fn below(root: &Url, parts: &[&str], query: &[(&str, String)]) -> Result<Url> {
        let path: String = parts.iter().map(|part| format!("/{}", segment(part))).collect();
        Ok(below(root, &path, query)?)
    }

    /// Reads something.
    pub(crate) async fn get(&self, call: &Call, url: Url) -> Result<Answer, Fault> {
        self.send(call, Request::new(Method::GET, url, MAX_ANSWER)).await
    }

    /// Sends a body of a type.
    pub(crate) async fn write(
        &self,
        call: &Call,
        method: Method,
        url: Url,
        kind: &'static str,
        body: &Json,
    ) -> Result<Answer, Fault> {
        let bytes = Bytes::from_owner(Zeroizing::new(body.to_string().into_bytes()));
        let request = Request::new(method, url, MAX_ANSWER).body(bytes, HeaderValue::from_static(kind));
        self.send(call, request).await
    }

    /// Deletes something.
    pub(crate) async fn delete(&self, call: &Call, url: Url) -> Result<Answer, Fault> {
        self.send(call, Request::new(Method::DELETE, url, MAX_ANSWER)).await
    }

    async fn send(&self, call: &Call, request: Request) -> Result<Answer, Fault> {
        const TRANSACTION: HeaderName = HeaderName::from_static("x-ping-external-transaction-id");
        let request = request.header(ACCEPT, JSON).header(TRANSACTION, call.transaction.clone());
        self.service.send(&call.budget, request).await
    }

    /// The custom attributes of users, asked once.
    pub(crate) async fn custom_attributes(&self, call: &Call) -> Result<&BTreeMap<String, bool>> {
        self.custom.get_or_try_init(|| self.read_custom_attributes(call)).await
    }

    async fn read_custom_attributes(&self, call: &Call) -> Result<BTreeMap<String, bool>> {
        let mut found = BTreeMap::new();
        for schema in self.embedded(call, &["schemas"], "schemas").await?.iter().take(MOST_SCHEMAS) {
            let Some(id) = schema.get("id").and_then(Json::as_str) else { continue };
            for attribute in self.embedded(call, &["schemas", id, "attributes"], "attributes").await? {
                let text = |name: &str| attribute.get(name).and_then(Json::as_str).unwrap_or_default();
                if text("schemaType").eq_ignore_ascii_case("CUSTOM") && !text("name").is_empty() {
                    let several = attribute.get("multiValued").and_then(Json::as_bool).unwrap_or(false);
                    found.insert(text("name").to_owned(), several);
                }
            }
        }
        Ok(found)
    }

    async fn embedded(&self, call: &Call, parts: &[&str], name: &str) -> Result<Vec<Json>> {
        let answer = self.get(call, self.url(parts, &[])?).await?;
        if !answer.is_success() {
            return Err(Refusal::of(&answer).into_error(Doing::Searching));
        }
        let mut body = answer.json().ok_or_else(|| not_json(&answer))?;
        match body.pointer_mut(&format!("/_embedded/{name}")).map(Json::take) {
            Some(Json::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }
}

/// An answer that should have been PingOne's and is not.
pub(crate) fn not_json(answer: &Answer) -> ConnectorError {
    ConnectorError::new(
        ErrorKind::ConnectorIo,
        format!(
            "The answer is not PingOne's ({}); check serviceUri and what stands before it.",
            answer.described()
        ),
    )
}
