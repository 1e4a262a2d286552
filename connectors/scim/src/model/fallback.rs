//! What is assumed of a service that does not describe itself (RFC 7643; SCIM 1.1 has the same lists).

use super::attribute::{AttributeDef, Kind, Mutability, Returned};
use super::resource_type::{Extension, ResourceType};
use super::{CORE_V1, ENTERPRISE, ENTERPRISE_V1, GROUP, USER};
use crate::settings::Version;

/// Users and groups.
pub(crate) fn types(version: Version) -> Vec<ResourceType> {
    let (user, group, enterprise) = match version {
        Version::One => (CORE_V1, CORE_V1, ENTERPRISE_V1),
        Version::Two => (USER, GROUP, ENTERPRISE),
    };
    let extension = Extension { urn: enterprise.to_owned(), attributes: enterprise_attributes() };
    vec![
        ResourceType::new(
            "User",
            "User",
            "/Users".to_owned(),
            user.to_owned(),
            users(),
            vec![extension],
            false,
        ),
        ResourceType::new(
            "Group",
            "Group",
            "/Groups".to_owned(),
            group.to_owned(),
            groups(),
            Vec::new(),
            false,
        ),
    ]
}

/// The attributes of a known URN, for a type whose schema cannot be read.
pub(crate) fn attributes(urn: &str) -> Option<Vec<AttributeDef>> {
    match urn {
        USER => Some(users()),
        GROUP => Some(groups()),
        ENTERPRISE | ENTERPRISE_V1 => Some(enterprise_attributes()),
        _ => None,
    }
}

/// What every resource has, in the words of RFC 7643 §3.1.
pub(crate) fn common() -> Vec<AttributeDef> {
    let exact = |def: AttributeDef| AttributeDef { case_exact: true, ..def };
    let read_only = |def: AttributeDef| AttributeDef { mutability: Mutability::ReadOnly, ..def };
    let mut meta = read_only(AttributeDef::new("meta", Kind::Complex));
    meta.sub = ["resourceType", "location", "version"]
        .map(|name| read_only(AttributeDef::new(name, Kind::Text)))
        .to_vec();
    meta.sub.extend(["created", "lastModified"].map(|name| read_only(AttributeDef::new(name, Kind::Date))));
    vec![
        exact(read_only(AttributeDef::new("id", Kind::Text))),
        exact(AttributeDef::new("externalId", Kind::Text)),
        meta,
        AttributeDef { multi: true, ..read_only(AttributeDef::new("schemas", Kind::Text)) },
    ]
}

fn texts<const N: usize>(names: [&str; N]) -> Vec<AttributeDef> {
    names.iter().map(|name| AttributeDef::new(name, Kind::Text)).collect()
}

fn complex(name: &str, sub: Vec<AttributeDef>) -> AttributeDef {
    AttributeDef { sub, ..AttributeDef::new(name, Kind::Complex) }
}

/// A list of objects with the usual members.
fn list(name: &str) -> AttributeDef {
    let mut sub = texts(["value", "display", "type", "$ref"]);
    sub.push(AttributeDef::new("primary", Kind::Boolean));
    AttributeDef { multi: true, ..complex(name, sub) }
}

fn users() -> Vec<AttributeDef> {
    let mut all =
        vec![AttributeDef { required: true, unique: true, ..AttributeDef::new("userName", Kind::Text) }];
    all.push(complex(
        "name",
        texts(["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"]),
    ));
    all.extend(texts([
        "displayName",
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
    ]));
    all.push(AttributeDef::new("active", Kind::Boolean));
    all.push(AttributeDef {
        mutability: Mutability::WriteOnly,
        returned: Returned::Never,
        ..AttributeDef::new("password", Kind::Text)
    });
    all.extend(["emails", "phoneNumbers", "ims", "photos"].map(list));
    let mut addresses = list("addresses");
    addresses.sub =
        texts(["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"]);
    addresses.sub.push(AttributeDef::new("primary", Kind::Boolean));
    all.push(addresses);
    all.push(AttributeDef { mutability: Mutability::ReadOnly, ..list("groups") });
    all.extend(["entitlements", "roles", "x509Certificates"].map(list));
    all
}

fn groups() -> Vec<AttributeDef> {
    let name = AttributeDef { required: true, ..AttributeDef::new("displayName", Kind::Text) };
    vec![name, list("members")]
}

fn enterprise_attributes() -> Vec<AttributeDef> {
    let mut all = texts(["employeeNumber", "costCenter", "organization", "division", "department"]);
    all.push(complex("manager", texts(["value", "$ref", "displayName"])));
    all
}
