//! The framework's rules for operations that write: what arguments are legal, and how values are added and removed where
//! a connector can only replace. The server applies them to single calls, [`run_tasks`](crate::run_tasks) to batches.

use std::collections::HashSet;

use crate::attribute::{Attribute, AttributeSet, names};
use crate::error::{ConnectorError, Result};
use crate::filter::{Case, compare};
use crate::name::{AttributeName, ObjectClass};
use crate::object::{ConnectorObject, Uid};
use crate::value::Value;

/// Whether values are added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueChange {
    /// Added after those that are there.
    Add,
    /// Removed, each once.
    Remove,
}

/// Checks that a class is one of objects.
///
/// # Errors
/// `UnsupportedOperationException` for `__ALL__`, in whatever case.
pub fn check_class(class: &ObjectClass) -> Result<()> {
    if *class == ObjectClass::ALL {
        return Err(ConnectorError::unsupported("Operation is not allowed on __ALL__ object class"));
    }
    Ok(())
}

/// Checks what an object is to be created from.
///
/// # Errors
/// `InvalidAttributeValueException` if `__UID__` is among the attributes, or one spelling of a name comes twice.
pub fn check_create(attributes: &AttributeSet) -> Result<()> {
    refuse_uid(attributes, "createAttributes")?;
    let mut spellings = HashSet::with_capacity(attributes.len());
    match attributes.iter().find(|attribute| !spellings.insert(attribute.name.as_str())) {
        None => Ok(()),
        Some(twice) => Err(ConnectorError::invalid_attribute_value(format!(
            "Duplicate attribute name exits: {}",
            twice.name
        ))),
    }
}

/// Checks new values of an object; `change` is none when they replace the old ones.
///
/// # Errors
/// `InvalidAttributeValueException` if `__UID__` is among the attributes; `IllegalArgumentException` when no value list
/// or an operational attribute is to be added or removed.
pub fn check_update(attributes: &AttributeSet, change: Option<ValueChange>) -> Result<()> {
    refuse_uid(attributes, "replaceAttributes")?;
    if change.is_none() {
        return Ok(());
    }
    for attribute in attributes {
        if attribute.values.is_none() {
            return Err(ConnectorError::illegal_argument("Can not add or remove a 'null' value."));
        }
        let name = attribute.name.as_str();
        if names::OPERATIONAL.contains(&name) {
            return Err(ConnectorError::illegal_argument(format!(
                "Operational attribute '{name}' can not be added or removed."
            )));
        }
    }
    Ok(())
}

fn refuse_uid(attributes: &AttributeSet, parameter: &str) -> Result<()> {
    if attributes.get(names::UID).is_some() {
        return Err(ConnectorError::invalid_attribute_value(format!(
            "Parameter '{parameter}' contains a uid."
        )));
    }
    Ok(())
}

/// The attributes with which an object is to be replaced so that values are added to or removed from what it holds.
///
/// Added values follow the old ones, doubles included. Of removed values the first equal one goes; an attribute left
/// without value becomes one without value list, one that the object does not have is left out.
#[must_use]
pub fn merge(change: ValueChange, object: &ConnectorObject, attributes: AttributeSet) -> AttributeSet {
    attributes
        .into_iter()
        .filter_map(|attribute| {
            let held = held_values(object, &attribute.name);
            match (change, held) {
                (ValueChange::Add, None) => Some(attribute),
                (ValueChange::Add, Some(mut values)) => {
                    values.extend(attribute.values.unwrap_or_default());
                    Some(Attribute { name: attribute.name, values: Some(values) })
                }
                (ValueChange::Remove, None) => None,
                (ValueChange::Remove, Some(mut values)) => {
                    for gone in attribute.values() {
                        if let Some(place) =
                            values.iter().position(|value| compare::same_value(value, gone, Case::Exact))
                        {
                            values.remove(place);
                        }
                    }
                    Some(Attribute {
                        name: attribute.name,
                        values: Some(values).filter(|values| !values.is_empty()),
                    })
                }
            }
        })
        .collect()
}

/// The values an object holds; none if it lacks the attribute.
fn held_values(object: &ConnectorObject, name: &AttributeName) -> Option<Vec<Value>> {
    if name.is(names::NAME) {
        return Some(vec![object.name.as_str().into()]);
    }
    object.attribute(name.as_str()).map(|attribute| attribute.values().to_vec())
}

/// What an update of an object that is not there answers.
#[must_use]
pub fn unknown_object(uid: &Uid, class: &ObjectClass) -> ConnectorError {
    ConnectorError::unknown_uid(format!(
        "Object with Uid 'Attribute: {{Name=__UID__, Value=[{uid}]}}' and ObjectClass 'ObjectClass: {class}' does not exist!"
    ))
}

/// What adding or removing values answers when the connector can only replace and cannot search.
#[must_use]
pub fn search_missing() -> ConnectorError {
    ConnectorError::unsupported(
        "Connector must support: interface org.identityconnectors.framework.spi.operations.SearchOp",
    )
}

/// The names of attributes, for [`with_attributes_to_get`](crate::OperationOptions::with_attributes_to_get).
#[must_use]
pub fn names_of(attributes: &AttributeSet) -> Vec<String> {
    attributes.iter().map(|attribute| attribute.name.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> ConnectorObject {
        ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new("u1").unwrap(), "n1")
            .with(Attribute::new("a", vec!["x".into(), "y".into(), "x".into()]))
            .with(Attribute::null("nothing"))
    }

    fn merged(change: ValueChange, attribute: Attribute) -> Vec<Attribute> {
        merge(change, &object(), AttributeSet::from(vec![attribute])).into_vec()
    }

    #[test]
    fn added_values_follow_the_old_ones_under_the_spelling_of_the_request() {
        let added = merged(ValueChange::Add, Attribute::new("A", vec!["y".into()]));
        assert_eq!(added[0].name.as_str(), "A");
        assert_eq!(added[0].values, Some(vec!["x".into(), "y".into(), "x".into(), "y".into()]));
        let onto_nothing = merged(ValueChange::Add, Attribute::single("nothing", 1));
        assert_eq!(onto_nothing[0].values, Some(vec![1.into()]));
        assert_eq!(merged(ValueChange::Add, Attribute::single("new", 1)), [Attribute::single("new", 1)]);
    }

    #[test]
    fn each_value_is_removed_once() {
        let removed = merged(ValueChange::Remove, Attribute::single("a", "x"));
        assert_eq!(removed[0].values, Some(vec!["y".into(), "x".into()]));
        let all = merged(ValueChange::Remove, Attribute::new("a", vec!["x".into(), "x".into(), "y".into()]));
        assert_eq!(all, [Attribute::null("a")]);
        assert_eq!(merged(ValueChange::Remove, Attribute::single("absent", 1)), []);
    }
}
