//! A server in a process of its own: this very test program, started again as `rcs run` with the counting connector.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser as _;
use rcs::cli::{Cli, perform};
use rustix::process::{Pid, Signal, kill_process};

use crate::connector;

/// The environment variable with the properties file of a server.
const CONFIG: &str = "ROLLING_CONFIG";

/// Longer than a stop may take here.
const HANG_GUARD: Duration = Duration::from_secs(60);

/// What the process runs instead of tests.
#[test]
#[ignore = "the server in the other tests"]
fn a_server() {
    let Ok(config) = std::env::var(CONFIG) else { return };
    let command = Cli::try_parse_from(["rcs", "run", "--config", &config]).unwrap().command;
    let exit = perform(command, |_| vec![connector::registration()]);
    std::process::exit(exit as i32);
}

/// A running server, which does not outlive its test.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a server; its log goes beside its properties file.
    pub(crate) fn start(name: &str, config: &Path) -> Self {
        let log = config.with_extension("log");
        let file = File::options().append(true).create(true).open(&log).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["process::a_server", "--exact", "--ignored", "--nocapture"])
            .env(CONFIG, config)
            .env(connector::WHO, name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end; answers the exit code, if it was no signal that ended it.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(started.elapsed() < HANG_GUARD, "the server does not end:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
