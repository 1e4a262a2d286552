//! What a search with names in its filter should find, worked out here from all there is: the two connectors read entries
//! of a name in ways of their own.

use icf::{Attribute, ConnectorObject, Filter, names};
use icf_wire::rpc::Operation;
use serde_json::Value as Json;

use crate::sides::Side;
use crate::step::Step;

/// Whether a name stands below a negation or beside another condition.
pub(crate) fn combines_names(filter: &Filter) -> bool {
    matches!(filter, Filter::And(..) | Filter::Or(..) | Filter::Not(_)) && !wanted_names(filter).is_empty()
}

/// The names in a filter.
pub(crate) fn wanted_names(filter: &Filter) -> Vec<&str> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            [wanted_names(left), wanted_names(right)].concat()
        }
        Filter::Not(inner) => wanted_names(inner),
        Filter::Equals(attribute) if attribute.name.is(names::NAME) => {
            attribute.as_str().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The answer that a search which combines names should get; none for any other step, and where it is not clear.
pub(crate) async fn truth(side: &mut Side<'_>, step: &Step) -> Option<Json> {
    let Step::Ask(Operation::Search { class, filter: Some(filter), options }) = step else { return None };
    if !combines_names(filter) {
        return None;
    }
    let all = |options| Step::Ask(Operation::Search { class: class.clone(), filter: None, options });
    let everything = ["uid", "cn", "sn", "mail", "title", "description"];
    side.run(&all(options.clone().with_attributes_to_get(everything))).await;
    let mut found = Vec::new();
    for object in &side.found {
        if holds(filter, object)? {
            found.push(Json::from(object.name.as_str()));
        }
    }
    let mut told = side.run(&all(options.clone())).await;
    told["items"].as_array_mut()?.retain(|item| found.contains(&item["name"]));
    Some(told)
}

/// Whether an object matches as a directory judges: any value counts, letter case does not. None where that depends on
/// the directory: a text that the syntax of the attribute does not allow, and no text at all.
fn holds(filter: &Filter, object: &ConnectorObject) -> Option<bool> {
    let any = |attribute: &Attribute, holds: fn(&str, &str) -> bool| {
        let wanted = attribute.as_str()?;
        let is_ascii = wanted.is_ascii() || !attribute.name.is("mail");
        let wanted = wanted.to_lowercase();
        let held = object.attribute(attribute.name.as_str()).map(Attribute::values).unwrap_or_default();
        let mut texts = held.iter().filter_map(|value| value.as_str());
        is_ascii.then(|| texts.any(|text| holds(&text.to_lowercase(), &wanted)))
    };
    match filter {
        Filter::And(left, right) => Some(holds(left, object)? && holds(right, object)?),
        Filter::Or(left, right) => Some(holds(left, object)? || holds(right, object)?),
        Filter::Not(inner) => Some(!holds(inner, object)?),
        Filter::Equals(attribute) if attribute.name.is(names::NAME) => {
            Some(object.name.eq_ignore_ascii_case(attribute.as_str()?))
        }
        Filter::Equals(attribute) => any(attribute, |text, wanted| text == wanted),
        Filter::StartsWith(attribute) => any(attribute, |text, wanted| text.starts_with(wanted)),
        Filter::EndsWith(attribute) => any(attribute, |text, wanted| text.ends_with(wanted)),
        Filter::Contains(attribute) => any(attribute, |text, wanted| text.contains(wanted)),
        Filter::ContainsAllValues(attribute) if !attribute.values().is_empty() => {
            let each = attribute.values().iter().map(|value| {
                let single = Attribute::single(attribute.name.clone(), value.clone());
                any(&single, |text, wanted| text == wanted)
            });
            each.collect::<Option<Vec<_>>>().map(|each| each.into_iter().all(|holds| holds))
        }
        _ => None,
    }
}
