//! What the service has: resource types with their attributes, and what it says it can do.

mod attribute;
mod discovery;
mod fallback;
mod provider;
mod resource_type;
mod schema;

#[cfg(feature = "fuzzing")]
pub(crate) use attribute::attributes_of;
pub(crate) use attribute::{AttributeDef, Kind, Returned};
pub(crate) use discovery::{discover, is_description};
#[cfg(feature = "fuzzing")]
pub(crate) use fallback::types as fallback_types;
pub(crate) use provider::ProviderConfig;
pub(crate) use resource_type::{Place, ResourceType};
pub(crate) use schema::schema;

use icf::{ConnectorError, ObjectClass, Result};

/// The schema URN of users in SCIM 2.0.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema URN of groups in SCIM 2.0.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The schema URN of the enterprise extension in SCIM 2.0.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The schema URN of everything in SCIM 1.1.
pub(crate) const CORE_V1: &str = "urn:scim:schemas:core:1.0";
/// The schema URN of the enterprise extension in SCIM 1.1.
pub(crate) const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) types: Vec<ResourceType>,
    pub(crate) provider: ProviderConfig,
}

impl Model {
    /// The type of a class: by its exact name, then without case, then by the names older files use.
    pub(crate) fn of_class(&self, class: &ObjectClass) -> Result<&ResourceType> {
        let name = class.as_str();
        self.types
            .iter()
            .find(|kind| kind.class.as_str() == name)
            .or_else(|| self.types.iter().find(|kind| kind.class.is(name)))
            .or_else(|| self.types.iter().find(|kind| kind.has_alias(name)))
            .ok_or_else(|| {
                let known: Vec<_> = self.types.iter().map(|kind| kind.class.as_str()).collect();
                ConnectorError::unsupported(format!(
                    "The service has no resources of object class {class}; it has {}.",
                    known.join(", ")
                ))
            })
    }

    /// The type of groups, for what is assigned from the side of users.
    pub(crate) fn groups(&self) -> Option<&ResourceType> {
        self.types.iter().find(|kind| kind.class == ObjectClass::GROUP)
    }
}
