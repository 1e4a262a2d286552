//! Query filters against JSON documents (configurations; objects of connectors are never judged here).

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{Operator, QueryFilter};

impl QueryFilter {
    /// Whether a document passes. A list passes if one of its members does.
    pub(crate) fn matches(&self, document: &Json) -> bool {
        match self {
            Self::Constant(constant) => *constant,
            Self::And(parts) => parts.iter().all(|part| part.matches(document)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(document)),
            Self::Not(inner) => !inner.matches(document),
            Self::Present(field) => field.get(document).is_some_and(|value| !value.is_null()),
            Self::Compare { field, operator, value } => match field.get(document) {
                None => false,
                Some(Json::Array(items)) => items.iter().any(|item| compare(item, operator, value)),
                Some(actual) => compare(actual, operator, value),
            },
        }
    }
}

fn compare(actual: &Json, operator: &Operator, value: &Json) -> bool {
    let texts = |test: fn(&str, &str) -> bool| match (actual.as_str(), value.as_str()) {
        (Some(actual), Some(value)) => test(&actual.to_lowercase(), &value.to_lowercase()),
        _ => false,
    };
    let ordered = |test: fn(Ordering) -> bool| order(actual, value).is_some_and(test);
    match operator {
        Operator::Equal => ordered(Ordering::is_eq) || actual == value,
        Operator::Contains => texts(|actual, value| actual.contains(value)),
        Operator::StartsWith => texts(|actual, value| actual.starts_with(value)),
        Operator::EndsWith => texts(|actual, value| actual.ends_with(value)),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        Operator::ContainsAll | Operator::In | Operator::Other(_) => false,
    }
}

fn order(actual: &Json, value: &Json) -> Option<Ordering> {
    match (actual, value) {
        (Json::String(actual), Json::String(value)) => Some(actual.to_lowercase().cmp(&value.to_lowercase())),
        (Json::Number(actual), Json::Number(value)) => actual.as_f64()?.partial_cmp(&value.as_f64()?),
        (Json::Bool(actual), Json::Bool(value)) => Some(actual.cmp(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::query::parse;

    #[test]
    fn documents_are_judged() {
        let document = json!({"name": "Ldap", "n": 5, "ref": {"host": "rcs1"}, "tags": ["a", "b"]});
        let matches = |filter: &str| parse(filter).unwrap().matches(&document);
        assert!(matches(r#"name eq "ldap" and n ge 5 and ref/host sw "rcs""#));
        assert!(matches(r#"tags eq "b" and !(missing pr) and true"#));
        assert!(!matches(r#"n lt 5 or name co "x" or false"#));
    }
}
