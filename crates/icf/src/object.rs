//! Objects of a target: identity, class and attributes.

use std::fmt;
use std::sync::Arc;

use crate::attribute::{Attribute, names};
use crate::error::{ConnectorError, Result};
use crate::name::{AttributeName, ObjectClass};

/// The identity of an object at its target (`__UID__`), with the revision it was read at, if known.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid {
    value: Arc<str>,
    revision: Option<Arc<str>>,
}

impl Uid {
    /// An identity without revision.
    ///
    /// # Errors
    /// `IllegalArgumentException` for a blank value.
    pub fn try_new(value: impl Into<Arc<str>>) -> Result<Self> {
        let value = value.into();
        if value.trim().is_empty() {
            return Err(ConnectorError::illegal_argument("Uid value must not be blank!"));
        }
        Ok(Self { value, revision: None })
    }

    /// The same identity at a revision; a blank revision is none.
    #[must_use]
    pub fn with_revision(mut self, revision: impl Into<Arc<str>>) -> Self {
        self.revision = Some(revision.into()).filter(|r| !r.trim().is_empty());
        self
    }

    /// The identity as text; never blank.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The identity, sharing its memory.
    pub(crate) fn shared_value(&self) -> Arc<str> {
        Arc::clone(&self.value)
    }

    /// The revision, never blank.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.revision {
            None => write!(f, "Uid({:?})", self.value),
            Some(revision) => write!(f, "Uid({:?}, revision {revision:?})", self.value),
        }
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// The identity of an object together with its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualifiedUid {
    /// Class of the object.
    pub object_class: ObjectClass,
    /// Identity of the object.
    pub uid: Uid,
}

/// An object as a connector reports it.
///
/// Uid and name are members of their own, so an object without them cannot exist. `attributes` holds the others.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorObject {
    /// Class of the object; never `__ALL__`.
    pub object_class: ObjectClass,
    /// Identity (`__UID__`).
    pub uid: Uid,
    /// Name (`__NAME__`) as users know the object.
    pub name: String,
    /// Every other attribute, each name at most once.
    pub attributes: Vec<Attribute>,
}

impl ConnectorObject {
    /// An object without further attributes.
    #[must_use]
    pub fn new(object_class: ObjectClass, uid: Uid, name: impl Into<String>) -> Self {
        Self { object_class, uid, name: name.into(), attributes: Vec::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// The attribute of that name other than `__UID__` and `__NAME__`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.is(name))
    }

    /// Keeps only the attributes whose name passes; uid, name and class always stay.
    pub fn retain(&mut self, mut keep: impl FnMut(&AttributeName) -> bool) {
        self.attributes.retain(|attribute| keep(&attribute.name));
    }

    /// `__UID__` as an attribute.
    #[must_use]
    pub fn uid_attribute(&self) -> Attribute {
        Attribute::single(AttributeName::from_static(names::UID), self.uid.value())
    }

    /// `__NAME__` as an attribute.
    #[must_use]
    pub fn name_attribute(&self) -> Attribute {
        Attribute::single(AttributeName::from_static(names::NAME), self.name.as_str())
    }
}
