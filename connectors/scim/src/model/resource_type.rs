//! One type of resources: its class, where it lives, and under which names its attributes are known.

use icf::{ObjectClass, names};

use super::attribute::{AttributeDef, Kind};
use super::{GROUP, USER};

/// A type of resources.
#[derive(Clone, Debug)]
pub(crate) struct ResourceType {
    pub(crate) class: ObjectClass,
    /// The type's own name, an alias of the class.
    pub(crate) name: String,
    /// The name of its schema, an alias of the class.
    pub(crate) schema_name: String,
    /// Path below the root, with a slash in front.
    pub(crate) endpoint: String,
    /// URN of the core schema.
    pub(crate) urn: String,
    pub(crate) core: Vec<AttributeDef>,
    pub(crate) extensions: Vec<Extension>,
    /// The attribute that is `__NAME__`; none where only the identity names a resource.
    pub(crate) naming: Option<String>,
    /// Whether the schema is that of the service and not a fallback.
    pub(crate) dynamic: bool,
}

/// A schema extension of a type.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) urn: String,
    pub(crate) attributes: Vec<AttributeDef>,
}

/// Where an attribute stands in a resource.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// The extension it belongs to.
    pub(crate) urn: Option<&'a str>,
    /// Its name in the spelling of the schema; as asked for if the schema does not know it.
    pub(crate) name: &'a str,
    /// Its sub-attribute, for dotted names.
    pub(crate) sub: Option<&'a str>,
    /// What is known about it, or about the sub-attribute.
    pub(crate) def: Option<&'a AttributeDef>,
}

impl Place<'_> {
    /// The path in a filter or PATCH.
    pub(crate) fn path(&self) -> String {
        let prefix = self.urn.map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = self.sub.map(|sub| format!(".{sub}")).unwrap_or_default();
        format!("{prefix}{}{sub}", self.name)
    }

    /// The path without the sub-attribute.
    pub(crate) fn whole_path(&self) -> String {
        Place { sub: None, ..self.clone() }.path()
    }
}

impl ResourceType {
    /// Finds the class and the naming attribute.
    pub(crate) fn new(
        name: &str,
        schema_name: &str,
        endpoint: String,
        urn: String,
        core: Vec<AttributeDef>,
        extensions: Vec<Extension>,
        dynamic: bool,
    ) -> Self {
        let class = if name == "User" || urn == USER {
            ObjectClass::ACCOUNT
        } else if name == "Group" || urn == GROUP {
            ObjectClass::GROUP
        } else {
            ObjectClass::from(name)
        };
        let has = |wanted: &str| core.iter().any(|def| def.name.eq_ignore_ascii_case(wanted));
        let naming = if class == ObjectClass::ACCOUNT {
            Some("userName".to_owned())
        } else if class == ObjectClass::GROUP {
            Some("displayName".to_owned())
        } else {
            let unique = core.iter().find(|def| {
                def.unique && def.kind == Kind::Text && !def.multi && !def.name.eq_ignore_ascii_case("id")
            });
            // Thycotic and CyberArk name containers, and show the name once more for people.
            let candidates =
                if name == "Container" { ["name", "displayName"] } else { ["displayName", "name"] };
            unique
                .map(|def| def.name.clone())
                .or_else(|| candidates.iter().find(|name| has(name)).map(|name| (*name).to_owned()))
        };
        Self {
            class,
            name: name.to_owned(),
            schema_name: schema_name.to_owned(),
            endpoint,
            urn,
            core,
            extensions,
            naming,
            dynamic,
        }
    }

    pub(crate) fn has_alias(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.schema_name.eq_ignore_ascii_case(name)
    }

    pub(crate) fn is_user(&self) -> bool {
        self.class == ObjectClass::ACCOUNT
    }

    pub(crate) fn is_group(&self) -> bool {
        self.class == ObjectClass::GROUP
    }

    /// The core attribute of that name.
    pub(crate) fn core(&self, name: &str) -> Option<&AttributeDef> {
        self.core.iter().find(|def| def.name.eq_ignore_ascii_case(name))
    }

    /// The extension of that URN.
    pub(crate) fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.urn.eq_ignore_ascii_case(urn))
    }

    /// The naming attribute, or the identity where there is none.
    pub(crate) fn naming(&self) -> &str {
        self.naming.as_deref().unwrap_or("id")
    }

    /// Finds an attribute under any of the names it is known by.
    pub(crate) fn place<'a>(&'a self, name: &'a str) -> Place<'a> {
        let name = match name {
            _ if name.eq_ignore_ascii_case(names::NAME) => self.naming(),
            _ if name.eq_ignore_ascii_case(names::UID) => "id",
            _ if name.eq_ignore_ascii_case(names::ENABLE) => "active",
            _ if name.eq_ignore_ascii_case(names::PASSWORD) => "password",
            _ if name.eq_ignore_ascii_case(names::DESCRIPTION) => "description",
            _ => name,
        };
        if let Some(rest) = strip_prefix(name, "core:").or_else(|| strip_urn(name, &self.urn)) {
            return self.in_core(rest);
        }
        for extension in &self.extensions {
            if let Some(rest) = strip_urn(name, &extension.urn) {
                return extension.place(rest).unwrap_or_else(|| {
                    let (name, sub) = dotted(rest);
                    Place { urn: Some(&extension.urn), name, sub, def: None }
                });
            }
        }
        self.extensions
            .iter()
            .find_map(|extension| extension.place(name))
            .unwrap_or_else(|| self.in_core(name))
    }

    fn in_core<'a>(&'a self, name: &'a str) -> Place<'a> {
        if let Some(def) = self.core(name) {
            return Place { urn: None, name: &def.name, sub: None, def: Some(def) };
        }
        let (first, sub) = dotted(name);
        match self.core(first) {
            Some(def) => def.place(sub),
            // A name that no schema knows may well hold a point.
            None if self.dynamic => Place { urn: None, name: first, sub, def: None },
            None => Place { urn: None, name, sub: None, def: None },
        }
    }
}

impl Extension {
    fn place<'a>(&'a self, name: &'a str) -> Option<Place<'a>> {
        let find = |name: &str| self.attributes.iter().find(|def| def.name.eq_ignore_ascii_case(name));
        let place = match find(name) {
            Some(def) => def.place(None),
            None => {
                let (first, sub) = dotted(name);
                find(first)?.place(sub)
            }
        };
        Some(Place { urn: Some(&self.urn), ..place })
    }
}

impl AttributeDef {
    fn place<'a>(&'a self, sub: Option<&'a str>) -> Place<'a> {
        let known = sub.and_then(|sub| self.sub(sub));
        Place {
            urn: None,
            name: &self.name,
            sub: known.map_or(sub, |def| Some(def.name.as_str())),
            def: if sub.is_some() { known } else { Some(self) },
        }
    }
}

fn dotted(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((first, sub)) if !first.is_empty() && !sub.is_empty() => (first, Some(sub)),
        _ => (name, None),
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// What follows the URN and a colon or a point.
fn strip_urn<'a>(text: &'a str, urn: &str) -> Option<&'a str> {
    let rest = strip_prefix(text, urn)?;
    rest.strip_prefix([':', '.']).filter(|rest| !rest.is_empty())
}
