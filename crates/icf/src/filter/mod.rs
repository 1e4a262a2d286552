//! Filters: which objects a caller wants.

pub mod compare;
mod evaluate;
mod queries;

pub use compare::Case;
pub use evaluate::{Judgement, Truth};
pub use queries::Queries;

use compare::is_comparable;

use crate::attribute::{Attribute, names};
use crate::error::{ConnectorError, Result};
use crate::name::AttributeName;
use crate::object::Uid;

/// A condition on an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Both conditions hold.
    And(Box<Self>, Box<Self>),
    /// At least one condition holds.
    Or(Box<Self>, Box<Self>),
    /// The condition does not hold.
    Not(Box<Self>),
    /// The attribute has exactly these values.
    Equals(Attribute),
    /// The text contains the operand.
    Contains(Attribute),
    /// The text begins with the operand.
    StartsWith(Attribute),
    /// The text ends with the operand.
    EndsWith(Attribute),
    /// The value is greater than the operand.
    GreaterThan(Attribute),
    /// The value is greater than the operand or equal.
    GreaterThanOrEqual(Attribute),
    /// The value is less than the operand.
    LessThan(Attribute),
    /// The value is less than the operand or equal.
    LessThanOrEqual(Attribute),
    /// Every operand is among the values.
    ContainsAllValues(Attribute),
    /// Texts are equal without regard to case (only ConnId peers send it).
    EqualsIgnoreCase(Attribute),
    /// The attribute is there.
    Presence(AttributeName),
    /// A condition with an operator of the target's own.
    ExtendedMatch {
        /// Name of the operator.
        operator: String,
        /// Attribute and operands.
        attribute: Attribute,
    },
}

impl Filter {
    /// Matches the object of that identity.
    #[must_use]
    pub fn uid(uid: &Uid) -> Self {
        Self::Equals(Attribute::single(AttributeName::from_static(names::UID), uid.value()))
    }

    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::And(Box::new(self), Box::new(other))
    }

    /// Either condition.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Checks the rules for operands that every constructor of the framework enforces.
    ///
    /// # Errors
    /// `IllegalArgumentException` naming the broken rule.
    pub fn check(&self) -> Result<()> {
        let fault = match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.check()?;
                return right.check();
            }
            Self::Not(inner) => return inner.check(),
            Self::Equals(_) => None,
            Self::Presence(name) => name.as_str().trim().is_empty().then_some("Name must not be blank!"),
            Self::ExtendedMatch { operator, .. } => {
                operator.trim().is_empty().then_some("Operator must not be blank!")
            }
            Self::ContainsAllValues(attribute) => {
                attribute.values.is_none().then_some("Values must not be null!")
            }
            Self::Contains(a) | Self::StartsWith(a) | Self::EndsWith(a) | Self::EqualsIgnoreCase(a) => {
                single_operand(a).or_else(|| a.as_str().is_none().then_some("Value must be a string!"))
            }
            Self::GreaterThan(a)
            | Self::GreaterThanOrEqual(a)
            | Self::LessThan(a)
            | Self::LessThanOrEqual(a) => single_operand(a).or_else(|| {
                let comparable = a.single_value().is_some_and(is_comparable);
                (!comparable).then_some("Must be a comparable value!")
            }),
        };
        fault.map_or(Ok(()), |fault| Err(ConnectorError::illegal_argument(fault)))
    }

    /// The names of all attributes the filter looks at, in order, each once.
    #[must_use]
    pub fn attribute_names(&self) -> Vec<AttributeName> {
        let mut names = Vec::new();
        self.collect_names(&mut names);
        names
    }

    fn collect_names(&self, names: &mut Vec<AttributeName>) {
        let name = match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.collect_names(names);
                return right.collect_names(names);
            }
            Self::Not(inner) => return inner.collect_names(names),
            Self::Presence(name) => name,
            Self::Equals(a)
            | Self::Contains(a)
            | Self::StartsWith(a)
            | Self::EndsWith(a)
            | Self::GreaterThan(a)
            | Self::GreaterThanOrEqual(a)
            | Self::LessThan(a)
            | Self::LessThanOrEqual(a)
            | Self::ContainsAllValues(a)
            | Self::EqualsIgnoreCase(a)
            | Self::ExtendedMatch { attribute: a, .. } => &a.name,
        };
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

fn single_operand(attribute: &Attribute) -> Option<&'static str> {
    if attribute.values().len() != 1 {
        Some("Must only be one value!")
    } else if attribute.name.is(names::UID) {
        Some("Uid can only be used for equals comparison.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_checked() {
        let message = |filter: Filter| filter.check().unwrap_err().to_string();
        assert_eq!(
            message(Filter::Contains(Attribute::single(names::UID, "x"))),
            "Uid can only be used for equals comparison."
        );
        assert_eq!(message(Filter::StartsWith(Attribute::single("a", 1))), "Value must be a string!");
        assert_eq!(
            message(Filter::LessThan(Attribute::new("a", vec![1.into(), 2.into()]))),
            "Must only be one value!"
        );
        assert_eq!(
            message(Filter::GreaterThan(Attribute::single("a", vec![1_u8]))),
            "Must be a comparable value!"
        );
    }
}
