//! How each server judges the objects of the reference connector, so that a difference in what a search finds is taken for
//! known only where the rules of the two part.

use icf::filter::{Case as LetterCase, Judgement, Truth};
use icf::{Attribute, AttributeName, ConnectorObject, Filter, OperationOptions, Value};
use icf_wire::rpc::Operation;

use crate::compare::Case;
use crate::csv::model;
use crate::step::Step;

/// The options by which a search makes objects up.
const MADE_UP: [&str; 3] = ["generate", "textLength", "describe"];

/// The search for all objects that a search of the reference connector looks through, with all that its filter looks at.
pub(crate) fn everything(step: &Step) -> Option<Operation> {
    let Step::Ask(Operation::Search { class, filter: Some(filter), options }) = step else { return None };
    let mut all = OperationOptions::default();
    for name in MADE_UP {
        if let Some(value) = options.get(name) {
            all.set(name, value.clone());
        }
    }
    if let Some(asked) = options.attributes_to_get().filter(|asked| !asked.is_empty()) {
        let mut asked: Vec<_> = asked.into_iter().map(str::to_owned).collect();
        asked.extend(filter.attribute_names().iter().map(|name| name.as_str().to_owned()));
        all = all.with_attributes_to_get(asked);
    }
    Some(Operation::Search { class: class.clone(), filter: None, options: all })
}

/// Whether each object that only one server found is one that it finds by its rules, and the other by its own does not. Of
/// pages, which are cut before all is judged, only that there is such an object.
pub(crate) fn rules_part(case: &Case<'_>) -> bool {
    let Some((Some(filter), options)) = model::search(case) else { return false };
    // What the connector lets through and the handler does not still counts in the total.
    let part = case.world.iter().any(|object| {
        let (java, ours) = (accepted_by_java(filter, object), filter.accepts(object).unwrap_or(false));
        judges(case) && java != ours
            || java_finds(case, filter, options, object) != we_find(case, filter, object)
    });
    if !part || options.page_size().ok().flatten().is_some_and(|size| size > 0) {
        return part;
    }
    let found =
        |by: &[ConnectorObject], object: &ConnectorObject| by.iter().any(|other| other.uid == object.uid);
    let known = |object: &ConnectorObject| case.world.iter().any(|other| other.uid == object.uid);
    case.java_found.iter().chain(&case.our_found).all(known)
        && case.world.iter().all(|object| {
            let (java, ours) = (found(&case.java_found, object), found(&case.our_found, object));
            java == ours
                || java == java_finds(case, filter, options, object) && ours == we_find(case, filter, object)
        })
}

/// Whether Java's handler judges every object without meeting a value that cannot be compared.
pub(crate) fn java_judges_all(case: &Case<'_>) -> bool {
    let Some((Some(filter), options)) = model::search(case) else { return false };
    let reduced = |object: &ConnectorObject| model::reduced(object.clone(), options);
    case.world.iter().all(|object| model::judged_by_java(filter, &reduced(object)).is_ok())
}

/// Whether some object holds, where a condition of text looks, something else first.
pub(crate) fn is_no_text(case: &Case<'_>, filter: &Filter) -> bool {
    let first_is_other = |operand: &Attribute| {
        case.world.iter().any(|object| {
            let first = held(object, &operand.name).and_then(|values| values.first());
            first.is_some_and(|value| !matches!(value, Value::String(_)))
        })
    };
    match filter {
        Filter::Not(inner) => is_no_text(case, inner),
        Filter::And(left, right) | Filter::Or(left, right) => {
            is_no_text(case, left) || is_no_text(case, right)
        }
        Filter::Contains(operand) | Filter::StartsWith(operand) | Filter::EndsWith(operand) => {
            first_is_other(operand)
        }
        _ => false,
    }
}

/// Objects that are made up on demand are not judged by the connector.
fn judges(case: &Case<'_>) -> bool {
    let made_up = model::search(case)
        .is_some_and(|(_, options)| MADE_UP.iter().any(|name| options.get(name).is_some()));
    !made_up
        && case.scene.properties.iter().any(|property| *property == ("judgesFilters", Value::Boolean(true)))
}

fn we_find(case: &Case<'_>, filter: &Filter, object: &ConnectorObject) -> bool {
    let locale = icf::Locale::default();
    let judgement = Judgement { case: LetterCase::Exact, locale: &locale };
    (!judges(case) || filter.accepts(object).unwrap_or(false))
        && (!case.scene.handlers.filtered || filter.judge(object, judgement).is_ok_and(Truth::is_true))
}

fn java_finds(
    case: &Case<'_>,
    filter: &Filter,
    options: &OperationOptions,
    object: &ConnectorObject,
) -> bool {
    let reduced = model::reduced(object.clone(), options);
    (!judges(case) || accepted_by_java(filter, object))
        && (!case.scene.handlers.filtered
            || matches!(model::judged_by_java(filter, &reduced), Ok(Some(true))))
}

/// Java's two values, as its connectors judge: of several values none is compared, and they count as less; arrays of bytes
/// are the same only if they are one; a condition of text looks at the first value.
fn accepted_by_java(filter: &Filter, object: &ConnectorObject) -> bool {
    let several = |operand: &Attribute| held(object, &operand.name).is_some_and(|values| values.len() != 1);
    match filter {
        Filter::Not(inner) => !accepted_by_java(inner, object),
        Filter::And(left, right) => accepted_by_java(left, object) && accepted_by_java(right, object),
        Filter::Or(left, right) => accepted_by_java(left, object) || accepted_by_java(right, object),
        Filter::LessThan(operand) | Filter::LessThanOrEqual(operand) if several(operand) => true,
        Filter::GreaterThan(operand) | Filter::GreaterThanOrEqual(operand) if several(operand) => false,
        Filter::ContainsAllValues(operand) if has_bytes(operand) => false,
        condition => condition.accepts(object).unwrap_or(false),
    }
}

/// Of these Java finds none among the values of an attribute.
pub(crate) fn has_bytes(operand: &Attribute) -> bool {
    operand.values().iter().any(|value| matches!(value, Value::Bytes(_)))
}

fn held<'a>(object: &'a ConnectorObject, name: &AttributeName) -> Option<&'a [Value]> {
    object.attributes.iter().find(|attribute| attribute.name == *name)?.values.as_deref()
}
