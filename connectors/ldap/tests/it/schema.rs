//! The schema of OpenLDAP and the built-in one, as callers see them.

use icf::{ApiOperation, AttributeFlag, ObjectClass, ObjectClassInfo, ValueType};

use crate::fake::{Fake, done, entry};
use crate::harness::{Ldap, named, texts};
use crate::servers::Branch;
use crate::slapd::Slapd;

fn flags(class: &ObjectClassInfo, name: &str) -> Vec<AttributeFlag> {
    let attribute = class.attribute(name).unwrap_or_else(|| panic!("no attribute {name}"));
    attribute.flags.iter().copied().collect()
}

#[tokio::test]
async fn ldap_009_the_schema_of_the_server_is_described() {
    use AttributeFlag::{Multivalued, NotCreatable, NotUpdateable, Required};
    let server = Slapd::start();
    let schema = Ldap::on(&server).schema().await;
    let account = schema.object_class("__ACCOUNT__").unwrap();
    for name in ["cn", "sn"] {
        assert_eq!(flags(account, name), [Required, Multivalued], "{name}");
        assert_eq!(account.attribute(name).unwrap().value_type, ValueType::String);
    }
    assert_eq!(account.attribute("jpegPhoto").unwrap().value_type, ValueType::Bytes);
    assert_eq!(flags(account, "objectClass"), [Multivalued, NotCreatable, NotUpdateable]);
    assert!(account.attribute("__NAME__").is_some() && account.attribute("__UID__").is_none());
    assert_eq!(account.attribute("__PASSWORD__").unwrap().value_type, ValueType::GuardedString);
    assert!(!account.container);
    for name in ["organization", "groupOfNames", "inetOrgPerson"] {
        assert!(schema.object_class(name).unwrap_or_else(|| panic!("no class {name}")).container);
    }
    for name in ["top", "extensibleObject"] {
        assert!(schema.object_class(name).is_none(), "{name}");
    }
    // A class has all that its superiors have.
    assert!(schema.object_class("inetOrgPerson").unwrap().attribute("telephoneNumber").is_some());
}

#[tokio::test]
async fn ldap_010_only_accounts_authenticate() {
    let server = Slapd::start();
    let schema = Ldap::on(&server).schema().await;
    let of = |operation| schema.classes_by_operation[&operation].clone();
    assert_eq!(of(ApiOperation::Authenticate), [ObjectClass::ACCOUNT]);
    let server_info = ObjectClass::from("__SERVER_INFO__");
    assert!(
        of(ApiOperation::Search).contains(&server_info) && !of(ApiOperation::Create).contains(&server_info)
    );
    assert!(of(ApiOperation::Create).contains(&ObjectClass::from("organization")));
    let options = &schema.options_by_operation;
    assert_eq!(options[&ApiOperation::Create], ["RUN_AS_USER", "RUN_WITH_PASSWORD"]);
    assert!(options[&ApiOperation::Search].contains(&"PAGE_SIZE".to_owned()));
}

#[tokio::test]
async fn ldap_011_the_built_in_schema_is_described() {
    let server = Slapd::start();
    let schema = Ldap::on(&server).with("readSchema", false).schema().await;
    let mut names: Vec<_> = schema.object_classes.iter().map(|class| class.object_class.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "__ACCOUNT__",
        "__GROUP__",
        "__SERVER_INFO__",
        "account",
        "groupOfNames",
        "organization",
        "organizationalPerson",
        "organizationalUnit",
        "person",
    ];
    assert_eq!(names, expected);
    let account = schema.object_class("__ACCOUNT__").unwrap();
    assert_eq!(flags(account, "employeeNumber"), []);
    assert_eq!(flags(account, "ldapGroups"), [AttributeFlag::Multivalued]);
    assert_eq!(flags(account, "objectClass"), [AttributeFlag::Multivalued]);
    assert_eq!(flags(account, "sn"), [AttributeFlag::Required, AttributeFlag::Multivalued]);
    assert_eq!(account.attribute("userPassword").unwrap().value_type, ValueType::Bytes);
    let group = schema.object_class("__GROUP__").unwrap();
    assert!(group.attribute("uniqueMember").unwrap().has(AttributeFlag::Required));
}

/// A class of OpenLDAP cannot list it, as it is operational there; every class of a domain controller does.
#[tokio::test]
async fn ldap_012_bookkeeping_of_a_domain_controller_comes_only_when_asked_for() {
    use AttributeFlag::{NotCreatable, NotReturnedByDefault, NotUpdateable};
    let branch = Branch::samba("t12").await.with("readSchema", true);
    let schema = branch.ldap.schema().await;
    let account = schema.object_class("__ACCOUNT__").unwrap();
    assert_eq!(flags(account, "modifyTimeStamp"), [NotCreatable, NotUpdateable, NotReturnedByDefault]);
    branch.ldap.create(branch.user("ann")).await.unwrap();
    let dn = branch.at("CN=ann");
    let found = branch.ldap.found(named(&dn)).await.remove(0);
    assert!(found.attribute("sAMAccountName").is_some() && found.attribute("modifyTimeStamp").is_none());
    let asked = branch.ldap.at(&dn, &["modifyTimeStamp"]).await.unwrap();
    assert_eq!(texts(&asked, "modifyTimeStamp").len(), 1);
}

/// Active Directory lists with a class only what is its own; what its auxiliary classes add is in a content rule.
#[tokio::test]
async fn content_rules_are_part_of_the_schema() {
    let server = Branch::samba("rules").await.with("readSchema", true);
    let schema = server.ldap.schema().await;
    for class in ["__ACCOUNT__", "user"] {
        let user = schema.object_class(class).unwrap();
        // Of securityPrincipal and of mailRecipient.
        for name in ["sAMAccountName", "objectSid", "userCert"] {
            assert!(user.attribute(name).is_some(), "{class} has no {name}");
        }
        assert!(!user.attribute("sAMAccountName").unwrap().has(AttributeFlag::Required));
        // A search of many must not ask for it.
        assert!(user.attribute("tokenGroups").unwrap().has(AttributeFlag::NotReturnedByDefault));
    }
}

/// The same in a schema of our own.
#[tokio::test]
async fn ldap_012_bookkeeping_of_the_server_is_read_only_and_not_returned_by_default() {
    use AttributeFlag::{NotCreatable, NotReturnedByDefault, NotUpdateable};
    let time = "( 2.5.18.2 NAME 'modifyTimestamp' SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )";
    let class = "( 1.2.3 NAME 'stamped' SUP top STRUCTURAL MUST cn MAY modifyTimestamp )";
    let name = "( 2.5.4.3 NAME 'cn' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )";
    let fake = Fake::start(move |asked| match asked.tag {
        0x63 if asked.mentions("cn=schema") => [
            entry(asked.id, "cn=schema", &[("attributeTypes", &[time, name]), ("objectClasses", &[class])]),
            done(asked.id, 0x65, 0, ""),
        ]
        .concat(),
        0x63 => [entry(asked.id, "", &[("subschemaSubentry", &["cn=schema"])]), done(asked.id, 0x65, 0, "")]
            .concat(),
        _ => Vec::new(),
    })
    .await;
    let schema = fake.ldap().with("readSchema", true).schema().await;
    let class = schema.object_class("stamped").unwrap();
    assert_eq!(flags(class, "modifyTimestamp"), [NotCreatable, NotUpdateable, NotReturnedByDefault]);
    assert_eq!(class.attribute("modifyTimestamp").unwrap().value_type, ValueType::String);
}
