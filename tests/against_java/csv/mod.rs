//! Random scenes of the CSV connector.

mod broken;
mod files;
pub(crate) mod model;
mod operations;
mod values;

use icf::{ConnectorKey, ResultsHandlerConfiguration, Value};

use crate::dice::Dice;
use crate::scene::{FILE, FOLDER, Scene};
use files::{KINDS, Kind};
use operations::Writer;

pub(crate) fn connector() -> ConnectorKey {
    ConnectorKey::new(
        "org.openidentityplatform.openicf.connectors.csvfile-connector",
        "2.0.1",
        "org.forgerock.openicf.csvfile.CSVFileConnector",
    )
}

/// A scene of so many steps.
pub(crate) fn scene(dice: &mut Dice, handlers: ResultsHandlerConfiguration, steps: usize) -> Scene {
    if dice.chance(12) {
        return broken::scene(dice, handlers, steps.min(12));
    }
    let kind: &'static Kind = dice.weighted(&KINDS);
    let file = kind.text(dice);
    let mut properties = vec![path()];
    properties.extend(kind.properties());
    let mut scene = Scene {
        name: kind.name,
        connector: connector(),
        handlers,
        properties,
        file: Some(file),
        dialect: kind.dialect,
        steps: Vec::new(),
    };
    let mut writer = Writer::new(kind, &scene);
    scene.steps = (1..steps).map(|_| writer.step(dice)).collect();
    let last = if dice.chance(70) { writer.batch(dice) } else { writer.step(dice) };
    scene.steps.push(last);
    scene
}

fn path() -> (&'static str, Value) {
    ("csvFile", Value::File(format!("{FOLDER}/{FILE}")))
}
