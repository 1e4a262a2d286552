//! Equality and order of values as filters need them: by the rules of the Java types that the values stand for, with or
//! without regard to case.

use std::cmp::Ordering;

use crate::value::{BigDecimal, Value, ValueMap};

/// Whether the letter case of texts and characters counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// `a` and `A` differ.
    #[default]
    Exact,
    /// `a` and `A` are the same.
    Ignore,
}

impl Case {
    pub(super) fn same_text(self, left: &str, right: &str) -> bool {
        match self {
            Self::Exact => left == right,
            Self::Ignore => left == right || left.chars().map(fold).eq(right.chars().map(fold)),
        }
    }

    fn order_texts(self, left: &str, right: &str) -> Ordering {
        match self {
            Self::Exact => left.encode_utf16().cmp(right.encode_utf16()),
            Self::Ignore => {
                let units = |text: &str| text.chars().map(fold).collect::<String>().encode_utf16().collect();
                let (left, right): (Vec<u16>, Vec<u16>) = (units(left), units(right));
                left.cmp(&right)
            }
        }
    }
}

/// Whether two values are equal: same type, same content. Floating point numbers are equal when their bits are (all
/// not-a-numbers count as one), decimals when their scale agrees too; maps and sets regardless of order.
#[must_use]
pub fn same_value(left: &Value, right: &Value, case: Case) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => case.same_text(left, right),
        (Value::Character(left), Value::Character(right)) if case == Case::Ignore => {
            fold(*left) == fold(*right)
        }
        (Value::Float(left), Value::Float(right)) => {
            left.total_cmp(right).is_eq() || left.is_nan() && right.is_nan()
        }
        (Value::Double(left), Value::Double(right)) => {
            left.total_cmp(right).is_eq() || left.is_nan() && right.is_nan()
        }
        (Value::List(left), Value::List(right)) => same_values(left, right, case),
        (Value::Array(left), Value::Array(right)) => {
            left.component == right.component && same_values(&left.items, &right.items, case)
        }
        (Value::Set(left), Value::Set(right)) => {
            left.items.len() == right.items.len()
                && left.items.iter().all(|item| contains(&right.items, item, case))
        }
        (Value::Map(left), Value::Map(right)) => same_map(left, right, case),
        (left, right) => left == right,
    }
}

/// Whether two lists are equal, element by element.
#[must_use]
pub fn same_values(left: &[Value], right: &[Value], case: Case) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_value(left, right, case))
}

/// Whether a list holds an equal value.
#[must_use]
pub fn contains(values: &[Value], value: &Value, case: Case) -> bool {
    values.iter().any(|candidate| same_value(candidate, value, case))
}

/// The order of two values of one comparable type; `None` for values of different types or of a type without order.
#[must_use]
pub fn order(left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::String(left), Value::String(right)) => case.order_texts(left, right),
        (Value::Character(left), Value::Character(right)) => match case {
            Case::Exact => left.cmp(right),
            Case::Ignore => fold(*left).cmp(&fold(*right)),
        },
        (Value::Integer(left), Value::Integer(right)) => left.cmp(right),
        (Value::Long(left), Value::Long(right)) => left.cmp(right),
        (Value::Byte(left), Value::Byte(right)) => left.cmp(right),
        (Value::Boolean(left), Value::Boolean(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::Double(left), Value::Double(right)) => left.total_cmp(right),
        (Value::BigInteger(left), Value::BigInteger(right)) => left.cmp(right),
        (Value::BigDecimal(left), Value::BigDecimal(right)) => order_decimals(left, right),
        (Value::ZonedDateTime(left), Value::ZonedDateTime(right)) => left.cmp(right),
        _ => return None,
    })
}

/// Whether values of this type have an order.
#[must_use]
pub const fn is_comparable(value: &Value) -> bool {
    matches!(
        value,
        Value::String(_)
            | Value::Character(_)
            | Value::Integer(_)
            | Value::Long(_)
            | Value::Float(_)
            | Value::Double(_)
            | Value::Boolean(_)
            | Value::Byte(_)
            | Value::BigInteger(_)
            | Value::BigDecimal(_)
            | Value::ZonedDateTime(_)
    )
}

fn same_map(left: &ValueMap, right: &ValueMap, case: Case) -> bool {
    let key_case = if left.case_insensitive || right.case_insensitive { Case::Ignore } else { case };
    left.entries.len() == right.entries.len()
        && left.iter().all(|(key, value)| {
            right.iter().any(|(other_key, other)| {
                same_value(key, other_key, key_case) && same_value(value, other, case)
            })
        })
}

/// By magnitude, whatever the scale: 1.0 and 1.00 are neighbours of the same rank.
fn order_decimals(left: &BigDecimal, right: &BigDecimal) -> Ordering {
    let by_sign = left.unscaled.sign().cmp(&right.unscaled.sign());
    if by_sign.is_ne() {
        return by_sign;
    }
    let (left_digits, right_digits) =
        (left.unscaled.magnitude().to_string(), right.unscaled.magnitude().to_string());
    let (left_digits, right_digits) =
        (left_digits.trim_start_matches('0'), right_digits.trim_start_matches('0'));
    // Place of the first digit; comparing places first avoids powers of ten of hostile size.
    let place = |digits: &str, scale: i32| i64::try_from(digits.len()).unwrap_or(i64::MAX) - i64::from(scale);
    let by_place = place(left_digits, left.scale).cmp(&place(right_digits, right.scale));
    let by_digits = || left_digits.trim_end_matches('0').cmp(right_digits.trim_end_matches('0'));
    let magnitude = if left_digits.is_empty() { Ordering::Equal } else { by_place.then_with(by_digits) };
    if left.unscaled.sign() == num_bigint::Sign::Minus { magnitude.reverse() } else { magnitude }
}

/// One character without its case: upper-cased, then lower-cased, each by the simple mapping, as Java does when it
/// ignores case.
fn fold(c: char) -> char {
    match c {
        c if c.is_ascii() => c.to_ascii_lowercase(),
        // The one letter whose full and simple lower case differ.
        'İ' => 'i',
        c => simple(simple(c, char::to_uppercase), char::to_lowercase),
    }
}

fn simple<I: Iterator<Item = char>>(c: char, map: impl Fn(char) -> I) -> char {
    let mut mapped = map(c);
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(unscaled: i64, scale: i32) -> Value {
        Value::BigDecimal(Box::new(BigDecimal { unscaled: unscaled.into(), scale }))
    }

    #[test]
    fn decimals_are_equal_with_their_scale_and_ordered_without() {
        assert!(!same_value(&decimal(10, 1), &decimal(100, 2), Case::Exact));
        let rank = |left, right| order(&left, &right, Case::Exact).unwrap();
        assert_eq!(rank(decimal(10, 1), decimal(100, 2)), Ordering::Equal);
        assert_eq!(rank(decimal(9, 0), decimal(10, 0)), Ordering::Less);
        assert_eq!(rank(decimal(-9, 0), decimal(-10, 0)), Ordering::Greater);
        assert_eq!(rank(decimal(0, -2_000_000_000), decimal(1, 2_000_000_000)), Ordering::Less);
        assert_eq!(rank(decimal(125, 2), decimal(13, 1)), Ordering::Less);
        assert_eq!(rank(decimal(0, 5), decimal(0, 0)), Ordering::Equal);
    }

    #[test]
    fn texts_are_ordered_by_utf16_code_unit() {
        let rank = |left: &str, right: &str, case| order(&left.into(), &right.into(), case).unwrap();
        assert_eq!(rank("\u{10000}", "\u{FFFF}", Case::Exact), Ordering::Less);
        assert_eq!(rank("B", "a", Case::Exact), Ordering::Less);
        assert_eq!(rank("B", "a", Case::Ignore), Ordering::Greater);
    }

    #[test]
    fn case_is_ignored_inside_lists_and_maps_too() {
        let nested = |text: &str| {
            Value::Map(ValueMap::default().with("k", Value::List(vec![text.into(), Value::Character('x')])))
        };
        assert!(same_value(&nested("A"), &nested("a"), Case::Ignore));
        assert!(!same_value(&nested("A"), &nested("a"), Case::Exact));
        assert!(!same_value(&1_i32.into(), &1_i64.into(), Case::Ignore));
    }

    #[test]
    fn floating_point_numbers_are_equal_by_their_bits() {
        assert!(same_value(&f64::NAN.into(), &f64::NAN.into(), Case::Exact));
        assert!(!same_value(&0.0_f64.into(), &(-0.0_f64).into(), Case::Exact));
    }
}
