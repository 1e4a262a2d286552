//! A filter as what is asked of the server: one or more queries, and what of the filter only the connector can judge.

use icf::Filter;

use super::LdapFilter;
use crate::dn;

/// More queries than these no filter needs that a person wrote.
const MOST_QUERIES: usize = 1000;

/// Where a query looks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// Below all base contexts.
    Bases,
    /// At the entry of this name only.
    Entry(String),
}

/// One question to the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) place: Place,
    /// None asks for everything.
    pub(crate) native: Option<LdapFilter>,
    /// Conditions on the objects found, each with whether it must not hold.
    pub(crate) rest: Vec<(Filter, bool)>,
    /// Names, normalized, of entries that are not wanted.
    pub(crate) excluded: Vec<String>,
}

/// A filter became more than can be asked.
#[derive(Debug, thiserror::Error)]
#[error("the filter would need more than {MOST_QUERIES} searches; ask for fewer names at once")]
pub(crate) struct TooMany;

impl Query {
    /// Asks for everything.
    pub(crate) const fn everything() -> Self {
        Self { place: Place::Bases, native: None, rest: Vec::new(), excluded: Vec::new() }
    }

    /// Asks the server alone.
    pub(crate) fn native(filter: LdapFilter) -> Self {
        Self { native: Some(filter), ..Self::everything() }
    }

    /// Reads one entry.
    pub(crate) fn entry(name: &str) -> Self {
        Self { place: Place::Entry(name.to_owned()), ..Self::everything() }
    }

    /// Leaves one entry out.
    pub(crate) fn without(name: &str) -> Self {
        Self { excluded: vec![dn::normalized(name)], ..Self::everything() }
    }

    /// Leaves the judgement to the connector.
    pub(crate) fn judged(filter: Filter, negated: bool) -> Self {
        Self { rest: vec![(filter, negated)], ..Self::everything() }
    }

    /// Whether the server's answer is the whole answer.
    fn is_native(&self) -> bool {
        self.place == Place::Bases && self.rest.is_empty() && self.excluded.is_empty()
    }

    /// Both at once; none where nothing can match.
    fn and(&self, other: &Self) -> Option<Self> {
        let place = match (&self.place, &other.place) {
            (Place::Entry(one), Place::Entry(two)) if !dn::same(one, two) => return None,
            (Place::Entry(name), _) | (Place::Bases, Place::Entry(name)) => Place::Entry(name.clone()),
            (Place::Bases, Place::Bases) => Place::Bases,
        };
        let native = LdapFilter::all(self.native.iter().chain(&other.native).cloned());
        let rest = self.rest.iter().chain(&other.rest).cloned().collect();
        let excluded = self.excluded.iter().chain(&other.excluded).cloned().collect();
        Some(Self { place, native, rest, excluded })
    }
}

/// What all of these queries have in common.
pub(super) fn both(left: &[Query], right: &[Query]) -> Result<Vec<Query>, TooMany> {
    if left.len().saturating_mul(right.len()) > MOST_QUERIES {
        return Err(TooMany);
    }
    Ok(left.iter().flat_map(|left| right.iter().filter_map(|right| left.and(right))).collect())
}

/// What any of these queries finds.
pub(super) fn either(mut left: Vec<Query>, right: Vec<Query>) -> Result<Vec<Query>, TooMany> {
    for query in right {
        match left.iter_mut().find(|known| known.is_native()).filter(|_| query.is_native()) {
            None => left.push(query),
            Some(known) => {
                known.native = match (known.native.take(), query.native) {
                    (Some(LdapFilter::Or(mut filters)), Some(filter)) => {
                        filters.push(filter);
                        Some(LdapFilter::Or(filters))
                    }
                    (Some(one), Some(two)) => Some(LdapFilter::Or(vec![one, two])),
                    _ => None,
                };
            }
        }
    }
    if left.len() > MOST_QUERIES { Err(TooMany) } else { Ok(left) }
}
