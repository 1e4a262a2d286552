//! The unit in `packaging/systemd`, and what the server tells a service manager. `packaging/check deb` has a real one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/systemd/rcs.service");

/// Longer than anything here takes on a busy machine.
const HANG_GUARD: Duration = Duration::from_secs(30);

/// A server process, which does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already if all went well.
        let _ = self.0.kill();
    }
}

/// Runs `systemd-analyze` and answers what it printed.
fn analyze(arguments: &[&str]) -> String {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .output()
        .expect("systemd-analyze is part of systemd, which must be installed");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_unit_is_sound() {
    // The binary need not be installed here for the unit to be right.
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("rcs.service");
    let text = std::fs::read_to_string(UNIT).unwrap().replace("/usr/bin/rcs", env!("CARGO_BIN_EXE_rcs"));
    std::fs::write(&unit, text).unwrap();
    assert_eq!(analyze(&["verify", "--man=no", "--recursive-errors=no", unit.to_str().unwrap()]), "");
}

#[test]
fn the_unit_exposes_little() {
    let report = analyze(&["security", "--offline=true", "--no-pager", UNIT]);
    let level =
        report.split("Overall exposure level for rcs.service: ").nth(1).unwrap_or_else(|| panic!("{report}"));
    let level: f32 = level.split_whitespace().next().unwrap().parse().unwrap();
    assert!(level <= 1.5, "{report}");
}

/// The messages to the service manager, until one contains this.
fn await_message(socket: &UnixDatagram, wanted: &str) -> Vec<String> {
    let started = Instant::now();
    let mut messages = Vec::new();
    let mut buffer = [0; 4096];
    while !messages.iter().any(|message: &String| message.contains(wanted)) {
        assert!(started.elapsed() < HANG_GUARD, "{wanted} did not come: {messages:?}");
        if let Ok(length) = socket.recv(&mut buffer) {
            messages.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
        }
    }
    messages
}

#[test]
fn the_service_manager_is_told_that_the_server_starts_lives_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let file = folder.path().join("ConnectorServer.properties");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(
        &file,
        format!(
            "connectorserver.port={port}\nconnectorserver.ifaddress=127.0.0.1\nconnectorserver.adminListen=off\n\
             connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s=\n"
        ),
    )
    .unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_rcs"))
        .args(["run", "--config"])
        .arg(&file)
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("WATCHDOG_USEC", "300000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Running(child);
    let before = await_message(&socket, "READY=1");
    assert_eq!(before.len(), 1, "nothing is said before the server is there: {before:?}");
    for _ in 0..3 {
        await_message(&socket, "WATCHDOG=1");
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.0.id())).unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(cores.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{cores}");
    let signal = |name: &str| {
        let id = child.0.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    };
    signal("-HUP");
    let reload = await_message(&socket, "RELOADING=1");
    // The manager must know that the answer that follows is to this reload.
    assert!(reload.last().unwrap().contains("MONOTONIC_USEC="), "{reload:?}");
    await_message(&socket, "READY=1");
    signal("-TERM");
    await_message(&socket, "STOPPING=1");
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
}
