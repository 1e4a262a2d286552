//! One SCIM service under one configuration: what all instances of the connector share.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icf::{CallContext, ConfigurationHandle, ConnectorError, ErrorKind, ObjectClass, Result};
use icf_http::header::{ACCEPT, HeaderValue};
use icf_http::{
    Answer, Budget, Bytes, Fault, Method, Repeat, Request, Service, StatusCode, Url, below, encoded, segment,
};
use serde_json::Value as Json;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::configuration::ScimConfiguration;
use crate::model::{Model, discover};
use crate::profile::ContentType;
use crate::refusal::Refusal;
use crate::settings::{Settings, Version};

/// Bytes of one answer at most.
pub(crate) const MAX_ANSWER: usize = 64 << 20;
/// How long what the service said about itself is believed without asking again.
const FRESH: Duration = Duration::from_secs(60);

/// The service.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) settings: Settings,
    service: Service,
    model: tokio::sync::Mutex<Option<(Arc<Model>, Instant)>>,
    pub(crate) learned: Learned,
    /// What a synchronisation delivered with the stamp it ended at, by class.
    pub(crate) delivered: Mutex<HashMap<ObjectClass, (String, HashSet<String>)>>,
}

/// What the service turned out to be unable to do, although nobody said so.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    pub(crate) no_patch: Flag,
    pub(crate) plain_json: Flag,
    pub(crate) no_paging: Flag,
    pub(crate) no_attributes: Flag,
    pub(crate) no_search_endpoint: Flag,
}

/// Something learned.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Target {
    /// The target of a configuration; set up by the first call.
    pub(crate) async fn of(configuration: &ConfigurationHandle<ScimConfiguration>) -> Result<Arc<Self>> {
        icf_http::kept(configuration, || Self::open(configuration)).await
    }

    async fn open(configuration: &ConfigurationHandle<ScimConfiguration>) -> Result<Self> {
        let settings = Settings::new(&configuration.get())?;
        let service = Service::of(configuration, settings.service.clone(), |configuration| {
            &mut configuration.http.refresh_token
        })
        .await?;
        let learned = Learned::default();
        if settings.knobs.content_type == ContentType::Json || settings.version == Version::One {
            learned.plain_json.set();
        }
        if !settings.knobs.search_endpoint {
            learned.no_search_endpoint.set();
        }
        let (model, delivered) = (tokio::sync::Mutex::new(None), Mutex::default());
        Ok(Self { settings, service, model, learned, delivered })
    }

    /// The time of a call.
    pub(crate) fn budget(&self, cx: &CallContext) -> Budget {
        Budget::new(cx, self.settings.budget())
    }

    /// What the service has, asked once.
    pub(crate) async fn model(&self, budget: &Budget) -> Result<Arc<Model>> {
        self.model_since(budget, Duration::MAX).await
    }

    /// What the service has now, or had within the last minute.
    pub(crate) async fn fresh_model(&self, budget: &Budget) -> Result<Arc<Model>> {
        self.model_since(budget, FRESH).await
    }

    async fn model_since(&self, budget: &Budget, age: Duration) -> Result<Arc<Model>> {
        let mut known = self.model.lock().await;
        if let Some((model, when)) = &*known
            && when.elapsed() < age
        {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(discover(self, budget).await?);
        *known = Some((Arc::clone(&model), Instant::now()));
        Ok(model)
    }

    /// Where the service describes itself, in the order to try.
    pub(crate) fn provider_paths(&self) -> Vec<String> {
        if let Some(path) = &self.settings.knobs.service_provider_config_path {
            return vec![format!("/{}", path.trim_start_matches('/'))];
        }
        let mut paths = vec!["/ServiceProviderConfig".to_owned(), "/ServiceProviderConfigs".to_owned()];
        if self.settings.version == Version::One {
            paths.reverse();
        }
        paths
    }

    /// An endpoint as a path below the root. An absolute address must be of this service.
    pub(crate) fn endpoint(&self, served: &str) -> Result<String> {
        let base = &self.settings.base;
        let foreign = || {
            ConnectorError::configuration(
                "A resource type of the service has an endpoint outside of SCIMEndpoint; requests are sent nowhere else.",
            )
        };
        let path = match Url::parse(served) {
            Ok(url) if url.origin() == base.origin() => {
                url.path().strip_prefix(base.path().trim_end_matches('/')).ok_or_else(foreign)?.to_owned()
            }
            Ok(_) => return Err(foreign()),
            Err(_) => served.to_owned(),
        };
        let path = path.trim_matches('/');
        if path.is_empty()
            || path.split('/').any(|part| part == ".." || part == ".")
            || path.contains(['?', '#'])
        {
            return Err(foreign());
        }
        Ok(format!("/{path}"))
    }

    /// An address below the root; `path` has a slash in front, its parts are encoded already.
    fn url(&self, path: &str, query: &[(&str, String)]) -> Result<Url, Fault> {
        below(&self.settings.base, path, query)
    }

    /// How long the address with this query is.
    pub(crate) fn length_of(value: &str) -> usize {
        encoded(value).len()
    }

    /// Reads something below the root.
    pub(crate) async fn get(
        &self,
        budget: &Budget,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Answer, Fault> {
        let request = Request::new(Method::GET, self.url(path, query)?, MAX_ANSWER);
        self.send(budget, request, None).await
    }

    /// Sends a body, in the type that the service takes.
    pub(crate) async fn write(
        &self,
        budget: &Budget,
        method: Method,
        path: &str,
        body: Option<&Json>,
        if_match: Option<&str>,
    ) -> Result<Answer, Fault> {
        let mut request = Request::new(method, self.url(path, &[])?, MAX_ANSWER);
        if let Some(version) = if_match.and_then(|version| HeaderValue::try_from(version).ok()) {
            request = request.header(icf_http::header::IF_MATCH, version);
        }
        self.send(budget, request, body).await
    }

    /// Reads by POST.
    pub(crate) async fn query(&self, budget: &Budget, path: &str, body: &Json) -> Result<Answer, Fault> {
        let request = Request::new(Method::POST, self.url(path, &[])?, MAX_ANSWER).repeat(Repeat::Reading);
        self.send(budget, request, Some(body)).await
    }

    async fn send(
        &self,
        budget: &Budget,
        mut request: Request,
        body: Option<&Json>,
    ) -> Result<Answer, Fault> {
        const ACCEPTED: HeaderValue =
            HeaderValue::from_static("application/scim+json, application/json;q=0.9");
        const PLAIN: HeaderValue = HeaderValue::from_static("application/json");
        if self.settings.knobs.method_override && request.method == Method::PATCH {
            request.method = Method::POST;
            request.headers.insert("x-http-method-override", HeaderValue::from_static("PATCH"));
        }
        request.headers.extend(self.settings.extra_headers.clone());
        let bytes = body.map(|body| Bytes::from_owner(Zeroizing::new(body.to_string().into_bytes())));
        let sent = |plain: bool| {
            let mut request = request.clone().header(ACCEPT, if plain { PLAIN } else { ACCEPTED });
            if let Some(bytes) = &bytes {
                const SCIM: HeaderValue = HeaderValue::from_static("application/scim+json; charset=utf-8");
                request = request.body(bytes.clone(), if plain { PLAIN } else { SCIM });
            }
            self.service.send(budget, request)
        };
        let plain = self.learned.plain_json.is_set();
        let answer = sent(plain).await?;
        let refused =
            matches!(answer.status, StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE);
        if !refused || plain || self.settings.knobs.content_type == ContentType::Scim {
            return Ok(answer);
        }
        let answer = sent(true).await?;
        if !matches!(answer.status, StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE) {
            tracing::debug!("The service takes application/json only.");
            self.learned.plain_json.set();
        }
        Ok(answer)
    }

    /// The path of one resource.
    pub(crate) fn path_of(endpoint: &str, id: &str) -> String {
        format!("{endpoint}/{}", segment(id))
    }

    pub(crate) fn refusal(&self, answer: &Answer) -> Refusal {
        Refusal::of(answer)
    }

    /// What a class was delivered with the stamp a synchronisation ended at.
    pub(crate) fn delivered(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<ObjectClass, (String, HashSet<String>)>> {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that should have been SCIM and is not.
pub(crate) fn not_scim(answer: &Answer) -> ConnectorError {
    ConnectorError::new(
        ErrorKind::ConnectorIo,
        format!(
            "The answer is not a SCIM response ({}); check SCIMEndpoint and what stands before the service.",
            answer.described()
        ),
    )
}
