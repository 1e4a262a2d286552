//! Attributes and sets of them.

use crate::guarded::GuardedString;
use crate::name::AttributeName;
use crate::value::Value;

/// Names of the attributes with a meaning of their own.
pub mod names {
    /// Identity of an object.
    pub const UID: &str = "__UID__";
    /// Name of an object.
    pub const NAME: &str = "__NAME__";
    /// Password; a guarded string, never readable.
    pub const PASSWORD: &str = "__PASSWORD__";
    /// Present password, given along with a change.
    pub const CURRENT_PASSWORD: &str = "__CURRENT_PASSWORD__";
    /// Whether the account is enabled (Boolean).
    pub const ENABLE: &str = "__ENABLE__";
    /// When the account becomes enabled (Long, milliseconds since 1970).
    pub const ENABLE_DATE: &str = "__ENABLE_DATE__";
    /// When the account becomes disabled (Long, milliseconds since 1970).
    pub const DISABLE_DATE: &str = "__DISABLE_DATE__";
    /// Whether the account is locked out (Boolean).
    pub const LOCK_OUT: &str = "__LOCK_OUT__";
    /// When the password expires (Long, milliseconds since 1970).
    pub const PASSWORD_EXPIRATION_DATE: &str = "__PASSWORD_EXPIRATION_DATE__";
    /// Whether the password has expired (Boolean).
    pub const PASSWORD_EXPIRED: &str = "__PASSWORD_EXPIRED__";
    /// Free text about the object.
    pub const DESCRIPTION: &str = "__DESCRIPTION__";
    /// Groups an account belongs to.
    pub const GROUPS: &str = "__GROUPS__";

    /// The attributes that cannot be added to or removed from, only replaced.
    pub const OPERATIONAL: [&str; 9] = [
        ENABLE,
        ENABLE_DATE,
        DISABLE_DATE,
        LOCK_OUT,
        PASSWORD_EXPIRATION_DATE,
        PASSWORD_EXPIRED,
        PASSWORD,
        CURRENT_PASSWORD,
        NAME,
    ];
}

/// A named list of values.
///
/// No list at all (`None`) and an empty list are different: the first means "no value known" or, in an update, "clear".
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Name, compared without case.
    pub name: AttributeName,
    /// Values in order; `None` is the absence of a list.
    pub values: Option<Vec<Value>>,
}

impl Attribute {
    /// An attribute with these values.
    #[must_use]
    pub fn new(name: impl Into<AttributeName>, values: Vec<Value>) -> Self {
        Self { name: name.into(), values: Some(values) }
    }

    /// An attribute with one value.
    #[must_use]
    pub fn single(name: impl Into<AttributeName>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), values: Some(vec![value.into()]) }
    }

    /// An attribute without a value list.
    #[must_use]
    pub fn null(name: impl Into<AttributeName>) -> Self {
        Self { name: name.into(), values: None }
    }

    /// The values, none if there is no list.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        self.values.as_deref().unwrap_or_default()
    }

    /// The only value, if there is exactly one.
    #[must_use]
    pub fn single_value(&self) -> Option<&Value> {
        match self.values() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The only value if it is a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.single_value().and_then(Value::as_str)
    }
}

/// Attributes as a caller sent them, in the order sent. A set may hold one name in two spellings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeSet(Vec<Attribute>);

impl AttributeSet {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds an attribute.
    pub fn push(&mut self, attribute: Attribute) {
        self.0.push(attribute);
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.0.push(attribute);
        self
    }

    /// The attribute of that name, without regard to case; the later one if a name came twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().rev().find(|attribute| attribute.name.is(name))
    }

    /// The text of `__NAME__`, if present with one text value.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.get(names::NAME).and_then(Attribute::as_str)
    }

    /// The password, if present with one guarded value.
    #[must_use]
    pub fn password(&self) -> Option<&GuardedString> {
        match self.get(names::PASSWORD)?.single_value()? {
            Value::GuardedString(password) => Some(password),
            _ => None,
        }
    }

    /// All attributes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute> {
        self.0.iter()
    }

    /// How many attributes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attributes as a list.
    #[must_use]
    pub fn into_vec(self) -> Vec<Attribute> {
        self.0
    }
}

impl From<Vec<Attribute>> for AttributeSet {
    fn from(attributes: Vec<Attribute>) -> Self {
        Self(attributes)
    }
}

impl FromIterator<Attribute> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        Self(attributes.into_iter().collect())
    }
}

impl IntoIterator for AttributeSet {
    type Item = Attribute;
    type IntoIter = std::vec::IntoIter<Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a AttributeSet {
    type Item = &'a Attribute;
    type IntoIter = std::slice::Iter<'a, Attribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
