//! The LDAP connectors: random operations, the same for both, each side on a directory of its own with the same company:
//! an OpenLDAP, and a 389 Directory Server.
//!
//! `RCS_DIFF_SEED` chooses another seed, `RCS_DIFF_OPERATIONS` how many operations are run.

mod differences;
mod judge;
mod operations;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use directories::slapd::SUFFIX;
use icf::{ConnectorKey, GuardedString, ResultsHandlerConfiguration, Value, ValueArray};
use serde_json::Value as Json;

use differences::Case;
use servers::{Brand, Pair, Server};

use crate::dice::Dice;
use crate::scene::Scene;
use crate::sides::{Side, Sides};
use crate::step::name;
use crate::table::Dialect;

const SEED: u64 = 20_261_122;
/// Operations on each kind of directory.
const OPERATIONS: usize = 300;
const OPERATIONS_ON_389: usize = 60;
const STEPS: usize = 30;
/// From so many operations on every listed difference must have been met.
const ENOUGH: usize = 900;
/// Mismatches that are shown.
const SHOWN: usize = 12;

fn connector() -> ConnectorKey {
    ConnectorKey {
        bundle_name: "org.openidentityplatform.openicf.connectors.ldap-connector".to_owned(),
        bundle_version: "2.0.1".to_owned(),
        connector_name: "org.identityconnectors.ldap.LdapConnector".to_owned(),
    }
}

fn scene(uid: &'static str, server: &Server) -> Scene {
    let text = |text: &str| Value::String(text.to_owned());
    let below = |branch: &str| format!("ou={branch},{SUFFIX}");
    let list = |texts: &[&str]| Value::Array(Box::new(ValueArray::of_strings(texts.iter().copied())));
    Scene {
        name: uid,
        connector: connector(),
        // What the cloud generates.
        handlers: ResultsHandlerConfiguration {
            normalizing: false,
            filtered: false,
            case_insensitive: false,
            attributes_to_get: true,
        },
        properties: vec![
            ("host", text("127.0.0.1")),
            ("port", Value::Integer(server.port().into())),
            ("principal", text(server.admin())),
            ("credentials", Value::GuardedString(GuardedString::new(server.secret()))),
            ("baseContexts", list(&[&below("People"), &below("Partners"), &below("Groups")])),
            ("uidAttribute", text(uid)),
        ],
        file: None,
        dialect: Dialect::default(),
        steps: Vec::new(),
    }
}

/// The answer with its objects, and the values of each attribute, in one order, and without the words of an error: in a
/// directory neither has an order of its own.
fn comparable(mut told: Json) -> Json {
    if let Some(items) = told["items"].as_array_mut() {
        items.sort_by_key(|item| item["name"].to_string());
        items.iter_mut().for_each(sort_values);
    }
    if let Some(end) = told.get_mut("end") {
        sort_values(end);
    }
    if let Some(error) = told.get_mut("error") {
        *error = error["class"].clone();
    }
    told
}

fn sort_values(object: &mut Json) {
    let mut attributes = object.get_mut("attributes").and_then(Json::as_object_mut);
    let passwords = attributes.as_mut().and_then(|attributes| attributes.get_mut("userPassword"));
    for password in passwords.and_then(Json::as_array_mut).into_iter().flatten() {
        // Each directory has salt of its own; that both show the bytes, and by which scheme, is what counts.
        if let Some((scheme, _)) = password.as_str().and_then(|bytes| bytes.split_once(", 125,")) {
            *password = Json::from(format!("{scheme} and salt"));
        }
    }
    for values in attributes.into_iter().flat_map(|attributes| attributes.values_mut()) {
        if let Some(values) = values.as_array_mut() {
            values.sort_by_key(Json::to_string);
        }
    }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[tokio::test(flavor = "multi_thread")]
async fn random_operations_on_a_directory_are_answered_alike() {
    compare(Brand::OpenLdap, setting("RCS_DIFF_OPERATIONS", OPERATIONS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_operations_on_a_directory_of_389_are_answered_alike() {
    compare(Brand::Ds389, setting("RCS_DIFF_OPERATIONS", OPERATIONS_ON_389)).await;
}

async fn compare(brand: Brand, operations: usize) {
    let seed = setting("RCS_DIFF_SEED", SEED);
    println!("{brand:?}: seed {seed}, {operations} operations");
    let sides = Sides::of_directories().await;
    let (mut dice, mut pair) = (Dice::new(seed), Pair::of(brand));
    let mut met = BTreeMap::<&str, usize>::new();
    let (mut failures, mut kinds) = (0, BTreeSet::new());
    for number in 0..operations.div_ceil(STEPS) {
        let uid = if number % 2 == 0 { "uid" } else { "dn" };
        pair.begin();
        let (java_scene, our_scene) = (scene(uid, pair.java()), scene(uid, pair.ours()));
        let (mut java, mut ours) = (Side::new(&sides.java, &java_scene), Side::new(&sides.ours, &our_scene));
        for _ in 0..STEPS {
            let step = operations::step(&mut dice, uid);
            let (java_told, ours_told) = tokio::join!(java.run(&step), ours.run(&step));
            let said = |told: &Json| told["error"]["message"].as_str().unwrap_or_default().to_owned();
            let (java_said, ours_said) = (said(&java_told), said(&ours_told));
            let (mut java_told, ours_told) = (comparable(java_told), comparable(ours_told));
            if java_told == ours_told {
                continue;
            }
            let parted = java_told.get("error").is_some() != ours_told.get("error").is_some();
            let truth = judge::truth(&mut ours, &step).await.map(comparable);
            let case = Case { step: &step, java_said: &java_said, ours_said: &ours_said, truth };
            for known in differences::ALL {
                if java_told != ours_told && (known.meets)(&case, &mut java_told, &ours_told) {
                    *met.entry(known.id).or_default() += 1;
                }
            }
            if java_told != ours_told {
                failures += 1;
                let kind = (name(&step), java_told["error"].to_string(), ours_told["error"].to_string());
                if kinds.insert(kind) && kinds.len() <= SHOWN {
                    println!(
                        "{uid}: {step:?}\n  Java: {java_told}\n  ours: {ours_told}\n  said: {java_said} | {ours_said}\n"
                    );
                }
            }
            if parted {
                // The two directories are no longer the same.
                break;
            }
        }
    }
    for known in differences::ALL {
        println!("{:6} times: {}. {}", met.get(known.id).unwrap_or(&0), known.id, known.reason);
    }
    let expected = differences::ALL.iter().filter(|known| known.on.is_none_or(|on| on == brand));
    let never: Vec<_> = expected.map(|known| known.id).filter(|id| !met.contains_key(id)).collect();
    assert!(operations < ENOUGH || never.is_empty(), "listed differences that never occur: {never:?}");
    assert_eq!(failures, 0, "answers differ for no listed reason; seed {seed}; kinds {kinds:#?}");
}
