//! Changes: of OpenLDAP, by time stamp and out of its log, and of logs and counters that a script plays.

use std::time::Duration;

use icf::{ErrorKind, SyncDeltaType, Value};

use crate::fake::{Asked, Fake, done, entry};
use crate::harness::{Changes, Ldap, attributes, failure, list, newcomer, person};
use crate::slapd::Slapd;

/// What happened to whom.
fn kinds(changes: &Changes) -> Vec<(SyncDeltaType, String)> {
    changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value().to_owned())).collect()
}

#[tokio::test]
async fn ldap_065_changes_are_found_by_their_time() {
    use SyncDeltaType::CreateOrUpdate;
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let uid = ldap.uid(&person(1)).await;
    // A second that belongs to nothing else.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let first = ldap.sync(Value::Null).await.unwrap();
    assert_eq!(kinds(&first), []);
    ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    let new = ldap.create(newcomer("x")).await.unwrap();
    let second = ldap.sync(first.token.clone()).await.unwrap();
    let mut found = kinds(&second);
    found.sort_by_key(|(_, found)| *found != uid);
    assert_eq!(found, [(CreateOrUpdate, uid), (CreateOrUpdate, new.clone())]);
    assert!(second.token.as_str() >= first.token.as_str());
    let third = ldap.sync(second.token.clone()).await.unwrap();
    assert_eq!((kinds(&third), &third.token), (vec![], &second.token));
    // In the same second again, which is another change.
    ldap.update(&new, attributes([("title", "again")])).await.unwrap();
    let fourth = ldap.sync(third.token).await.unwrap();
    assert_eq!(kinds(&fourth), [(CreateOrUpdate, new)]);
}

#[tokio::test]
async fn ldap_066_the_access_log_tells_deletions() {
    use SyncDeltaType::{Create, Delete, Update};
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("rs.syncStrategy", "accesslog");
    let start = ldap.sync(Value::Null).await.unwrap().token;
    let uid = ldap.uid(&person(1)).await;
    let new = ldap.create(newcomer("x")).await.unwrap();
    ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    ldap.delete(&uid).await.unwrap();
    let changes = ldap.sync(start).await.unwrap();
    // The entry that was changed is gone by now; what is left of the change is the deletion.
    assert_eq!(kinds(&changes), [(Create, new.clone()), (Delete, uid)]);
    assert_eq!(kinds(&ldap.sync(changes.token.clone()).await.unwrap()), []);
    ldap.update(&new, attributes([("title", "t")])).await.unwrap();
    assert_eq!(kinds(&ldap.sync(changes.token).await.unwrap()), [(Update, new)]);
}

#[tokio::test]
async fn ldap_066_a_deletion_is_told_by_entry_uuid_to_those_whom_it_concerns() {
    let server = Slapd::start();
    let people = Ldap::on(&server)
        .with("rs.syncStrategy", "accesslog")
        .with("baseContexts", list(["ou=People,dc=example,dc=com", "ou=Groups,dc=example,dc=com"]));
    let groups = people.copy().of("__GROUP__");
    let (dn, group) = (person(1), "cn=g3,ou=Groups,dc=example,dc=com");
    // The identifier is the server's own, read from the entry and not from us.
    let uuid = people.texts(&dn, "entryUUID").await.remove(0);
    let of_group = people.texts(group, "entryUUID").await.remove(0);
    assert_eq!((uuid.len(), uuid.matches('-').count()), (36, 4), "{uuid}");
    let start = people.sync(Value::Null).await.unwrap().token;
    people.delete(&uuid).await.unwrap();
    groups.delete(&of_group).await.unwrap();
    let elsewhere = Ldap::on(&server);
    let partner = elsewhere.uid("uid=u0250,ou=Partners,dc=example,dc=com").await;
    elsewhere.delete(&partner).await.unwrap();
    for (ldap, uid) in [(&people, &uuid), (&groups, &of_group)] {
        let told = ldap.sync(start.clone()).await.unwrap();
        assert_eq!(kinds(&told), [(SyncDeltaType::Delete, uid.clone())]);
        assert!(told.deltas[0].object.is_none());
        assert_ne!(told.token, start);
        // Another connector, which remembers nothing, goes on from the token.
        assert_eq!(kinds(&ldap.copy().sync(told.token).await.unwrap()), []);
    }
}

/// Captured passwords are encrypted by `openssl enc -des-ede3-cbc -nopad`: the right frame, and another number before it.
#[tokio::test]
async fn ldap_079_a_captured_password_is_delivered_or_refused() {
    let captured = async |value: &'static str| {
        let changes = format!("replace: userCapture\nuserCapture:: {value}\n-\n");
        let fake = Fake::start(move |asked| {
            let end = done(asked.id, 0x65, 0, "");
            if asked.mentions("firstChangeNumber") || asked.mentions("vendorVersion") {
                let root = [
                    ("vendorVersion", ["Sun-Directory-Server/11"].as_slice()),
                    ("changeLog", &["cn=changelog"]),
                    ("firstChangeNumber", &["1"]),
                    ("lastChangeNumber", &["1"]),
                ];
                return [entry(asked.id, "", &root), end].concat();
            }
            if asked.mentions("cn=changelog") {
                let texts = [changes.as_str()];
                let change = [
                    ("changeNumber", ["1"].as_slice()),
                    ("targetDn", &["uid=a,dc=example,dc=com"]),
                    ("changeType", &["modify"]),
                    ("changes", &texts),
                ];
                return [entry(asked.id, "changeNumber=1,cn=changelog", &change), end].concat();
            }
            let person = [("objectClass", ["inetOrgPerson"].as_slice()), ("entryUUID", &["the-uuid"])];
            [entry(asked.id, "uid=a,dc=example,dc=com", &person), end].concat()
        })
        .await;
        let bytes =
            |clear: &str| Value::GuardedBytes(icf::GuardedBytes::new(zeroize::Zeroizing::new(clear.into())));
        on(&fake)
            .with("synchronizePasswords", true)
            .with("passwordAttributeToSynchronize", "userCapture")
            .with("passwordDecryptionKey", bytes("0123456789abcdefghijklmn"))
            .with("passwordDecryptionInitializationVector", bytes("initvect"))
            .sync(0)
            .await
    };
    let changes = captured("DYuk0vkyqbCjbVn+adW2uQ==").await.unwrap();
    let password = changes.deltas[0].object.as_ref().unwrap().attribute("__PASSWORD__").unwrap();
    assert_eq!(password.single_value(), Some(&crate::harness::secret("hush")));
    let (kind, text) = failure(captured("cLrgYX0uZyfx7obdKaLOvg==").await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(text.contains("passwordDecryptionKey") && !text.contains("hush"), "{text}");
}

/// A change log with these numbers; each is a change of one entry that is there.
async fn log(first: i64, last: i64, numbers: &'static [i64]) -> Fake {
    Fake::start(move |asked| {
        let (first, last) = (first.to_string(), last.to_string());
        if asked.mentions("firstChangeNumber") || asked.mentions("vendorVersion") {
            let root = [
                ("vendorVersion", ["Sun-Directory-Server/11"].as_slice()),
                ("changeLog", &["cn=changelog"]),
                ("firstChangeNumber", &[first.as_str()]),
                ("lastChangeNumber", &[last.as_str()]),
            ];
            return [entry(asked.id, "", &root), done(asked.id, 0x65, 0, "")].concat();
        }
        if asked.mentions("cn=changelog") {
            let (from, to) = bounds(asked);
            let inside = numbers.iter().filter(|number| (from..=to).contains(*number));
            let entries: Vec<u8> = inside.flat_map(|number| logged(asked, *number)).collect();
            return [entries, done(asked.id, 0x65, 0, "")].concat();
        }
        let person = [("objectClass", ["inetOrgPerson"].as_slice()), ("entryUUID", &["the-uuid"])];
        [entry(asked.id, "uid=a,dc=example,dc=com", &person), done(asked.id, 0x65, 0, "")].concat()
    })
    .await
}

fn logged(asked: &Asked, number: i64) -> Vec<u8> {
    let text = number.to_string();
    let number_text = [text.as_str()];
    let attributes = [
        ("changeNumber", number_text.as_slice()),
        ("targetDn", &["uid=a,dc=example,dc=com"]),
        ("changeType", &["modify"]),
        ("changes", &["replace: mail\nmail: x\n-\n"]),
    ];
    entry(asked.id, &format!("changeNumber={number},cn=changelog"), &attributes)
}

/// The two numbers of the filter.
fn bounds(asked: &Asked) -> (i64, i64) {
    let text: String = asked.bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut numbers = text.split("changeNumber").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().skip(2).take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn on(fake: &Fake) -> Ldap {
    fake.ldap()
}

#[tokio::test]
async fn ldap_073_a_hole_in_the_numbers_is_no_end() {
    let fake = log(1, 5102, &[1, 2, 5002, 5101]).await;
    let changes = on(&fake).with("changeLogBlockSize", 100).sync(2).await.unwrap();
    let tokens: Vec<_> = changes.deltas.iter().map(|delta| delta.token.value().clone()).collect();
    assert_eq!(tokens, [5002.into(), 5101.into()]);
    assert_eq!(changes.deltas[0].delta_type, SyncDeltaType::Update);
    // What was asked for and is not there is behind, too.
    assert_eq!(changes.token, 5102.into());
}

#[tokio::test]
async fn a_token_beyond_the_end_of_the_log_is_treated_as_configured() {
    let fake = log(1, 3, &[1, 2, 3]).await;
    let reset = |policy: &str| on(&fake).with("resetSyncToken", policy);
    let never = reset("never").sync(100).await.unwrap();
    assert_eq!((never.deltas.len(), never.token), (0, Value::Null));
    let first = reset("first").sync(100).await.unwrap();
    assert_eq!((first.deltas.len(), first.token), (3, 3.into()));
    let last = reset("last").sync(100).await.unwrap();
    assert_eq!((last.deltas.len(), last.token), (0, 3.into()));
}

#[tokio::test]
async fn a_token_is_answered_in_the_type_in_which_it_came() {
    let fake = log(1, 3, &[1, 2, 3]).await;
    for token in [Value::Integer(1), Value::Long(1), "1".into()] {
        let changes = on(&fake).sync(token.clone()).await.unwrap();
        assert_eq!(changes.deltas.len(), 2);
        assert_eq!(changes.token.value_type(), token.value_type());
    }
    assert_eq!(on(&fake).latest_token().await, Value::Integer(3));
    assert_eq!(failure(on(&fake).sync("soon").await).0, ErrorKind::IllegalArgument);
}

#[tokio::test]
async fn changes_of_other_attributes_and_of_unwanted_users_are_left_out() {
    let fake = log(1, 3, &[1, 2, 3]).await;
    let found = async |name: &'static str, values: Value| {
        let changes = on(&fake).with(name, values).sync(1).await.unwrap();
        (changes.deltas.len(), changes.token)
    };
    assert_eq!(found("attributesToSynchronize", list(["MAIL"])).await, (2, 3.into()));
    assert_eq!(found("attributesToSynchronize", list(["cn"])).await, (0, 3.into()));
    assert_eq!(found("baseContextsToSynchronize", list(["ou=x,dc=example,dc=com"])).await, (0, 3.into()));
    assert_eq!(found("objectClassesToSynchronize", list(["device"])).await, (0, 3.into()));
}

#[tokio::test]
async fn ldap_100_update_sequence_numbers_have_64_bits() {
    let fake = Fake::start(|asked| {
        let root = [
            ("supportedCapabilities", ["1.2.840.113556.1.4.800"].as_slice()),
            ("highestCommittedUSN", &["4294967400"]),
        ];
        let rest = done(asked.id, 0x65, 0, "");
        if asked.mentions("highestCommittedUSN") {
            return [entry(asked.id, "", &root), rest].concat();
        }
        // (uSNChanged>=4294967302), as bytes of the protocol.
        let exact = [b"\xa5\x18\x04\x0auSNChanged\x04\x0a".as_slice(), b"4294967302"].concat();
        assert!(asked.bytes.windows(exact.len()).any(|part| part == exact), "{asked:?}");
        let user = [
            ("objectGUID", ["0123456789abcdef"].as_slice()),
            ("uSNChanged", &["4294967302"]),
            ("uSNCreated", &["4294967302"]),
        ];
        [entry(asked.id, "cn=u,dc=example,dc=com", &user), rest].concat()
    })
    .await;
    let ldap = on(&fake).with("uidAttribute", "objectGUID");
    let changes = ldap.sync("4294967301").await.unwrap();
    assert_eq!(changes.deltas[0].delta_type, SyncDeltaType::Create);
    assert_eq!(*changes.deltas[0].token.value(), "4294967302".into());
    assert_eq!(changes.token, "4294967400".into());
    assert_eq!(ldap.latest_token().await, "4294967400".into());
}
