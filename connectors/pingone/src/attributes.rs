//! What each class has, by the interface description of PingOne.

use crate::class::Class;

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Truth,
    Number,
    /// An object with these parts.
    Object(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of objects.
    Objects,
}

/// How a value gets to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In the body of the object.
    Body,
    /// In the body when it is created; afterwards at a place of its own.
    Own,
    /// At a place of its own, always.
    Separate,
    /// Only when it is created.
    Creation,
    /// Not at all.
    ReadOnly,
    /// By requests for each link.
    Links,
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) way: Way,
    /// Whether it comes only when asked for.
    pub(crate) on_request: bool,
}

const fn a(name: &'static str, kind: Kind, way: Way) -> Attribute {
    Attribute { name, kind, way, on_request: false }
}

const fn asked(name: &'static str, kind: Kind, way: Way) -> Attribute {
    Attribute { name, kind, way, on_request: true }
}

const ID: Kind = Kind::Object(&["id"]);

const USER: &[Attribute] = &[
    a("username", Kind::Text, Way::Body),
    a("email", Kind::Text, Way::Body),
    a("emailVerified", Kind::Truth, Way::ReadOnly),
    a(
        "name",
        Kind::Object(&["given", "family", "middle", "formatted", "honorificPrefix", "honorificSuffix"]),
        Way::Body,
    ),
    a("nickname", Kind::Text, Way::Body),
    a("title", Kind::Text, Way::Body),
    a("type", Kind::Text, Way::Body),
    a("locale", Kind::Text, Way::Body),
    a("preferredLanguage", Kind::Text, Way::Body),
    a("timezone", Kind::Text, Way::Body),
    a("externalId", Kind::Text, Way::Body),
    a("primaryPhone", Kind::Text, Way::Body),
    a("mobilePhone", Kind::Text, Way::Body),
    a(
        "address",
        Kind::Object(&["streetAddress", "locality", "region", "postalCode", "countryCode"]),
        Way::Body,
    ),
    a("photo", Kind::Object(&["href"]), Way::Body),
    a("population", ID, Way::Own),
    a("enabled", Kind::Truth, Way::Separate),
    a("mfaEnabled", Kind::Truth, Way::Own),
    a("verifyStatus", Kind::Text, Way::Separate),
    a(
        "account",
        Kind::Object(&["canAuthenticate", "status", "lockedAt", "unlockAt", "secondsUntilUnlock"]),
        Way::Separate,
    ),
    a("lifecycle", Kind::Object(&["status", "suppressVerificationCode"]), Way::Creation),
    a("identityProvider", Kind::Object(&["id", "type"]), Way::Own),
    asked("memberOfGroupIDs", Kind::Texts, Way::Links),
    asked("memberOfGroupNames", Kind::Texts, Way::Links),
    asked("roleAssignments", Kind::Objects, Way::Links),
    a("createdAt", Kind::Text, Way::ReadOnly),
    a("updatedAt", Kind::Text, Way::ReadOnly),
    a("lastSignOn", Kind::Object(&["at", "remoteIp"]), Way::ReadOnly),
    a("environment", ID, Way::ReadOnly),
];

const GROUP: &[Attribute] = &[
    a("name", Kind::Text, Way::Body),
    a("description", Kind::Text, Way::Body),
    a("externalId", Kind::Text, Way::Body),
    a("population", ID, Way::Creation),
    a("userFilter", Kind::Text, Way::Body),
    a("customData", Kind::Object(&[]), Way::Body),
    a("displayName", Kind::Text, Way::ReadOnly),
    a("sourceId", Kind::Text, Way::ReadOnly),
    a("sourceType", Kind::Text, Way::ReadOnly),
    a("directMemberCounts", Kind::Object(&["users", "groups"]), Way::ReadOnly),
    a("totalMemberCounts", Kind::Object(&["users", "groups"]), Way::ReadOnly),
    asked("members", Kind::Texts, Way::Links),
    asked("memberOfGroups", Kind::Texts, Way::Links),
    a("createdAt", Kind::Text, Way::ReadOnly),
    a("updatedAt", Kind::Text, Way::ReadOnly),
];

const POPULATION: &[Attribute] = &[
    a("name", Kind::Text, Way::Body),
    a("description", Kind::Text, Way::Body),
    a("default", Kind::Truth, Way::Body),
    a("preferredLanguage", Kind::Text, Way::Body),
    a("passwordPolicy", ID, Way::Body),
    a("theme", ID, Way::Body),
    a("alternativeIdentifiers", Kind::Texts, Way::Body),
    a("userCount", Kind::Number, Way::ReadOnly),
    a("createdAt", Kind::Text, Way::ReadOnly),
    a("updatedAt", Kind::Text, Way::ReadOnly),
];

const ROLE: &[Attribute] = &[
    a("name", Kind::Text, Way::ReadOnly),
    a("description", Kind::Text, Way::ReadOnly),
    a("type", Kind::Text, Way::ReadOnly),
    a("applicableTo", Kind::Texts, Way::ReadOnly),
    a("permissions", Kind::Objects, Way::ReadOnly),
];

/// The attributes of a class.
pub(crate) const fn of(class: Class) -> &'static [Attribute] {
    match class {
        Class::User => USER,
        Class::Group => GROUP,
        Class::Population => POPULATION,
        Class::Role => ROLE,
    }
}

/// The attribute of that name.
pub(crate) fn find(class: Class, name: &str) -> Option<&'static Attribute> {
    of(class).iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
