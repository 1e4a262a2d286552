//! From patch operations to the attributes of up to four updates.

use icf::{Attribute, AttributeSet};
use icf_wire::rpc::UpdateKind;
use serde_json::Value as Json;

use super::property_name;
use crate::crest::{CrestError, PatchKind, PatchOperation, add_numbers, missing, not_a_number};
use crate::types::{ObjectType, Property, build_attribute};

/// The updates of a patch, in the order in which they are made.
#[derive(Debug, Default)]
pub(super) struct PatchPlan {
    add: AttributeSet,
    replace: AttributeSet,
    increment: AttributeSet,
    remove: AttributeSet,
}

impl PatchPlan {
    /// The calls to make; none for kinds without attributes.
    pub(super) fn calls(self) -> impl Iterator<Item = (UpdateKind, AttributeSet)> {
        let all = [
            (UpdateKind::Add, self.add),
            (UpdateKind::Replace, self.replace),
            (UpdateKind::Replace, self.increment),
            (UpdateKind::Remove, self.remove),
        ];
        all.into_iter().filter(|(_, attributes)| !attributes.is_empty())
    }

    /// Plans the operations on properties that `wanted` accepts. `before` is the resource as it is.
    pub(super) fn make(
        operations: &[PatchOperation],
        object_type: &ObjectType,
        before: &Json,
        wanted: impl Fn(&Property) -> bool,
    ) -> Result<Self, CrestError> {
        let mut plan = Self::default();
        for operation in operations {
            if matches!(operation.kind, PatchKind::Copy | PatchKind::Move | PatchKind::Transform) {
                let name = operation.kind.as_str();
                return Err(CrestError::bad_request(format!("Unsupported patch operation: {name}")));
            }
            let name = operation.field.first().unwrap_or_default();
            match object_type.property(name) {
                Some(property) if wanted(property) => plan.add_operation(operation, property, before)?,
                Some(_) => {}
                None if name.starts_with('_') => {}
                None => {
                    return Err(CrestError::bad_request(format!("Target does not support attribute {name}")));
                }
            }
        }
        Ok(plan)
    }

    fn add_operation(
        &mut self,
        operation: &PatchOperation,
        property: &Property,
        before: &Json,
    ) -> Result<(), CrestError> {
        let value = operation.value.as_ref();
        let whole = || {
            property_name(&operation.field).ok_or_else(|| {
                CrestError::bad_request(format!("Unsupported patch field: {}", operation.field))
            })
        };
        match (operation.kind, value) {
            (PatchKind::Add, Some(value)) => {
                whole()?;
                let set = if property.multivalued { &mut self.add } else { &mut self.replace };
                let merge = if property.multivalued { union } else { last };
                insert(set, build(property, value)?, merge);
            }
            (PatchKind::Replace, Some(value)) => {
                whole()?;
                insert(&mut self.replace, build(property, value)?, last);
            }
            (PatchKind::Increment, Some(step)) => {
                whole()?;
                let old = before.get(&property.name).filter(|old| !old.is_null());
                let old = old.ok_or_else(|| missing(&operation.field))?;
                let sum = increase(old, step).ok_or_else(|| not_a_number(&operation.field))?;
                insert(&mut self.increment, build(property, &sum)?, last);
            }
            (PatchKind::Remove, value) => {
                let value = value.or_else(|| operation.field.get(before)).filter(|value| !value.is_null());
                if let Some(value) = value {
                    insert(&mut self.remove, build(property, value)?, union);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn build(property: &Property, value: &Json) -> Result<Option<Attribute>, CrestError> {
    build_attribute(property, value).map_err(|error| CrestError::internal(error.to_string()))
}

/// A number, or every number of a list, plus a step.
fn increase(old: &Json, step: &Json) -> Option<Json> {
    match old {
        Json::Array(items) => {
            items.iter().map(|item| add_numbers(item, step)).collect::<Option<_>>().map(Json::Array)
        }
        old => add_numbers(old, step),
    }
}

fn insert(
    set: &mut AttributeSet,
    attribute: Option<Attribute>,
    merge: fn(Attribute, Attribute) -> Attribute,
) {
    let Some(attribute) = attribute else { return };
    let mut all = std::mem::take(set).into_vec();
    match all.iter_mut().find(|old| old.name == attribute.name) {
        Some(old) => *old = merge(old.clone(), attribute),
        None => all.push(attribute),
    }
    *set = all.into();
}

fn last(_old: Attribute, new: Attribute) -> Attribute {
    new
}

fn union(mut old: Attribute, new: Attribute) -> Attribute {
    let values = old.values.get_or_insert_default();
    for value in new.values.into_iter().flatten() {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    old
}
