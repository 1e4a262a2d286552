//! From a query filter to the filter that a connector gets.

use icf::{Attribute, AttributeName, Filter, names};
use serde_json::Value as Json;

use super::{Operator, QueryFilter};
use crate::crest::{CrestError, Pointer};
use crate::types::{ObjectType, Property, coerce_single};

/// A filter after everything constant was folded away.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Folded {
    /// Every object passes: search without a filter.
    Everything,
    /// No object passes: nothing is asked.
    Nothing,
    /// The connector decides.
    Filter(Filter),
}

impl Folded {
    const fn constant(value: bool) -> Self {
        if value { Self::Everything } else { Self::Nothing }
    }
}

/// Translates a filter on resources of a type. All names are checked before anything is folded.
pub(crate) fn translate(filter: &QueryFilter, object_type: &ObjectType) -> Result<Folded, CrestError> {
    check_names(filter, object_type)?;
    fold(filter, object_type)
}

/// What a pointer in a filter points at.
enum Field<'a> {
    Id,
    Property(&'a Property),
    Unknown(&'a str),
}

fn field<'a>(pointer: &'a Pointer, object_type: &'a ObjectType) -> Result<Field<'a>, CrestError> {
    let [name] = pointer.tokens() else {
        return Err(CrestError::bad_request("Only one level JsonPointer supported"));
    };
    Ok(match object_type.property(name) {
        _ if name == "_id" => Field::Id,
        Some(property) => Field::Property(property),
        None => Field::Unknown(name),
    })
}

fn check_names(filter: &QueryFilter, object_type: &ObjectType) -> Result<(), CrestError> {
    match filter {
        QueryFilter::Constant(_) => Ok(()),
        QueryFilter::And(parts) | QueryFilter::Or(parts) => {
            parts.iter().try_for_each(|part| check_names(part, object_type))
        }
        QueryFilter::Not(inner) => check_names(inner, object_type),
        QueryFilter::Present(pointer) => field(pointer, object_type).map(|_| ()),
        QueryFilter::Compare { field: pointer, .. } => match field(pointer, object_type)? {
            Field::Unknown(name) => Err(unknown(name, object_type)),
            _ => Ok(()),
        },
    }
}

fn unknown(name: &str, object_type: &ObjectType) -> CrestError {
    CrestError::bad_request(format!(
        "Attribute {name} does not exist as part of ObjectClass: {}",
        object_type.class
    ))
}

fn fold(filter: &QueryFilter, object_type: &ObjectType) -> Result<Folded, CrestError> {
    match filter {
        QueryFilter::Constant(constant) => Ok(Folded::constant(*constant)),
        QueryFilter::And(parts) => join(parts, object_type, &Folded::Nothing, Filter::and),
        QueryFilter::Or(parts) => join(parts, object_type, &Folded::Everything, Filter::or),
        QueryFilter::Not(inner) => Ok(match fold(inner, object_type)? {
            Folded::Everything => Folded::Nothing,
            Folded::Nothing => Folded::Everything,
            Folded::Filter(filter) => Folded::Filter(filter.negated()),
        }),
        QueryFilter::Present(pointer) => Ok(match field(pointer, object_type)? {
            Field::Id => presence(AttributeName::from_static(names::UID)),
            Field::Property(property) => presence(property.native_name.clone()),
            Field::Unknown(_) => Folded::Nothing,
        }),
        QueryFilter::Compare { field: pointer, operator, value } => match field(pointer, object_type)? {
            Field::Id => compare_id(operator, value),
            Field::Property(property) => compare(property, operator, value),
            Field::Unknown(name) => Err(unknown(name, object_type)),
        },
    }
}

const fn presence(name: AttributeName) -> Folded {
    Folded::Filter(Filter::Presence(name))
}

/// `a and b and c` is And(a, And(b, c)). One `dominant` part decides; its opposite drops out.
fn join(
    parts: &[QueryFilter],
    object_type: &ObjectType,
    dominant: &Folded,
    join: fn(Filter, Filter) -> Filter,
) -> Result<Folded, CrestError> {
    let mut filters = Vec::new();
    let mut decided = false;
    for part in parts {
        // Every part is translated, even behind a decided one: its faults must show.
        match fold(part, object_type)? {
            Folded::Filter(filter) => filters.push(filter),
            constant => decided |= constant == *dominant,
        }
    }
    if decided {
        return Ok(dominant.clone());
    }
    let joined = filters.into_iter().rev().reduce(|right, left| join(left, right));
    Ok(joined.map_or_else(|| Folded::constant(*dominant == Folded::Nothing), Folded::Filter))
}

fn compare_id(operator: &Operator, value: &Json) -> Result<Folded, CrestError> {
    let equals = |value: &Json| {
        let id = match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        Filter::Equals(Attribute::single(AttributeName::from_static(names::UID), id))
    };
    match operator {
        Operator::Equal => Ok(Folded::Filter(equals(value))),
        Operator::In => Ok(any_of(list(value)?.iter().map(equals))),
        Operator::Other(_) => Err(extended()),
        _ => Err(CrestError::bad_request("Uid can only be used for equals comparison.")),
    }
}

fn compare(property: &Property, operator: &Operator, value: &Json) -> Result<Folded, CrestError> {
    let operand = |value: &Json| {
        coerce_single(property, value).map_err(|mismatch| CrestError::bad_request(mismatch.to_string()))
    };
    let build: fn(Attribute) -> Filter = match operator {
        Operator::Equal => Filter::Equals,
        Operator::Contains => Filter::Contains,
        Operator::StartsWith => Filter::StartsWith,
        Operator::EndsWith => Filter::EndsWith,
        Operator::Less => Filter::LessThan,
        Operator::LessOrEqual => Filter::LessThanOrEqual,
        Operator::Greater => Filter::GreaterThan,
        Operator::GreaterOrEqual => Filter::GreaterThanOrEqual,
        Operator::ContainsAll => Filter::ContainsAllValues,
        Operator::In => {
            let operands = list(value)?.iter().map(operand).collect::<Result<Vec<_>, _>>()?;
            return Ok(any_of(operands.into_iter().map(Filter::Equals)));
        }
        Operator::Other(_) => return Err(extended()),
    };
    let filter = build(operand(value)?);
    filter.check().map_err(|error| CrestError::bad_request(error.to_string()))?;
    Ok(Folded::Filter(filter))
}

fn any_of(filters: impl DoubleEndedIterator<Item = Filter>) -> Folded {
    filters.rev().reduce(|right, left| left.or(right)).map_or(Folded::Nothing, Folded::Filter)
}

/// The values of `in`, which come as a JSON list inside a text.
fn list(value: &Json) -> Result<Vec<Json>, CrestError> {
    let items = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    items.ok_or_else(|| {
        CrestError::bad_request(format!("The operand of 'in' must be a JSON list in quotes, not {value}"))
    })
}

fn extended() -> CrestError {
    CrestError::bad_request("ExtendedMatchFilter is not supported")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::query::parse;
    use crate::types::ObjectTypes;

    fn folded(filter: &str) -> Result<Folded, String> {
        let types = ObjectTypes::parse(&json!({"account": {"nativeType": "__ACCOUNT__", "properties": {
            "name": {"type": "string", "nativeName": "__NAME__"},
            "mail": {"type": "array", "nativeType": "string", "nativeName": "email"},
            "age": {"type": "integer"},
        }}}))
        .unwrap();
        translate(&parse(filter).unwrap(), types.get("account").unwrap()).map_err(|error| error.message)
    }

    fn equals(name: &'static str, value: &str) -> Filter {
        Filter::Equals(Attribute::single(name, value))
    }

    #[test]
    fn constants_fold_by_ordinary_logic() {
        for (filter, expected) in [
            ("true", Folded::Everything),
            ("!(true)", Folded::Nothing),
            (r#"name eq "x" and false"#, Folded::Nothing),
            (r#"name eq "x" or true"#, Folded::Everything),
            (r#"name eq "x" or foo pr"#, Folded::Filter(equals("__NAME__", "x"))),
            (r#"name eq "x" and !(foo pr)"#, Folded::Filter(equals("__NAME__", "x"))),
            ("true and true", Folded::Everything),
            ("false or foo pr", Folded::Nothing),
        ] {
            assert_eq!(folded(filter).unwrap(), expected, "{filter}");
        }
    }

    #[test]
    fn faults_show_even_behind_a_decision() {
        let unknown = "Attribute foo does not exist as part of ObjectClass: __ACCOUNT__";
        assert_eq!(folded(r#"false and foo eq "x""#).unwrap_err(), unknown);
        assert_eq!(folded(r#"foo pr and foo eq "x""#).unwrap_err(), unknown);
        assert_eq!(folded(r#"false and age eq "x""#).unwrap_err(), "java.lang.String to java.lang.Integer");
        assert_eq!(folded("a/b pr").unwrap_err(), "Only one level JsonPointer supported");
        assert_eq!(folded("age co 3").unwrap_err(), "Value must be a string!");
        assert_eq!(folded(r#"_id co "3""#).unwrap_err(), "Uid can only be used for equals comparison.");
    }

    #[test]
    fn in_is_a_chain_of_equals() {
        let expected = equals("email", "a").or(equals("email", "b"));
        assert_eq!(folded(r#"mail in '["a","b"]'"#).unwrap(), Folded::Filter(expected));
        assert_eq!(folded("mail in '[]'").unwrap(), Folded::Nothing);
        assert!(folded("mail in 'x'").is_err());
    }

    #[test]
    fn lists_nest_to_the_right() {
        let parts = || [equals("email", "1"), equals("email", "2"), equals("email", "3")];
        let [a, b, c] = parts();
        assert_eq!(
            folded(r#"mail eq "1" and mail eq "2" and mail eq "3""#).unwrap(),
            Folded::Filter(a.and(b.and(c)))
        );
    }
}
