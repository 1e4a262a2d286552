//! Where health, metrics and status are served: the process as an operator starts it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

/// A server process, which does not outlive its test.
struct Running(Child);

impl Running {
    fn ended(mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }

    /// Told to stop, with which exit code it ends.
    fn terminated(self) -> Option<i32> {
        let status = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(status.success());
        self.ended().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already if all went well.
        let _ = self.0.kill();
    }
}

/// A server-mode `rcs run` with this `adminListen`; answers its log up to the line that says that it runs or why not.
fn start(folder: &TempDir, admin: &str) -> (Running, String) {
    let file = folder.path().join("ConnectorServer.properties");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let admin =
        if admin.is_empty() { String::new() } else { format!("connectorserver.adminListen={admin}\n") };
    std::fs::write(
        &file,
        format!(
            "connectorserver.port={port}\nconnectorserver.ifaddress=127.0.0.1\n\
             connectorserver.key=lmA6bMfENJGlIDbfrVtklXFK32s=\n{admin}"
        ),
    )
    .unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_rcs"))
        .args(["run", "--config"])
        .arg(&file)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Running(child);
    let mut log = String::new();
    let mut lines = BufReader::new(child.0.stderr.take().unwrap());
    while !log.contains("started.") && !log.contains("Cannot start") {
        assert_ne!(lines.read_line(&mut log).unwrap(), 0, "the process ended: {log}");
    }
    // Whatever else it says must not make it wait.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    (child, log)
}

/// `rcs status` for the server of this folder.
fn status(folder: &TempDir) -> (Option<i32>, String) {
    let file = folder.path().join("ConnectorServer.properties");
    let output =
        Command::new(env!("CARGO_BIN_EXE_rcs")).args(["status", "--config"]).arg(file).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn ask(mut stream: impl Read + Write, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: rcs\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn over_tcp_a_listening_server_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (child, log) = start(&folder, &format!("127.0.0.1:{port}"));
    assert!(log.contains(&format!("Health, metrics and status at 127.0.0.1:{port}")), "{log}");
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert!(ask(connect(), "/livez").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask(connect(), "/readyz").ends_with("\r\n\r\n{\"ready\":true,\"missing\":[]}"));
    assert!(ask(connect(), "/metrics").contains("\nrcs_build_info{version=\""));
    assert!(ask(connect(), "/nothing").starts_with("HTTP/1.1 404"));
    let (code, text) = status(&folder);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("rcs (RCS ") && text.contains(": ready\nlistens at 127.0.0.1:"), "{text}");
    assert_eq!(child.terminated(), Some(0));
}

#[test]
fn a_unix_socket_left_by_a_killed_process_is_replaced_and_a_file_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rcs.sock");
    drop(UnixListener::bind(&path).unwrap());
    let (child, _) = start(&folder, &format!("unix:{}", path.display()));
    let (code, text) = status(&folder);
    assert_eq!(code, Some(0), "{text}");
    assert!(ask(UnixStream::connect(&path).unwrap(), "/livez").ends_with("ok\n"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    assert_eq!(child.terminated(), Some(0));
    assert!(!path.exists(), "the socket is removed at the end");
    let (code, text) = status(&folder);
    assert_eq!(code, Some(4));
    assert!(text.starts_with("No server answers at unix:"), "{text}");

    std::fs::write(&path, "precious").unwrap();
    let (child, log) = start(&folder, &format!("unix:{}", path.display()));
    assert!(log.contains("Cannot start: cannot listen for health, metrics and status at unix:"), "{log}");
    assert_eq!(child.ended().code(), Some(3));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn a_taken_address_ends_the_start_only_if_somebody_chose_it() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (child, log) = start(&folder, &taken.local_addr().unwrap().to_string());
    assert!(log.contains("(adminListen); free it, choose another one, or set `off`"), "{log}");
    assert_eq!(child.ended().code(), Some(3));

    // Taken by this test or by whatever else runs here.
    let _taken = TcpListener::bind("127.0.0.1:8760");
    let (child, log) = start(&folder, "");
    assert!(log.contains("cannot listen for health, metrics and status at 127.0.0.1:8760"), "{log}");
    assert_eq!(child.terminated(), Some(0));
}

#[test]
fn off_is_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let (child, log) = start(&folder, "off");
    assert!(!log.contains("Health, metrics and status"), "{log}");
    assert_eq!(child.terminated(), Some(0));
}
