//! Which room of the server (a module right below `src/`) may use which.

use std::collections::BTreeSet;
use std::fs;

use super::{report, root, tracked};

/// Rooms, and the rooms they may use. `main.rs` and `lib.rs` put the rooms together and may use all.
const ROOMS: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("report", &[]),
    ("proxy", &["config"]),
    ("tls", &["config"]),
    ("token", &["config", "proxy", "tls"]),
    ("link", &["config", "proxy", "tls", "token"]),
    ("pool", &["config", "link", "report", "token"]),
    ("dispatch", &[]),
    ("legacy", &["config", "dispatch", "link"]),
    ("listen", &["config", "legacy", "link", "report", "tls"]),
    ("bundled", &["config"]),
    ("serve", &["config", "dispatch", "legacy", "link", "listen", "pool", "proxy", "report", "tls", "token"]),
    ("admin", &["config", "dispatch", "pool", "report", "serve"]),
    ("doctor", &["admin", "config", "link", "listen", "report", "serve", "tls", "token"]),
    ("import", &["config"]),
    ("cli", &["admin", "config", "doctor", "import", "report", "serve", "tls"]),
];

/// The first part of every path that begins with `crate::`, groups in braces included.
fn used_rooms(text: &str) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for (at, marker) in text.match_indices("crate::") {
        let before = text.get(..at).unwrap_or_default();
        if before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':') {
            continue;
        }
        let rest = text.get(at + marker.len()..).unwrap_or_default();
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(heads_of_group(group));
        } else {
            used.insert(head(rest));
        }
    }
    used
}

fn head(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(path.len());
    path.get(..end).unwrap_or_default()
}

/// The first names in `a::{b, c}, d::e}`, at the outer level only.
fn heads_of_group(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut heads) = (0_usize, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(head(group.get(start..at).unwrap_or_default()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(head(group.get(start..at).unwrap_or_default()));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[test]
fn rooms_use_each_other_in_one_direction() {
    let mut faults = Vec::new();
    for file in tracked().iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let Ok(inside) = file.strip_prefix("src") else { continue };
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&room) {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("src/{room} is no room of the table"));
            continue;
        };
        let text = fs::read_to_string(root().join(file)).unwrap();
        for used in used_rooms(&text) {
            let is_room = ROOMS.iter().any(|(name, _)| *name == used);
            if is_room && used != room && !allowed.contains(&used) {
                faults.push(format!("{}: {room} must not use {used}", file.display()));
            }
        }
    }
    faults.dedup();
    report(&faults, "The rules stand in tests/structure/rooms.rs.");
}

#[test]
fn the_table_of_rooms_has_no_cycle() {
    // Each room may use only what stands above it, so that there is an order in which to read them.
    let mut read: Vec<&str> = Vec::new();
    let mut rooms: Vec<_> = ROOMS.iter().collect();
    while !rooms.is_empty() {
        let before = rooms.len();
        rooms.retain(|(name, uses)| {
            let ready = uses.iter().all(|used| read.contains(used));
            if ready {
                read.push(name);
            }
            !ready
        });
        assert!(rooms.len() < before, "these rooms use each other in a circle: {rooms:?}");
    }
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "use crate::config::{Settings, Origin};\nuse crate::{link::{self, Dialer}, token::Source};\n\
                let x = crate::pool::open(); $crate::not; other_crate::not; ";
    assert_eq!(Vec::from_iter(used_rooms(text)), ["config", "link", "not", "pool", "token"]);
}
