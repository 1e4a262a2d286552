//! A full read of users by the SCIM connector through the whole path: service, connector, dispatch, link, tenant; as a
//! ratio to a bare HTTP client that downloads the same pages. docs/performance.md says what the figures mean.
//!
//! `cargo bench --bench scim` runs everything; `cargo test --bench scim -- --short` is for CI: it shows that the figures
//! can be taken, and what it prints is worth nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed bench")]

#[allow(dead_code, reason = "the other bench uses more of it")]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use icf::{GuardedString, ObjectClass, OperationOptions, Registration, Value};
use icf_testkit::http::{FakeService, Received, Reply};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::rpc::{FacadeKey, Operation, OperationRequest};
use icf_wire::session::{EngineConfig, Role};
use rcs::config::{BundleNames, BundleSettings};
use rcs::dispatch::DispatchOptions;
use rcs::serve::Server;
use serde_json::{Value as Json, json};
use support::bare::BareTenant;
use support::loopback::Host;
use support::pair;
use support::taken::{Taken, rate};
use tokio::runtime::Runtime;

/// A server in a process of its own, for its peak memory.
const SERVER_ALONE: &str = "--server-for";
/// Users on a page.
const PAGE: usize = 1_000;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == SERVER_ALONE) {
        let (port, certificate) = (arguments[at + 1].parse().unwrap(), Path::new(&arguments[at + 2]));
        return pair::alone(server, port, certificate);
    }
    let short = arguments.iter().any(|argument| argument == "--short");
    let (scale, rounds) = if short { (50, 1) } else { (1, 5) };
    let runtime = Runtime::new().unwrap();
    // For the bare client, which takes its cryptography from the process although it needs none.
    let _ = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default();
    runtime.block_on(full_read(50_000 / scale, rounds));
    runtime.block_on(peak_memory(scale));
}

fn registration() -> Registration {
    let all =
        rcs::bundled::connectors(&BundleSettings { names: BundleNames::Ping, versions: BTreeMap::new() });
    all.into_iter().find(|connector| connector.key().connector_name.ends_with(".ScimConnector")).unwrap()
}

fn server() -> Server {
    let connectors = vec![registration()];
    Server::without_links("bench", EngineConfig::default(), DispatchOptions::default(), connectors).unwrap()
}

/// A service whose pages lie ready.
struct Users {
    service: FakeService,
    count: usize,
    bytes: usize,
}

impl Users {
    async fn start(count: usize) -> Self {
        let pages: BTreeMap<usize, Bytes> = (0..count.div_ceil(PAGE))
            .map(|page| {
                let users: Vec<_> = (page * PAGE..count).take(PAGE).map(user).collect();
                let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                    "totalResults": count, "startIndex": page * PAGE + 1, "itemsPerPage": users.len(), "Resources": users});
                (page * PAGE + 1, body.to_string().into())
            })
            .collect();
        let bytes = pages.values().map(Bytes::len).sum();
        let service = FakeService::start(move |request| answer(&pages, request)).await;
        Self { service, count, bytes }
    }

    /// What the tenant asks for.
    fn request(&self) -> OperationRequest {
        let registration = registration();
        let mut configuration = registration.info().configuration;
        for (name, value) in [
            ("SCIMEndpoint", Value::from(self.service.url("/s"))),
            ("SCIMVersion", 2.into()),
            ("authenticationMethod", "TOKEN".into()),
            ("authToken", Value::GuardedString(GuardedString::new("tok"))),
        ] {
            configuration.properties.iter_mut().find(|property| property.name == name).unwrap().value = value;
        }
        let key = facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
        OperationRequest {
            connector: registration.key().clone(),
            facade_key: FacadeKey::new(key.into()),
            locale: None,
            operation: Operation::Search {
                class: Some(ObjectClass::ACCOUNT),
                filter: None,
                options: OperationOptions::default(),
            },
        }
    }
}

/// A user of about a kilobyte.
fn user(n: usize) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": format!("2819c223-7f76-453a-919d-{n:012}"), "externalId": format!("ext-{n}"), "userName": format!("user{n}@example.com"),
        "name": {"formatted": format!("Ms. Ann {n} Example"), "familyName": format!("Example{n}"), "givenName": "Ann"},
        "displayName": format!("Ann Example {n}"), "title": "Engineer", "preferredLanguage": "en-GB", "active": true,
        "emails": [{"value": format!("user{n}@example.com"), "type": "work", "primary": true}, {"value": format!("ann{n}@home.example"), "type": "home"}],
        "phoneNumbers": [{"value": "+43 555 01 02 03", "type": "work"}],
        "addresses": [{"streetAddress": "1 Main Street", "locality": "Graz", "postalCode": "8010", "country": "AT", "type": "work"}],
        "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Everybody"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": n.to_string(), "department": "Research"},
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": "W/\"1\""}})
}

fn answer(pages: &BTreeMap<usize, Bytes>, request: &Received) -> Reply {
    match request.path.as_str() {
        "/s/ServiceProviderConfig" => Reply::scim(
            200,
            &json!({"patch": {"supported": true}, "filter": {"supported": true, "maxResults": PAGE}}),
        ),
        "/s/Users" => {
            let start = request.parameter("startIndex").and_then(|text| text.parse().ok()).unwrap_or(1);
            match pages.get(&start) {
                Some(page) => Reply::text(200, "application/scim+json", page.clone()),
                None => Reply::status(400),
            }
        }
        _ => Reply::status(404),
    }
}

async fn full_read(count: usize, rounds: usize) {
    let (host, users) = (Host::new().await, Users::start(count).await);
    let (mut bare, mut whole, mut requests) = (Vec::new(), Vec::new(), 0);
    // Interleaved, so that what else the machine does hits both alike.
    for _ in 0..rounds {
        bare.push(bare_client(&users).await);
        let _ = users.service.take();
        whole.push(whole_path(&host, &users).await);
        requests = users.service.take().len();
    }
    let (bare, whole) = (Taken::median(bare), Taken::median(whole));
    println!("full read of {count} users, {:.1} MB in pages of {PAGE}:", users.bytes as f64 / 1e6);
    for (name, taken) in [("bare HTTP client, same pages", bare), ("whole path, bare reader", whole)] {
        println!(
            "  {name:30} {:7.0} users/s, ratio {:.2}; processor time of all ends {:.1} us per user",
            rate(count, taken.time),
            bare.time.as_secs_f64() / taken.time.as_secs_f64(),
            taken.processor.as_secs_f64() * 1e6 / count as f64,
        );
    }
    println!("  requests: {requests}, {:.4} per user", requests as f64 / count as f64);
}

async fn bare_client(users: &Users) -> Taken {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let begun = Taken::begin();
    let mut bytes = 0;
    for start in (1..=users.count).step_by(PAGE) {
        let url = users.service.url(&format!("/s/Users?startIndex={start}&count={PAGE}"));
        let mut response = client.get(url).send().await.unwrap();
        while let Some(chunk) = response.chunk().await.unwrap() {
            bytes += chunk.len();
        }
    }
    assert_eq!(bytes, users.bytes);
    begun.end()
}

async fn whole_path(host: &Host, users: &Users) -> Taken {
    let (near, far) = host.pair().await;
    let server = server();
    let _link = server.session().attach(near, Role::Dialer, "bench");
    let mut tenant = BareTenant::meet(far).await;
    let begun = Taken::begin();
    tenant.request(&users.request()).await;
    let _ = tenant.see(users.count + 1).await;
    let taken = begun.end();
    tenant.leave().await;
    taken
}

/// The most memory that a server has had resident, alone in its process, after one full read.
async fn peak_memory(scale: usize) {
    let host = Host::new().await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("certificate.der");
    host.publish(&certificate);
    let mut first = None;
    for count in [5_000 / scale, 50_000 / scale] {
        let users = Users::start(count).await;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([SERVER_ALONE, &host.port().to_string()]).arg(&certificate);
        let child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut tenant = BareTenant::meet(host.accept().await).await;
        tenant.request(&users.request()).await;
        tenant.see(count + 1).await;
        tenant.leave().await;
        let output = child.wait_with_output().unwrap();
        let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        let base = *first.get_or_insert(kilobytes);
        println!(
            "peak memory of the server for {count} users: {:.1} MB, {:.2} of the first",
            kilobytes / 1e3,
            kilobytes / base
        );
    }
}
