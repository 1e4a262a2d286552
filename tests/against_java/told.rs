//! What the list of differences says in few words: parts of answers, and taking them over.

use icf::{Filter, Uid};
use icf_wire::rpc::{Operation, UpdateKind};
use serde_json::Value as Json;

use crate::compare::Case;
use crate::csv::model;
use crate::step::Step;

pub(crate) fn class(told: &Json) -> &str {
    told["error"]["class"].as_str().unwrap_or_default()
}

pub(crate) fn message(told: &Json) -> &str {
    told["error"]["message"].as_str().unwrap_or_default()
}

pub(crate) fn has_end(told: &Json) -> bool {
    told.get("end").is_some()
}

pub(crate) fn is_bad_value(told: &Json) -> bool {
    class(told) == "InvalidAttributeValueException"
        && message(told).contains("a CSV file cannot hold a value of type")
}

pub(crate) fn is_no_key(told: &Json) -> bool {
    message(told) == "The key of a row cannot be cleared; give a value."
        || message(told).ends_with(": a key must not be blank.")
}

/// The rows of a file with every empty text made no value.
pub(crate) fn without_blanks(file: &Json) -> Json {
    serde_json::from_str(&file.to_string().replace("\"\"", "null")).unwrap()
}

pub(crate) fn is_test(case: &Case<'_>) -> bool {
    matches!(case.step, Step::Ask(Operation::Test))
}

pub(crate) fn is_wrong_class(told: &Json) -> bool {
    message(told).starts_with("Operation requires ObjectClass __ACCOUNT__, received ObjectClass: ")
}

pub(crate) fn take(java: &mut Json, ours: &Json, member: &str) -> bool {
    java[member] = ours[member].clone();
    true
}

pub(crate) fn take_in(java: &mut Json, ours: &Json, member: &str, inner: &str) -> bool {
    java[member][inner] = ours[member][inner].clone();
    true
}

pub(crate) fn take_all(java: &mut Json, ours: &Json) -> bool {
    *java = ours.clone();
    true
}

/// Both have answered what they are known to answer.
pub(crate) fn items_as_known(case: &Case<'_>, java: &mut Json, ours: &Json) -> bool {
    java["items"] != ours["items"]
        && model::java_items(case).as_ref() == Some(&java["items"])
        && model::our_page(case).is_some_and(|page| page.items == ours["items"])
        && take(java, ours, "items")
}

pub(crate) fn deltas_as_known(case: &Case<'_>, java: &mut Json, ours: &Json) -> bool {
    let Some(expected) = model::java_deltas(case) else { return false };
    let mut told = java["items"].clone();
    // Without a copy Java's deltas carry a token of its own.
    told.as_array_mut().into_iter().flatten().for_each(|delta| delta["token"] = expected[0]["token"].clone());
    java["items"] != ours["items"]
        && !java["error"].is_object()
        && told == expected
        && model::our_deltas(case).as_ref() == Some(&ours["items"])
        && take(java, ours, "items")
}

pub(crate) fn has_presence(filter: &Filter) -> bool {
    has(filter, |condition| matches!(condition, Filter::Presence(_)))
}

pub(crate) fn has_comparison(filter: &Filter) -> bool {
    has(filter, |condition| {
        matches!(
            condition,
            Filter::LessThan(_)
                | Filter::LessThanOrEqual(_)
                | Filter::GreaterThan(_)
                | Filter::GreaterThanOrEqual(_)
        )
    })
}

/// Whether it looks for an array of bytes among several values.
pub(crate) fn asks_for_bytes(filter: &Filter) -> bool {
    has(filter, |condition| {
        let Filter::ContainsAllValues(operand) = condition else { return false };
        operand.values().iter().any(|value| matches!(value, icf::Value::Bytes(_)))
    })
}

fn has(filter: &Filter, wanted: fn(&Filter) -> bool) -> bool {
    match filter {
        Filter::Not(inner) => has(inner, wanted),
        Filter::And(left, right) | Filter::Or(left, right) => has(left, wanted) || has(right, wanted),
        condition => wanted(condition),
    }
}

/// What the framework says of arguments that it refuses.
pub(crate) fn is_argument_fault(message: &str) -> bool {
    message == "Operation is not allowed on __ALL__ object class"
        || message == "Can not add or remove a 'null' value."
        || message.starts_with("Operational attribute '")
        || message.starts_with("Parameter '")
}

pub(crate) fn update<'a>(case: &Case<'a>) -> Option<(UpdateKind, &'a Uid, &'a icf::AttributeSet)> {
    match case.step {
        Step::Ask(Operation::Update { kind, uid: Some(uid), attributes: Some(attributes), .. }) => {
            Some((*kind, uid, attributes))
        }
        _ => None,
    }
}

pub(crate) fn created<'a>(case: &Case<'a>) -> Option<&'a icf::AttributeSet> {
    match case.step {
        Step::Ask(Operation::Create { attributes, .. }) => attributes.as_ref(),
        _ => None,
    }
}

/// The header and the rows before the first one with that key.
pub(crate) fn rows_before<'a>(case: &Case<'a>, uid: &Uid) -> &'a [crate::table::Row] {
    let at = model::key_column(case).and_then(|key| {
        let mut rows = case.rows.iter().enumerate().skip(1);
        rows.find(|(_, row)| row.get(key).and_then(Option::as_deref) == Some(uid.value())).map(|(at, _)| at)
    });
    &case.rows[..at.unwrap_or(case.rows.len())]
}
