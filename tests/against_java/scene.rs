//! A scene: one configured connector, the file that it serves, and what happens to it in order.

use std::fs;
use std::path::Path;

use icf::{
    ApiConfiguration, ConfigurationProperty, ConnectorKey, ResultsHandlerConfiguration, Value, ValueType,
};

use crate::step::Step;
use crate::table::Dialect;

/// Stands in values of properties for the folder of the scene, which differs between the two servers.
pub(crate) const FOLDER: &str = "{folder}";
/// The name of the file, if the scene has one.
pub(crate) const FILE: &str = "people.csv";

#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// What is special about it.
    pub(crate) name: &'static str,
    pub(crate) connector: ConnectorKey,
    pub(crate) handlers: ResultsHandlerConfiguration,
    /// Properties that differ from what the connector advertises.
    pub(crate) properties: Vec<(&'static str, Value)>,
    /// Content of the file, for a connector that has one.
    pub(crate) file: Option<String>,
    pub(crate) dialect: Dialect,
    pub(crate) steps: Vec<Step>,
}

impl Scene {
    /// Writes the file.
    pub(crate) fn set_up(&self, folder: &Path) {
        if let Some(text) = &self.file {
            fs::write(folder.join(FILE), text).unwrap();
        }
    }

    /// The configuration that a caller makes of what a server advertises.
    pub(crate) fn configuration(&self, advertised: &ApiConfiguration, folder: &Path) -> ApiConfiguration {
        let mut configuration = advertised.clone();
        configuration.results_handlers = self.handlers;
        for (name, value) in &self.properties {
            let value = located(value, folder);
            match configuration.properties.iter_mut().find(|property| property.name == *name) {
                Some(property) => property.value = value,
                None => {
                    let property = ConfigurationProperty::new(name, ValueType::String, value);
                    configuration.properties.push(property);
                }
            }
        }
        configuration
    }
}

fn located(value: &Value, folder: &Path) -> Value {
    let located = |text: &str| text.replace(FOLDER, folder.to_str().unwrap());
    match value {
        Value::File(path) => Value::File(located(path)),
        Value::String(text) => Value::String(located(text)),
        other => other.clone(),
    }
}
