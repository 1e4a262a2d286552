//! Waiting costs nothing: links that are up, links that cannot be had.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::scene::{Scene, Setup};

const WINDOW: Duration = Duration::from_secs(3);

/// A twentieth of one core, in ticks of a hundredth of a second.
const MOST: u64 = 15;

/// Runs a test of this file alone in a process, since other tests use the processor too.
fn alone(name: &str) {
    let output =
        Command::new(std::env::current_exe().unwrap()).args(["--exact", name, "--ignored"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{name} did not run");
}

#[test]
fn links_with_nothing_to_do_take_no_processor_time() {
    alone("idle::with_links_up");
}

#[test]
fn a_refused_server_waits_without_processor_time() {
    alone("idle::while_refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures a process of its own; run by another test"]
async fn with_links_up() {
    let scene = Scene::ready(Setup { links: 8, ..Setup::default() }).await;
    measure().await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures a process of its own; run by another test"]
async fn while_refused() {
    let faults = vec![json!({"point": "upgrade", "kind": "status", "times": 0, "params": {"status": 403}})];
    let scene = Scene::start(Setup { links: 8, faults, ..Setup::default() }).await;
    measure().await;
    scene.end().await;
}

async fn measure() {
    // What the start left to do.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = ticks();
    tokio::time::sleep(WINDOW).await;
    let used = ticks() - before;
    assert!(used <= MOST, "{used} hundredths of a second of processor time in {WINDOW:?}");
}

/// Processor time of this process so far, in user and kernel mode.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name in parentheses may contain anything.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<_> = fields.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
