//! The part of `java.text.MessageFormat` that message catalogues use: `{n}`, `{n,number}`, `{n,number,integer}`, and
//! quoting with apostrophes. Any other format is treated as `{n}`.

use crate::locale::Locale;
use crate::value::Value;

/// Fills in the placeholders of a pattern. A placeholder without argument, or one that cannot be read, stays as written.
pub(super) fn message(pattern: &str, locale: &Locale, arguments: &[Value]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.split_at(c.len_utf8()).1;
        match c {
            '\'' if after.starts_with('\'') => {
                out.push('\'');
                rest = after.split_at(1).1;
                continue;
            }
            '\'' => quoted = !quoted,
            '{' if !quoted => {
                let (written, remaining) = rest.split_at(placeholder_length(rest));
                match argument(written, arguments) {
                    Some((value, integer)) => out.push_str(&text(value, integer, locale)),
                    None => out.push_str(written),
                }
                rest = remaining;
                continue;
            }
            c => out.push(c),
        }
        rest = after;
    }
    out
}

/// Length of the placeholder that the text begins with, its braces included; the whole text if it does not end.
fn placeholder_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (place, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return place + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The argument of a placeholder, and whether it is to be shown as an integer.
fn argument<'a>(placeholder: &str, arguments: &'a [Value]) -> Option<(&'a Value, bool)> {
    let inside = placeholder.strip_prefix('{')?.strip_suffix('}')?;
    let mut parts = inside.splitn(3, ',').map(str::trim);
    let index: usize = parts.next()?.parse().ok()?;
    let integer = parts.next() == Some("number") && parts.next() == Some("integer");
    Some((arguments.get(index)?, integer))
}

fn text(value: &Value, integer: bool, locale: &Locale) -> String {
    let fraction_digits = if integer { 0 } else { 3 };
    match value {
        Value::String(text) | Value::Uri(text) | Value::File(text) | Value::ZonedDateTime(text) => {
            text.clone()
        }
        Value::Character(c) => c.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Byte(number) => grouped(&number.to_string(), locale),
        Value::Integer(number) => grouped(&number.to_string(), locale),
        Value::Long(number) => grouped(&number.to_string(), locale),
        Value::BigInteger(number) => grouped(&number.to_string(), locale),
        Value::Float(number) => decimal(f64::from(*number), fraction_digits, locale),
        Value::Double(number) => decimal(*number, fraction_digits, locale),
        Value::ObjectClass(class) => format!("ObjectClass: {class}"),
        Value::Uid(uid) => uid.to_string(),
        Value::Locale(locale) => locale.to_string(),
        // Null, and types without a text of their own; never a secret.
        other => other.type_name(),
    }
}

fn decimal(number: f64, fraction_digits: usize, locale: &Locale) -> String {
    if !number.is_finite() {
        return if number.is_nan() { "NaN".to_owned() } else { number.to_string().replace("inf", "∞") };
    }
    let digits = format!("{number:.fraction_digits$}");
    match digits.split_once('.') {
        None => grouped(&digits, locale),
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { separators(locale).1 };
            format!("{}{point}{fraction}", grouped(whole, locale))
        }
    }
}

/// A whole number with its digits in groups of three.
fn grouped(digits: &str, locale: &Locale) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let separator = separators(locale).0;
    let mut out = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

/// Between groups of digits, and before the fraction.
fn separators(locale: &Locale) -> (&'static str, &'static str) {
    match (locale.language.as_str(), locale.country.as_str()) {
        ("de" | "it", "CH") => ("\u{2019}", "."),
        ("de", "AT") | ("pt", "PT") => ("\u{A0}", ","),
        ("es", "MX" | "US") => (",", "."),
        (
            "de" | "es" | "it" | "nl" | "pt" | "da" | "el" | "id" | "in" | "ro" | "sl" | "hr" | "tr" | "vi",
            _,
        ) => (".", ","),
        ("fr", _) => ("\u{202F}", ","),
        ("bg" | "cs" | "fi" | "hu" | "nb" | "no" | "pl" | "ru" | "sk" | "sv" | "uk", _) => ("\u{A0}", ","),
        _ => (",", "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guarded::GuardedString;

    fn format(pattern: &str, language: &str, arguments: &[Value]) -> String {
        message(pattern, &Locale::new(language, ""), arguments)
    }

    #[test]
    fn fw58_numbers_are_grouped_and_apostrophes_quote() {
        let arguments = [Value::from(1234), Value::Null];
        assert_eq!(format("{0} of {1}: it''s", "en", &arguments), "1,234 of null: it's");
        assert_eq!(format("{0,number} / {0,number,integer}", "de", &arguments), "1.234 / 1.234");
    }

    #[test]
    fn quoted_text_is_literal() {
        assert_eq!(format("'{0}' is {0}, '' and 'it''s'", "en", &["x".into()]), "{0} is x, ' and it's");
        assert_eq!(format("open 'quote {0}", "en", &["x".into()]), "open quote {0}");
    }

    #[test]
    fn a_placeholder_without_argument_stays_as_written() {
        assert_eq!(format("{0} {1} {x} {} {0,date} {", "en", &["a".into()]), "a {1} {x} {} a {");
    }

    #[test]
    fn fractions_are_rounded_to_three_digits() {
        assert_eq!(format("{0} {0,number,integer}", "en", &[1234.5678.into()]), "1,234.568 1,235");
        assert_eq!(format("{0} {0}", "de", &[(-0.5).into()]), "-0,5 -0,5");
        assert_eq!(format("{0}", "en", &[f64::NEG_INFINITY.into()]), "-∞");
        assert_eq!(format("{0}", "en", &[1_000_000_i64.into()]), "1,000,000");
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format("{0}", "en", &[GuardedString::new("secret").into()]), "GuardedString");
    }
}
