//! `rcs set-key`: the key comes from a pipe, a file or a terminal, and shows nowhere.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rustix::pty::{self, OpenptFlags};
use tempfile::TempDir;

const BEFORE: &str = "# head\nconnectorserver.port=8759\nconnectorserver.key=old\n# tail\n";
const AFTER: &str =
    "# head\nconnectorserver.port=8759\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=\n# tail\n";

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rcs.properties");
    std::fs::write(&file, BEFORE).unwrap();
    (directory, file)
}

fn set_key(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rcs"));
    command.env_clear().args(["set-key", "--config"]).arg(file);
    command
}

fn pipe(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn from_a_pipe() {
    for input in ["own", "own\n", "own\r\n"] {
        let (_directory, file) = place();
        let output = pipe(&mut set_key(&file), input.as_bytes());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Key has been successfully updated.\n");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), AFTER);
    }
}

#[test]
fn from_a_file() {
    let (directory, file) = place();
    let key = directory.path().join("key");
    std::fs::write(&key, "own\n").unwrap();
    let output = set_key(&file).arg("--key-file").arg(&key).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), AFTER);
}

#[test]
fn what_is_no_key_changes_nothing() {
    let (directory, file) = place();
    let output = pipe(&mut set_key(&file), b"\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "Error: The key is empty.\n");
    assert_eq!(pipe(&mut set_key(&file), &[b'x'; 5000]).status.code(), Some(2));
    assert_eq!(pipe(&mut set_key(&file), b"\xFF\xFE").status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), BEFORE);

    let output = pipe(&mut set_key(&directory.path().join("absent")), b"own\n");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("absent cannot be read: ") && message.contains("--config"), "{message}");
}

/// Runs the command on a terminal, types one line after each colon of a prompt, and answers with the exit status and
/// everything that the terminal showed.
fn on_a_terminal(file: &Path, lines: &[&str]) -> (i32, String) {
    let controller = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&controller).unwrap();
    pty::unlockpt(&controller).unwrap();
    let name = pty::ptsname(&controller, Vec::new()).unwrap();
    let terminal = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut child = set_key(file).stdin(terminal()).stdout(terminal()).stderr(terminal()).spawn().unwrap();

    let mut controller = File::from(controller);
    let mut typist = controller.try_clone().unwrap();
    let (shown, showing) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        // Reading fails with an I/O error once the last process has closed the terminal.
        while let Ok(count @ 1..) = controller.read(&mut buffer) {
            shown.send(String::from_utf8_lossy(&buffer[..count]).into_owned()).unwrap();
        }
    });
    let mut screen = String::new();
    let hang = Duration::from_secs(10);
    for (number, line) in lines.iter().enumerate() {
        while screen.matches(": ").count() <= number {
            screen += &showing.recv_timeout(hang).expect("a prompt");
        }
        typist.write_all(line.as_bytes()).unwrap();
    }
    // The channel ends when the program, the last to hold the terminal, has ended.
    loop {
        match showing.recv_timeout(hang) {
            Ok(more) => screen += &more,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                panic!("the program still waits; the terminal shows {screen:?}");
            }
        }
    }
    (child.wait().unwrap().code().unwrap(), screen)
}

#[test]
fn from_a_terminal_twice_and_unseen() {
    let (_directory, file) = place();
    let (status, screen) = on_a_terminal(&file, &["own\n", "own\n"]);
    assert_eq!(
        screen,
        "Please enter the new key: \r\nPlease confirm the new key: \r\nKey has been successfully updated.\r\n"
    );
    assert_eq!(status, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), AFTER);
}

#[test]
fn a_mismatch_or_an_interrupt_changes_nothing() {
    let (_directory, file) = place();
    let (status, screen) = on_a_terminal(&file, &["own\n", "other\n"]);
    assert!(screen.ends_with("Error: Key mismatch.\r\n") && !screen.contains("own\r"), "{screen}");
    assert_eq!(status, 2);
    let (status, screen) = on_a_terminal(&file, &["ow\u{3}\n"]);
    assert!(screen.contains("Error: the terminal cannot be read"), "{screen}");
    assert_eq!(status, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), BEFORE);
}
