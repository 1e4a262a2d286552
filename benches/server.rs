//! The figures of the server, each as a ratio to a baseline of the same run where there is one. docs/performance.md says
//! what they mean.
//!
//! `cargo bench --bench server` runs everything, with `-- search`, `-- objects`, `-- no-op` or `-- memory` one of them.
//! `cargo test --bench server -- --short` is for CI: it shows that the figures can be taken, and what
//! it prints is worth nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed bench")]

mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use icf::{ConnectorObject, ObjectClass, OperationOptions};
use icf_wire::binary::{Blobs, Limits, Objects, Profile, decode_one};
use icf_wire::envelope::RemoteMessage;
use icf_wire::rpc::{Expected, Item, Operation};
use icf_wire::session::Role;
use support::bare::{self, BareTenant, Seen};
use support::connector::person;
use support::loopback::Host;
use support::pair::{self, Pair};
use support::taken::{Taken, rate};
use tokio::runtime::Runtime;

/// A server in a process of its own, for its peak memory.
const SERVER_ALONE: &str = "--server-for";

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == SERVER_ALONE) {
        let (port, certificate) = (arguments[at + 1].parse().unwrap(), Path::new(&arguments[at + 2]));
        return pair::alone(pair::server, port, certificate);
    }
    let short = arguments.iter().any(|argument| argument == "--short");
    let (scale, rounds) = if short { (100, 1) } else { (1, 9) };
    let runtime = Runtime::new().unwrap();
    // Names of figures among the arguments leave the others out.
    let figures = ["search", "objects", "no-op", "memory"];
    let any = figures.iter().any(|figure| arguments.iter().any(|argument| argument == figure));
    for figure in figures {
        if any && !arguments.iter().any(|argument| argument == figure) {
            continue;
        }
        match figure {
            "search" => runtime.block_on(search_against_bare_websocket(100_000 / scale, rounds)),
            "objects" => binary_objects(200_000 / scale),
            "no-op" => runtime.block_on(no_operations(20_000 / scale)),
            _ => runtime.block_on(peak_memory(scale)),
        }
    }
}

/// The same frames from the server, from a bare WebSocket, and to our own asking side, which decodes them.
async fn search_against_bare_websocket(count: usize, rounds: usize) {
    let host = Arc::new(Host::new().await);
    let frames: Arc<[Bytes]> = record(&host, count).await.into();
    let mut expected = Seen::default();
    frames.iter().for_each(|frame| expected.look(frame));
    let (mut server, mut bare, mut flushed, mut whole) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Interleaved, so that what else the machine does hits all alike.
    for _ in 0..rounds {
        bare.push(bare_websocket(&host, &frames, 64, expected).await);
        server.push(server_to_bare_tenant(&host, count, expected).await);
        flushed.push(bare_websocket(&host, &frames, 1, expected).await);
        whole.push(server_to_own_side(&host, count).await);
    }
    println!("search of {count} objects over TLS loopback, {} MB:", expected.bytes() / 1_000_000);
    let baseline = Taken::median(bare);
    for (name, taken) in [
        ("bare WebSocket, flush every 64 messages", baseline),
        ("bare WebSocket, flush every message", Taken::median(flushed)),
        ("server, bare reader (goal: ratio >= 0.5)", Taken::median(server)),
        ("server, our own reader, objects decoded", Taken::median(whole)),
    ] {
        println!(
            "  {name:42} {:7.0} objects/s, ratio {:.2}; processor time of both ends {:.2} us per object",
            rate(count, taken.time),
            baseline.time.as_secs_f64() / taken.time.as_secs_f64(),
            taken.processor.as_secs_f64() * 1e6 / count as f64,
        );
    }
}

/// What the server sends for a search, after a look that it is that.
async fn record(host: &Host, count: usize) -> Vec<Bytes> {
    let (near, far) = host.pair().await;
    let server = pair::server();
    server.session().attach(near, Role::Dialer, "bench");
    let mut tenant = BareTenant::meet(far).await;
    tenant.ask(count).await;
    let frames = tenant.record(count).await;
    let search = Operation::Search { class: None, filter: None, options: OperationOptions::default() };
    let mut expected = Expected::of(&search, Limits::default());
    let class = ObjectClass::new(count.to_string());
    for (n, frame) in frames.iter().take(count).enumerate() {
        let response = RemoteMessage::from_bytes(frame.clone()).unwrap().response.unwrap();
        match expected.item(*response.operation_response.unwrap()).unwrap() {
            Item::Object(object) => assert_eq!(object, person(&class, n)),
            other => panic!("{other:?}"),
        }
    }
    frames
}

async fn bare_websocket(host: &Host, frames: &Arc<[Bytes]>, together: usize, expected: Seen) -> Taken {
    let (near, mut far) = host.pair().await;
    let (count, frames) = (frames.len(), Arc::clone(frames));
    let begun = Taken::begin();
    let sending = tokio::spawn(async move { bare::send(near, &frames, together).await });
    let seen = tokio::spawn(async move { bare::see(&mut far, count).await }).await.unwrap();
    let taken = begun.end();
    assert_eq!(seen, expected);
    drop(sending.await.unwrap());
    taken
}

async fn server_to_bare_tenant(host: &Host, count: usize, expected: Seen) -> Taken {
    let (near, far) = host.pair().await;
    let server = pair::server();
    server.session().attach(near, Role::Dialer, "bench");
    let mut tenant = BareTenant::meet(far).await;
    let begun = Taken::begin();
    let reading = tokio::spawn(async move {
        tenant.ask(count).await;
        (tenant.see(count + 1).await, tenant)
    });
    let (seen, tenant) = reading.await.unwrap();
    let taken = begun.end();
    assert_eq!(seen, expected);
    tenant.leave().await;
    taken
}

async fn server_to_own_side(host: &Host, count: usize) -> Taken {
    let pair = Pair::new(host).await;
    let begun = Taken::begin();
    let seen = tokio::spawn(async move { pair.search(count).await }).await.unwrap();
    let taken = begun.end();
    assert_eq!(seen, count);
    taken
}

fn binary_objects(count: usize) {
    let class = ObjectClass::ACCOUNT;
    let objects: Vec<ConnectorObject> = (0..1_000).map(|n| person(&class, n)).collect();
    let mut blobs = Blobs::new(Profile::OpenIcf2);
    let started = Instant::now();
    let mut bytes = 0;
    for n in 0..count {
        bytes += black_box(blobs.object_attributes(&objects[n % 1_000]).unwrap()).len();
    }
    let encode = started.elapsed();
    let encoded: Vec<_> = objects.iter().map(|object| blobs.object_attributes(object).unwrap()).collect();
    let mut reader = Objects::new(Limits::default());
    let started = Instant::now();
    for n in 0..count {
        black_box(reader.read(&encoded[n % 1_000], class.clone()).unwrap());
    }
    let decode = started.elapsed();
    let started = Instant::now();
    for n in 0..count {
        black_box(decode_one(&encoded[n % 1_000], &Limits::default()).unwrap());
    }
    let tree = started.elapsed();
    let started = Instant::now();
    for n in 0..count {
        black_box(person(&class, n));
    }
    let made = started.elapsed();
    let megabytes = bytes as f64 / 1e6;
    println!(
        "binary objects of {} bytes: encode {:.0} MB/s, decode {:.0} MB/s, as a tree {:.0} MB/s; to make one up takes {:.2} us",
        bytes / count,
        megabytes / encode.as_secs_f64(),
        megabytes / decode.as_secs_f64(),
        megabytes / tree.as_secs_f64(),
        made.as_secs_f64() * 1e6 / count as f64,
    );
}

/// An operation that does nothing, from our own asking side through links, dispatch and back.
async fn no_operations(count: usize) {
    let pair = Arc::new(Pair::new(&Host::new().await).await);
    let test = Arc::new(pair::request(Operation::Test));
    for in_flight in [1, 16, 64] {
        let begun = Taken::begin();
        let tasks: Vec<_> = (0..in_flight)
            .map(|_| tokio::spawn(tests(Arc::clone(&pair), Arc::clone(&test), count / in_flight)))
            .collect();
        let mut times = Vec::with_capacity(count);
        for task in tasks {
            times.extend(task.await.unwrap());
        }
        let taken = begun.end();
        times.sort_unstable();
        println!(
            "no-op with {in_flight:2} in flight: {:.0} operations/s, median {:.0?}, 99 % {:.0?}; processor time of both ends {:.1} us each",
            rate(times.len(), taken.time),
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            taken.processor.as_secs_f64() * 1e6 / times.len() as f64,
        );
    }
}

async fn tests(pair: Arc<Pair>, test: Arc<icf_wire::rpc::OperationRequest>, count: usize) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        pair.test(&test).await;
        times.push(started.elapsed());
    }
    times
}

/// The most memory that a server has had resident, alone in its process, after one search. The reader keeps nothing.
async fn peak_memory(scale: usize) {
    let host = Host::new().await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("certificate.der");
    host.publish(&certificate);
    let mut first = None;
    for count in [10_000 / scale, 100_000 / scale, 1_000_000 / scale] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([SERVER_ALONE, &host.port().to_string()]).arg(&certificate);
        let child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut tenant = BareTenant::meet(host.accept().await).await;
        tenant.ask(count).await;
        tenant.see(count + 1).await;
        tenant.leave().await;
        let output = child.wait_with_output().unwrap();
        let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        let base = *first.get_or_insert(kilobytes);
        println!(
            "peak memory of the server for {count} objects: {:.1} MB, {:.2} of the first (goal: <= 1.1)",
            kilobytes / 1e3,
            kilobytes / base
        );
    }
}
