//! Judges rows by a filter without making objects of them.
//!
//! A row that lacks the attribute fails every leaf, so the opposite of that leaf accepts it. Texts compare as they are;
//! order is that of UTF-16 code units, as in Java.

use std::borrow::Cow;
use std::cmp::Ordering;

use icf::{Attribute, AttributeName, Filter, GuardedString, Value, names, same_name};

use crate::columns::Columns;
use crate::fault::{Fault, Result};
use crate::record::Record;

/// A filter whose names are columns.
#[derive(Debug)]
pub(crate) enum Predicate {
    All,
    Nothing,
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Present(Source),
    Text(Source, TextTest),
    Password(usize, GuardedString),
}

/// Where a row keeps a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Column(usize),
    /// The first of two columns that has a value.
    Either(usize, usize),
}

/// A condition on a text.
#[derive(Debug)]
pub(crate) enum TextTest {
    Equals(String),
    EqualsIgnoreCase(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Compares(&'static [Ordering], String),
}

/// Where an attribute is found.
enum Place {
    Text(Source),
    Password(usize),
    Nowhere,
}

impl Predicate {
    /// Understands a filter; no filter accepts every row.
    pub(crate) fn new(filter: Option<&Filter>, columns: &Columns) -> Result<Self> {
        let Some(filter) = filter else { return Ok(Self::All) };
        filter.check()?;
        Self::of(filter, columns)
    }

    fn of(filter: &Filter, columns: &Columns) -> Result<Self> {
        use Ordering::{Equal, Greater, Less};
        let both = |left: &Filter, right: &Filter| {
            Ok((Box::new(Self::of(left, columns)?), Box::new(Self::of(right, columns)?)))
        };
        let text = |a: &Attribute, test: fn(String) -> TextTest| Self::text(a, columns, test);
        match filter {
            Filter::And(left, right) => both(left, right).map(|(left, right)| Self::And(left, right)),
            Filter::Or(left, right) => both(left, right).map(|(left, right)| Self::Or(left, right)),
            Filter::Not(inner) => Ok(Self::Not(Box::new(Self::of(inner, columns)?))),
            Filter::Equals(a) => Ok(match a.single_value() {
                Some(value) => Self::equals(&a.name, value, columns),
                None => Self::Nothing,
            }),
            Filter::ContainsAllValues(a) => Ok(a
                .values()
                .iter()
                .map(|value| Self::equals(&a.name, value, columns))
                .reduce(|left, right| Self::And(Box::new(left), Box::new(right)))
                .unwrap_or_else(|| Self::present(&a.name, columns))),
            Filter::Contains(a) => Ok(text(a, TextTest::Contains)),
            Filter::StartsWith(a) => Ok(text(a, TextTest::StartsWith)),
            Filter::EndsWith(a) => Ok(text(a, TextTest::EndsWith)),
            Filter::EqualsIgnoreCase(a) => Ok(text(a, TextTest::EqualsIgnoreCase)),
            Filter::GreaterThan(a) => Self::comparison(a, columns, &[Greater]),
            Filter::GreaterThanOrEqual(a) => Self::comparison(a, columns, &[Greater, Equal]),
            Filter::LessThan(a) => Self::comparison(a, columns, &[Less]),
            Filter::LessThanOrEqual(a) => Self::comparison(a, columns, &[Less, Equal]),
            Filter::Presence(name) => Ok(Self::present(name, columns)),
            Filter::ExtendedMatch { .. } => Ok(Self::All),
        }
    }

    fn equals(name: &AttributeName, value: &Value, columns: &Columns) -> Self {
        match (place(name, columns), value) {
            (Place::Text(source), Value::String(text)) => Self::Text(source, TextTest::Equals(text.clone())),
            (Place::Password(column), Value::GuardedString(secret)) => Self::Password(column, secret.clone()),
            _ => Self::Nothing,
        }
    }

    fn text(a: &Attribute, columns: &Columns, test: fn(String) -> TextTest) -> Self {
        match (place(&a.name, columns), a.as_str()) {
            (Place::Text(source), Some(operand)) => Self::Text(source, test(operand.to_owned())),
            _ => Self::Nothing,
        }
    }

    fn comparison(a: &Attribute, columns: &Columns, accepted: &'static [Ordering]) -> Result<Self> {
        let Some(operand) = a.as_str() else {
            let found = a.single_value().map_or_else(|| "nothing".to_owned(), Value::type_name);
            return Err(Fault::invalid_value(format!(
                "Filter on attribute {}: its values are texts and cannot be compared with a value of type {found}",
                a.name
            )));
        };
        Ok(match place(&a.name, columns) {
            Place::Text(source) => Self::Text(source, TextTest::Compares(accepted, operand.to_owned())),
            _ => Self::Nothing,
        })
    }

    fn present(name: &AttributeName, columns: &Columns) -> Self {
        match place(name, columns) {
            Place::Text(source) => Self::Present(source),
            Place::Password(column) => Self::Present(Source::Column(column)),
            Place::Nowhere => Self::Nothing,
        }
    }

    /// Whether every row is accepted.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// The key all accepted rows have, if the filter is about nothing else.
    pub(crate) fn only_key(&self, columns: &Columns) -> Option<&str> {
        match self {
            Self::Text(Source::Column(column), TextTest::Equals(key)) if *column == columns.key() => {
                Some(key)
            }
            _ => None,
        }
    }

    /// Whether the row is wanted.
    pub(crate) fn accepts(&self, row: &Record<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::And(left, right) => left.accepts(row) && right.accepts(row),
            Self::Or(left, right) => left.accepts(row) || right.accepts(row),
            Self::Not(inner) => !inner.accepts(row),
            Self::Present(source) => source.text(row).is_some(),
            Self::Text(source, test) => source.text(row).is_some_and(|text| test.accepts(&text)),
            Self::Password(column, secret) => {
                row.text(*column).is_some_and(|text| text.encode_utf16().eq(secret.units().iter().copied()))
            }
        }
    }
}

impl Source {
    fn text<'a>(self, row: &Record<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::Column(column) => row.text(column),
            Self::Either(first, second) => row.text(first).or_else(|| row.text(second)),
        }
    }
}

impl TextTest {
    fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Equals(operand) => text == operand,
            Self::EqualsIgnoreCase(operand) => same_name(text, operand),
            Self::Contains(operand) => text.contains(operand.as_str()),
            Self::StartsWith(operand) => text.starts_with(operand.as_str()),
            Self::EndsWith(operand) => text.ends_with(operand.as_str()),
            Self::Compares(accepted, operand) => {
                accepted.contains(&text.encode_utf16().cmp(operand.encode_utf16()))
            }
        }
    }
}

fn place(name: &AttributeName, columns: &Columns) -> Place {
    if name.is(names::PASSWORD) {
        return columns.password().map_or(Place::Nowhere, Place::Password);
    }
    if name.is(names::UID) {
        return Place::Text(Source::Column(columns.key()));
    }
    if name.is(names::NAME) {
        return Place::Text(match columns.name() {
            Some(column) => Source::Either(column, columns.key()),
            None => Source::Column(columns.key()),
        });
    }
    columns.find(name.as_str()).map_or(Place::Nowhere, |column| Place::Text(Source::Column(column)))
}
