//! Values of the framework as texts of a file: the text forms are those of Java.

use icf::{BigDecimal, Value};
use zeroize::Zeroizing;

/// The text of a value; `None` if a CSV file cannot hold its type. Null is not asked for.
pub(super) fn text(value: &Value) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(match value {
        Value::String(text) | Value::ZonedDateTime(text) => text.clone(),
        Value::Character(character) => character.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Byte(number) => number.to_string(),
        Value::BigInteger(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Float(number) => floating(format!("{number:?}"), format!("{number:e}"), f64::from(*number)),
        Value::Double(number) => floating(format!("{number:?}"), format!("{number:e}"), *number),
        Value::BigDecimal(number) => decimal(number),
        _ => return None,
    }))
}

/// Java writes numbers from 10^-3 to below 10^7 plainly and others as 1.5E10.
fn floating(plain: String, scientific: String, value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return plain;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}

/// As `BigDecimal.toString` does it.
fn decimal(number: &BigDecimal) -> String {
    let unscaled = number.unscaled.to_string();
    let (sign, digits) = match unscaled.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", unscaled.as_str()),
    };
    let scale = i64::from(number.scale);
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let adjusted = length - 1 - scale;
    if scale == 0 {
        return unscaled;
    }
    if scale > 0 && adjusted >= -6 {
        let zeros = usize::try_from(scale - length + 1).unwrap_or(0);
        let padded = format!("{}{digits}", "0".repeat(zeros));
        let (whole, fraction) = padded.split_at(padded.len() - usize::try_from(scale).unwrap_or(0));
        return format!("{sign}{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let plus = if adjusted > 0 { "+" } else { "" };
    format!("{sign}{first}{point}{rest}E{plus}{adjusted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: impl Into<Value>) -> String {
        text(&value.into()).unwrap().to_string()
    }

    #[test]
    fn numbers_have_the_text_forms_of_java() {
        assert_eq!(of(7), "7");
        assert_eq!(of(true), "true");
        assert_eq!(of(1.0), "1.0");
        assert_eq!(of(0.001), "0.001");
        assert_eq!(of(-1.0e7), "-1.0E7");
        assert_eq!(of(1.25e-5), "1.25E-5");
        assert_eq!(of(3.5_f32), "3.5");
        assert_eq!(of(f64::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn decimals_have_the_text_forms_of_java() {
        let decimal = |unscaled: i32, scale| of(BigDecimal { unscaled: unscaled.into(), scale });
        assert_eq!(decimal(123, 0), "123");
        assert_eq!(decimal(-123, 0), "-123");
        assert_eq!(decimal(123, -1), "1.23E+3");
        assert_eq!(decimal(123, -3), "1.23E+5");
        assert_eq!(decimal(123, 1), "12.3");
        assert_eq!(decimal(123, 5), "0.00123");
        assert_eq!(decimal(123, 10), "1.23E-8");
        assert_eq!(decimal(-123, 12), "-1.23E-10");
        assert_eq!(decimal(0, 2), "0.00");
    }

    #[test]
    fn bytes_have_no_text() {
        assert!(text(&Value::Bytes(vec![1])).is_none());
        assert!(text(&Value::List(vec![])).is_none());
    }
}
