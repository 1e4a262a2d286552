//! Where in the upgrade request the tenant expects the connector server's name and host id. No public
//! source says it, so under `auto` the likely places are walked, one per attempt, as long as the answer
//! is 403; the one that is let in is kept for the life of the process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::Placement;

/// A place for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Query(String),
    Header(String),
    Path,
    Nowhere,
}

/// The places of both values in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) name: Place,
    pub(super) host_id: Place,
}

/// The candidates, and how far the walk has come. Shared by all attempts, which may run side by side.
#[derive(Debug)]
pub(super) struct Walk {
    candidates: Vec<Places>,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    index: usize,
    /// How many candidates were refused; the first round is walked fast.
    refused: usize,
    settled: bool,
}

impl Walk {
    pub(super) fn new(name: &Placement, host_id: &Placement) -> Self {
        let names = match name {
            Placement::Auto => vec![
                Place::Query("connectorServerName".to_owned()),
                Place::Header("connectorServerName".to_owned()),
                Place::Header("x-openicf-connector-server-name".to_owned()),
                Place::Path,
            ],
            fixed => vec![place(fixed)],
        };
        let candidates = names
            .into_iter()
            .map(|name| {
                let host_id = match host_id {
                    Placement::Auto => beside(&name),
                    fixed => place(fixed),
                };
                Places { name, host_id }
            })
            .collect();
        Self { candidates, progress: Mutex::default() }
    }

    /// The places to use now, and their number for the report afterwards.
    pub(super) fn current(&self) -> (usize, &Places) {
        let index = self.progress().index;
        // The index is kept below the length, which is at least one.
        (index, &self.candidates[index])
    }

    /// Reports a 403. Returns whether places remain that were never tried.
    pub(super) fn refused(&self, index: usize) -> bool {
        let mut progress = self.progress();
        if progress.settled {
            return false;
        }
        // Of several attempts at the same place, the first report moves on.
        if progress.index == index {
            progress.index = (index + 1) % self.candidates.len();
            progress.refused += 1;
        }
        progress.refused < self.candidates.len()
    }

    /// Reports that the tenant let the server in. Returns whether this settles a walk.
    pub(super) fn accepted(&self, index: usize) -> bool {
        let mut progress = self.progress();
        let news = !progress.settled && self.candidates.len() > 1;
        if !progress.settled {
            progress.index = index;
            progress.settled = true;
        }
        news
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(placement: &Placement) -> Place {
    match placement {
        Placement::Query(parameter) => Place::Query(parameter.clone()),
        Placement::Header(header) => Place::Header(header.clone()),
        Placement::Path => Place::Path,
        Placement::Auto | Placement::None => Place::Nowhere,
    }
}

/// Under `auto` the host id stands where the name stands, if there is room for both.
fn beside(name: &Place) -> Place {
    match name {
        Place::Header(header) if header.starts_with("x-openicf-") => {
            Place::Header("x-openicf-host-id".to_owned())
        }
        Place::Header(_) => Place::Header("hostId".to_owned()),
        Place::Query(_) | Place::Path | Place::Nowhere => Place::Query("hostId".to_owned()),
    }
}

/// In the spelling of the setting.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(parameter) => write!(f, "query:{parameter}"),
            Self::Header(header) => write!(f, "header:{header}"),
            Self::Path => f.write_str("path"),
            Self::Nowhere => f.write_str("none"),
        }
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(walk: &Walk) -> String {
        walk.current().1.to_string()
    }

    #[test]
    fn auto_walks_the_documented_list_and_keeps_what_worked() {
        let walk = Walk::new(&Placement::Auto, &Placement::Auto);
        assert_eq!(current(&walk), "query:connectorServerName");
        assert!(walk.refused(0));
        assert_eq!(current(&walk), "header:connectorServerName");
        assert!(walk.refused(0), "a second report about the same place does not skip one");
        assert_eq!(current(&walk), "header:connectorServerName");
        assert!(walk.refused(1));
        assert_eq!(current(&walk), "header:x-openicf-connector-server-name");
        assert!(walk.accepted(2), "news");
        assert!(!walk.accepted(2), "no news");
        assert!(!walk.refused(2), "settled");
        assert_eq!(current(&walk), "header:x-openicf-connector-server-name");
    }

    #[test]
    fn attempts_side_by_side_do_not_use_up_places() {
        let walk = Walk::new(&Placement::Auto, &Placement::None);
        let untried: Vec<_> = [0, 0, 0, 1, 1, 2, 3].into_iter().map(|index| walk.refused(index)).collect();
        assert_eq!(untried, [true, true, true, true, true, true, false]);
    }

    #[test]
    fn after_one_round_nothing_is_untried_but_the_walk_goes_on() {
        let walk = Walk::new(&Placement::Auto, &Placement::None);
        let untried: Vec<_> = (0..4).map(|index| walk.refused(index)).collect();
        assert_eq!(untried, [true, true, true, false]);
        assert_eq!(current(&walk), "query:connectorServerName");
        assert!(!walk.refused(0));
        assert_eq!(current(&walk), "header:connectorServerName");
    }

    #[test]
    fn a_fixed_place_is_never_left() {
        let walk = Walk::new(&Placement::Header("X-Name".to_owned()), &Placement::Auto);
        assert!(!walk.refused(0));
        let (index, places) = walk.current();
        assert_eq!((index, places.to_string().as_str()), (0, "header:X-Name"));
        assert_eq!(places.host_id, Place::Header("hostId".to_owned()));
        assert!(!walk.accepted(0));
    }
}
