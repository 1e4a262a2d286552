//! One HTTP service: requests go out with credentials and under limits, and answers come back bounded.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use icf::GuardedString;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use crate::answer::Answer;
use crate::budget::{Budget, Interrupted};
use crate::client::{self, ConnectionSettings};
use crate::credentials::{self, Credentials};
use crate::fault::{Fault, reasons};
use crate::oauth::Tokens;
use crate::rate::{Limiter, Rate};
use crate::retry::{Attempts, Next, Repeat};

/// How much of an answer that is no success is read.
const MAX_REFUSAL: usize = 256 * 1024;
/// How often a redirect within one origin is followed.
const MOST_REDIRECTS: u32 = 2;

/// Everything a service needs to know.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// How connections are made.
    pub connection: ConnectionSettings,
    /// Who asks.
    pub credentials: Credentials,
    /// A limit for requests that read.
    pub read_rate: Option<Rate>,
    /// A limit for requests that write.
    pub write_rate: Option<Rate>,
    /// Whether any address is `https`, so that roots are needed.
    pub tls: bool,
}

impl ServiceSettings {
    /// Without rate limits; `address` is the service's.
    #[must_use]
    pub fn new(address: &Url, credentials: Credentials, connection: ConnectionSettings) -> Self {
        let tls = address.scheme() == "https"
            || matches!(&credentials, Credentials::OAuth(oauth) if oauth.endpoint.scheme() == "https");
        Self { connection, credentials, read_rate: None, write_rate: None, tls }
    }
}

/// A request, sent as often as [`Repeat`] and the time of the operation allow.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers besides `Authorization`.
    pub headers: HeaderMap,
    /// Body, with its content type.
    pub body: Option<(Bytes, HeaderValue)>,
    /// What a second copy does.
    pub repeat: Repeat,
    /// Bytes of the answer at most.
    pub limit: usize,
}

impl Request {
    /// A request without body. Everything but POST may be repeated.
    #[must_use]
    pub fn new(method: Method, url: Url, limit: usize) -> Self {
        let repeat = match method {
            Method::GET | Method::HEAD => Repeat::Reading,
            Method::POST => Repeat::Never,
            _ => Repeat::Idempotent,
        };
        Self { method, url, headers: HeaderMap::new(), body: None, repeat, limit }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>, content_type: HeaderValue) -> Self {
        self.body = Some((body.into(), content_type));
        self
    }

    /// Says what a second copy does.
    #[must_use]
    pub const fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    fn shown(&self) -> String {
        format!("{} {}", self.method, self.url.path())
    }
}

/// One service under one configuration. Lives as long as the configuration; all operations share it.
pub struct Service {
    client: Client,
    credentials: Shown,
    read: Option<Limiter>,
    write: Option<Limiter>,
    /// As many requests under way as there may be connections.
    places: Semaphore,
    timeout: Duration,
}

enum Shown {
    Always(HeaderValue),
    Tokens(Box<Tokens>),
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Service {
    /// Sets a service up; nothing is sent yet. `rotated` is told refresh tokens that replace the configured one, and
    /// answers whether it wants to be told of the next.
    ///
    /// # Errors
    /// Settings that no client can be made of.
    pub async fn open(
        settings: ServiceSettings,
        rotated: impl Fn(GuardedString) -> bool + Send + Sync + 'static,
    ) -> Result<Self, Fault> {
        let client = client::build(&settings.connection, settings.tls).await?;
        if settings.tls && settings.connection.trust.self_signed {
            tracing::warn!(
                "acceptSelfSignedCertificates is on: anyone on the way to the service can pose as it."
            );
        }
        if settings.tls && settings.connection.trust.any_name {
            tracing::warn!("disableHostNameVerifier is on: any trusted server can pose as the service.");
        }
        let timeout = settings.connection.timeout;
        let credentials = match settings.credentials {
            Credentials::Basic { user, password } => {
                Shown::Always(credentials::basic(&user, &password.reveal())?)
            }
            Credentials::Token { prefix, token } => {
                Shown::Always(credentials::prefixed(&prefix, &token.reveal())?)
            }
            Credentials::OAuth(oauth) => {
                Shown::Tokens(Box::new(Tokens::new(*oauth, client.clone(), timeout, Box::new(rotated))))
            }
        };
        Ok(Self {
            client,
            credentials,
            read: settings.read_rate.map(Limiter::new),
            write: settings.write_rate.map(Limiter::new),
            places: Semaphore::new(settings.connection.connections.max(1)),
            timeout,
        })
    }

    /// Sends a request and reads the answer, of whatever status; repeats it where that helps and does no harm.
    ///
    /// # Errors
    /// What kept an answer from coming.
    pub async fn send(&self, budget: &Budget, mut request: Request) -> Result<Answer, Fault> {
        let origin = request.url.origin();
        let (mut attempts, mut renewed, mut redirects, mut uncertain) =
            (Attempts::default(), false, 0, false);
        loop {
            self.throttle(budget, &request).await?;
            let header = self.authorization(budget).await?;
            let outcome = self.once(budget, &request, header.clone()).await;
            let next = match &outcome {
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !renewed => {
                    if let Shown::Tokens(tokens) = &self.credentials {
                        tokens.invalidate(&header);
                        renewed = true;
                        continue;
                    }
                    Next::Stop
                }
                Ok(answer) if is_redirect(answer.status) => {
                    redirects += 1;
                    request.url = follow(&request, answer, &origin, redirects)?;
                    continue;
                }
                Ok(answer) => attempts.after_answer(answer, request.repeat),
                Err(fault) => attempts.after_fault(fault, request.repeat),
            };
            uncertain |= matches!(outcome, Err(Fault::Broken { .. }))
                || matches!(&outcome, Ok(answer) if answer.status.is_server_error());
            let (pause, limit) = match next {
                Next::Stop => return outcome.map(|answer| Answer { uncertain, ..answer }),
                Next::After(pause) => (pause, false),
                Next::AfterLimit(pause) => (pause, true),
            };
            if limit && (attempts.limit_exhausted() || !budget.fits(pause)) {
                let host = host_of(&request.url);
                return Err(Fault::Limited {
                    limit: format!("{host} limits the rate of requests (429)"),
                    wait: pause,
                });
            }
            if !budget.fits(pause) {
                return outcome.map(|answer| Answer { uncertain, ..answer });
            }
            self.wait(budget, pause, &request).await?;
        }
    }

    async fn wait(&self, budget: &Budget, pause: Duration, request: &Request) -> Result<(), Fault> {
        let interrupted = |why| fault_of(why, budget, &host_of(&request.url), &request.shown());
        budget.pause(pause).await.map_err(interrupted)
    }

    async fn throttle(&self, budget: &Budget, request: &Request) -> Result<(), Fault> {
        let (limiter, name) = match request.repeat {
            Repeat::Reading => (&self.read, "readRateLimit"),
            Repeat::Idempotent | Repeat::Never => (&self.write, "writeRateLimit"),
        };
        let Some(limiter) = limiter else { return Ok(()) };
        match limiter.reserve(budget.left()) {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => self.wait(budget, wait, request).await,
            Err(wait) => Err(Fault::Limited { limit: format!("{name} allows {}", limiter.rate()), wait }),
        }
    }

    async fn authorization(&self, budget: &Budget) -> Result<HeaderValue, Fault> {
        match &self.credentials {
            Shown::Always(header) => Ok(header.clone()),
            Shown::Tokens(tokens) => tokens.header(budget).await,
        }
    }

    /// One attempt.
    async fn once(
        &self,
        budget: &Budget,
        request: &Request,
        authorization: HeaderValue,
    ) -> Result<Answer, Fault> {
        let (host, what) = (host_of(&request.url), request.shown());
        let started = tokio::time::Instant::now();
        let mut builder = self.client.request(request.method.clone(), request.url.clone());
        builder = builder.headers(request.headers.clone()).header(AUTHORIZATION, authorization);
        if let Some((body, content_type)) = &request.body {
            builder = builder.header(CONTENT_TYPE, content_type.clone()).body(body.clone());
        }
        let exchange = async {
            let _place = self.places.acquire().await;
            let sent = tokio::time::timeout(self.timeout, builder.send()).await;
            let Ok(sent) = sent else {
                let cause = format!("no answer within {} s (connectionTimeout)", self.timeout.as_secs());
                return Err(Fault::Broken { host: host.clone(), what: what.clone(), cause });
            };
            let mut response = sent.map_err(|error| fault_of_client(&error, &host, &what))?;
            let body = self.read(&mut response, request.limit, &host, &what).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok(Answer { status, headers, body, uncertain: false })
        };
        let outcome = budget.run(exchange).await.map_err(|why| fault_of(why, budget, &host, &what))?;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(answer) => tracing::debug!(
                host, method = %request.method, status = answer.status.as_u16(), bytes = answer.body.len(), millis,
                "A request was answered."
            ),
            Err(fault) => {
                tracing::debug!(host, method = %request.method, %fault, millis, "A request failed.")
            }
        }
        outcome
    }

    async fn read(
        &self,
        response: &mut Response,
        limit: usize,
        host: &str,
        what: &str,
    ) -> Result<Bytes, Fault> {
        let success = response.status().is_success();
        let limit = if success { limit } else { limit.min(MAX_REFUSAL) };
        let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(expected.min(limit).min(1 << 20));
        loop {
            let chunk = tokio::time::timeout(self.timeout, response.chunk()).await;
            let Ok(chunk) = chunk else {
                let cause = format!("its answer stood still for {} s", self.timeout.as_secs());
                return Err(Fault::Broken { host: host.to_owned(), what: what.to_owned(), cause });
            };
            let Some(chunk) = chunk.map_err(|error| fault_of_client(&error, host, what))? else { break };
            if body.len() + chunk.len() > limit {
                if success {
                    return Err(Fault::TooLarge { host: host.to_owned(), what: what.to_owned(), limit });
                }
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }
}

/// Names the host for messages, with its port.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

pub(crate) fn fault_of(why: Interrupted, budget: &Budget, host: &str, what: &str) -> Fault {
    match why {
        Interrupted::Cancelled => Fault::Cancelled,
        Interrupted::TimeOver => {
            Fault::Timeout { host: host.to_owned(), what: what.to_owned(), waited: budget.used() }
        }
    }
}

fn fault_of_client(error: &reqwest::Error, host: &str, what: &str) -> Fault {
    let cause = reasons(error);
    if error.is_builder() {
        return Fault::Configuration(format!("The request {what} cannot be made: {cause}"));
    }
    if error.is_connect() {
        return Fault::Unreachable { host: host.to_owned(), cause };
    }
    Fault::Broken { host: host.to_owned(), what: what.to_owned(), cause }
}

fn is_redirect(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}

/// Where a redirect leads, if it may be followed.
fn follow(request: &Request, answer: &Answer, origin: &url::Origin, count: u32) -> Result<Url, Fault> {
    let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = request.url.join(location);
    let shown = target.as_ref().map_or_else(
        |_| "an address that is none".to_owned(),
        |url| format!("{}{}", url.origin().ascii_serialization(), url.path()),
    );
    let refused =
        |why| Fault::Redirect { host: host_of(&request.url), what: request.shown(), to: shown.clone(), why };
    match target {
        Ok(url) if url.origin() != *origin => Err(refused(
            "it leads to another origin, which must not get the credentials; correct the address",
        )),
        Ok(_) if !matches!(answer.status.as_u16(), 307 | 308) => {
            Err(refused("only 307 and 308 keep the request as it is; correct the address"))
        }
        Ok(_) if count > MOST_REDIRECTS => Err(refused("it was redirected twice before")),
        Ok(url) if !location.is_empty() => Ok(url),
        _ => Err(refused("there is no address in it")),
    }
}
