//! Which of several given values counts. The `config` crate does the layering; it is handed flat lower-case names
//! and, as values, positions in a list of [`Candidate`]s. So it never sees a dot, an upper-case letter or a secret,
//! and each value keeps its origin.

use std::collections::BTreeMap;

use config::{ConfigBuilder, Map, Source, Value, ValueKind, builder::DefaultState};
use zeroize::Zeroizing;

use super::keys::{self, Key};
use super::origin::Origin;

/// A value that one source gives for one key.
pub(super) struct Candidate {
    pub(super) key: &'static Key,
    /// What follows the key after a dot, for keys that have members.
    pub(super) member: Option<String>,
    /// Not blank, but otherwise as it was read.
    pub(super) text: Zeroizing<String>,
    pub(super) origin: Origin,
}

/// The winning values.
pub(super) struct Values {
    single: BTreeMap<&'static str, Candidate>,
    members: BTreeMap<&'static str, Vec<Candidate>>,
}

impl Values {
    /// The value of a key without members.
    pub(super) fn get(&self, key: &Key) -> Option<&Candidate> {
        self.single.get(key.name)
    }

    /// Replaces a value, or adds it.
    pub(super) fn put(&mut self, candidate: Candidate) {
        self.single.insert(candidate.key.name, candidate);
    }

    /// The values of a key with members, by member.
    pub(super) fn members(&self, key: &Key) -> &[Candidate] {
        self.members.get(key.name).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody set the key.
    pub(super) fn is_given(&self, key: &Key) -> bool {
        self.get(key).is_some_and(|candidate| candidate.origin != Origin::Default)
    }
}

/// Lays sources over the defaults. Later layers win; within one layer the later candidate.
pub(super) fn resolve(layers: Vec<Vec<Candidate>>) -> Values {
    let mut builder = ConfigBuilder::<DefaultState>::default();
    let mut candidates = Vec::new();
    for layer in std::iter::once(defaults()).chain(layers) {
        builder = builder.add_source(Layer::new(&layer, candidates.len()));
        candidates.extend(layer.into_iter().map(Some));
    }
    let layered = builder.build().unwrap_or_default();
    let mut take = |position: Value| {
        let position = usize::try_from(position.into_uint().ok()?).ok()?;
        candidates.get_mut(position)?.take()
    };

    let mut values = Values { single: BTreeMap::new(), members: BTreeMap::new() };
    for key in keys::all() {
        let flat = key.flat_name();
        if key.kind.has_members() {
            let mut members: Vec<Candidate> =
                layered.get_table(&flat).unwrap_or_default().into_values().filter_map(&mut take).collect();
            members.sort_by(|a, b| a.member.cmp(&b.member));
            values.members.insert(key.name, members);
        } else if let Some(candidate) = layered.get::<Value>(&flat).ok().and_then(&mut take) {
            values.put(candidate);
        }
    }
    values
}

fn defaults() -> Vec<Candidate> {
    keys::all()
        .filter_map(|key| {
            let text = Zeroizing::new(key.default?.to_owned());
            Some(Candidate { key, member: None, text, origin: Origin::Default })
        })
        .collect()
}

/// One source as `config` sees it.
#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Layer {
    fn new(candidates: &[Candidate], first_position: usize) -> Self {
        let mut entries: Map<String, Value> = Map::new();
        for (position, candidate) in (first_position as u64..).zip(candidates) {
            let position = Value::new(None, ValueKind::U64(position));
            let flat = candidate.key.flat_name();
            match &candidate.member {
                None => {
                    entries.insert(flat, position);
                }
                Some(member) => {
                    let table =
                        entries.entry(flat).or_insert_with(|| Value::new(None, ValueKind::Table(Map::new())));
                    if let ValueKind::Table(members) = &mut table.kind {
                        members.insert(member.clone(), position);
                    }
                }
            }
        }
        Self(entries)
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(key: &'static Key, member: Option<&str>, text: &str, source: &str) -> Candidate {
        Candidate {
            key,
            member: member.map(str::to_owned),
            text: Zeroizing::new(text.to_owned()),
            origin: Origin::Source(source.to_owned()),
        }
    }

    #[test]
    fn later_layers_win_and_keep_their_origin() {
        let values = resolve(vec![
            vec![candidate(&keys::PORT, None, "1", "file"), candidate(&keys::PORT, None, "2", "file")],
            vec![candidate(&keys::URL, None, "ws://h", "environment")],
            vec![candidate(&keys::PORT, None, "3", "define")],
        ]);
        let port = values.get(&keys::PORT).unwrap();
        assert_eq!((port.text.as_str(), &port.origin), ("3", &Origin::Source("define".to_owned())));
        assert_eq!(values.get(&keys::URL).unwrap().text.as_str(), "ws://h");
        assert_eq!(values.get(&keys::SEND_WAIT).unwrap().origin, Origin::Default);
        assert!(values.get(&keys::HOST_ID).is_none());
        assert!(values.is_given(&keys::URL) && !values.is_given(&keys::SEND_WAIT));
    }

    #[test]
    fn within_a_layer_the_last_wins() {
        let values = resolve(vec![vec![
            candidate(&keys::PORT, None, "1", "a"),
            candidate(&keys::PORT, None, "2", "b"),
        ]]);
        assert_eq!(values.get(&keys::PORT).unwrap().text.as_str(), "2");
    }

    #[test]
    fn members_merge_by_name_dots_and_case_included() {
        let values = resolve(vec![
            vec![
                candidate(&keys::BUNDLE_VERSION, Some("org.x"), "1", "file"),
                candidate(&keys::BUNDLE_VERSION, Some("org.x.Y"), "2", "file"),
            ],
            vec![candidate(&keys::BUNDLE_VERSION, Some("org.x"), "3", "define")],
        ]);
        let members: Vec<_> = values
            .members(&keys::BUNDLE_VERSION)
            .iter()
            .map(|candidate| (candidate.member.as_deref().unwrap(), candidate.text.as_str()))
            .collect();
        assert_eq!(members, [("org.x", "3"), ("org.x.Y", "2")]);
    }
}
