//! Whether a resource matches a filter, by the rules of SCIM: texts without case unless the schema says otherwise, dates
//! as instants, numbers as numbers, and of several values any.

use std::cmp::Ordering;

use icf::{Attribute, Filter, Value};
use icf_http::json::{from_value, member};
use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::{AttributeDef, Kind, Place, ResourceType, Returned};
use crate::object::whole;

/// Judges a resource.
pub(crate) fn accepts(filter: &Filter, kind: &ResourceType, resource: &Map<String, Json>) -> bool {
    let leaf = |attribute: &Attribute, holds: &dyn Fn(&Held<'_>, &Json) -> bool| {
        let place = kind.place(attribute.name.as_str());
        let held = Held::of(resource, &place);
        // What the service never shows, only the service can judge.
        if held.values.is_empty() && place.def.is_some_and(|def| def.returned == Returned::Never) {
            return true;
        }
        attribute
            .single_value()
            .and_then(|value| from_value(value).ok())
            .is_some_and(|operand| holds(&held, &operand))
    };
    let text = |attribute: &Attribute, holds: &dyn Fn(&str, &str) -> bool| {
        leaf(attribute, &|held, operand| {
            held.any(|value| match (value, operand) {
                (Json::String(value), Json::String(operand)) if held.exact => holds(value, operand),
                (Json::String(value), Json::String(operand)) => holds(&folded(value), &folded(operand)),
                _ => false,
            })
        })
    };
    let order = |attribute: &Attribute, wanted: &[Ordering]| {
        leaf(attribute, &|held, operand| {
            held.any(|value| held.order(value, operand).is_some_and(|order| wanted.contains(&order)))
        })
    };
    match filter {
        Filter::And(left, right) => accepts(left, kind, resource) && accepts(right, kind, resource),
        Filter::Or(left, right) => accepts(left, kind, resource) || accepts(right, kind, resource),
        Filter::Not(inner) => !accepts(inner, kind, resource),
        Filter::Equals(attribute) => equals(attribute, kind, resource),
        Filter::EqualsIgnoreCase(attribute) => leaf(attribute, &|held, operand| {
            let Json::String(operand) = operand else { return false };
            held.any(|value| value.as_str().is_some_and(|value| folded(value) == folded(operand)))
        }),
        Filter::Contains(attribute) => text(attribute, &|value, operand| value.contains(operand)),
        Filter::StartsWith(attribute) => text(attribute, &|value, operand| value.starts_with(operand)),
        Filter::EndsWith(attribute) => text(attribute, &|value, operand| value.ends_with(operand)),
        Filter::GreaterThan(attribute) => order(attribute, &[Ordering::Greater]),
        Filter::GreaterThanOrEqual(attribute) => order(attribute, &[Ordering::Greater, Ordering::Equal]),
        Filter::LessThan(attribute) => order(attribute, &[Ordering::Less]),
        Filter::LessThanOrEqual(attribute) => order(attribute, &[Ordering::Less, Ordering::Equal]),
        Filter::ContainsAllValues(attribute) => {
            let held = Held::of(resource, &kind.place(attribute.name.as_str()));
            attribute.values().iter().all(|value| held.contains(value))
        }
        Filter::Presence(name) => {
            let place = kind.place(name.as_str());
            let hidden = place.def.is_some_and(|def| def.returned == Returned::Never);
            hidden || !Held::of(resource, &place).values.is_empty()
        }
        Filter::ExtendedMatch { .. } => false,
    }
}

fn equals(attribute: &Attribute, kind: &ResourceType, resource: &Map<String, Json>) -> bool {
    let place = kind.place(attribute.name.as_str());
    let held = Held::of(resource, &place);
    if held.values.is_empty() && place.def.is_some_and(|def| def.returned == Returned::Never) {
        return true;
    }
    match attribute.values() {
        [] | [Value::Null] => held.values.is_empty(),
        [value] => held.contains(value),
        several => {
            several.len() == held.values.len()
                && several.iter().zip(&held.values).all(|(wanted, value)| held.matches(value, wanted))
        }
    }
}

/// The values at a place.
struct Held<'a> {
    values: Vec<&'a Json>,
    def: Option<&'a AttributeDef>,
    exact: bool,
}

impl<'a> Held<'a> {
    fn of(resource: &'a Map<String, Json>, place: &Place<'a>) -> Self {
        let mut values = Vec::new();
        if let Some(json) = whole(resource, place) {
            let items = match json {
                Json::Array(items) => items.iter().collect(),
                single => vec![single],
            };
            for item in items {
                match place.sub {
                    None => values.push(item),
                    Some(sub) => values.extend(item.as_object().and_then(|object| member(object, sub))),
                }
            }
        }
        values.retain(|value| !value.is_null() && !matches!(value, Json::String(text) if text.is_empty()));
        let exact = place.def.is_some_and(|def| def.case_exact);
        Self { values, def: place.def, exact }
    }

    /// Whether a condition holds for any value; of an object its `value` counts.
    fn any(&self, holds: impl Fn(&Json) -> bool) -> bool {
        self.values.iter().any(|value| match value {
            Json::Object(object) => member(object, "value").is_some_and(&holds),
            scalar => holds(scalar),
        })
    }

    fn contains(&self, wanted: &Value) -> bool {
        self.values.iter().any(|value| self.matches(value, wanted))
    }

    fn matches(&self, value: &Json, wanted: &Value) -> bool {
        match (value, wanted) {
            (Json::Object(object), Value::Map(map)) => map.iter().all(|(key, wanted)| {
                let found = key.as_str().and_then(|key| member(object, key));
                match (found, from_value(wanted)) {
                    (Some(found), Ok(wanted)) => self.same(found, &wanted),
                    (None, Ok(wanted)) => wanted.is_null(),
                    _ => false,
                }
            }),
            (Json::Object(object), wanted) => match (member(object, "value"), from_value(wanted)) {
                (Some(value), Ok(wanted)) => self.same(value, &wanted),
                _ => false,
            },
            (value, wanted) => from_value(wanted).is_ok_and(|wanted| self.same(value, &wanted)),
        }
    }

    fn same(&self, left: &Json, right: &Json) -> bool {
        match self.order(left, right) {
            Some(order) => order.is_eq(),
            None => left == right,
        }
    }

    fn order(&self, left: &Json, right: &Json) -> Option<Ordering> {
        match (left, right) {
            (Json::Number(left), Json::Number(right)) => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
            // A number or truth value may come as a text, from either side.
            (Json::Number(number), Json::String(text)) => {
                number.as_f64()?.partial_cmp(&text.trim().parse().ok()?)
            }
            (Json::String(text), Json::Number(number)) => {
                text.trim().parse().ok().and_then(|left: f64| left.partial_cmp(&number.as_f64()?))
            }
            (Json::Bool(left), Json::Bool(right)) => Some(left.cmp(right)),
            (Json::Bool(left), Json::String(right)) => Some(left.to_string().cmp(&folded(right))),
            (Json::String(left), Json::Bool(right)) => Some(folded(left).cmp(&right.to_string())),
            (Json::String(left), Json::String(right)) => {
                let dates = self.def.is_none_or(|def| def.kind == Kind::Date);
                match (dates, instant(left), instant(right)) {
                    (true, Some(left), Some(right)) => Some(left.cmp(&right)),
                    _ if self.exact => Some(left.cmp(right)),
                    _ => Some(folded(left).cmp(&folded(right))),
                }
            }
            _ => None,
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The instant of a date, with or without an offset.
pub(crate) fn instant(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
        .ok()
}
