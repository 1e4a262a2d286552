//! Runs a scene on both servers at once and compares after every step.

use icf::{ConnectorObject, ResultsHandlerConfiguration};
use icf_wire::rpc::Operation;
use serde_json::{Value as Json, json};

use crate::asker::is_no_answer;
use crate::differences;
use crate::scene::Scene;
use crate::sides::{Side, Sides};
use crate::step::{Step, name};
use crate::table::Row;

/// A step with all that a difference may depend on.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) step: &'a Step,
    /// The file before the step; the same on both sides.
    pub(crate) rows: &'a [Row],
    /// For a synchronisation: what each server's copy for the given token holds.
    pub(crate) java_copy: Option<Vec<Row>>,
    pub(crate) our_copy: Option<Vec<Row>>,
    /// Whether each server is given a token.
    pub(crate) java_since: bool,
    pub(crate) our_since: bool,
    /// For a search, once it is done: what each server found.
    pub(crate) java_found: Vec<ConnectorObject>,
    pub(crate) our_found: Vec<ConnectorObject>,
    /// For a search of the reference connector that was answered differently: all objects of the class.
    pub(crate) world: Vec<ConnectorObject>,
    /// For a search: how many matches the cookie that each server gets says to skip.
    pub(crate) java_skip: Option<usize>,
    pub(crate) our_skip: Option<usize>,
}

/// Two answers that differ for no listed reason.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) at: usize,
    /// The file before the step.
    pub(crate) rows: Vec<Row>,
    pub(crate) java: Json,
    pub(crate) ours: Json,
}

/// What came of a scene.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) mismatches: Vec<Mismatch>,
    /// The listed differences that were met.
    pub(crate) met: Vec<&'static str>,
}

/// Runs the scene. After a difference in the file the Java server gets ours, so that one difference is not met again in
/// every later step.
pub(crate) async fn compare(sides: &Sides, scene: &Scene) -> Comparison {
    let mut java = Side::new(&sides.java, scene);
    let mut ours = Side::new(&sides.ours, scene);
    let mut comparison = Comparison::default();
    let mut before = ours.rows().unwrap_or_default();
    for (at, step) in scene.steps.iter().enumerate() {
        let mut case = Case {
            scene,
            step,
            rows: &before,
            java_copy: java.copy(step),
            our_copy: ours.copy(step),
            java_since: java.since(step),
            our_since: ours.since(step),
            java_found: Vec::new(),
            our_found: Vec::new(),
            world: Vec::new(),
            java_skip: java.skip(step),
            our_skip: ours.skip(step),
        };
        let (mut java_told, mut ours_told) = tokio::join!(java.run(step), ours.run(step));
        let our_rows = ours.rows();
        let java_rows = match step {
            Step::Ask(Operation::Batch { .. }) if scene.file.is_some() => java.settled_rows(&ours).await,
            _ => java.rows(),
        };
        if java_rows != our_rows {
            java.adopt(&ours);
            java_told["file"] = json!(java_rows);
            ours_told["file"] = json!(our_rows);
        }
        case.java_found = std::mem::take(&mut java.found);
        case.our_found = std::mem::take(&mut ours.found);
        if java_told != ours_told && scene.file.is_none() {
            case.world = ours.world(step).await;
        }
        if java_told != ours_told && !is_no_answer(&java_told) && !is_no_answer(&ours_told) {
            comparison.met.extend(differences::explain(&case, &mut java_told, &ours_told));
        }
        if java_told != ours_told {
            comparison.mismatches.push(Mismatch {
                at,
                rows: before.clone(),
                java: java_told,
                ours: ours_told,
            });
        }
        before = our_rows.unwrap_or_default();
    }
    comparison
}

/// The scene with as few steps as still differ at the end, found by leaving out ever smaller parts.
pub(crate) async fn shrunk(sides: &Sides, scene: &Scene, at: usize) -> Scene {
    let mut least = scene.clone();
    least.steps.truncate(at + 1);
    let mut part = least.steps.len() / 2;
    while part > 0 {
        let mut from = 0;
        while from + part < least.steps.len() {
            let mut fewer = least.clone();
            fewer.steps.drain(from..from + part);
            let last = fewer.steps.len() - 1;
            if compare(sides, &fewer).await.mismatches.iter().any(|mismatch| mismatch.at == last) {
                least = fewer;
            } else {
                from += part;
            }
        }
        part /= 2;
    }
    least
}

/// What differs, in a form for people.
pub(crate) fn report(scene: &Scene, mismatch: &Mismatch) -> String {
    let steps: String = scene.steps.iter().take(mismatch.at).map(|step| format!("  {step:?}\n")).collect();
    let ResultsHandlerConfiguration { normalizing, filtered, case_insensitive, attributes_to_get } =
        scene.handlers;
    format!(
        "scene '{}', handlers ({normalizing}, {filtered}, {case_insensitive}, {attributes_to_get}), properties {:?}\n\
         file {:?}\nbefore:\n{steps}{} differs with {:?}:\n  {:?}\n  Java: {}\n  ours: {}\n",
        scene.name,
        scene.properties,
        scene.file,
        name(&scene.steps[mismatch.at]),
        mismatch.rows,
        scene.steps[mismatch.at],
        mismatch.java,
        mismatch.ours,
    )
}
