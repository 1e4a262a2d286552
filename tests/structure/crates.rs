//! Which crate of the workspace may depend on which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{report, root};

/// What the code of a crate may use, and what its tests may use besides. A crate that is not listed may not exist.
struct Rule {
    name: &'static str,
    uses: &'static [&'static str],
    tests_use: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule { name: "directories", uses: &[], tests_use: &[] },
    Rule { name: "icf-derive", uses: &[], tests_use: &["icf"] },
    Rule { name: "icf", uses: &["icf-derive"], tests_use: &[] },
    Rule { name: "icf-testkit", uses: &["icf"], tests_use: &[] },
    Rule { name: "icf-reference", uses: &["icf"], tests_use: &["icf-testkit"] },
    Rule { name: "icf-http", uses: &["icf", "keystore"], tests_use: &["icf-testkit"] },
    Rule { name: "keystore", uses: &[], tests_use: &[] },
    Rule { name: "icf-wire", uses: &["icf"], tests_use: &[] },
    Rule { name: "icf-session", uses: &["icf", "icf-wire"], tests_use: &[] },
    Rule {
        name: "tenant",
        uses: &["icf", "icf-session", "icf-wire", "keystore"],
        tests_use: &["icf-testkit"],
    },
    Rule {
        name: "rcs",
        uses: &["icf", "icf-session", "icf-wire", "keystore", CONNECTORS],
        tests_use: &["directories", "icf-reference", "icf-testkit", "tenant"],
    },
];

/// What every connector may use: connectors know neither the server nor each other.
const CONNECTOR: Rule = Rule {
    name: CONNECTORS,
    uses: &["icf", "icf-http", "keystore"],
    tests_use: &["directories", "icf-testkit"],
};

/// Stands for all crates in `connectors/`, whose names begin with this.
const CONNECTORS: &str = "icf-connector-";

/// Crates from outside that would bring in what a room must not know.
const FOREIGN: &[(&str, &[&str])] = &[
    ("icf", &["prost", "tokio-tungstenite", "tokio-rustls", "hyper", "reqwest", "axum", "csv-core"]),
    ("icf-wire", &["tokio", "tokio-util", "tokio-tungstenite", "tokio-rustls", "futures-util"]),
    ("icf-session", &["prost", "tokio-rustls", "reqwest", "axum"]),
];

/// Name, and direct dependencies as (name, is only for tests or building).
type Package = (String, Vec<(String, bool)>);

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn workspace() -> Vec<Package> {
    let metadata = metadata();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() >= RULES.len(), "cargo metadata lists {} packages only", packages.len());
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let edges =
                dependencies.iter().map(|edge| (text(&edge["name"]), edge["kind"] == "dev")).collect();
            (text(&package["name"]), edges)
        })
        .collect()
}

fn rule_of(name: &str) -> Option<&'static Rule> {
    if name.starts_with(CONNECTORS) {
        return Some(&CONNECTOR);
    }
    RULES.iter().find(|rule| rule.name == name)
}

fn allows(list: &[&str], name: &str) -> bool {
    list.iter().any(|allowed| *allowed == name || (*allowed == CONNECTORS && name.starts_with(CONNECTORS)))
}

#[test]
fn crates_depend_in_one_direction() {
    let packages = workspace();
    let members: BTreeSet<_> = packages.iter().map(|(name, _)| name.as_str()).collect();
    let mut faults = Vec::new();
    for (name, edges) in &packages {
        let Some(rule) = rule_of(name) else {
            faults.push(format!("{name} has no rule"));
            continue;
        };
        for (to, for_tests) in edges.iter().filter(|(to, _)| members.contains(to.as_str())) {
            if !(allows(rule.uses, to) || *for_tests && allows(rule.tests_use, to)) {
                let whose = if *for_tests { "tests of " } else { "" };
                faults.push(format!("{whose}{name} must not use {to}"));
            }
        }
    }
    report(&faults, "The rules stand in tests/structure/crates.rs.");
}

/// The server that is shipped holds no stand-in for the cloud and no test helper, by whatever detour.
#[test]
fn the_server_does_not_contain_the_tenant() {
    let packages: BTreeMap<_, _> = workspace().into_iter().collect();
    let mut reached = BTreeSet::new();
    let mut waiting = vec!["rcs".to_owned()];
    while let Some(name) = waiting.pop() {
        if let Some(edges) = packages.get(&name)
            && reached.insert(name)
        {
            waiting.extend(edges.iter().filter(|(_, for_tests)| !for_tests).map(|(to, _)| to.clone()));
        }
    }
    assert!(reached.contains("icf-wire"), "the walk went nowhere: {reached:?}");
    for unwanted in ["tenant", "icf-testkit", "icf-reference", "directories"] {
        assert!(!reached.contains(unwanted), "rcs must not contain {unwanted}");
    }
}

#[test]
fn no_crate_brings_in_what_its_room_must_not_know() {
    let packages: BTreeMap<_, _> = workspace().into_iter().collect();
    let mut faults = Vec::new();
    for (name, unwanted) in FOREIGN {
        for (to, _) in packages.get(*name).unwrap().iter().filter(|(_, for_tests)| !for_tests) {
            if unwanted.contains(&to.as_str()) {
                faults.push(format!("{name} must not use {to}"));
            }
        }
    }
    report(&faults, "ARCHITECTURE.md says what each crate is for.");
}

/// `./check` compiles the server with each connector alone, by the name of its folder.
#[test]
fn every_connector_is_a_feature_of_the_name_of_its_folder() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let features = &packages.iter().find(|package| package["name"] == "rcs").unwrap()["features"];
    for entry in fs::read_dir(root().join("connectors")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let crate_name = format!("dep:{CONNECTORS}{name}");
        let enabled = features[&name].as_array().unwrap_or_else(|| panic!("no feature called {name}"));
        assert!(
            enabled.iter().any(|enabled| *enabled == *crate_name),
            "{name} does not bring in {crate_name}"
        );
        let default = features["default"].as_array().unwrap();
        assert!(default.iter().any(|feature| *feature == *name), "{name} is not a default feature");
    }
}
