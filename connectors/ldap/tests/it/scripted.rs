//! What real servers cannot be made to show: parts of attributes, odd values, refusals in their own words.

use icf::{Attribute, ErrorKind, OperationOptions, Value};

use crate::fake::{Asked, Fake, done, entry, entry_of_bytes};
use crate::harness::{Ldap, attributes, equals, failure, named, texts};

const DN: &str = "cn=g,dc=example,dc=com";

/// The root DSE of Active Directory.
fn active_directory(asked: &Asked) -> Vec<u8> {
    let capabilities: &[&str] = &["1.2.840.113556.1.4.800"];
    [entry(asked.id, "", &[("supportedCapabilities", capabilities)]), found(asked)].concat()
}

fn found(asked: &Asked) -> Vec<u8> {
    done(asked.id, 0x65, 0, "")
}

fn by_name(fake: &Fake) -> Ldap {
    fake.ldap().with("uidAttribute", "dn")
}

fn numbered(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("cn=m{number:04}")).collect()
}

/// A group whose members come in parts; `broken` is the part that is an error.
async fn in_parts(broken: Option<&'static str>) -> (Fake, Ldap) {
    let fake = Fake::start(move |asked| {
        let part = |range: &str, from, to| {
            let members = numbered(from, to);
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            [entry(asked.id, DN, &[(range, &members)]), found(asked)].concat()
        };
        if broken.is_some_and(|part| asked.mentions(part)) {
            done(asked.id, 0x65, 80, "disk on fire")
        } else if asked.mentions("supportedCapabilities") {
            active_directory(asked)
        } else if asked.mentions("member;range=1500-*") {
            part("member;range=1500-2999", 1500, 3000)
        } else if asked.mentions("member;range=3000-*") {
            part("member;range=3000-*", 3000, 3100)
        } else {
            part("member;range=0-1499", 0, 1500)
        }
    })
    .await;
    let ldap =
        by_name(&fake).of("__GROUP__").using(OperationOptions::default().with_attributes_to_get(["member"]));
    (fake, ldap)
}

#[tokio::test]
async fn ldap_088_an_attribute_in_parts_is_put_together() {
    let (_fake, ldap) = in_parts(None).await;
    let object = ldap.found(named(DN)).await.remove(0);
    assert_eq!(texts(&object, "member"), numbered(0, 3100));
    let (_fake, ldap) = in_parts(Some("member;range=3000-*")).await;
    let guard = std::time::Duration::from_secs(20);
    let ended = tokio::time::timeout(guard, ldap.search(Some(named(DN)))).await.unwrap().unwrap().ended;
    let (kind, text) = failure(ended);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(text.contains("disk on fire"), "{text}");
}

#[tokio::test]
async fn a_part_that_does_not_go_on_is_an_error() {
    let fake = Fake::start(|asked| {
        if asked.mentions("supportedCapabilities") {
            active_directory(asked)
        } else {
            [entry(asked.id, DN, &[("member;range=0-0", &["cn=m"])]), found(asked)].concat()
        }
    })
    .await;
    let options = OperationOptions::default().with_attributes_to_get(["member"]);
    let ldap = by_name(&fake).of("__GROUP__").using(options);
    let guard = std::time::Duration::from_secs(20);
    let ended = tokio::time::timeout(guard, ldap.search(Some(named(DN)))).await.unwrap().unwrap().ended;
    assert!(failure(ended).1.contains("does not hand out the values of member"));
}

#[tokio::test]
async fn ldap_097_a_refused_change_is_never_a_success() {
    for (code, kind) in [(19, ErrorKind::InvalidAttributeValue), (53, ErrorKind::PermissionDenied)] {
        let fake = Fake::start(move |asked| match asked.tag {
            0x66 => done(asked.id, 0x67, code, "00002077: SvcErr: something new"),
            _ if asked.mentions("supportedCapabilities") => active_directory(asked),
            _ => [entry(asked.id, DN, &[]), found(asked)].concat(),
        })
        .await;
        let refused = by_name(&fake).update(DN, attributes([("title", "t")])).await;
        let (refused_kind, text) = failure(refused);
        assert_eq!(refused_kind, kind);
        assert!(text.contains("something new"), "{text}");
    }
}

#[tokio::test]
async fn ldap_101_a_value_that_is_no_text_is_bytes() {
    let fake = Fake::start(|asked| {
        let values: Vec<&[u8]> = vec![b"plain", &[0xff, 0xfe, 0x41], "Jürgen".as_bytes()];
        [entry_of_bytes(asked.id, DN, &[("description", values)]), found(asked)].concat()
    })
    .await;
    let options = OperationOptions::default().with_attributes_to_get(["description"]);
    let object = by_name(&fake).using(options).found(named(DN)).await.remove(0);
    let expected = vec!["plain".into(), Value::Bytes(vec![0xff, 0xfe, 0x41]), "Jürgen".into()];
    assert_eq!(object.attribute("description").unwrap(), &Attribute::new("description", expected));
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection_not_the_server() {
    // The header of a message of two gigabytes, of which nothing follows.
    let fake = Fake::start(|_| vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]).await;
    let ended = by_name(&fake).search(Some(equals("cn", "x"))).await.unwrap().ended;
    let (kind, text) = failure(ended);
    assert_eq!(kind, ErrorKind::ConnectionBroken);
    assert!(text.contains("67108864 are the limit"), "{text}");
}

#[tokio::test]
async fn kinds_of_servers_are_told_by_their_words() {
    for (vendor, version, kind) in [
        ("ForgeRock AS", "ForgeRock OpenDJ 4.0.0", "OPENDJ"),
        ("ForgeRock AS.", "Ping Directory Services 7.5.0", "PINGDS"),
        ("Ping Identity Corporation", "Ping Identity Directory Server 9.3", "PINGDIRECTORY"),
        ("Oracle Corporation", "Oracle Unified Directory 12.2", "OUD"),
        ("389 Project", "389-Directory/2.3.1", "RHDS"),
        ("Novell, Inc.", "LDAP Agent for NetIQ eDirectory", "NOVELL"),
        ("Somebody", "Something 1.0", "UNKNOWN"),
    ] {
        let fake = Fake::start(move |asked| {
            [entry(asked.id, "", &[("vendorName", &[vendor]), ("vendorVersion", &[version])]), found(asked)]
                .concat()
        })
        .await;
        let found = by_name(&fake).of("__SERVER_INFO__").search(None).await.unwrap();
        assert_eq!(found.objects[0].uid.value(), kind, "{vendor}, {version}");
    }
}
