//! Schemas: which classes, attributes and options a connector knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{ApiOperation, OperationSet};
use crate::attribute::names;
use crate::error::{ConnectorError, Result};
use crate::name::{AttributeName, ObjectClass};
use crate::value::ValueType;

/// A property of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeFlag {
    /// Must be given at create.
    Required,
    /// May hold several values.
    Multivalued,
    /// Cannot be given at create.
    NotCreatable,
    /// Cannot be changed.
    NotUpdateable,
    /// Cannot be read.
    NotReadable,
    /// Is returned only when asked for.
    NotReturnedByDefault,
}

impl AttributeFlag {
    /// All flags, in the order in which they travel.
    pub const ALL: [Self; 6] = [
        Self::Required,
        Self::Multivalued,
        Self::NotCreatable,
        Self::NotUpdateable,
        Self::NotReadable,
        Self::NotReturnedByDefault,
    ];

    /// The constant's name on the wire.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Multivalued => "MULTIVALUED",
            Self::NotCreatable => "NOT_CREATABLE",
            Self::NotUpdateable => "NOT_UPDATEABLE",
            Self::NotReadable => "NOT_READABLE",
            Self::NotReturnedByDefault => "NOT_RETURNED_BY_DEFAULT",
        }
    }
}

/// A set of flags.
pub type AttributeFlags = BTreeSet<AttributeFlag>;

/// An attribute of an object class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeInfo {
    /// Name.
    pub name: AttributeName,
    /// Type of each value.
    pub value_type: ValueType,
    /// Properties.
    pub flags: AttributeFlags,
}

impl AttributeInfo {
    /// A readable, writable, single-valued, optional attribute.
    #[must_use]
    pub fn new(name: impl Into<AttributeName>, value_type: ValueType) -> Self {
        Self { name: name.into(), value_type, flags: AttributeFlags::new() }
    }

    /// Adds a flag.
    #[must_use]
    pub fn with(mut self, flag: AttributeFlag) -> Self {
        self.flags.insert(flag);
        self
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn has(&self, flag: AttributeFlag) -> bool {
        self.flags.contains(&flag)
    }

    fn check(&self) -> Result<()> {
        let name = &self.name;
        let fault = if name.as_str().trim().is_empty() {
            "Name must not be blank!".to_owned()
        } else if (name.is(names::PASSWORD) || name.is(names::CURRENT_PASSWORD))
            && self.value_type != ValueType::GuardedString
        {
            "Password based attributes must be of type GuardedString.".to_owned()
        } else if self.has(AttributeFlag::NotReadable) && !self.has(AttributeFlag::NotReturnedByDefault) {
            format!("Attribute {name} is not readable and therefore must not be returned by default.")
        } else if !is_attribute_type(&self.value_type) {
            format!("Attribute {name}: type '{}' is not supported.", self.value_type)
        } else {
            return Ok(());
        };
        Err(ConnectorError::illegal_argument(fault))
    }
}

fn is_attribute_type(value_type: &ValueType) -> bool {
    use ValueType as T;
    matches!(
        value_type.boxed(),
        T::String
            | T::Long
            | T::Character
            | T::Double
            | T::Float
            | T::Integer
            | T::Boolean
            | T::Byte
            | T::Bytes
            | T::BigDecimal
            | T::BigInteger
            | T::GuardedString
            | T::GuardedBytes
            | T::Map
            | T::ZonedDateTime
    )
}

/// A class of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectClassInfo {
    /// Name of the class.
    pub object_class: ObjectClass,
    /// Whether objects of the class contain others.
    pub container: bool,
    /// Attributes; `__NAME__` is always among them.
    pub attributes: Vec<AttributeInfo>,
}

impl ObjectClassInfo {
    /// A class. `__NAME__` (text, required) is added at the end when missing.
    ///
    /// # Errors
    /// `IllegalArgumentException` for two attributes of one name or an attribute that breaks a rule.
    pub fn try_new(object_class: ObjectClass, mut attributes: Vec<AttributeInfo>) -> Result<Self> {
        let mut seen = BTreeSet::new();
        for attribute in &attributes {
            attribute.check()?;
            if !seen.insert(attribute.name.clone()) {
                return Err(ConnectorError::illegal_argument(format!(
                    "Object class {object_class}: attribute {} is defined twice.",
                    attribute.name
                )));
            }
        }
        let name = AttributeName::from_static(names::NAME);
        if !seen.contains(&name) {
            attributes.push(AttributeInfo::new(name, ValueType::String).with(AttributeFlag::Required));
        }
        Ok(Self { object_class, container: false, attributes })
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&AttributeInfo> {
        self.attributes.iter().find(|attribute| attribute.name.is(name))
    }
}

/// An option a connector understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationOptionInfo {
    /// Name of the option.
    pub name: String,
    /// Type of its value.
    pub value_type: ValueType,
}

/// Everything a connector says of its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Classes.
    pub object_classes: Vec<ObjectClassInfo>,
    /// Options.
    pub options: Vec<OperationOptionInfo>,
    /// Which classes each operation serves. An operation whose last class was removed keeps an empty list.
    pub classes_by_operation: BTreeMap<ApiOperation, Vec<ObjectClass>>,
    /// Which options each operation understands.
    pub options_by_operation: BTreeMap<ApiOperation, Vec<String>>,
}

impl Schema {
    /// The class of that name.
    #[must_use]
    pub fn object_class(&self, name: &str) -> Option<&ObjectClassInfo> {
        self.object_classes.iter().find(|info| info.object_class.is(name))
    }
}

/// The operations that appear in a schema's map of classes.
const CLASS_OPERATIONS: [ApiOperation; 8] = [
    ApiOperation::Authenticate,
    ApiOperation::Create,
    ApiOperation::Delete,
    ApiOperation::Get,
    ApiOperation::ResolveUsername,
    ApiOperation::Search,
    ApiOperation::Sync,
    ApiOperation::Update,
];

/// Builds a schema whose operation maps agree with what the connector implements.
#[derive(Debug)]
pub struct SchemaBuilder {
    supported: OperationSet,
    schema: Schema,
}

impl SchemaBuilder {
    /// A builder for a connector with these operations (see [`operations_of`](crate::operations::supported)).
    #[must_use]
    pub fn new(supported: OperationSet) -> Self {
        Self { supported, schema: Schema::default() }
    }

    /// Adds a class, served by every operation of the connector that has classes.
    #[must_use]
    pub fn class(self, info: ObjectClassInfo) -> Self {
        self.class_for(info, &CLASS_OPERATIONS)
    }

    /// Adds a class served by these operations, as far as the connector implements them; search brings get.
    #[must_use]
    pub fn class_for(mut self, info: ObjectClassInfo, operations: &[ApiOperation]) -> Self {
        for operation in with_get(operations) {
            if CLASS_OPERATIONS.contains(&operation) && self.supported.contains(&operation) {
                let classes = self.schema.classes_by_operation.entry(operation).or_default();
                classes.push(info.object_class.clone());
            }
        }
        self.schema.object_classes.push(info);
        self
    }

    /// Says that an operation does not serve a class.
    #[must_use]
    pub fn without(mut self, operation: ApiOperation, class: &ObjectClass) -> Self {
        if let Some(classes) = self.schema.classes_by_operation.get_mut(&operation) {
            classes.retain(|candidate| candidate != class);
        }
        self
    }

    /// Adds an option understood by these operations; none means every one that has options.
    #[must_use]
    pub fn option(mut self, info: OperationOptionInfo, operations: &[ApiOperation]) -> Self {
        let mut all = CLASS_OPERATIONS.to_vec();
        all.extend([ApiOperation::ScriptOnConnector, ApiOperation::ScriptOnResource]);
        let wanted = if operations.is_empty() { all.clone() } else { with_get(operations) };
        for operation in wanted {
            if all.contains(&operation) && self.supported.contains(&operation) {
                let options = self.schema.options_by_operation.entry(operation).or_default();
                options.push(info.name.clone());
            }
        }
        self.schema.options.push(info);
        self
    }

    /// The schema.
    ///
    /// # Errors
    /// `IllegalStateException` without any class.
    pub fn build(self) -> Result<Schema> {
        if self.schema.object_classes.is_empty() {
            return Err(ConnectorError::illegal_state("Must be at least one ObjectClassInfo object!"));
        }
        Ok(self.schema)
    }
}

fn with_get(operations: &[ApiOperation]) -> Vec<ApiOperation> {
    let mut all = operations.to_vec();
    if all.contains(&ApiOperation::Search) && !all.contains(&ApiOperation::Get) {
        all.push(ApiOperation::Get);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> SchemaBuilder {
        use ApiOperation as Op;
        let supported = [Op::Create, Op::Get, Op::Search, Op::Sync, Op::Schema].into_iter().collect();
        let info = ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![]).unwrap();
        SchemaBuilder::new(supported).class(info)
    }

    #[test]
    fn fw60_a_removed_class_leaves_an_empty_list_and_search_brings_get() {
        let schema = builder().without(ApiOperation::Sync, &ObjectClass::ACCOUNT).build().unwrap();
        assert_eq!(schema.classes_by_operation[&ApiOperation::Sync], vec![]);
        assert_eq!(schema.classes_by_operation[&ApiOperation::Get], vec![ObjectClass::ACCOUNT]);
        assert_eq!(schema.classes_by_operation[&ApiOperation::Search], vec![ObjectClass::ACCOUNT]);
        assert!(!schema.classes_by_operation.contains_key(&ApiOperation::Update));
        assert!(!schema.classes_by_operation.contains_key(&ApiOperation::Schema));
    }

    #[test]
    fn the_name_attribute_is_added_when_missing() {
        let schema = builder().build().unwrap();
        let name = schema.object_class("__account__").unwrap().attribute(names::NAME).unwrap();
        assert!(name.has(AttributeFlag::Required));
    }

    #[test]
    fn a_password_must_be_guarded_and_unreadable_means_not_returned() {
        let text = AttributeInfo::new(names::PASSWORD, ValueType::String);
        assert!(ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![text]).is_err());
        let hidden = AttributeInfo::new("x", ValueType::String).with(AttributeFlag::NotReadable);
        assert!(ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![hidden]).is_err());
    }

    #[test]
    fn a_schema_without_classes_is_refused() {
        assert!(SchemaBuilder::new(OperationSet::default()).build().is_err());
    }
}
