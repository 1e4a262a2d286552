//! ICF filters in the filter language of SCIM (RFC 7644 §3.4.2.2). What cannot be said is left out, so that the service
//! answers with more than was asked for, never with less.

use icf::{Attribute, ConnectorError, Filter, Result, Value};
use icf_http::json::from_value;
use serde_json::Value as Json;

use crate::model::{Kind, ResourceType};
use crate::profile::Knobs;
use crate::settings::Version;

/// What of the language the service understands.
#[derive(Clone, Debug)]
pub(crate) struct Dialect<'a> {
    version: Version,
    operators: Option<&'a [String]>,
    not: bool,
}

/// What the service is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Translation {
    /// The expression; `None` for everything.
    pub(crate) text: Option<String>,
    /// Whether it says the same as the filter.
    pub(crate) exact: bool,
}

impl Translation {
    const fn everything() -> Self {
        Self { text: None, exact: false }
    }

    fn exactly(text: String) -> Self {
        Self { text: Some(text), exact: true }
    }
}

impl<'a> Dialect<'a> {
    pub(crate) fn new(version: Version, knobs: &'a Knobs) -> Self {
        Self {
            version,
            operators: knobs.filter_ops.as_deref(),
            not: knobs.filter_not && version == Version::Two,
        }
    }

    fn has(&self, operator: &str) -> bool {
        let known =
            self.operators.is_none_or(|known| known.iter().any(|name| name.eq_ignore_ascii_case(operator)));
        known && (self.version == Version::Two || !matches!(operator, "ne" | "ew" | "not"))
    }
}

/// Translates a filter.
pub(crate) fn translate(filter: &Filter, kind: &ResourceType, dialect: &Dialect<'_>) -> Result<Translation> {
    let both = |left: &Filter, right: &Filter| {
        Ok::<_, ConnectorError>((translate(left, kind, dialect)?, translate(right, kind, dialect)?))
    };
    Ok(match filter {
        Filter::And(left, right) => {
            let (left, right) = both(left, right)?;
            let exact = left.exact && right.exact;
            match (left.text, right.text) {
                (Some(left), Some(right)) if dialect.has("and") => {
                    Translation { text: Some(format!("({left}) and ({right})")), exact }
                }
                (Some(one), _) | (None, Some(one)) => Translation { text: Some(one), exact: false },
                (None, None) => Translation::everything(),
            }
        }
        Filter::Or(left, right) => {
            let (left, right) = both(left, right)?;
            let exact = left.exact && right.exact;
            match (left.text, right.text) {
                (Some(left), Some(right)) if dialect.has("or") => {
                    Translation { text: Some(format!("({left}) or ({right})")), exact }
                }
                _ => Translation::everything(),
            }
        }
        Filter::Not(inner) => match translate(inner, kind, dialect)? {
            Translation { text: Some(text), exact: true } if dialect.not => {
                Translation::exactly(format!("not ({text})"))
            }
            _ => Translation::everything(),
        },
        Filter::Equals(attribute) => equals(attribute, kind, dialect)?,
        Filter::EqualsIgnoreCase(attribute) => {
            let found = simple("eq", attribute, kind, dialect)?;
            let exact_case = kind.place(attribute.name.as_str()).def.is_some_and(|def| def.case_exact);
            if exact_case { Translation::everything() } else { found }
        }
        Filter::Contains(attribute) => simple("co", attribute, kind, dialect)?,
        Filter::StartsWith(attribute) => simple("sw", attribute, kind, dialect)?,
        Filter::EndsWith(attribute) if dialect.version == Version::One => {
            Translation { exact: false, ..simple("co", attribute, kind, dialect)? }
        }
        Filter::EndsWith(attribute) => simple("ew", attribute, kind, dialect)?,
        Filter::GreaterThan(attribute) => simple("gt", attribute, kind, dialect)?,
        Filter::GreaterThanOrEqual(attribute) => simple("ge", attribute, kind, dialect)?,
        Filter::LessThan(attribute) => simple("lt", attribute, kind, dialect)?,
        Filter::LessThanOrEqual(attribute) => simple("le", attribute, kind, dialect)?,
        Filter::ContainsAllValues(attribute) => {
            let Some(text) = conjunction(attribute, kind, dialect)? else {
                return Ok(Translation::everything());
            };
            Translation::exactly(text)
        }
        Filter::Presence(name) if dialect.has("pr") => {
            Translation::exactly(format!("{} pr", kind.place(name.as_str()).path()))
        }
        Filter::Presence(_) => Translation::everything(),
        Filter::ExtendedMatch { operator, .. } => {
            return Err(ConnectorError::unsupported(format!(
                "The SCIM filter language has no operator {operator}; use one of the standard conditions."
            )));
        }
    })
}

fn equals(attribute: &Attribute, kind: &ResourceType, dialect: &Dialect<'_>) -> Result<Translation> {
    let path = kind.place(attribute.name.as_str()).path();
    Ok(match attribute.values() {
        [] | [Value::Null] if dialect.not && dialect.has("pr") => {
            Translation::exactly(format!("not ({path} pr)"))
        }
        [] | [Value::Null] => Translation::everything(),
        [Value::Map(map)] => {
            let scalars: Vec<_> = map
                .iter()
                .filter_map(|(key, value)| Some((key.as_str()?, scalar(value)?)))
                .filter(|(key, _)| !matches!(*key, "$ref" | "display"))
                .collect();
            if scalars.is_empty() || !dialect.has("eq") {
                Translation::everything()
            } else if dialect.version == Version::One || dialect.operators.is_some() {
                match scalars.iter().find(|(key, _)| *key == "value") {
                    Some((_, value)) => {
                        Translation { text: Some(format!("{path}.value eq {value}")), exact: false }
                    }
                    None => Translation::everything(),
                }
            } else {
                let parts: Vec<_> = scalars.iter().map(|(key, value)| format!("{key} eq {value}")).collect();
                let exact = scalars.len() == map.entries.len();
                Translation { text: Some(format!("{path}[{}]", parts.join(" and "))), exact }
            }
        }
        [_] => simple("eq", attribute, kind, dialect)?,
        _ => Translation { text: conjunction(attribute, kind, dialect)?, exact: false },
    })
}

/// One comparison with one operand.
fn simple(
    operator: &str,
    attribute: &Attribute,
    kind: &ResourceType,
    dialect: &Dialect<'_>,
) -> Result<Translation> {
    let place = kind.place(attribute.name.as_str());
    let operand = attribute.single_value().and_then(|value| match place.def.map(|def| def.kind) {
        // A truth value may come as a text.
        Some(Kind::Boolean) => match value.as_str() {
            Some(text) if text.eq_ignore_ascii_case("true") => Some("true".to_owned()),
            Some(text) if text.eq_ignore_ascii_case("false") => Some("false".to_owned()),
            _ => scalar(value),
        },
        _ => scalar(value),
    });
    let (Some(operand), true) = (operand, dialect.has(operator)) else {
        return Ok(Translation::everything());
    };
    let inner = place.sub.is_none() && place.def.is_some_and(|def| def.kind == Kind::Complex);
    let value = if inner { ".value" } else { "" };
    Ok(Translation::exactly(format!("{}{value} {operator} {operand}", place.path())))
}

/// All of the operands are among the values.
fn conjunction(attribute: &Attribute, kind: &ResourceType, dialect: &Dialect<'_>) -> Result<Option<String>> {
    let mut parts = Vec::new();
    for value in attribute.values() {
        let one = Attribute::new(attribute.name.clone(), vec![value.clone()]);
        let translated = match value {
            Value::Map(_) => equals(&one, kind, dialect)?,
            _ => simple("eq", &one, kind, dialect)?,
        };
        let (Some(text), true) = (translated.text, parts.is_empty() || dialect.has("and")) else {
            return Ok(None);
        };
        parts.push(text);
    }
    Ok((!parts.is_empty()).then(|| parts.join(" and ")))
}

/// An operand as the language writes it; none for what has no form there.
fn scalar(value: &Value) -> Option<String> {
    if matches!(value, Value::GuardedString(_) | Value::GuardedBytes(_)) {
        return None;
    }
    match from_value(value).ok()? {
        Json::String(text) => Some(literal(&text)),
        json @ (Json::Bool(_) | Json::Number(_)) => Some(json.to_string()),
        _ => None,
    }
}

/// A text in quotes.
pub(crate) fn literal(text: &str) -> String {
    Json::from(text).to_string()
}

/// Whether a filter looks at an attribute.
pub(crate) fn mentions(filter: &Filter, name: &str) -> bool {
    filter.attribute_names().iter().any(|known| {
        let text = known.as_str();
        known.is(name) || text.split_once('.').is_some_and(|(first, _)| first.eq_ignore_ascii_case(name))
    })
}
