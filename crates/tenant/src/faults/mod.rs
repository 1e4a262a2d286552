//! Faults on demand: what is armed, what it matches, and who is hit.
//!
//! This room only decides. Each point (token endpoint, upgrade, socket, frame, operation, sync) asks it and plays the
//! fault itself. Start at [`Faults::hit`].

mod definition;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value as Json, json};

pub use definition::{Fault, FaultError, FaultKind, FaultMatch, Point};

use crate::events::{EventKind, Events};

/// What is about to happen; a fault matches if every member it names is equal here.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Number of the node.
    pub node: Option<usize>,
    /// Name of the connector server.
    pub server: Option<String>,
    /// OAuth client.
    pub client: Option<String>,
    /// Id of the socket.
    pub socket: Option<String>,
    /// `in` or `out`, seen from the tenant.
    pub dir: Option<&'static str>,
    /// Operation, such as `SEARCH`.
    pub op: Option<&'static str>,
    /// Name of the system.
    pub system: Option<String>,
    /// Native object class.
    pub object_class: Option<String>,
    /// Kind of message, such as `searchItem`.
    pub frame_type: Option<&'static str>,
    /// Identity of the object; compared with the argument `uid` of a fault, if it has one.
    pub uid: Option<String>,
}

/// A fault that takes effect now.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Id of the fault.
    pub id: String,
    /// What to do.
    pub kind: FaultKind,
    /// Wait this long first.
    pub delay: Duration,
    /// Arguments of the kind.
    pub params: Json,
}

impl Hit {
    /// A number among the arguments.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.params.get(name).and_then(Json::as_u64)
    }

    /// A text among the arguments.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Json::as_str)
    }
}

/// All armed faults.
#[derive(Debug)]
pub struct Faults {
    inner: Mutex<Inner>,
    /// One bit for each point with an armed fault.
    points: AtomicU32,
    events: Arc<Events>,
}

#[derive(Debug)]
struct Inner {
    armed: Vec<Armed>,
    next_id: u64,
    seed: u64,
    random: StdRng,
}

#[derive(Debug)]
struct Armed {
    id: String,
    fault: Fault,
    /// Matches so far, those skipped by `after` included.
    matched: u64,
    /// Times it took effect.
    hits: u64,
}

impl Faults {
    /// Nothing armed; `seed` determines every random choice.
    #[must_use]
    pub fn new(events: Arc<Events>, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        let inner = Inner { armed: Vec::new(), next_id: 1, seed, random };
        Self { inner: Mutex::new(inner), points: AtomicU32::new(0), events }
    }

    /// Arms a fault and answers its id.
    ///
    /// # Errors
    /// When the kind does not belong to the point, an argument is wrong or the id is taken.
    pub fn arm(&self, fault: Fault) -> Result<String, FaultError> {
        fault.check()?;
        let mut inner = self.lock();
        let id = match &fault.id {
            Some(id) if inner.armed.iter().any(|armed| armed.id == *id) => {
                return Err(FaultError::IdTaken(id.clone()));
            }
            Some(id) => id.clone(),
            None => {
                let id = format!("f{}", inner.next_id);
                inner.next_id += 1;
                id
            }
        };
        let event = json!({"fault": id, "point": fault.point.as_str(), "faultKind": fault.kind.as_str()});
        inner.armed.push(Armed { id: id.clone(), fault, matched: 0, hits: 0 });
        self.note_points(&inner);
        drop(inner);
        self.events.emit(EventKind::FaultArmed, event);
        Ok(id)
    }

    /// Disarms one fault; tells whether it was there.
    pub fn disarm(&self, id: &str) -> bool {
        let mut inner = self.lock();
        let before = inner.armed.len();
        inner.armed.retain(|armed| armed.id != id);
        self.note_points(&inner);
        inner.armed.len() < before
    }

    /// Disarms all faults.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.armed.clear();
        self.note_points(&inner);
    }

    fn note_points(&self, inner: &Inner) {
        let points = inner.armed.iter().fold(0, |points, armed| points | 1 << armed.fault.point as u32);
        self.points.store(points, Ordering::Relaxed);
    }

    /// Starts the sequence of random choices again.
    pub fn reseed(&self, seed: u64) {
        let mut inner = self.lock();
        inner.seed = seed;
        inner.random = StdRng::seed_from_u64(seed);
    }

    /// The seed in force.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.lock().seed
    }

    /// All armed faults with their counters.
    #[must_use]
    pub fn list(&self) -> Vec<Json> {
        let inner = self.lock();
        let describe = |armed: &Armed| {
            let mut fault = serde_json::to_value(&armed.fault).unwrap_or_default();
            if let Json::Object(members) = &mut fault {
                members.insert("id".to_owned(), armed.id.clone().into());
                members.insert("matched".to_owned(), armed.matched.into());
                members.insert("hits".to_owned(), armed.hits.into());
            }
            fault
        };
        inner.armed.iter().map(describe).collect()
    }

    /// Whether any fault of a point is armed: a cheap question for hot paths.
    #[must_use]
    pub fn is_armed(&self, point: Point) -> bool {
        self.points.load(Ordering::Relaxed) & (1 << point as u32) != 0
    }

    /// The fault that takes effect on `subject` now, if any: the first armed one that matches, has skipped its `after`
    /// matches, has `times` left and wins its draw.
    #[must_use]
    pub fn hit(&self, point: Point, subject: &Subject) -> Option<Hit> {
        self.hit_among(point, subject, |_| true)
    }

    /// Like [`hit`](Self::hit), but looks at one fault only; the others keep their counters.
    #[must_use]
    pub fn hit_by_id(&self, id: &str, subject: &Subject) -> Option<Hit> {
        let point = self.lock().armed.iter().find(|armed| armed.id == id)?.fault.point;
        self.hit_among(point, subject, |armed| armed == id)
    }

    fn hit_among(&self, point: Point, subject: &Subject, wanted: impl Fn(&str) -> bool) -> Option<Hit> {
        if !self.is_armed(point) {
            return None;
        }
        let mut inner = self.lock();
        let Inner { armed, random, .. } = &mut *inner;
        let mut found = None;
        for armed in armed.iter_mut() {
            let fault = &armed.fault;
            let uid = fault.params.get("uid").and_then(Json::as_str);
            let other_uid = uid.is_some() && uid != subject.uid.as_deref();
            if fault.point != point || !wanted(&armed.id) || other_uid || !fault.matching.covers(subject) {
                continue;
            }
            armed.matched += 1;
            let spent = fault.times != 0 && armed.hits >= fault.times;
            if armed.matched <= fault.after || spent || !random.random_bool(fault.probability) {
                continue;
            }
            armed.hits += 1;
            let jitter = if fault.jitter_ms == 0 { 0 } else { random.random_range(0..=fault.jitter_ms) };
            found = Some(Hit {
                id: armed.id.clone(),
                kind: fault.kind,
                delay: Duration::from_millis(fault.delay_ms.saturating_add(jitter)),
                params: fault.params.clone(),
            });
            break;
        }
        drop(inner);
        if let Some(hit) = &found {
            self.events.emit(
                EventKind::FaultHit,
                json!({
                    "fault": hit.id, "point": point.as_str(), "faultKind": hit.kind.as_str(),
                    "node": subject.node, "server": subject.server, "socket": subject.socket,
                    "client": subject.client, "dir": subject.dir, "op": subject.op,
                    "system": subject.system, "frameType": subject.frame_type,
                }),
            );
        }
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults() -> Faults {
        Faults::new(Arc::new(Events::default()), 7)
    }

    fn fault(json: Json) -> Fault {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn after_and_times_bound_a_fault() {
        let faults = faults();
        faults.arm(fault(json!({"point": "upgrade", "kind": "status", "after": 1, "times": 2}))).unwrap();
        let hits: Vec<bool> =
            (0..5).map(|_| faults.hit(Point::Upgrade, &Subject::default()).is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }

    #[test]
    fn only_a_matching_subject_is_hit() {
        let faults = faults();
        faults
            .arm(fault(
                json!({"point": "op", "kind": "unknownOp", "times": 0, "match": {"op": "GET", "node": 1}}),
            ))
            .unwrap();
        let subject = |op, node| Subject { op: Some(op), node: Some(node), ..Subject::default() };
        assert!(faults.hit(Point::Op, &subject("GET", 0)).is_none());
        assert!(faults.hit(Point::Op, &subject("SEARCH", 1)).is_none());
        assert!(faults.hit(Point::Op, &subject("GET", 1)).is_some());
        assert!(faults.hit(Point::Op, &Subject::default()).is_none());
    }

    #[test]
    fn a_kind_must_belong_to_its_point() {
        let error = faults().arm(fault(json!({"point": "token", "kind": "reset"}))).unwrap_err();
        assert_eq!(error.to_string(), "A fault at point 'token' cannot be of kind 'reset'.");
    }

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        let draw = || {
            let faults = faults();
            faults
                .arm(fault(json!({"point": "frame", "kind": "drop", "times": 0, "probability": 0.5})))
                .unwrap();
            (0..32).map(|_| faults.hit(Point::Frame, &Subject::default()).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().contains(&true) && draw().contains(&false));
    }
}
