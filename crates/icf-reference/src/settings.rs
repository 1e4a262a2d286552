//! The configuration: what the connector itself goes by, and one property of every type that there is.

use std::path::PathBuf;

use icf::{
    Configuration, ConnectorError, GuardedBytes, GuardedString, PropertyMismatch, PropertyValue, Result,
    Script, Value, ValueType,
};

/// The properties of the connector; the README says what they mean.
#[derive(Clone, Debug, Configuration)]
#[icf(validate = Self::check, own_required_check)]
pub struct Settings {
    #[icf(order = 1, required)]
    pub(crate) world: Option<String>,
    #[icf(order = 2)]
    pub(crate) objects: i32,
    #[icf(order = 3)]
    pub(crate) judges_filters: bool,
    #[icf(order = 4)]
    pub(crate) revisions: bool,
    #[icf(group = "world.group")]
    pub(crate) faults: Option<Vec<Option<String>>>,
    pub(crate) note: Option<String>,
    #[icf(order = 10, operations(Search, Get, Sync))]
    string_value: Option<String>,
    #[icf(order = 11)]
    primitive_long_value: i64,
    #[icf(order = 12, display = "longValue.name", help = "longValue.explanation", group = "numbers")]
    long_value: Option<i64>,
    #[icf(order = 13)]
    primitive_character_value: char,
    #[icf(order = 14)]
    character_value: Option<char>,
    #[icf(order = 15)]
    primitive_double_value: f64,
    #[icf(order = 16)]
    double_value: Option<f64>,
    #[icf(order = 17)]
    primitive_float_value: f32,
    #[icf(order = 18)]
    float_value: Option<f32>,
    #[icf(order = 19)]
    primitive_int_value: i32,
    #[icf(order = 20)]
    integer_value: Option<i32>,
    #[icf(order = 21)]
    primitive_boolean_value: bool,
    #[icf(order = 22)]
    boolean_value: Option<bool>,
    #[icf(order = 23)]
    uri_value: Option<UriText>,
    #[icf(order = 24)]
    file_value: Option<PathBuf>,
    #[icf(order = 25, confidential)]
    guarded_byte_array_value: Option<GuardedBytes>,
    #[icf(order = 26, confidential)]
    guarded_string_value: Option<GuardedString>,
    #[icf(order = 27)]
    script_value: Option<Script>,
    #[icf(order = 28)]
    string_values: Option<Vec<Option<String>>>,
    #[icf(order = 29)]
    primitive_long_values: Option<Vec<i64>>,
    #[icf(order = 30)]
    long_values: Option<Vec<Option<i64>>>,
    #[icf(order = 31)]
    primitive_character_values: Option<Vec<char>>,
    #[icf(order = 32)]
    character_values: Option<Vec<Option<char>>>,
    #[icf(order = 33)]
    primitive_double_values: Option<Vec<f64>>,
    #[icf(order = 34)]
    double_values: Option<Vec<Option<f64>>>,
    #[icf(order = 35)]
    primitive_float_values: Option<Vec<f32>>,
    #[icf(order = 36)]
    float_values: Option<Vec<Option<f32>>>,
    #[icf(order = 37)]
    primitive_int_values: Option<Vec<i32>>,
    #[icf(order = 38)]
    integer_values: Option<Vec<Option<i32>>>,
    #[icf(order = 39)]
    primitive_boolean_values: Option<Vec<bool>>,
    #[icf(order = 40)]
    boolean_values: Option<Vec<Option<bool>>>,
    #[icf(order = 41)]
    uri_values: Option<Vec<Option<UriText>>>,
    #[icf(order = 42)]
    file_values: Option<Vec<Option<PathBuf>>>,
    #[icf(order = 43, confidential)]
    guarded_byte_array_values: Option<Vec<Option<GuardedBytes>>>,
    #[icf(order = 44, confidential)]
    guarded_string_values: Option<Vec<Option<GuardedString>>>,
    #[icf(order = 45)]
    script_values: Option<Vec<Option<Script>>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            world: Some("default".to_owned()),
            string_value: Some("default text".to_owned()),
            primitive_int_value: 7,
            string_values: Some(vec![Some("a".to_owned()), Some("b".to_owned())]),
            objects: 0,
            judges_filters: false,
            revisions: false,
            faults: None,
            note: None,
            primitive_long_value: 0,
            long_value: None,
            primitive_character_value: '\0',
            character_value: None,
            primitive_double_value: 0.0,
            double_value: None,
            primitive_float_value: 0.0,
            float_value: None,
            integer_value: None,
            primitive_boolean_value: false,
            boolean_value: None,
            uri_value: None,
            file_value: None,
            guarded_byte_array_value: None,
            guarded_string_value: None,
            script_value: None,
            primitive_long_values: None,
            long_values: None,
            primitive_character_values: None,
            character_values: None,
            primitive_double_values: None,
            double_values: None,
            primitive_float_values: None,
            float_values: None,
            primitive_int_values: None,
            integer_values: None,
            primitive_boolean_values: None,
            boolean_values: None,
            uri_values: None,
            file_values: None,
            guarded_byte_array_values: None,
            guarded_string_values: None,
            script_values: None,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        if self.fault("validate").is_some_and(|what| what != "null") {
            return Err(crate::orders::asked_for(self.fault("validate").unwrap_or_default()));
        }
        if self.world().trim().is_empty() {
            return Err(ConnectorError::configuration("The name of the world is missing."));
        }
        Ok(())
    }

    pub(crate) fn world(&self) -> &str {
        self.world.as_deref().unwrap_or_default()
    }

    /// What is to go wrong at this place.
    pub(crate) fn fault(&self, place: &str) -> Option<&str> {
        let faults = self.faults.as_deref().unwrap_or_default();
        faults.iter().flatten().find_map(|fault| fault.strip_prefix(place)?.strip_prefix('='))
    }

    /// Fails if it is to; true if null is to be answered.
    pub(crate) fn obey(&self, place: &str) -> Result<bool> {
        match self.fault(place) {
            None => Ok(false),
            Some("null") => Ok(true),
            Some(class) => Err(crate::orders::asked_for(class)),
        }
    }
}

/// A URI as text.
#[derive(Clone, Debug)]
pub(crate) struct UriText(String);

impl PropertyValue for UriText {
    fn value_type() -> ValueType {
        ValueType::Uri
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Uri(text) => Ok(Self(text.clone())),
            other => Err(PropertyMismatch { expected: ValueType::Uri, actual: other.type_name() }),
        }
    }

    fn to_value(&self) -> Value {
        Value::Uri(self.0.clone())
    }
}
