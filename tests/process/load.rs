//! 64 operations at any time: creations, each of another object, searches and reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::{Certificate, Client, Method};
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::connector::OBJECTS;

const WORKERS: usize = 64;

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(120);

/// What was asked, under which name, and the answer.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) body: Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Read,
    Search,
}

impl Outcome {
    const fn went_well(&self) -> bool {
        matches!((self.kind, self.status), (Kind::Create, 201) | (Kind::Read | Kind::Search, 200))
    }

    /// The operation was handed back with a class that says: try again.
    pub(crate) fn is_retryable(&self) {
        assert_eq!(self.status, 503, "{self:?}");
        let message = self.body["message"].as_str().unwrap();
        assert!(message.starts_with("Request temporarily unavailable"), "{message}");
    }
}

/// All answers.
#[derive(Debug)]
pub(crate) struct Tally(pub(crate) Vec<Outcome>);

impl Tally {
    pub(crate) fn failed(&self) -> Vec<&Outcome> {
        self.0.iter().filter(|outcome| !outcome.went_well()).collect()
    }

    pub(crate) fn creations(&self) -> impl Iterator<Item = &Outcome> {
        self.0.iter().filter(|outcome| outcome.kind == Kind::Create)
    }

    /// Every search brought every object once and in order.
    pub(crate) fn is_whole(&self) {
        let searches: Vec<_> = self.0.iter().filter(|outcome| outcome.kind == Kind::Search).collect();
        assert!(!searches.is_empty());
        for search in searches {
            let found = search.body["result"].as_array().unwrap();
            assert_eq!(found.len(), OBJECTS);
            for (number, object) in found.iter().enumerate() {
                assert_eq!(object["_id"], format!("{number:05}"));
            }
        }
    }
}

/// The workers.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    workers: Vec<JoinHandle<Vec<Outcome>>>,
}

impl Load {
    /// Begins; a creation takes up to `longest`.
    pub(crate) fn begin(cluster: &Cluster, longest: Duration) -> Self {
        let rest = Rest::of(cluster);
        let over = Arc::new(AtomicBool::new(false));
        let workers = (0..WORKERS)
            .map(|worker| tokio::spawn(work(worker, rest.clone(), longest, Arc::clone(&over))))
            .collect();
        Self { over, workers }
    }

    /// Ends with the answers to what is under way.
    pub(crate) async fn end(self) -> Tally {
        self.over.store(true, Ordering::Relaxed);
        let mut outcomes = Vec::new();
        for worker in self.workers {
            outcomes.extend(worker.await.unwrap());
        }
        Tally(outcomes)
    }
}

/// Waits until the tenant has made the system of the servers' connector usable.
pub(crate) async fn works(cluster: &Cluster) {
    let rest = Rest::of(cluster);
    while !rest.read("first".to_owned()).await.went_well() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One creation besides.
pub(crate) fn create_one(cluster: &Cluster, name: &str, time: Duration) -> JoinHandle<Outcome> {
    let (rest, name) = (Rest::of(cluster), name.to_owned());
    tokio::spawn(async move { rest.create(name, time).await })
}

async fn work(worker: usize, rest: Rest, longest: Duration, over: Arc<AtomicBool>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut turn = 0;
    while !over.load(Ordering::Relaxed) {
        turn += 1;
        outcomes.push(match (worker + turn) % 4 {
            0 => rest.search().await,
            1 => rest.read(format!("{worker}-{turn}")).await,
            _ => {
                // Any spread will do.
                let part = (worker * 31 + turn * 17) % 100;
                rest.create(format!("{worker}-{turn}"), longest.mul_f64(part as f64 / 100.0)).await
            }
        });
    }
    outcomes
}

/// Whoever uses the tenant's REST interface.
#[derive(Clone)]
struct Rest {
    client: Client,
    accounts: String,
}

impl Rest {
    fn of(cluster: &Cluster) -> Self {
        let accounts = format!("{}/openidm/system/counted/account", cluster.tenant.base_url());
        let builder = Client::builder().no_proxy();
        let builder = match cluster.tenant.ca_pem() {
            None => builder,
            Some(authority) => builder.tls_certs_only([Certificate::from_pem(authority.as_bytes()).unwrap()]),
        };
        Self { client: builder.build().unwrap(), accounts }
    }

    async fn send(
        &self,
        kind: Kind,
        name: String,
        method: Method,
        rest: &str,
        body: Option<Json>,
    ) -> Outcome {
        let mut request = self
            .client
            .request(method, format!("{}{rest}", self.accounts))
            .header("X-OpenIDM-Username", "openidm-admin")
            .header("X-OpenIDM-Password", "openidm-admin");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.json().await.unwrap())
        };
        let (status, body) = tokio::time::timeout(HANG_GUARD, answer).await.expect("a REST request hangs");
        Outcome { kind, name, status, body }
    }

    async fn create(&self, name: String, time: Duration) -> Outcome {
        let body = json!({"name": name, "millis": time.as_millis().to_string()});
        self.send(Kind::Create, name, Method::POST, "?_action=create", Some(body)).await
    }

    async fn read(&self, name: String) -> Outcome {
        let path = format!("/{name}");
        self.send(Kind::Read, name, Method::GET, &path, None).await
    }

    async fn search(&self) -> Outcome {
        self.send(Kind::Search, String::new(), Method::GET, "?_queryFilter=true", None).await
    }
}
