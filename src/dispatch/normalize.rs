//! Attribute values in the form in which the target compares them, for connectors that have such a form.

use icf::{
    Attribute, AttributeName, AttributeNormalizer, AttributeSet, ConnectorObject, Filter, ObjectClass,
    SyncDelta, Uid, names,
};

/// A connector's normalizer, if it has one, for objects of one class.
#[derive(Clone, Copy)]
pub(super) struct Normal<'a> {
    normalizer: Option<&'a dyn AttributeNormalizer>,
    class: &'a ObjectClass,
}

impl<'a> Normal<'a> {
    pub(super) const fn new(normalizer: Option<&'a dyn AttributeNormalizer>, class: &'a ObjectClass) -> Self {
        Self { normalizer, class }
    }

    /// The same without normalizer when it is switched off.
    pub(super) fn when(self, on: bool) -> Self {
        Self { normalizer: self.normalizer.filter(|_| on), ..self }
    }

    pub(super) fn uid(&self, uid: Uid) -> Uid {
        let Some(text) = self.text(names::UID, uid.value()) else {
            return uid;
        };
        match (Uid::try_new(text), uid.revision()) {
            (Ok(normal), Some(revision)) => normal.with_revision(revision),
            (Ok(normal), None) => normal,
            (Err(_), _) => uid,
        }
    }

    pub(super) fn attributes(&self, attributes: AttributeSet) -> AttributeSet {
        match self.normalizer {
            None => attributes,
            Some(normalizer) => {
                attributes.into_iter().map(|attribute| normalizer.normalize(self.class, attribute)).collect()
            }
        }
    }

    pub(super) fn object(&self, mut object: ConnectorObject) -> ConnectorObject {
        let Some(normalizer) = self.normalizer else {
            return object;
        };
        if let Some(name) = self.text(names::NAME, &object.name) {
            object.name = name;
        }
        object.uid = self.uid(object.uid);
        let normalize = |attribute| normalizer.normalize(self.class, attribute);
        object.attributes = object.attributes.into_iter().map(normalize).collect();
        object
    }

    pub(super) fn delta(&self, mut delta: SyncDelta) -> SyncDelta {
        if self.normalizer.is_some() {
            delta.uid = self.uid(delta.uid);
            delta.previous_uid = delta.previous_uid.map(|uid| self.uid(uid));
            delta.object = delta.object.map(|object| self.object(object));
        }
        delta
    }

    /// The filter with the attribute of every condition normalized. Presence and operators of the target's own stay.
    pub(super) fn filter(&self, filter: Filter) -> Filter {
        let Some(normalizer) = self.normalizer else {
            return filter;
        };
        let leaf = |attribute| normalizer.normalize(self.class, attribute);
        match filter {
            Filter::And(left, right) => self.filter(*left).and(self.filter(*right)),
            Filter::Or(left, right) => self.filter(*left).or(self.filter(*right)),
            Filter::Not(inner) => self.filter(*inner).negated(),
            Filter::Equals(attribute) => Filter::Equals(leaf(attribute)),
            Filter::EqualsIgnoreCase(attribute) => Filter::EqualsIgnoreCase(leaf(attribute)),
            Filter::Contains(attribute) => Filter::Contains(leaf(attribute)),
            Filter::StartsWith(attribute) => Filter::StartsWith(leaf(attribute)),
            Filter::EndsWith(attribute) => Filter::EndsWith(leaf(attribute)),
            Filter::GreaterThan(attribute) => Filter::GreaterThan(leaf(attribute)),
            Filter::GreaterThanOrEqual(attribute) => Filter::GreaterThanOrEqual(leaf(attribute)),
            Filter::LessThan(attribute) => Filter::LessThan(leaf(attribute)),
            Filter::LessThanOrEqual(attribute) => Filter::LessThanOrEqual(leaf(attribute)),
            Filter::ContainsAllValues(attribute) => Filter::ContainsAllValues(leaf(attribute)),
            other @ (Filter::Presence(_) | Filter::ExtendedMatch { .. }) => other,
        }
    }

    /// The normal form of an attribute that is a text outside of the list of attributes.
    fn text(&self, name: &'static str, value: &str) -> Option<String> {
        let attribute = Attribute::single(AttributeName::from_static(name), value);
        self.normalizer?.normalize(self.class, attribute).as_str().map(str::to_owned)
    }
}
