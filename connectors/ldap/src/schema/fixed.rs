//! The built-in schemas, for `readSchema=false`: what the classes everyone uses have, as lists.

use icf::{AttributeFlag, AttributeInfo, ValueType};

const PERSON: &str = "userPassword telephoneNumber seeAlso description ldapGroups objectClass";
const ORGANIZATIONAL_PERSON: &str = "title x121Address registeredAddress destinationIndicator \
    preferredDeliveryMethod telexNumber teletexTerminalIdentifier internationalISDNNumber \
    facsimileTelephoneNumber street postOfficeBox postalCode postalAddress physicalDeliveryOfficeName ou st l";
const INET_ORG_PERSON: &str = "audio businessCategory carLicense departmentNumber displayName employeeNumber \
    employeeType givenName homePhone homePostalAddress initials jpegPhoto labeledURI mail manager mobile o pager \
    photo roomNumber secretary uid userCertificate x500uniqueIdentifier preferredLanguage userSMIMECertificate \
    userPKCS12";
const ACCOUNT: &str = "description seeAlso l o ou host";
const GROUP: &str = "businessCategory seeAlso owner ou o description objectClass";
const ORGANIZATION: &str = "userPassword searchGuide seeAlso businessCategory x121Address registeredAddress \
    destinationIndicator preferredDeliveryMethod telexNumber teletexTerminalIdentifier telephoneNumber \
    internationaliSDNNumber facsimileTelephoneNumber street postOfficeBox postalCode postalAddress \
    physicalDeliveryOfficeName st l description objectClass";

/// Class, attributes it must have, lists of attributes it may have.
type Class = (&'static str, &'static str, &'static [&'static str]);

const CLASSES: &[Class] = &[
    ("account", "uid", &[ACCOUNT]),
    ("person", "cn sn", &[PERSON]),
    ("organizationalPerson", "cn sn", &[PERSON, ORGANIZATIONAL_PERSON]),
    ("inetOrgPerson", "cn sn", &[PERSON, ORGANIZATIONAL_PERSON, INET_ORG_PERSON]),
    ("groupOfNames", "cn member", &[GROUP]),
    ("groupOfUniqueNames", "cn uniqueMember", &[GROUP]),
    ("organizationalUnit", "ou", &[ORGANIZATION]),
    ("organization", "o", &[ORGANIZATION]),
];

const SINGLE: [&str; 4] = ["preferredDeliveryMethod", "displayName", "employeeNumber", "preferredLanguage"];
const BYTES: [&str; 6] =
    ["audio", "userPassword", "jpegPhoto", "photo", "userCertificate", "x500uniqueIdentifier"];

/// How an attribute of Active Directory is listed.
#[derive(Clone, Copy)]
enum Listed {
    ReadOnlySingle,
    ReadOnlyMany,
    Single,
    Many,
}

type MicrosoftClass = (&'static str, &'static [(Listed, &'static str)]);

const MICROSOFT: &[MicrosoftClass] = &[
    (
        "",
        &[
            (Listed::ReadOnlyMany, "objectClass"),
            (
                Listed::ReadOnlySingle,
                "cn displayName name objectGUID uSNChanged uSNCreated whenChanged whenCreated distinguishedName",
            ),
            (Listed::Single, "description"),
        ],
    ),
    (
        "user",
        &[
            (Listed::ReadOnlySingle, "lastLogon pwdLastSet lockoutTime"),
            (Listed::ReadOnlyMany, "memberOf directReports"),
            (
                Listed::Single,
                "sn sAMAccountName userPrincipalName userAccountControl givenName mail middleName company division \
                 facsimileTelephoneNumber homePhone l postalCode postOfficeBox physicalDeliveryOfficeName st \
                 manager accountExpires department initials streetAddress mobile employeeID employeeNumber \
                 employeeType co countryCode c info telephoneNumber title",
            ),
            (Listed::Many, "otherHomePhone seeAlso uid o url ou ldapGroups"),
        ],
    ),
    (
        "group",
        &[
            (Listed::Single, "mail groupType sAMAccountName managedBy info"),
            (Listed::Many, "member"),
            (Listed::ReadOnlyMany, "memberOf"),
        ],
    ),
    (
        "organizationalUnit",
        &[
            (Listed::ReadOnlySingle, "ou directReports"),
            (
                Listed::Single,
                "l postalCode co countryCode c streetAddress st street managedBy physicalDeliveryOfficeName \
                 telephoneNumber facsimileTelephoneNumber",
            ),
            (
                Listed::Many,
                "seeAlso businessCategory postOfficeBox postalAddress internationalISDNNumber telexNumber",
            ),
        ],
    ),
];

/// The classes besides accounts and groups.
pub(super) const fn classes(microsoft: bool) -> &'static [&'static str] {
    if microsoft {
        &["organizationalUnit"]
    } else {
        &["account", "person", "organizationalPerson", "groupOfNames", "organizationalUnit", "organization"]
    }
}

/// The attributes of entries with these classes.
pub(super) fn attributes(classes: &[String], microsoft: bool) -> Vec<AttributeInfo> {
    let mut found: Vec<AttributeInfo> = Vec::new();
    let mut add = |info: AttributeInfo| {
        if !found.iter().any(|known| known.name == info.name) {
            found.push(info);
        }
    };
    if microsoft {
        for (class, lists) in MICROSOFT {
            if class.is_empty() || is_among(class, classes) {
                lists.iter().for_each(|(how, list)| words(list).for_each(|name| add(listed(*how, name))));
            }
        }
        return found;
    }
    let classes: Vec<&Class> = CLASSES.iter().filter(|(class, ..)| is_among(class, classes)).collect();
    for (_, must, _) in &classes {
        words(must).for_each(|name| add(plain(name).with(AttributeFlag::Required)));
    }
    for (_, _, lists) in &classes {
        lists.iter().for_each(|list| words(list).for_each(|name| add(plain(name))));
    }
    found
}

fn is_among(class: &str, classes: &[String]) -> bool {
    classes.iter().any(|given| given.eq_ignore_ascii_case(class))
}

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

fn plain(name: &'static str) -> AttributeInfo {
    let value_type = if BYTES.contains(&name) { ValueType::Bytes } else { ValueType::String };
    let info = AttributeInfo::new(name, value_type);
    if SINGLE.contains(&name) { info } else { info.with(AttributeFlag::Multivalued) }
}

fn listed(how: Listed, name: &'static str) -> AttributeInfo {
    let info = AttributeInfo::new(name, ValueType::String);
    let read_only =
        |info: AttributeInfo| info.with(AttributeFlag::NotCreatable).with(AttributeFlag::NotUpdateable);
    match how {
        Listed::ReadOnlySingle => read_only(info),
        Listed::ReadOnlyMany => read_only(info).with(AttributeFlag::Multivalued),
        Listed::Single => info,
        Listed::Many => info.with(AttributeFlag::Multivalued),
    }
}
