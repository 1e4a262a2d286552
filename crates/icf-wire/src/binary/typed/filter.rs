//! Filters.

use icf::{Attribute, Filter};

use super::{DecodeError, Raw, Read, Write, Writer, attributes, part};
use crate::binary::error::EncodeError;
use crate::binary::registry;

/// Writes a filter. A longer chain of one kind stays that kind to its end, unlike what most Java peers write.
pub(super) fn write(w: &mut Writer<'_>, filter: &Filter) -> Write {
    match filter {
        Filter::And(left, right) => pair(w, "AndFilter", left, right),
        Filter::Or(left, right) => pair(w, "OrFilter", left, right),
        Filter::Not(inner) => w.object("NotFilter", |w| w.anonymous(|w| write(w, inner))),
        Filter::Equals(attribute) => on_attribute(w, "EqualsFilter", attribute),
        Filter::Contains(attribute) => on_attribute(w, "ContainsFilter", attribute),
        Filter::StartsWith(attribute) => on_attribute(w, "StartsWithFilter", attribute),
        Filter::EndsWith(attribute) => on_attribute(w, "EndsWithFilter", attribute),
        Filter::GreaterThan(attribute) => on_attribute(w, "GreaterThanFilter", attribute),
        Filter::GreaterThanOrEqual(attribute) => on_attribute(w, "GreaterThanOrEqualFilter", attribute),
        Filter::LessThan(attribute) => on_attribute(w, "LessThanFilter", attribute),
        Filter::LessThanOrEqual(attribute) => on_attribute(w, "LessThanOrEqualFilter", attribute),
        Filter::ContainsAllValues(attribute) => on_attribute(w, "ContainsAllValuesFilter", attribute),
        Filter::EqualsIgnoreCase(attribute) => {
            young(w, "EqualsIgnoreCaseFilter", |w| w.named("attribute", |w| member(w, attribute)))
        }
        Filter::Presence(name) => young(w, "PresenceFilter", |w| w.text_field("name", Some(name.as_str()))),
        Filter::ExtendedMatch { operator, attribute } => young(w, "ExtendedMatchFilter", |w| {
            w.text_field("operator", Some(operator))?;
            w.named("attribute", |w| member(w, attribute))
        }),
    }
}

fn pair(w: &mut Writer<'_>, type_name: &'static str, left: &Filter, right: &Filter) -> Write {
    w.object(type_name, |w| {
        w.anonymous(|w| write(w, left))?;
        w.anonymous(|w| write(w, right))
    })
}

fn on_attribute(w: &mut Writer<'_>, type_name: &'static str, attribute: &Attribute) -> Write {
    w.object(type_name, |w| w.named("attribute", |w| member(w, attribute)))
}

fn member(w: &mut Writer<'_>, attribute: &Attribute) -> Write {
    attributes::write_attribute(w, attribute)
}

/// Writes a filter that not every peer knows.
fn young(w: &mut Writer<'_>, type_name: &'static str, fill: impl FnOnce(&mut Writer<'_>) -> Write) -> Write {
    match registry::find(type_name) {
        Some(registered) => w.registered(registered, fill),
        None => Err(EncodeError::NoSuchType(type_name.to_owned())),
    }
}

/// Reads a filter and checks its operands.
pub(crate) fn read(raw: &Raw<'_>) -> Read<Filter> {
    let filter = read_unchecked(raw)?;
    filter.check()?;
    Ok(filter)
}

fn read_unchecked(raw: &Raw<'_>) -> Read<Filter> {
    let type_name = raw.registered().map_or("", |registered| registered.name);
    match type_name {
        "AndFilter" => return read_pair(raw, Filter::And),
        "OrFilter" => return read_pair(raw, Filter::Or),
        "NotFilter" => {
            return Ok(raw.read_nested(raw.content()?, read_unchecked)?.negated());
        }
        "PresenceFilter" => {
            let name = raw.text("name")?.unwrap_or_default();
            return Ok(Filter::Presence((&*name).into()));
        }
        _ => {}
    }
    let make: fn(Attribute) -> Filter = match type_name {
        "EqualsFilter" => Filter::Equals,
        "ContainsFilter" => Filter::Contains,
        "StartsWithFilter" => Filter::StartsWith,
        "EndsWithFilter" => Filter::EndsWith,
        "GreaterThanFilter" => Filter::GreaterThan,
        "GreaterThanOrEqualFilter" => Filter::GreaterThanOrEqual,
        "LessThanFilter" => Filter::LessThan,
        "LessThanOrEqualFilter" => Filter::LessThanOrEqual,
        "ContainsAllValuesFilter" => Filter::ContainsAllValues,
        "EqualsIgnoreCaseFilter" => Filter::EqualsIgnoreCase,
        "ExtendedMatchFilter" => {
            let operator = raw.text("operator")?.unwrap_or_default().into_owned();
            return Ok(Filter::ExtendedMatch { operator, attribute: operand(raw)? });
        }
        _ => return Err(DecodeError::refused(format!("Expected a filter, got {}", raw.type_name()))),
    };
    operand(raw).map(make)
}

fn operand(raw: &Raw<'_>) -> Read<Attribute> {
    attributes::read_attribute(&part(raw, "attribute", "A filter needs an attribute")?)
}

/// Java writes a conjunction of one member with null on the right; it means that member.
fn read_pair(raw: &Raw<'_>, make: fn(Box<Filter>, Box<Filter>) -> Filter) -> Read<Filter> {
    let mut parts = raw.anonymous();
    let (Some(left), Some(after)) = (parts.next(), parts.next()) else {
        return Err(DecodeError::NoContent);
    };
    let left = raw.read_nested(left, read_unchecked)?;
    let right = |right: &Raw<'_>| if right.is_null() { Ok(None) } else { read_unchecked(right).map(Some) };
    Ok(match raw.read_nested(after, right)? {
        Some(right) => make(Box::new(left), Box::new(right)),
        None => left,
    })
}
