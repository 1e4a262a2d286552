//! Options of an operation.

use crate::error::{ConnectorError, Result};
use crate::guarded::GuardedString;
use crate::object::QualifiedUid;
use crate::value::{Value, ValueArray, ValueMap, ValueType};

/// Names of the standard options.
pub mod option_names {
    /// Text: `object`, `onelevel` or `subtree`.
    pub const SCOPE: &str = "SCOPE";
    /// Qualified uid of the container to search in.
    pub const CONTAINER: &str = "CONTAINER";
    /// Text: run as this user.
    pub const RUN_AS_USER: &str = "RUN_AS_USER";
    /// Guarded string: password of that user.
    pub const RUN_WITH_PASSWORD: &str = "RUN_WITH_PASSWORD";
    /// Array of texts: attributes to return.
    pub const ATTRS_TO_GET: &str = "ATTRS_TO_GET";
    /// Text: where the page begins, as reported by the page before.
    pub const PAGED_RESULTS_COOKIE: &str = "PAGED_RESULTS_COOKIE";
    /// Integer: how many results to skip.
    pub const PAGED_RESULTS_OFFSET: &str = "PAGED_RESULTS_OFFSET";
    /// Integer: how many results at most.
    pub const PAGE_SIZE: &str = "PAGE_SIZE";
    /// Array of sort keys.
    pub const SORT_KEYS: &str = "SORT_KEYS";
    /// Boolean: end a batch at its first failure.
    pub const FAIL_ON_ERROR: &str = "FAIL_ON_ERROR";
    /// Whether and how to count all results.
    pub const TOTAL_PAGED_RESULTS_POLICY: &str = "TOTAL_PAGED_RESULTS_POLICY";
    /// Text: the caller's transaction id.
    pub const TRANSACTION_ID: &str = "CAUD_TRANSACTION_ID";
}

/// A field to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// Attribute name.
    pub field: String,
    /// Smallest first.
    pub ascending: bool,
}

/// Options of one call: name to value, in the order received. A connector always gets one, possibly empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationOptions {
    /// Options by name.
    pub options: ValueMap,
}

impl OperationOptions {
    /// The option of that exact name; null counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.options.get(name).filter(|value| **value != Value::Null)
    }

    /// Sets an option, replacing one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets an option, replacing one of the same name.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.options.entries.iter_mut().find(|(key, _)| key.as_str() == Some(name)) {
            Some((_, old)) => *old = value,
            None => self.options.entries.push((name.into(), value)),
        }
    }

    /// Asks for these attributes only.
    #[must_use]
    pub fn with_attributes_to_get<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.with(option_names::ATTRS_TO_GET, Value::Array(Box::new(ValueArray::of_strings(names))))
    }

    /// The attributes to return; `None` when the caller did not say.
    #[must_use]
    pub fn attributes_to_get(&self) -> Option<Vec<&str>> {
        let items = match self.get(option_names::ATTRS_TO_GET)? {
            Value::Array(array) => &array.items,
            Value::List(items) => items,
            Value::Set(set) => &set.items,
            _ => return None,
        };
        Some(items.iter().filter_map(Value::as_str).collect())
    }

    /// How many results a page holds; `None` when absent.
    ///
    /// # Errors
    /// `IllegalArgumentException` if it is not an integer.
    pub fn page_size(&self) -> Result<Option<i32>> {
        self.integer(option_names::PAGE_SIZE)
    }

    /// How many results to skip; `None` when absent.
    ///
    /// # Errors
    /// `IllegalArgumentException` if it is not an integer.
    pub fn paged_results_offset(&self) -> Result<Option<i32>> {
        self.integer(option_names::PAGED_RESULTS_OFFSET)
    }

    /// The cookie of the page before.
    #[must_use]
    pub fn paged_results_cookie(&self) -> Option<&str> {
        self.get(option_names::PAGED_RESULTS_COOKIE).and_then(Value::as_str)
    }

    /// Fields to sort by, in order.
    #[must_use]
    pub fn sort_keys(&self) -> Vec<&SortKey> {
        let items = match self.get(option_names::SORT_KEYS) {
            Some(Value::Array(array)) => array.items.as_slice(),
            Some(Value::List(items)) => items.as_slice(),
            _ => return Vec::new(),
        };
        items
            .iter()
            .filter_map(|item| if let Value::SortKey(key) = item { Some(key) } else { None })
            .collect()
    }

    /// Sets the fields to sort by.
    #[must_use]
    pub fn with_sort_keys(self, keys: impl IntoIterator<Item = SortKey>) -> Self {
        let items = keys.into_iter().map(Value::SortKey).collect();
        let array = ValueArray { component: ValueType::SortKey, items };
        self.with(option_names::SORT_KEYS, Value::Array(Box::new(array)))
    }

    /// The scope text.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.get(option_names::SCOPE).and_then(Value::as_str)
    }

    /// The container to search in.
    #[must_use]
    pub fn container(&self) -> Option<&QualifiedUid> {
        match self.get(option_names::CONTAINER) {
            Some(Value::QualifiedUid(container)) => Some(container),
            _ => None,
        }
    }

    /// The user to run as, with the password.
    #[must_use]
    pub fn run_as(&self) -> Option<(&str, Option<&GuardedString>)> {
        let user = self.get(option_names::RUN_AS_USER)?.as_str()?;
        let password = match self.get(option_names::RUN_WITH_PASSWORD) {
            Some(Value::GuardedString(password)) => Some(password),
            _ => None,
        };
        Some((user, password))
    }

    /// Whether a batch ends at its first failure.
    #[must_use]
    pub fn fail_on_error(&self) -> bool {
        matches!(self.get(option_names::FAIL_ON_ERROR), Some(Value::Boolean(true)))
    }

    /// The caller's transaction id.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        self.get(option_names::TRANSACTION_ID).and_then(Value::as_str)
    }

    /// Whether no option is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
    }

    fn integer(&self, name: &str) -> Result<Option<i32>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(other) => Err(ConnectorError::illegal_argument(format!(
                "Option {name} must be an Integer, not {}.",
                other.type_name()
            ))),
        }
    }
}
