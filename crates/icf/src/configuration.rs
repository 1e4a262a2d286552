//! Configuration of a connector: typed in the connector, properties with ICF types to everyone else.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use crate::api::OperationSet;
use crate::error::{ConnectorError, Result};
use crate::guarded::{GuardedBytes, GuardedString};
use crate::script::Script;
use crate::value::{Value, ValueArray, ValueMap, ValueType};

/// A configuration property as it is advertised and as a caller sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationProperty {
    /// Place among the properties; ascending.
    pub order: i32,
    /// Whether the value is a secret.
    pub confidential: bool,
    /// Whether it must be given.
    pub required: bool,
    /// Name.
    pub name: String,
    /// Message key of the help text.
    pub help_key: Option<String>,
    /// Message key of the display name.
    pub display_key: Option<String>,
    /// Message key of the group.
    pub group_key: Option<String>,
    /// Type of the value; `None` only in what a peer sends.
    pub value_type: Option<ValueType>,
    /// Default value when advertised, effective value when sent.
    pub value: Value,
    /// Operations the property matters to; empty means all.
    pub operations: OperationSet,
}

impl ConfigurationProperty {
    /// A property with generated keys (`<name>.help`, `<name>.display`, `<name>.group`) and order 0.
    #[must_use]
    pub fn new(name: &str, value_type: ValueType, value: Value) -> Self {
        Self {
            order: 0,
            confidential: false,
            required: false,
            name: name.to_owned(),
            help_key: Some(format!("{name}.help")),
            display_key: Some(format!("{name}.display")),
            group_key: Some(format!("{name}.group")),
            value_type: Some(value_type),
            value,
            operations: OperationSet::new(),
        }
    }
}

/// A typed configuration. Derive it: `#[derive(Clone, Default, icf::Configuration)]`.
pub trait Configuration: Clone + Default + Send + Sync + 'static {
    /// Every property in advertised order, with its default.
    fn properties() -> Vec<ConfigurationProperty>;

    /// Sets one property.
    ///
    /// # Errors
    /// `ConfigurationException` for an unknown name or a value of the wrong type.
    fn set(&mut self, name: &str, value: &Value) -> Result<()>;

    /// The present value of every property, in the order of [`properties`](Self::properties).
    fn values(&self) -> Vec<(&'static str, Value)>;

    /// Checks the values: required ones are there, and whatever else the connector demands.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property and the remedy.
    fn validate(&self) -> Result<()>;

    /// A configuration from a caller's properties; those not given keep their defaults.
    ///
    /// # Errors
    /// `ConfigurationException` of the first property that cannot be set.
    fn bind<'a>(properties: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Result<Self> {
        let mut configuration = Self::default();
        for (name, value) in properties {
            configuration.set(name, value)?;
        }
        Ok(configuration)
    }
}

/// Why a value cannot be a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyMismatch {
    /// Type of the property.
    pub expected: ValueType,
    /// Type of the value, `null` for none.
    pub actual: String,
}

impl PropertyMismatch {
    /// The error of that property.
    #[must_use]
    pub fn into_error(self, property: &str) -> ConnectorError {
        ConnectorError::configuration(format!(
            "Configuration property '{property}': expected {}, got {}",
            self.expected, self.actual
        ))
    }
}

/// A Rust type that can be a configuration property.
pub trait PropertyValue: Sized {
    /// The ICF type.
    fn value_type() -> ValueType;

    /// From a caller's value.
    ///
    /// # Errors
    /// When the value is of another type, or null where that is not possible.
    fn from_value(value: &Value) -> Result<Self, PropertyMismatch>;

    /// As a value.
    fn to_value(&self) -> Value;

    /// Whether a required property counts as not given: null, blank or an empty array.
    fn is_missing(&self) -> bool {
        match self.to_value() {
            Value::Null => true,
            Value::String(text) | Value::Uri(text) | Value::File(text) => text.trim().is_empty(),
            Value::GuardedString(secret) => secret.is_empty(),
            Value::Array(array) => array.items.is_empty(),
            _ => false,
        }
    }
}

fn mismatch<T: PropertyValue>(value: &Value) -> PropertyMismatch {
    PropertyMismatch { expected: T::value_type(), actual: value.type_name() }
}

macro_rules! property_values {
    ($($rust:ty, $primitive:ident, $boxed:ident;)*) => {
        $(
            impl PropertyValue for $rust {
                fn value_type() -> ValueType {
                    ValueType::$primitive
                }

                fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
                    match value {
                        Value::$boxed(value) => Ok(value.clone().into()),
                        other => Err(mismatch::<Self>(other)),
                    }
                }

                fn to_value(&self) -> Value {
                    Value::$boxed(self.clone().into())
                }
            }
        )*
    };
}

property_values! {
    bool, PrimitiveBoolean, Boolean;
    char, PrimitiveCharacter, Character;
    i32, PrimitiveInteger, Integer;
    i64, PrimitiveLong, Long;
    f32, PrimitiveFloat, Float;
    f64, PrimitiveDouble, Double;
    GuardedBytes, GuardedBytes, GuardedBytes;
    Script, Script, Script;
    ValueMap, Map, Map;
}

/// A text that is never null: null binds as the empty text.
impl PropertyValue for String {
    fn value_type() -> ValueType {
        ValueType::String
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::String(text) => Ok(text.clone()),
            other => Err(mismatch::<Self>(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.clone())
    }
}

/// A secret that is never null: null binds as the empty secret.
impl PropertyValue for GuardedString {
    fn value_type() -> ValueType {
        ValueType::GuardedString
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::GuardedString(secret) => Ok(secret.clone()),
            other => Err(mismatch::<Self>(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::GuardedString(self.clone())
    }
}

impl PropertyValue for PathBuf {
    fn value_type() -> ValueType {
        ValueType::File
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::File(path) => Ok(path.into()),
            other => Err(mismatch::<Self>(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::File(self.to_string_lossy().into_owned())
    }
}

/// The form of a property that can be null: `Option<i32>` is an `Integer`, `Option<String>` a `String`.
impl<T: PropertyValue> PropertyValue for Option<T> {
    fn value_type() -> ValueType {
        T::value_type().boxed()
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some).map_err(|_| mismatch::<Self>(other)),
        }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

/// An array property. Null binds as the empty array.
impl<T: PropertyValue> PropertyValue for Vec<T> {
    fn value_type() -> ValueType {
        ValueType::Array(Box::new(T::value_type()))
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Array(array) if array.component.boxed() == T::value_type().boxed() => array
                .items
                .iter()
                .map(T::from_value)
                .collect::<Result<_, _>>()
                .map_err(|_| mismatch::<Self>(value)),
            other => Err(mismatch::<Self>(other)),
        }
    }

    fn to_value(&self) -> Value {
        let items = self.iter().map(T::to_value).collect();
        Value::Array(Box::new(ValueArray { component: T::value_type(), items }))
    }
}

/// A map of texts.
impl PropertyValue for BTreeMap<String, String> {
    fn value_type() -> ValueType {
        ValueType::Map
    }

    fn from_value(value: &Value) -> Result<Self, PropertyMismatch> {
        let Value::Map(map) = value else {
            return if *value == Value::Null { Ok(Self::new()) } else { Err(mismatch::<Self>(value)) };
        };
        map.iter()
            .map(|(key, item)| match (key, item) {
                (Value::String(key), Value::String(item)) => Ok((key.clone(), item.clone())),
                _ => Err(mismatch::<Self>(value)),
            })
            .collect()
    }

    fn to_value(&self) -> Value {
        let entries = self.iter().map(|(key, item)| (key.as_str().into(), item.as_str().into())).collect();
        Value::Map(ValueMap { case_insensitive: false, entries })
    }
}

/// Is told all values of a changed configuration.
pub type ChangeListener = Box<dyn Fn(Vec<(&'static str, Value)>) + Send + Sync>;

/// The configuration a connector runs with: read it at any time, and change it when the target hands out something new
/// (a rotated refresh token). A change is used by all instances at once and told to the caller.
pub struct ConfigurationHandle<C> {
    shared: Arc<Shared<C>>,
}

struct Shared<C> {
    current: RwLock<Arc<C>>,
    listener: Mutex<Option<ChangeListener>>,
    state: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl<C: Configuration> ConfigurationHandle<C> {
    /// A handle on a configuration.
    #[must_use]
    pub fn new(configuration: C) -> Self {
        let shared = Shared {
            current: RwLock::new(Arc::new(configuration)),
            listener: Mutex::new(None),
            state: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The configuration as it is now.
    #[must_use]
    pub fn get(&self) -> Arc<C> {
        Arc::clone(&self.shared.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the configuration and tells the caller.
    pub fn update(&self, change: impl FnOnce(&mut C)) {
        let values = {
            let mut current = self.shared.current.write().unwrap_or_else(PoisonError::into_inner);
            change(Arc::make_mut(&mut current));
            current.values()
        };
        if let Some(listener) = &*self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner) {
            listener(values);
        }
    }

    /// What a connector keeps for as long as the configuration is in use, made on first use: a pool of connections, an
    /// access token. A connector type keeps one type of it; `None` if it is asked for another.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Option<Arc<T>> {
        Arc::clone(self.shared.state.get_or_init(|| Arc::new(make()))).downcast().ok()
    }

    /// A handle that does not keep the configuration in use, for what lives in its [`state`](Self::state).
    #[must_use]
    pub fn downgrade(&self) -> WeakConfigurationHandle<C> {
        WeakConfigurationHandle { shared: Arc::downgrade(&self.shared) }
    }

    /// Sets who is told about changes; gets all values of the changed configuration.
    pub fn on_change(&self, listener: impl Fn(Vec<(&'static str, Value)>) + Send + Sync + 'static) {
        *self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
    }
}

/// A handle on a configuration that may be out of use.
pub struct WeakConfigurationHandle<C> {
    shared: Weak<Shared<C>>,
}

impl<C> WeakConfigurationHandle<C> {
    /// The handle, if the configuration is still in use.
    #[must_use]
    pub fn upgrade(&self) -> Option<ConfigurationHandle<C>> {
        self.shared.upgrade().map(|shared| ConfigurationHandle { shared })
    }
}

impl<C> fmt::Debug for WeakConfigurationHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakConfigurationHandle")
    }
}

impl<C> Clone for ConfigurationHandle<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C> fmt::Debug for ConfigurationHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigurationHandle")
    }
}
