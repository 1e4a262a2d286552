//! ICF filters as PingOne takes them: the filter language of SCIM, with a few attributes and operators for each class.
//! What cannot be said is left out, so that the answer holds more than was asked for, never less.

use icf::{Attribute, Filter, Value, names, same_name};
use serde_json::Value as Json;

use crate::attributes::{self, Kind};
use crate::class::Class;

/// Parts of nested attributes that users can be found by.
const USER_PARTS: [&str; 12] = [
    "name.given",
    "name.family",
    "name.middle",
    "name.formatted",
    "address.streetAddress",
    "address.locality",
    "address.region",
    "address.postalCode",
    "address.countryCode",
    "account.status",
    "population.id",
    "lifecycle.status",
];

/// The identity that a filter asks for, alone or along with conditions that are checked afterwards.
pub(crate) fn wanted_uid(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Equals(attribute) if attribute.name.is(names::UID) || attribute.name.is("id") => {
            attribute.as_str()
        }
        Filter::And(left, right) => wanted_uid(left).or_else(|| wanted_uid(right)),
        _ => None,
    }
}

/// What the service is asked, and whether that says the same as the filter.
pub(crate) fn translate(filter: &Filter, class: Class) -> (Option<String>, bool) {
    match filter {
        Filter::And(left, right) => match (translate(left, class), translate(right, class)) {
            ((Some(left), exact), (Some(right), also)) if class == Class::User => {
                (Some(format!("({left}) and ({right})")), exact && also)
            }
            ((Some(one), _), _) | ((None, _), (Some(one), _)) => (Some(one), false),
            _ => (None, false),
        },
        Filter::Or(left, right) => match (translate(left, class), translate(right, class)) {
            ((Some(left), exact), (Some(right), also)) if class == Class::User => {
                (Some(format!("({left}) or ({right})")), exact && also)
            }
            _ => (None, false),
        },
        Filter::Not(inner) => match translate(inner, class) {
            (Some(text), true) if class == Class::User => (Some(format!("not ({text})")), false),
            _ => (None, false),
        },
        Filter::Equals(attribute) => comparison(attribute, "eq", class),
        Filter::EqualsIgnoreCase(attribute) => (comparison(attribute, "eq", class).0, false),
        Filter::StartsWith(attribute) => comparison(attribute, "sw", class),
        Filter::ContainsAllValues(attribute)
            if class == Class::User && attribute.name.is("memberOfGroupIDs") =>
        {
            match attribute.single_value().and_then(Value::as_str) {
                Some(group) => (Some(member_of(group)), true),
                None => (None, false),
            }
        }
        _ => (None, false),
    }
}

/// Users of a group.
pub(crate) fn member_of(group: &str) -> String {
    format!("memberOfGroups[id eq {}]", Json::from(group))
}

fn comparison(attribute: &Attribute, operator: &str, class: Class) -> (Option<String>, bool) {
    let Some(value) = attribute.single_value() else { return (None, false) };
    let name = path(attribute.name.as_str(), class);
    let is_part = USER_PARTS.iter().find(|part| part.eq_ignore_ascii_case(&name));
    let kind = attributes::find(class, &name).map(|attribute| attribute.kind);
    let operand = match value {
        Value::String(text) if kind == Some(Kind::Truth) => match text.to_ascii_lowercase().as_str() {
            text @ ("true" | "false") => text.to_owned(),
            _ => return (None, false),
        },
        Value::String(text) => Json::from(text.as_str()).to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Map(map) if class != Class::Population => {
            // Of a reference only the identity counts.
            return match map.get("id").and_then(Value::as_str) {
                Some(id) if name == "population.id" => (Some(format!("{name} eq {}", Json::from(id))), false),
                _ => (None, false),
            };
        }
        _ => return (None, false),
    };
    let says =
        |name: &str, operator: &str, exact: bool| (Some(format!("{name} {operator} {operand}")), exact);
    match (class, name.as_str(), operator) {
        (Class::Role, ..) => (None, false),
        (_, "id", "eq") | (Class::Group, "externalId" | "population.id", "eq") => says(&name, operator, true),
        (Class::Group, "name", _) | (Class::Population, "name", "sw") => says(&name, operator, true),
        // Only beginnings are understood; what is longer is sorted out here.
        (Class::Population, "name", "eq") => says("name", "sw", false),
        (Class::User, "enabled" | "mfaEnabled" | "population.id" | "account.status" | "externalId", "eq") => {
            says(&name, operator, true)
        }
        (
            Class::User,
            "enabled" | "mfaEnabled" | "population.id" | "account.status" | "createdAt" | "updatedAt",
            _,
        ) => (None, false),
        (Class::User, _, _) if is_part.is_some() || kind == Some(Kind::Text) => says(&name, operator, true),
        _ => (None, false),
    }
}

/// The name in the service's spelling.
fn path(name: &str, class: Class) -> String {
    let is = |other: &str| same_name(name, other);
    if is(names::NAME) {
        return class.naming().to_owned();
    }
    if is(names::UID) {
        return "id".to_owned();
    }
    if is(names::ENABLE) {
        return "enabled".to_owned();
    }
    if is("population") {
        return "population.id".to_owned();
    }
    let part = USER_PARTS.iter().find(|part| part.eq_ignore_ascii_case(name));
    let known = attributes::find(class, name).map(|attribute| attribute.name);
    part.copied().or(known).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equals(name: &str, value: impl Into<Value>) -> Filter {
        Filter::Equals(Attribute::single(name, value))
    }

    #[test]
    fn each_class_has_its_own_few_conditions() {
        let user = |filter: Filter| translate(&filter, Class::User).0;
        assert_eq!(user(equals("__NAME__", "a\"b")).as_deref(), Some(r#"username eq "a\"b""#));
        assert_eq!(user(equals("__ENABLE__", true)).as_deref(), Some("enabled eq true"));
        assert_eq!(user(equals("population", "p")).as_deref(), Some(r#"population.id eq "p""#));
        let sw = |name: &str| Filter::StartsWith(Attribute::single(name, "x"));
        assert_eq!(user(sw("address.locality")).as_deref(), Some(r#"address.locality sw "x""#));
        assert_eq!(user(equals("title", "x").negated()).as_deref(), Some(r#"not (title eq "x")"#));
        assert_eq!(
            user(equals("title", "x").and(sw("email"))).as_deref(),
            Some(r#"(title eq "x") and (email sw "x")"#)
        );
        assert_eq!(user(equals("createdAt", "x")), None);
        assert_eq!(user(equals("shoeSize", "x")), None);
        assert_eq!(user(Filter::Presence("title".into())), None);
        assert_eq!(user(equals("title", "x").or(Filter::Presence("title".into()))), None);
        assert_eq!(
            translate(&equals("name", "x"), Class::Population),
            (Some(r#"name sw "x""#.to_owned()), false)
        );
        assert_eq!(translate(&equals("name", "x"), Class::Role).0, None);
        assert_eq!(translate(&equals("description", "x"), Class::Group).0, None);
    }
}
