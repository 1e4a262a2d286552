//! The arrangement of the repository: which crate and which room of the server may know which, how long a file may be,
//! and what no tracked file may hold. `ARCHITECTURE.md` gives the reasons.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod crates;
mod files;
mod protocol_page;
mod rooms;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that git tracks, relative to the repository.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    // A file may be tracked and yet be deleted in the working tree.
    let files: Vec<_> =
        names.split_terminator('\0').map(PathBuf::from).filter(|file| root().join(file).is_file()).collect();
    assert!(files.len() > 100, "git lists {} files only", files.len());
    files
}

/// Fails with all faults at once.
fn report(faults: &[String], remedy: &str) {
    assert!(faults.is_empty(), "{}\n{remedy}", faults.join("\n"));
}
