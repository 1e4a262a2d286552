//! What holds for every tracked file.

use std::fs;
use std::path::Path;

use super::{report, root, tracked};

/// A file longer than this has more than one subject.
const MOST_LINES: usize = 600;

/// Words in the host of an address that points at a package registry or a mirror of one. Which one is used is the
/// business of the machine.
const REGISTRY_WORDS: &[&str] = &[
    "registry",
    "mirror",
    "nexus",
    "artifactory",
    "npmjs",
    "pypi",
    "golang",
    "crates.io",
    "maven",
    "debian",
];

/// Hosts that hold such a word and are names, not places to load from.
const NAMES: &[&str] = &["maven.apache.org"];

/// Places on the machine of whoever wrote a line. In parts, for this file is looked at, too.
const PLACES: [[&str; 2]; 4] = [["../", "shared"], ["/", "work/"], ["/", "root/"], ["/", "home/"]];

/// Whether the line holds that place, and not an address with such a path.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        !line.get(..at).is_some_and(|before| before.ends_with(|letter: char| letter.is_alphanumeric()))
    })
}

fn texts() -> impl Iterator<Item = (String, String)> {
    tracked().into_iter().filter_map(|file| {
        let text = fs::read_to_string(root().join(&file)).ok()?;
        Some((file.display().to_string(), text))
    })
}

#[test]
fn no_source_file_is_longer_than_one_subject_needs() {
    let is_source = |file: &str| [".rs", ".java", ".sh"].iter().any(|ending| file.ends_with(ending));
    let faults: Vec<_> = texts()
        .filter(|(file, _)| is_source(file))
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    report(&faults, "Part it by subject.");
}

#[test]
fn nothing_points_outside_the_repository() {
    let places = PLACES.map(|parts| parts.concat());
    let mut faults = Vec::new();
    for (file, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = places.iter().find(|place| names_place(line, place)) {
                faults.push(format!("{file}:{}: {found}", number + 1));
            }
            if let Some(host) = hosts(line).find(|host| is_registry(host)) {
                faults.push(format!("{file}:{}: {host}", number + 1));
            }
        }
    }
    report(&faults, "The repository must mean the same on every machine.");
}

fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("://").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !(letter.is_alphanumeric() || "-._:@[]".contains(letter)));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    })
}

fn is_registry(host: &str) -> bool {
    !NAMES.contains(&host) && REGISTRY_WORDS.iter().any(|word| host.contains(word))
}

#[test]
fn hosts_are_told_from_paths() {
    let unwanted = ["mirror", ".example.com:80"].concat();
    let line = format!("see <https://docs.example.com/mirror> and \"http://{unwanted}/x\"");
    assert_eq!(hosts(&line).collect::<Vec<_>>(), ["docs.example.com", &unwanted]);
    assert_eq!(hosts(&line).filter(|host| is_registry(host)).count(), 1);
    let place = PLACES[2].concat();
    assert!(names_place(&format!("cd {place}x"), &place) && !names_place(&format!("realms{place}x"), &place));
}

/// Every relative link of a page leads to a file.
#[test]
fn links_between_pages_lead_somewhere() {
    let mut faults = Vec::new();
    let mut links = 0;
    for (file, text) in texts().filter(|(file, _)| file.ends_with(".md")) {
        let folder = Path::new(&file).parent().unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            links += 1;
            if !root().join(folder).join(target).exists() {
                faults.push(format!("{file}: {target}"));
            }
        }
    }
    assert!(links > 0, "no page has a link");
    report(&faults, "These links lead nowhere.");
}

/// The page that says where a line belongs names every place there is.
#[test]
fn the_architecture_page_names_every_room() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut faults = Vec::new();
    for folder in ["src", "crates", "connectors"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let is_place =
                entry.path().is_dir() || name.ends_with(".rs") && !["lib.rs"].contains(&name.as_str());
            if is_place && !page.contains(&format!("`{folder}/{name}")) {
                faults.push(format!("{folder}/{name}"));
            }
        }
    }
    report(&faults, "ARCHITECTURE.md does not say what these are for.");
}
