//! The differential test: random operations, the same for both servers, two thirds of them on the CSV connector and the
//! others on the reference connector.
//!
//! `RCS_DIFF_SEED` chooses another seed, `RCS_DIFF_OPERATIONS` how many operations are run with each setting of the results
//! handlers. The long form takes some minutes and fails, too, for a listed difference that never occurs:
//!
//! ```text
//! RCS_DIFF_OPERATIONS=20000 cargo test -p rcs --test against_java random_operations -- --nocapture
//! ```

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use icf::ResultsHandlerConfiguration;

use crate::compare::{Comparison, compare, report, shrunk};
use crate::dice::Dice;
use crate::scene::Scene;
use crate::sides::Sides;
use crate::step::name;
use crate::{announced, answer, csv, differences, reference};

const SEED: u64 = 20_261_122;
const OPERATIONS: usize = 5_000;
const STEPS: usize = 40;
/// From so many operations on every listed difference must have been met.
const ENOUGH: usize = 20_000;
/// Scenes under way at a time.
const AT_ONCE: usize = 8;
/// Mismatches that are shrunk and shown.
const SHOWN: usize = 5;

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The flags of the Java framework, and those that the cloud generates.
fn handler_settings() -> [ResultsHandlerConfiguration; 2] {
    let generated = ResultsHandlerConfiguration {
        normalizing: false,
        filtered: false,
        case_insensitive: false,
        attributes_to_get: true,
    };
    [ResultsHandlerConfiguration::default(), generated]
}

#[tokio::test(flavor = "multi_thread")]
async fn random_operations_are_answered_alike() {
    let (seed, operations) = (setting("RCS_DIFF_SEED", SEED), setting("RCS_DIFF_OPERATIONS", OPERATIONS));
    println!("seed {seed}, {operations} operations with each setting of the handlers");
    let sides = Sides::start().await;
    let mut met = BTreeMap::<&str, usize>::new();
    let mut failures = Vec::new();
    for handlers in handler_settings() {
        // The same sequence for both settings.
        let mut dice = Dice::new(seed);
        let count = operations.div_ceil(STEPS);
        let mut scenes: Vec<_> =
            (0..count - count / 3).map(|_| csv::scene(&mut dice, handlers, STEPS)).collect();
        scenes.extend((0..count / 3).map(|_| reference::scene(&mut dice, handlers, STEPS)));
        let sides = &sides;
        let mut comparisons = futures_util::stream::iter(&scenes)
            .map(|scene| async move { (scene, compare(sides, scene).await) })
            .buffer_unordered(AT_ONCE);
        while let Some((scene, Comparison { mismatches, met: now })) = comparisons.next().await {
            now.into_iter().for_each(|id| *met.entry(id).or_default() += 1);
            failures.extend(mismatches.into_iter().map(|mismatch| (scene.clone(), mismatch)));
        }
    }
    for known in differences::all() {
        println!("{:6} times: {}. {}", met.get(known.id).unwrap_or(&0), known.id, known.reason);
    }
    show(&sides, &failures).await;
    assert!(failures.is_empty(), "{} answers differ for no listed reason; seed {seed}", failures.len());
    let never: Vec<_> = differences::all().map(|known| known.id).filter(|id| !met.contains_key(id)).collect();
    assert!(operations < ENOUGH || never.is_empty(), "listed differences that never occur: {never:?}");
}

async fn show(sides: &Sides, failures: &[(Scene, crate::compare::Mismatch)]) {
    let mut kinds = BTreeSet::new();
    for (scene, mismatch) in failures {
        let error = |told: &serde_json::Value| told["error"]["class"].as_str().unwrap_or("-").to_owned();
        let operation = name(&scene.steps[mismatch.at]);
        if !kinds.insert((scene.name, operation, error(&mismatch.java), error(&mismatch.ours)))
            || kinds.len() > SHOWN
        {
            continue;
        }
        let least = shrunk(sides, scene, mismatch.at).await;
        let again = compare(sides, &least).await.mismatches;
        match again.last() {
            Some(mismatch) => println!("{}", report(&least, mismatch)),
            None => println!("not met again:\n{}", report(scene, mismatch)),
        }
    }
    println!("kinds: {kinds:#?}");
}

#[tokio::test]
async fn the_csv_connector_is_announced_alike() {
    let sides = Sides::start().await;
    let mut java = answer::connector(sides.java.connector(&csv::connector()));
    let ours = answer::connector(sides.ours.connector(&csv::connector()));
    for known in announced::ANNOUNCED {
        let before = java.clone();
        (known.correct)(&mut java, &ours);
        assert_ne!(java, before, "it does not occur: {}", known.reason);
    }
    assert_eq!(java, ours);
}
