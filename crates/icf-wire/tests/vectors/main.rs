//! Every golden vector of a folder: bytes recorded from the Java frameworks, and what each of them holds.
//!
//! `RCS_VECTORS=DIR` names another folder of the same shape: JSON files, in it or in folders in it, each with a
//! `family`, who it was `produced_by`, and `vectors`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod families;
mod notation;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[test]
fn every_vector_decodes_to_what_it_describes_and_encodes_to_the_same_bytes() {
    let folder = std::env::var_os("RCS_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"),
        |folder| {
            if Path::new(&folder).is_absolute() { PathBuf::from(folder) } else { from_workspace(&folder) }
        },
    );
    let mut files = Vec::new();
    json_files(&folder, &mut files);
    assert!(!files.is_empty(), "no vectors: {} holds no JSON file; set RCS_VECTORS", folder.display());

    let mut report = Report::default();
    for file in &files {
        report.run(&folder, file);
    }
    // Past the harness, which keeps what a passing test prints to itself.
    std::io::stdout().write_all(report.to_string(&folder).as_bytes()).unwrap();
    assert!(report.ran() > 0, "no vector ran: {} holds only families that are left out", folder.display());
    assert!(
        report.failures.is_empty(),
        "{} vectors failed:\n{}",
        report.failures.len(),
        report.failures.join("\n")
    );
}

/// Tests run in the folder of their package; a relative path is meant from where cargo was called.
fn from_workspace(folder: &std::ffi::OsStr) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    root.join(folder)
}

fn json_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| {
        panic!("no vectors: cannot list {}: {error}; set RCS_VECTORS", folder.display())
    });
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            json_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

#[derive(Default)]
struct Report {
    /// How many vectors of each file were run, or, of a family that is left out, were not.
    counts: BTreeMap<String, (usize, bool)>,
    failures: Vec<String>,
}

impl Report {
    fn run(&mut self, folder: &Path, path: &Path) {
        let text = std::fs::read_to_string(path).unwrap();
        let file: Value = serde_json::from_str(&notation::without_lone_surrogates(&text))
            .unwrap_or_else(|error| panic!("{} is not JSON: {error}", path.display()));
        let family = file["family"].as_str().unwrap_or_else(|| panic!("{} names no family", path.display()));
        let vectors =
            file["vectors"].as_array().unwrap_or_else(|| panic!("{} has no vectors", path.display()));
        let name = path.strip_prefix(folder).unwrap().with_extension("").display().to_string();
        assert!(!vectors.is_empty(), "{name} is empty");
        let Some(check) = families::check_of(family) else {
            self.counts.insert(name, (vectors.len(), false));
            return;
        };
        let origin = families::Origin::of(&file);
        for (place, vector) in vectors.iter().enumerate() {
            let label = ["name", "key"].iter().find_map(|key| vector[key].as_str()).unwrap_or_default();
            if let Err(fault) = check(vector, &origin) {
                self.failures.push(format!("{name} #{place} {label}: {fault}"));
            }
        }
        self.counts.insert(name, (vectors.len(), true));
    }

    fn ran(&self) -> usize {
        self.counts.values().filter(|(_, run)| *run).map(|(count, _)| count).sum()
    }

    fn to_string(&self, folder: &Path) -> String {
        let mut text = format!("\nvectors in {}:\n", folder.display());
        for (name, (count, run)) in &self.counts {
            let left_out = if *run { "" } else { "  left out" };
            writeln!(text, "  {name:<32} {count:>4}{left_out}").unwrap();
        }
        let left_out: usize = self.counts.values().filter(|(_, run)| !run).map(|(count, _)| count).sum();
        let failed = self.failures.len();
        writeln!(text, "  {} run, {failed} failed, {left_out} left out", self.ran()).unwrap();
        text
    }
}
