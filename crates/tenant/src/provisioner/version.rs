//! Versions and ranges of versions of bundles.

use std::cmp::Ordering;

/// A version of up to four numbers; a word behind a dash does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u32; 4]);

impl Version {
    /// Reads `1.5.20.3` or `1.5-SNAPSHOT`; missing parts are 0.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let numbers = text.split_once('-').map_or(text, |(numbers, _word)| numbers);
        let mut parts = [0; 4];
        for (at, part) in numbers.split('.').enumerate() {
            *parts.get_mut(at)? = part.parse().ok()?;
        }
        Some(Self(parts))
    }
}

/// Which versions a provisioner file admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VersionSpec {
    /// This text exactly.
    Exact(String),
    /// All versions between two, each end included or not.
    Range { low: (Version, bool), high: (Version, bool) },
    /// A range that cannot be read or holds nothing.
    Empty,
}

impl VersionSpec {
    /// A text with a comma behind its second character is a range; any other is an exact version.
    pub(super) fn parse(text: &str) -> Self {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if compact.find(',').is_none_or(|at| at <= 1) {
            return Self::Exact(text.trim().to_owned());
        }
        Self::range(&compact).unwrap_or(Self::Empty)
    }

    fn range(text: &str) -> Option<Self> {
        let (low_included, rest) = match text.strip_prefix('[') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('(')?),
        };
        let (high_included, rest) = match rest.strip_suffix(']') {
            Some(rest) => (true, rest),
            None => (false, rest.strip_suffix(')')?),
        };
        let (low, high) = rest.split_once(',')?;
        let (low, high) = (Version::parse(low)?, Version::parse(high)?);
        let empty = match low.cmp(&high) {
            Ordering::Less => false,
            Ordering::Equal => !(low_included && high_included),
            Ordering::Greater => true,
        };
        Some(if empty {
            Self::Empty
        } else {
            Self::Range { low: (low, low_included), high: (high, high_included) }
        })
    }

    /// Whether a version is admitted.
    pub(super) fn admits(&self, version: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == version,
            Self::Empty => false,
            Self::Range { low: (low, low_included), high: (high, high_included) } => Version::parse(version)
                .is_some_and(|version| {
                    (version > *low || *low_included && version == *low)
                        && (version < *high || *high_included && version == *high)
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_compare_by_number() {
        let range = VersionSpec::parse("[1.5.20.0, 1.6.0.0)");
        for version in ["1.5.20.0", "1.5.20.11", "1.5.21", "1.5.20.3-SNAPSHOT"] {
            assert!(range.admits(version), "{version}");
        }
        for version in ["1.5.19.9", "1.6.0.0", "1.6", "x"] {
            assert!(!range.admits(version), "{version}");
        }
        assert!(VersionSpec::parse("(1.0,2.0]").admits("2.0.0.0"));
        assert!(!VersionSpec::parse("(1.0,2.0]").admits("1.0"));
    }

    #[test]
    fn everything_else_is_exact_or_empty() {
        assert!(VersionSpec::parse("1.5").admits("1.5"));
        assert!(!VersionSpec::parse("1.5").admits("1.5.0"));
        assert!(VersionSpec::parse("[1.0,1.0]").admits("1"));
        for empty in ["[2.0,1.0]", "[1.0,1.0)", "1.0,2.0", "[a,b]"] {
            assert_eq!(VersionSpec::parse(empty), VersionSpec::Empty, "{empty}");
        }
    }
}
