//! The figures of the server, each as a ratio to a baseline of the same run where there is one.
//!
//! `cargo bench --bench server` runs everything; `cargo bench --bench server -- --short` a form for CI.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed bench")]

mod support;

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use icf::{ConnectorObject, ObjectClass};
use icf_wire::binary::{Blobs, Limits, Profile, read};
use support::{Pair, person, tls_pair, websocket};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;

/// A run like this in a process of its own, for its peak memory.
const CHILD: &str = "--memory-of";

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == CHILD) {
        return measured_child(arguments[at + 1].parse().unwrap());
    }
    let short = arguments.iter().any(|argument| argument == "--short");
    let scale = if short { 20 } else { 1 };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(search_against_bare_websocket(100_000 / scale));
    binary_objects(200_000 / scale);
    runtime.block_on(no_operations(20_000 / scale));
    peak_memory(scale);
}

/// The same bytes, object by object, as bare WebSocket messages and as a search through the whole server.
async fn search_against_bare_websocket(count: usize) {
    let messages = encoded_messages(count);
    let bytes: usize = messages.iter().map(bytes::Bytes::len).sum();
    let mut bare = Vec::new();
    let mut whole = Vec::new();
    // Interleaved, so that what else the machine does hits both alike.
    for _ in 0..5 {
        bare.push(bare_websocket(&messages).await);
        let pair = Pair::new(1, true).await;
        pair.search(count / 10).await;
        let started = Instant::now();
        assert_eq!(pair.search(count).await, count);
        whole.push(started.elapsed());
    }
    let (bare, whole) = (median(bare), median(whole));
    println!(
        "search of {count} objects over TLS loopback ({} MB): {:.0} objects/s; bare WebSocket {:.0} messages/s; ratio {:.2} (goal >= 0.5)",
        bytes / 1_000_000,
        rate(count, whole),
        rate(count, bare),
        bare.as_secs_f64() / whole.as_secs_f64(),
    );
}

async fn bare_websocket(messages: &[bytes::Bytes]) -> Duration {
    let (near, far) = tls_pair().await;
    let mut sender = websocket(near, WsRole::Client).await;
    let mut receiver = websocket(far, WsRole::Server).await;
    let count = messages.len();
    let reading = tokio::spawn(async move {
        for _ in 0..count {
            black_box(receiver.next().await.unwrap().unwrap());
        }
    });
    let started = Instant::now();
    for chunk in messages.chunks(64) {
        for message in chunk {
            sender.feed(Message::Binary(message.clone())).await.unwrap();
        }
        sender.flush().await.unwrap();
    }
    reading.await.unwrap();
    started.elapsed()
}

fn encoded_messages(count: usize) -> Vec<bytes::Bytes> {
    use icf_wire::envelope::RemoteMessage;
    use icf_wire::rpc::{Item, Operation, Reply};
    let search = Operation::Search { class: None, filter: None, options: icf::OperationOptions::default() };
    let mut reply = Reply::to(&search);
    let class = ObjectClass::new(count.to_string());
    (0..count)
        .map(|n| {
            let (part, _) = reply.part(&Item::Object(person(&class, n))).unwrap();
            RemoteMessage::of_response(2, part).to_bytes()
        })
        .collect()
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
    let limits = Limits::default();
    let started = Instant::now();
    for n in 0..count {
        black_box(read::object_attributes(&encoded[n % 1_000], class.clone(), &limits).unwrap());
    }
    let decode = started.elapsed();
    let megabytes = bytes as f64 / 1e6;
    println!(
        "binary objects of {} bytes: encode {:.0} MB/s, decode {:.0} MB/s",
        bytes / count,
        megabytes / encode.as_secs_f64(),
        megabytes / decode.as_secs_f64(),
    );
}

/// An operation that does nothing, through links, dispatch and back.
async fn no_operations(count: usize) {
    let pair = std::sync::Arc::new(Pair::new(1, true).await);
    for in_flight in [1, 16, 64] {
        let started = Instant::now();
        let mut slowest = Vec::with_capacity(count);
        let mut tasks = Vec::new();
        for _ in 0..in_flight {
            let pair = std::sync::Arc::clone(&pair);
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                for _ in 0..count / in_flight {
                    let started = Instant::now();
                    pair.test().await;
                    times.push(started.elapsed());
                }
                times
            }));
        }
        for task in tasks {
            slowest.extend(task.await.unwrap());
        }
        let elapsed = started.elapsed();
        slowest.sort_unstable();
        println!(
            "no-op with {in_flight:2} in flight: {:.0} operations/s, median {:?}, 99 % {:?}",
            rate(slowest.len(), elapsed),
            slowest[slowest.len() / 2],
            slowest[slowest.len() * 99 / 100],
        );
    }
}

fn peak_memory(scale: usize) {
    let mut first = None;
    for count in [10_000 / scale, 100_000 / scale, 1_000_000 / scale] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([CHILD, &count.to_string()])
            .output()
            .unwrap();
        let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        let base = *first.get_or_insert(kilobytes);
        println!(
            "peak memory of server and reader for {count} objects: {:.1} MB, {:.2} of the first (goal <= 1.1)",
            kilobytes / 1e3,
            kilobytes / base
        );
    }
}

fn measured_child(count: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let pair = Pair::new(1, true).await;
        assert_eq!(pair.search(count).await, count);
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("{}", peak.trim().trim_end_matches(" kB"));
}

fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
