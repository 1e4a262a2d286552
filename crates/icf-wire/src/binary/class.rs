//! Class values: a type by its name on the wire, or an array of one.

use std::fmt;

use icf::ValueType;

use super::registry::{self, Registered};

/// A type as a value names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassRef {
    name: String,
    dimensions: usize,
}

impl ClassRef {
    /// The type of that wire name, whether this reader knows it or not.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), dimensions: 0 }
    }

    /// An array of this type.
    #[must_use]
    pub fn array(mut self) -> Self {
        self.dimensions += 1;
        self
    }

    /// The name on the wire; for an array that of its innermost element.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many times this is an array of something.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Whether the name is one that some release of OpenICF or ConnId knows.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.registered().is_some()
    }

    pub(crate) fn registered(&self) -> Option<&'static Registered> {
        registry::find(&self.name)
    }

    pub(crate) const fn of(name: String, dimensions: usize) -> Self {
        Self { name, dimensions }
    }
}

impl fmt::Display for ClassRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        (0..self.dimensions).try_for_each(|_| f.write_str("[]"))
    }
}

impl From<&ValueType> for ClassRef {
    fn from(value_type: &ValueType) -> Self {
        let mut dimensions = 0;
        let mut innermost = value_type;
        while let ValueType::Array(component) = innermost {
            dimensions += 1;
            innermost = component;
        }
        Self { name: innermost.serial_name().to_owned(), dimensions }
    }
}

impl From<&ClassRef> for ValueType {
    fn from(class: &ClassRef) -> Self {
        (0..class.dimensions)
            .fold(Self::from_serial_name(&class.name), |component, _| Self::Array(Box::new(component)))
    }
}
