//! Judges objects by a filter, in two ways: with three values, as the results handler of the server does, and with two,
//! as a connector does that checks for itself what its target could not.

use std::cmp::Ordering;

use super::Filter;
use super::compare::{self, Case};
use crate::attribute::{Attribute, names};
use crate::error::{ConnectorError, ErrorKind, Result};
use crate::locale::Locale;
use crate::name::AttributeName;
use crate::object::ConnectorObject;
use crate::value::Value;

/// What a filter says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does not match.
    False,
    /// The filter cannot tell, as when the attribute is absent.
    Undefined,
    /// It matches.
    True,
}

impl Truth {
    /// Only true passes.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    fn rank(self) -> u8 {
        match self {
            Self::False => 0,
            Self::Undefined => 1,
            Self::True => 2,
        }
    }

    fn negate(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Undefined => Self::Undefined,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

/// How to judge.
#[derive(Clone, Copy, Debug)]
pub struct Judgement<'a> {
    /// Whether case counts.
    pub case: Case,
    /// Locale whose lower case is used when texts are searched without case.
    pub locale: &'a Locale,
}

impl Filter {
    /// Judges an object with three values: an attribute that is absent, or has no single text where one is needed,
    /// makes a condition undefined; And, Or and Not follow Kleene. Only [`Truth::True`] is a match.
    ///
    /// # Errors
    /// `InvalidAttributeValueException` when values of different types are compared, `IllegalArgumentException` for a
    /// value without order.
    pub fn judge(&self, object: &ConnectorObject, judgement: Judgement<'_>) -> Result<Truth> {
        self.eval(&|filter| filter.leaf(object, judgement))
    }

    /// Judges an object with two values: what [`judge`](Self::judge) calls undefined is false in each single condition,
    /// so that its `Not` is true. Case counts.
    ///
    /// # Errors
    /// As [`judge`](Self::judge).
    pub fn accepts(&self, object: &ConnectorObject) -> Result<bool> {
        let judgement = Judgement { case: Case::Exact, locale: &Locale::default() };
        let leaf = |filter: &Self| Ok(filter.leaf(object, judgement)?.is_true().into());
        Ok(self.eval(&leaf)?.is_true())
    }

    fn eval(&self, leaf: &dyn Fn(&Self) -> Result<Truth>) -> Result<Truth> {
        match self {
            Self::Not(inner) => Ok(inner.eval(leaf)?.negate()),
            Self::And(left, right) => match left.eval(leaf)? {
                Truth::False => Ok(Truth::False),
                left => Ok(std::cmp::min_by_key(left, right.eval(leaf)?, |truth| truth.rank())),
            },
            Self::Or(left, right) => match left.eval(leaf)? {
                Truth::True => Ok(Truth::True),
                left => Ok(std::cmp::max_by_key(left, right.eval(leaf)?, |truth| truth.rank())),
            },
            condition => leaf(condition),
        }
    }

    fn leaf(&self, object: &ConnectorObject, judgement: Judgement<'_>) -> Result<Truth> {
        let text = |operand: &Attribute, holds: fn(&str, &str) -> bool| {
            let held = Held::of(object, &operand.name);
            Ok(held
                .single_text()
                .zip(operand.as_str())
                .map_or(Truth::Undefined, |(text, operand)| judgement.search(text, operand, holds).into()))
        };
        match self {
            Self::Equals(operand) => Ok(Held::of(object, &operand.name).equals(operand, judgement.case)),
            Self::EqualsIgnoreCase(operand) => {
                let held = Held::of(object, &operand.name);
                Ok(if held.single_text().is_some() {
                    held.equals(operand, Case::Ignore)
                } else {
                    Truth::Undefined
                })
            }
            Self::Contains(operand) => text(operand, |text, part| text.contains(part)),
            Self::StartsWith(operand) => text(operand, |text, part| text.starts_with(part)),
            Self::EndsWith(operand) => text(operand, |text, part| text.ends_with(part)),
            Self::GreaterThan(operand) => compared(object, operand, judgement, Ordering::is_gt),
            Self::GreaterThanOrEqual(operand) => compared(object, operand, judgement, Ordering::is_ge),
            Self::LessThan(operand) => compared(object, operand, judgement, Ordering::is_lt),
            Self::LessThanOrEqual(operand) => compared(object, operand, judgement, Ordering::is_le),
            Self::ContainsAllValues(operand) => {
                Ok(Held::of(object, &operand.name).contains_all(operand.values(), judgement.case))
            }
            Self::Presence(name) => Ok((!matches!(Held::of(object, name), Held::Nothing)).into()),
            Self::ExtendedMatch { .. } | Self::And(..) | Self::Or(..) | Self::Not(_) => Ok(Truth::Undefined),
        }
    }
}

impl Judgement<'_> {
    fn search(self, text: &str, part: &str, holds: fn(&str, &str) -> bool) -> bool {
        match self.case {
            Case::Exact => holds(text, part),
            Case::Ignore => holds(&lower(text, self.locale), &lower(part, self.locale)),
        }
    }
}

/// Lower case as the locale has it: Turkish and Azeri tell a dotted from a dotless i.
fn lower(text: &str, locale: &Locale) -> String {
    if !matches!(locale.language.as_str(), "tr" | "az") {
        return text.to_lowercase();
    }
    text.replace("I\u{307}", "i").replace('İ', "i").replace('I', "ı").to_lowercase()
}

/// What an object holds under a name. Identity and name are texts outside of the list of attributes.
enum Held<'a> {
    Nothing,
    Text(&'a str),
    Values(Option<&'a [Value]>),
}

impl<'a> Held<'a> {
    fn of(object: &'a ConnectorObject, name: &AttributeName) -> Self {
        if name.is(names::UID) {
            return Self::Text(object.uid.value());
        }
        if name.is(names::NAME) {
            return Self::Text(&object.name);
        }
        object
            .attributes
            .iter()
            .find(|attribute| attribute.name == *name)
            .map_or(Self::Nothing, |attribute| Self::Values(attribute.values.as_deref()))
    }

    fn single_text(&self) -> Option<&'a str> {
        match *self {
            Self::Text(text) => Some(text),
            Self::Values(Some([Value::String(text)])) => Some(text),
            _ => None,
        }
    }

    fn equals(&self, operand: &Attribute, case: Case) -> Truth {
        match (self, operand.values.as_deref()) {
            (Self::Nothing, _) => Truth::Undefined,
            (Self::Text(text), Some([Value::String(wanted)])) => case.same_text(text, wanted).into(),
            (Self::Values(None), None) => Truth::True,
            (Self::Values(Some(held)), Some(wanted)) => compare::same_values(held, wanted, case).into(),
            _ => Truth::False,
        }
    }

    fn contains_all(&self, operands: &[Value], case: Case) -> Truth {
        let contains = |operand: &Value| match (self, operand) {
            (Self::Text(held), Value::String(wanted)) => case.same_text(held, wanted),
            (Self::Values(Some(held)), wanted) => compare::contains(held, wanted, case),
            _ => false,
        };
        match self {
            Self::Nothing | Self::Values(None) => Truth::Undefined,
            _ => operands.iter().all(contains).into(),
        }
    }
}

fn compared(
    object: &ConnectorObject,
    operand: &Attribute,
    judgement: Judgement<'_>,
    holds: fn(Ordering) -> bool,
) -> Result<Truth> {
    let text;
    let held = match Held::of(object, &operand.name) {
        Held::Text(held) => {
            text = Value::from(held);
            &text
        }
        Held::Values(Some([held])) if *held != Value::Null => held,
        _ => return Ok(Truth::Undefined),
    };
    if !compare::is_comparable(held) {
        return Err(ConnectorError::illegal_argument(format!(
            "Attribute value {} must be comparable! Found {}",
            operand.name,
            held.type_name()
        )));
    }
    let Some(wanted) = operand.single_value() else {
        return Ok(Truth::Undefined);
    };
    match compare::order(held, wanted, judgement.case) {
        Some(ordering) => Ok(holds(ordering).into()),
        None if judgement.case == Case::Ignore
            && matches!(wanted, Value::String(_) | Value::Character(_)) =>
        {
            Ok(Truth::Undefined)
        }
        None => Err(ConnectorError::new(
            ErrorKind::InvalidAttributeValue,
            format!(
                "Attribute {}: a value of type {} cannot be compared with {}; use the type the schema names.",
                operand.name,
                held.type_name(),
                wanted.type_name()
            ),
        )),
    }
}
