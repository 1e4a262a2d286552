//! What differs between the configuration a caller sent and the one a connector has made of it.

use icf::filter::{Case, compare};
use icf::{ApiConfiguration, ConfigurationProperty, Value};

/// The values of a configuration by property.
pub(super) type Values = Vec<(&'static str, Value)>;

/// The properties whose values now differ from those that were bound, so that a second event repeats the first change.
pub(super) fn changed(bound: &Values, now: Values) -> Values {
    let differs = |name: &str, value: &Value| {
        let before = bound.iter().find_map(|(candidate, value)| (*candidate == name).then_some(value));
        before.is_none_or(|before| !compare::same_value(before, value, Case::Exact))
    };
    now.into_iter().filter(|(name, value)| differs(name, value)).collect()
}

/// The changed properties as a caller knows them: what it sent about each, or else what was advertised.
pub(super) fn described(
    changed: &Values,
    received: &ApiConfiguration,
    advertised: &[ConfigurationProperty],
) -> Vec<ConfigurationProperty> {
    let known =
        |name: &str| received.properties.iter().chain(advertised).find(|property| property.name == name);
    changed
        .iter()
        .filter_map(|(name, value)| {
            Some(ConfigurationProperty { value: value.clone(), ..known(name)?.clone() })
        })
        .collect()
}
