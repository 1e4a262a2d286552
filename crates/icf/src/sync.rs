//! What searches and synchronisations report besides objects.

use crate::error::{ConnectorError, Result};
use crate::name::ObjectClass;
use crate::object::{ConnectorObject, Uid};
use crate::value::Value;

/// How exact a total is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CountPolicy {
    /// No total is known.
    #[default]
    None,
    /// The total is a guess.
    Estimate,
    /// The total is exact.
    Exact,
}

/// The end of a search: where the next page begins and how many results there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResult {
    /// Opaque text that continues the search; `None` when there is no further page.
    pub paged_results_cookie: Option<String>,
    /// Exactness of `total_paged_results`.
    pub count_policy: CountPolicy,
    /// All results of the search, -1 if unknown.
    pub total_paged_results: i32,
    /// Results after this page, -1 if unknown.
    pub remaining_paged_results: i32,
}

impl Default for SearchResult {
    fn default() -> Self {
        Self {
            paged_results_cookie: None,
            count_policy: CountPolicy::None,
            total_paged_results: -1,
            remaining_paged_results: -1,
        }
    }
}

/// A position in a target's history of changes. The value means something to the connector only.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncToken(Value);

impl SyncToken {
    /// A token around a value.
    ///
    /// # Errors
    /// `IllegalArgumentException` if the value is null or of a type no attribute may hold.
    pub fn try_new(value: impl Into<Value>) -> Result<Self> {
        let value = value.into();
        if value == Value::Null || !value.is_attribute_value() {
            return Err(ConnectorError::illegal_argument(format!(
                "A sync token must hold an attribute value, not {}.",
                value.type_name()
            )));
        }
        Ok(Self(value))
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncDeltaType {
    /// It appeared or changed; the connector cannot tell which.
    CreateOrUpdate,
    /// It appeared.
    Create,
    /// It changed.
    Update,
    /// It went away.
    Delete,
}

/// One change found by a synchronisation.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncDelta {
    /// Position to go on from once this change is dealt with.
    pub token: SyncToken,
    /// What happened.
    pub delta_type: SyncDeltaType,
    /// Identity before a rename; not with create and delete.
    pub previous_uid: Option<Uid>,
    /// Class of the object; may be absent in a delete.
    pub object_class: Option<ObjectClass>,
    /// Identity of the object.
    pub uid: Uid,
    /// The object; may be absent in a delete only.
    pub object: Option<ConnectorObject>,
}

impl SyncDelta {
    /// Checks the rules every receiver enforces.
    ///
    /// # Errors
    /// `IllegalArgumentException` naming the broken rule.
    pub fn check(&self) -> Result<()> {
        let fault = if self.previous_uid.is_some()
            && matches!(self.delta_type, SyncDeltaType::Create | SyncDeltaType::Delete)
        {
            "The previous Uid can only be specified for create-or-update or update."
        } else if self.object.is_none() && self.delta_type != SyncDeltaType::Delete {
            "ConnectorObject must be specified for anything other than delete."
        } else if self.object.as_ref().is_some_and(|object| object.uid.value() != self.uid.value()) {
            "Uid does not match that of the object."
        } else if let (Some(class), Some(object)) = (&self.object_class, &self.object)
            && *class != object.object_class
        {
            "ObjectClass does not match that of the object."
        } else {
            return Ok(());
        };
        Err(ConnectorError::illegal_argument(fault))
    }

    /// The class of the changed object, from the delta or from the object in it.
    #[must_use]
    pub fn class(&self) -> Option<&ObjectClass> {
        self.object.as_ref().map(|object| &object.object_class).or(self.object_class.as_ref())
    }
}
