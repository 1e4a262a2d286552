//! Filters: what the service is asked ([`translate`]), and what its answer is checked against ([`judge`]).

mod judge;
mod translate;

pub(crate) use judge::{accepts, instant};
pub(crate) use translate::{Dialect, literal, mentions, translate};

use icf::{Filter, names};

/// The identity that a filter asks for, alone or along with conditions that can be checked afterwards.
pub(crate) fn wanted_uid(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Equals(attribute) if attribute.name.is(names::UID) || attribute.name.is("id") => {
            attribute.as_str()
        }
        Filter::And(left, right) => wanted_uid(left).or_else(|| wanted_uid(right)),
        _ => None,
    }
}
