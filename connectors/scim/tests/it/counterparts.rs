//! Services that others wrote, installed once into the build's folder. One that cannot be installed or started fails the
//! tests.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// What is installed for Python, in exact versions.
const PACKAGES: [&str; 2] = ["scim2-server[cursor,precis]==0.8.3", "scim2-cli==0.6.0"];
/// What is installed for Node.
const PACKAGE: &str = include_str!("../counterparts/package.json");

/// Makes a folder once, for all processes; `content` says what it holds, and another content makes it anew.
fn installed(name: &str, content: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/counterparts");
    std::fs::create_dir_all(&target).unwrap();
    let target = target.canonicalize().unwrap();
    let folder = target.join(name);
    let complete = folder.join("complete");
    // Another process may be at it; a lock file would outlive a killed one, a file lock does not.
    let lock = std::fs::File::create(target.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if std::fs::read_to_string(&complete).ok().as_deref() != Some(content) {
        let _ = std::fs::remove_dir_all(&folder);
        install(&folder);
        std::fs::write(&complete, content).unwrap();
    }
    folder
}

/// The folder with the programs of the Python packages.
pub(crate) fn python() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let folder = installed("python", &PACKAGES.join(" "), |folder| {
            run(Command::new("python3").args(["-m", "venv"]).arg(folder));
            run(Command::new(folder.join("bin/pip")).args(["install", "--quiet"]).args(PACKAGES));
        });
        folder.join("bin")
    })
}

/// The folder with the Node packages, from which the scripts are run.
fn node() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        installed("node", PACKAGE, |folder| {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join("package.json"), PACKAGE).unwrap();
            let mut npm = Command::new("npm");
            run(npm.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]));
        })
    })
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A running service; it ends when dropped.
pub(crate) struct Counterpart {
    child: Child,
    pub(crate) port: u16,
}

impl Counterpart {
    /// `scim2-server`, which is strict; files with these contents are given to it by these options.
    pub(crate) fn scim2_server(files: &[(&str, Json)]) -> Self {
        // One at a time, so that nobody takes the port in between.
        static STARTING: Mutex<u32> = Mutex::new(0);
        let mut number = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python().join("scim2-server"));
        command.args(["--port", &port.to_string(), "--bearer-token", "tok"]);
        for (option, content) in files {
            let file = python().join(format!("given-{}-{number}{option}.json", std::process::id()));
            std::fs::write(&file, content.to_string()).unwrap();
            command.arg(option).arg(file);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Self { child, port };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert_eq!(server.child.try_wait().unwrap(), None, "scim2-server ended at its start");
            assert!(begun.elapsed() < Duration::from_secs(60), "scim2-server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// A script for Node, which tells its port in its first line, and what else there is to know.
    pub(crate) fn script(name: &str, text: &str, arguments: &[&str]) -> (Self, String) {
        let file = node().join(format!("{name}-{}.js", std::process::id()));
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("node");
        command.current_dir(node()).arg(&file).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        let ["port", port, rest @ ..] = words.as_slice() else { panic!("{name} does not start: {line}") };
        (Self { child, port: port.parse().unwrap() }, rest.join(" "))
    }

    /// Where SCIM begins.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/v2", self.port)
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
