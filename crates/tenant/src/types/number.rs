//! Numbers as decimal text.

use icf::{BigDecimal, BigInteger};

/// Digits that an exponent may add: more would let a short text fill the memory.
const MAX_EXPONENT: i64 = 10_000;

/// An integer of any size: optional sign, decimal digits.
pub(super) fn big_integer(text: &str) -> Option<BigInteger> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A decimal number: optional sign, digits with at most one point, optional exponent.
pub(super) fn big_decimal(text: &str) -> Option<BigDecimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.trim_start_matches(['-', '+']).is_empty() && fraction.is_empty() || exponent.abs() > MAX_EXPONENT
    {
        return None;
    }
    let unscaled = big_integer(&format!("{whole}{fraction}"))?;
    let scale = i64::try_from(fraction.len()).ok()? - exponent;
    Some(BigDecimal { unscaled, scale: i32::try_from(scale).ok()? })
}

/// The integer that a decimal number is, if it has no fraction.
pub(super) fn integer_part(number: &BigDecimal) -> Option<BigInteger> {
    let digits = number.scale.unsigned_abs();
    if i64::from(digits) > MAX_EXPONENT {
        return None;
    }
    let power = BigInteger::from(10).pow(digits);
    if number.scale <= 0 {
        return Some(&number.unscaled * power);
    }
    let whole = &number.unscaled / &power;
    (&whole * &power == number.unscaled).then_some(whole)
}

/// A decimal number without exponent, as Java's `toPlainString` writes it.
pub(super) fn plain(number: &BigDecimal) -> String {
    let text = number.unscaled.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    match usize::try_from(number.scale) {
        Ok(0) => text,
        Ok(scale) if i64::from(number.scale) <= MAX_EXPONENT => {
            let padded = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = padded.split_at(padded.len() - scale);
            format!("{sign}{whole}.{fraction}")
        }
        _ => format!("{sign}{digits}E{}", -i64::from(number.scale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written() {
        for (text, written) in [
            ("1.50", "1.50"),
            ("-0.05", "-0.05"),
            (".5", "0.5"),
            ("12", "12"),
            ("1.5e1", "15"),
            ("1e2", "1E2"),
        ] {
            assert_eq!(plain(&big_decimal(text).unwrap()), written, "{text}");
        }
        for wrong in ["", "-", ".", "1.2.3", "1e99999", "0x1", "1,5"] {
            assert!(big_decimal(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn whole_decimals_are_integers() {
        let whole = |text| integer_part(&big_decimal(text).unwrap());
        assert_eq!(whole("5.0"), Some(5.into()));
        assert_eq!(whole("1e3"), Some(1000.into()));
        assert_eq!(whole("5.5"), None);
    }
}
