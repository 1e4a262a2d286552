//! The object classes and the names they go by.

use icf::{ConnectorError, ObjectClass, Result};

/// What lives in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    User,
    Group,
    Population,
    Role,
}

impl Class {
    pub(crate) const ALL: [Self; 4] = [Self::User, Self::Group, Self::Population, Self::Role];

    /// The class of a name; older files spell some differently.
    pub(crate) fn of(class: &ObjectClass) -> Result<Self> {
        let name = class.as_str().trim_matches('_').to_ascii_lowercase();
        match name.as_str() {
            "account" | "user" | "users" => Ok(Self::User),
            "group" | "groups" => Ok(Self::Group),
            "population" | "populations" => Ok(Self::Population),
            "role" | "roles" | "availablerole" | "availableroles" => Ok(Self::Role),
            _ => Err(ConnectorError::unsupported(format!(
                "PingOne has no objects of class {class}; use __ACCOUNT__, __GROUP__, population or role."
            ))),
        }
    }

    pub(crate) const fn object_class(self) -> ObjectClass {
        match self {
            Self::User => ObjectClass::ACCOUNT,
            Self::Group => ObjectClass::GROUP,
            Self::Population => ObjectClass::from_static("population"),
            Self::Role => ObjectClass::from_static("role"),
        }
    }

    /// The name in paths and in lists.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Population => "populations",
            Self::Role => "roles",
        }
    }

    /// The property that is `__NAME__`.
    pub(crate) const fn naming(self) -> &'static str {
        match self {
            Self::User => "username",
            _ => "name",
        }
    }
}
