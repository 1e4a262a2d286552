//! The cookie that continues a search: where, and of which search.

use std::hash::{DefaultHasher, Hash, Hasher};

use icf::{ConnectorError, ObjectClass, Result};

use super::{Ask, Scope};

/// Tells searches apart; the same in every process of one version.
pub(crate) fn fingerprint(class: &ObjectClass, scope: &Scope) -> String {
    let mut hasher = DefaultHasher::new();
    (class.as_str().to_ascii_lowercase(), &scope.filter, &scope.sort).hash(&mut hasher);
    format!("{:08x}", hasher.finish() & 0xffff_ffff)
}

pub(crate) fn encode(ask: &Ask, print: &str) -> String {
    match ask {
        Ask::Index(start) => format!("i1.{start}.{print}"),
        Ask::Cursor(cursor) => format!("c1.{cursor}.{print}"),
        Ask::Nothing => String::new(),
    }
}

/// A bare number is taken for a start index, as an older connector may have left one.
pub(crate) fn decode(cookie: &str, print: &str) -> Result<Ask> {
    let invalid = || {
        ConnectorError::invalid_attribute_value(
            "The paged results cookie belongs to another search; begin the search again without it.",
        )
    };
    if let Ok(start) = cookie.parse::<u64>() {
        return Ok(Ask::Index(start.max(1)));
    }
    let (kind, rest) = cookie.split_once('.').ok_or_else(invalid)?;
    let (place, of) = rest.rsplit_once('.').ok_or_else(invalid)?;
    if of != print {
        return Err(invalid());
    }
    match kind {
        "i1" => place.parse().map(Ask::Index).map_err(|_| invalid()),
        "c1" => Ok(Ask::Cursor(place.to_owned())),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_survive_and_are_of_one_search() {
        for ask in [Ask::Index(6), Ask::Cursor("a.b==".to_owned())] {
            assert_eq!(decode(&encode(&ask, "0a0b0c0d"), "0a0b0c0d").unwrap(), ask);
            assert!(decode(&encode(&ask, "0a0b0c0d"), "00000000").is_err());
        }
        assert_eq!(decode("7", "x").unwrap(), Ask::Index(7));
        for wrong in ["", "x", "i1.6", "i1..0a", "z1.6.0a"] {
            assert!(decode(wrong, "0a").is_err(), "{wrong}");
        }
    }
}
