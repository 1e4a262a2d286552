//! Times of directories: intervals of 100 ns since 1601, and `GeneralizedTime` (RFC 4517 3.3.13).

use time::format_description::FormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

const ISO: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Seconds from 1601 to 1970.
const BEFORE_1970: i64 = 11_644_473_600;

/// An interval as ISO 8601; "never" and 0 are "0". Other texts, and numbers below 0, stay as they are.
pub(crate) fn from_interval(text: &str) -> String {
    match text.parse::<i64>() {
        Ok(0 | i64::MAX) => "0".to_owned(),
        Ok(number) if number > 0 => OffsetDateTime::from_unix_timestamp(number / 10_000_000 - BEFORE_1970)
            .ok()
            .and_then(|time| time.format(ISO).ok())
            .unwrap_or_else(|| text.to_owned()),
        _ => text.to_owned(),
    }
}

/// ISO 8601 as an interval; none for what is no date.
pub(crate) fn to_interval(text: &str) -> Option<i64> {
    let time = PrimitiveDateTime::parse(text.trim(), ISO).ok()?;
    (time.assume_utc().unix_timestamp() + BEFORE_1970).checked_mul(10_000_000)
}

/// A `GeneralizedTime` as ISO 8601 in UTC, to the second; other texts stay as they are.
pub(crate) fn from_generalized(text: &str) -> String {
    generalized(text).and_then(|time| time.format(ISO).ok()).unwrap_or_else(|| text.to_owned())
}

/// The moment of a `GeneralizedTime`.
pub(crate) fn generalized(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let end = text.find(['Z', '+', '-'])?;
    let (local, zone) = text.split_at(end);
    let digits = local.split(['.', ',']).next()?;
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u8>().ok());
    let year = digits.get(..4)?.parse().ok()?;
    let date = time::Date::from_calendar_date(year, number(4, 6)?.try_into().ok()?, number(6, 8)?).ok()?;
    let minute = if digits.len() >= 12 { number(10, 12)? } else { 0 };
    let second = if digits.len() >= 14 { number(12, 14)? } else { 0 };
    let time = time::Time::from_hms(number(8, 10)?, minute, second.min(59)).ok()?;
    let moment = PrimitiveDateTime::new(date, time).assume_utc();
    if zone == "Z" {
        return Some(moment);
    }
    let part = |from: usize, to: usize| zone.get(from..to).and_then(|part| part.parse::<i64>().ok());
    let minutes = part(1, 3)? * 60 + part(3, 5).unwrap_or(0);
    let sign = if zone.starts_with('-') { 1 } else { -1 };
    moment.checked_add(time::Duration::minutes(sign * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ldap_093_account_expires_is_a_date_or_zero() {
        assert_eq!(from_interval("9223372036854775807"), "0");
        assert_eq!(from_interval("0"), "0");
        assert_eq!(from_interval("132000000000000000"), "2019-04-17T18:40:00Z");
        assert_eq!((from_interval("-1").as_str(), from_interval("x").as_str()), ("-1", "x"));
        assert_eq!(to_interval("2019-04-17T18:40:00Z"), Some(132_000_000_000_000_000));
        assert_eq!(to_interval("2019-04-17"), None);
    }

    #[test]
    fn generalized_times_are_read_with_their_zone() {
        assert_eq!(from_generalized("20261121194103Z"), "2026-11-21T19:41:03Z");
        assert_eq!(from_generalized("20261121194103.0Z"), "2026-11-21T19:41:03Z");
        assert_eq!(from_generalized("202611212041+0100"), "2026-11-21T19:41:00Z");
        assert_eq!(from_generalized("soon"), "soon");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(text in ".{0,24}") {
            let _ = (from_generalized(&text), from_interval(&text), to_interval(&text));
        }
    }
}
