//! Changes that a server tells by itself: content synchronisation of a real OpenLDAP, and DirSync and change log cookies
//! of servers that a script plays, whose bytes are from RFC 4533 and [MS-ADTS].

use icf::{ErrorKind, SyncDelta, SyncDeltaType, SyncToken, Value, names};

use crate::fake::{Asked, Fake, done, done_with, element, entry, entry_of_bytes, message};
use crate::harness::{Changes, Ldap, attributes, failure, newcomer, person, texts};
use crate::slapd::Slapd;

fn kinds(changes: &Changes) -> Vec<(SyncDeltaType, String)> {
    let mut kinds: Vec<_> =
        changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value().to_owned())).collect();
    kinds.sort_by(|left, right| left.1.cmp(&right.1));
    kinds
}

fn sorted<const N: usize>(mut kinds: [(SyncDeltaType, String); N]) -> [(SyncDeltaType, String); N] {
    kinds.sort_by(|left, right| left.1.cmp(&right.1));
    kinds
}

#[tokio::test]
async fn ldap_067_content_synchronisation_goes_on_from_its_cookie() {
    use SyncDeltaType::{CreateOrUpdate, Delete};
    let mut server = Slapd::start();
    let ldap = || Ldap::on(&server).with("rs.syncStrategy", "syncrepl");
    let full = ldap().sync(Value::Null).await.unwrap();
    assert_eq!(full.deltas.len(), 305);
    assert!(full.deltas.iter().all(|delta| delta.delta_type == CreateOrUpdate));
    let [changed, gone] = [ldap().uid(&person(1)).await, ldap().uid(&person(2)).await];
    ldap().update(&changed, attributes([("title", "t")])).await.unwrap();
    let new = ldap().create(newcomer("x")).await.unwrap();
    ldap().delete(&gone).await.unwrap();
    let second = ldap().sync(full.token).await.unwrap();
    let expected = [(CreateOrUpdate, changed.clone()), (CreateOrUpdate, new.clone()), (Delete, gone)];
    assert_eq!(kinds(&second), sorted(expected));
    let object = second.deltas.iter().find(|delta| delta.uid.value() == changed).unwrap().object.as_ref();
    assert_eq!(texts(object.unwrap(), "title"), ["t"]);
    assert_eq!(kinds(&ldap().sync(second.token.clone()).await.unwrap()), []);
    let latest = ldap().latest_token().await;
    server.kill();
    server.restart();
    let ldap = || Ldap::on(&server).with("rs.syncStrategy", "syncrepl");
    ldap().update(&new, attributes([("title", "again")])).await.unwrap();
    for token in [second.token, latest] {
        assert_eq!(kinds(&ldap().sync(token).await.unwrap()), [(CreateOrUpdate, new.clone())]);
    }
}

#[tokio::test]
async fn several_bases_have_a_cookie_each() {
    let server = Slapd::start();
    let branches = ["ou=People,dc=example,dc=com", "ou=Partners,dc=example,dc=com"];
    let bases = crate::harness::list(branches);
    let ldap = Ldap::on(&server).with("rs.syncStrategy", "syncrepl").with("baseContextsToSynchronize", bases);
    let full = ldap.sync(Value::Null).await.unwrap();
    assert_eq!(full.deltas.len(), 300);
    let uid = ldap.uid(&person(300)).await;
    let gone = ldap.uid(&person(1)).await;
    // To the other base it is an entry that is not in it any more.
    ldap.update(&uid, attributes([("title", "t")])).await.unwrap();
    ldap.delete(&gone).await.unwrap();
    let next = ldap.sync(full.token).await.unwrap();
    let expected = [(SyncDeltaType::CreateOrUpdate, uid), (SyncDeltaType::Delete, gone)];
    assert_eq!(kinds(&next), sorted(expected));
    // A token for other bases is none.
    let one = Ldap::on(&server).with("rs.syncStrategy", "syncrepl");
    assert_eq!(one.sync(next.token).await.unwrap().deltas.len(), 304);
    assert!(failure(one.sync("4711!").await).1.contains("clear the stored token"));
}

/// A control of a response.
fn control(oid: &str, value: &[u8]) -> Vec<u8> {
    element(0x30, &[element(4, oid.as_bytes()), element(4, value)].concat())
}

/// An entry that carries a control.
fn entry_with(id: i32, dn: &str, attributes: &[(&str, Vec<&[u8]>)], control: &[u8]) -> Vec<u8> {
    let plain = entry_of_bytes(id, dn, attributes);
    // The same operation again, in a message with controls.
    let at = plain.iter().position(|byte| *byte == 0x64).unwrap();
    message(id, &plain[at..], control)
}

/// What the documents have for a state: add (1) or delete (3), and a UUID.
fn state(state: u8, uuid: [u8; 16]) -> Vec<u8> {
    control("1.3.6.1.4.1.4203.1.9.1.2", &[&[0x30, 21, 0x0a, 1, state, 4, 16], uuid.as_slice()].concat())
}

/// Request controls: with a cookie, and without.
const FROM_OLD: &[u8] =
    b"\x04\x181.3.6.1.4.1.4203.1.9.1.1\x01\x01\xff\x04\x0a\x30\x08\x0a\x01\x01\x04\x03old";
const FROM_NOTHING: &[u8] = b"\x04\x181.3.6.1.4.1.4203.1.9.1.1\x01\x01\xff\x04\x05\x30\x03\x0a\x01\x01";
const FROM_NEW: &[u8] =
    b"\x04\x181.3.6.1.4.1.4203.1.9.1.1\x01\x01\xff\x04\x0a\x30\x08\x0a\x01\x01\x04\x03new";

fn holds(asked: &Asked, bytes: &[u8]) -> bool {
    asked.bytes.windows(bytes.len()).any(|part| part == bytes)
}

/// A server that does not know the cookie "old".
async fn content() -> Fake {
    Fake::start(|asked| {
        let id = asked.id;
        let cookie = control("1.3.6.1.4.1.4203.1.9.1.3", b"\x30\x05\x04\x03new");
        let end = done_with(id, 0x65, 0, "", &cookie);
        if holds(asked, FROM_OLD) {
            // 4096, e-syncRefreshRequired.
            return message(id, &element(0x65, &[0x0a, 2, 0x10, 0, 4, 0, 4, 0]), &[]);
        }
        if holds(asked, FROM_NOTHING) {
            let person = [("entryUUID", vec![b"u1".as_slice()])];
            return [entry_with(id, "cn=a,dc=example,dc=com", &person, &state(1, [1; 16])), end].concat();
        }
        if holds(asked, FROM_NEW) {
            // A delete phase: one entry, then a set of two (RFC 4533 2.5).
            let set =
                [&[0xa3, 41, 1, 1, 0xff, 0x31, 36, 4, 16], [8; 16].as_slice(), &[4, 16], &[9; 16]].concat();
            let info = [element(0x80, b"1.3.6.1.4.1.4203.1.9.1.4"), element(0x81, &set)].concat();
            let gone = entry_with(id, "cn=b,dc=example,dc=com", &[], &state(3, [7; 16]));
            return [gone, message(id, &element(0x79, &info), &[]), end].concat();
        }
        done(id, 0x65, 0, "")
    })
    .await
}

#[tokio::test]
async fn a_cookie_that_the_server_forgot_means_everything_anew() {
    let fake = content().await;
    let ldap = fake.ldap().with("rs.syncStrategy", "syncrepl");
    // "old" and "new" in base64.
    let changes = ldap.sync("b2xk").await.unwrap();
    assert_eq!(kinds(&changes), [(SyncDeltaType::CreateOrUpdate, "u1".to_owned())]);
    assert_eq!(changes.token, "bmV3".into());
    assert_eq!(
        *changes.deltas[0].token.value(),
        "b2xk".into(),
        "inside a refresh there is no place to go on"
    );
}

#[tokio::test]
async fn deletions_are_told_one_by_one_and_in_sets() {
    let fake = content().await;
    let ldap = fake.ldap().with("rs.syncStrategy", "syncrepl");
    let changes = ldap.sync("bmV3").await.unwrap();
    let uuid = |digit: &str| {
        let text = digit.repeat(16);
        [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
    };
    let expected = ["07", "08", "09"].map(|digit| (SyncDeltaType::Delete, uuid(digit)));
    assert_eq!(kinds(&changes), expected);
    // With names for identities a set tells nothing, but an entry does.
    let by_name = ldap.with("uidAttribute", "dn").sync("bmV3").await.unwrap();
    assert_eq!(kinds(&by_name), [(SyncDeltaType::Delete, "cn=b,dc=example,dc=com".to_owned())]);
}

/// [MS-ADTS] 3.1.1.3.4.1.3: flags 0x80000801, no limit of bytes, and a cookie of four bytes or none.
const FROM_MSDS: &[u8] = b"\x30\x12\x02\x04\x80\x00\x08\x01\x02\x04\x7f\xff\xff\xff\x04\x04MSDS";
const FROM_START: &[u8] = b"\x30\x0e\x02\x04\x80\x00\x08\x01\x02\x04\x7f\xff\xff\xff\x04\x00";

fn root(asked: &Asked) -> Vec<u8> {
    let root = [
        ("supportedCapabilities", ["1.2.840.113556.1.4.800"].as_slice()),
        ("defaultNamingContext", &["dc=example,dc=com"]),
    ];
    [entry(asked.id, "", &root), done(asked.id, 0x65, 0, "")].concat()
}

/// The end of an answer to DirSync.
fn dir_sync_end(id: i32, more: u8, cookie: &[u8]) -> Vec<u8> {
    let value = element(0x30, &[&[2, 1, more, 2, 1, 0], element(4, cookie).as_slice()].concat());
    done_with(id, 0x65, 0, "", &control("1.2.840.113556.1.4.841", &value))
}

const USER: &[u8] = b"uuuuuuuuuuuuuuuu";
const GROUP: &[u8] = b"gggggggggggggggg";
const GONE: &[u8] = b"dddddddddddddddd";

fn dashed(byte: char) -> String {
    let digits = format!("{:02x}", u32::from(byte));
    [4, 2, 2, 2, 6].map(|bytes| digits.repeat(bytes)).join("-")
}

/// A domain where a user was made, one disabled and one deleted, and a group got and lost a member.
async fn domain() -> Fake {
    Fake::start(|asked| {
        let id = asked.id;
        let text = |text: &'static str| vec![text.as_bytes()];
        if holds(asked, FROM_MSDS) {
            assert!(asked.mentions("lastKnownParent") && asked.mentions("description"), "{asked:?}");
            let made = [("objectGUID", vec![USER]), ("whenCreated", text("20261121193813.0Z"))];
            let gone = [
                ("objectGUID", vec![GONE]),
                ("isDeleted", text("TRUE")),
                (
                    "lastKnownParent",
                    text("<GUID=53be03b0-1837-45f4-a65b-4cfe2966e173>;CN=Users,DC=example,DC=com"),
                ),
            ];
            return [
                entry_of_bytes(id, "CN=u,CN=Users,DC=example,DC=com", &made),
                entry_of_bytes(id, "CN=x,CN=Deleted Objects,DC=example,DC=com", &gone),
                dir_sync_end(id, 1, b"MSDS-2"),
            ]
            .concat();
        }
        if asked.mentions("MSDS-2") {
            let disabled = [("objectGUID", vec![USER]), ("userAccountControl", text("514"))];
            let members = [
                ("objectGUID", vec![GROUP]),
                ("member;range=1-1", text("<GUID=53be03b0>;<SID=S-1-5>;CN=u,CN=Users,DC=example,DC=com")),
                (
                    "member;range=0-0",
                    vec![b"CN=u,CN=Users,DC=example,DC=com", b"CN=nobody,DC=example,DC=com"],
                ),
            ];
            let left = [("objectGUID", vec![USER]), ("name", text("u"))];
            let elsewhere = [("objectGUID", vec![USER]), ("userAccountControl", text("512"))];
            return [
                entry_of_bytes(id, "CN=u,CN=Users,DC=example,DC=com", &disabled),
                entry_of_bytes(id, "CN=g,CN=Users,DC=example,DC=com", &members),
                entry_of_bytes(id, "CN=u,DC=other", &left),
                entry_of_bytes(id, "CN=u,DC=other", &elsewhere),
                dir_sync_end(id, 0, b"MSDS-3"),
            ]
            .concat();
        }
        if holds(asked, FROM_START) {
            return dir_sync_end(id, 0, b"MSDS-9");
        }
        if asked.mentions("supportedCapabilities") {
            return root(asked);
        }
        if asked.mentions("CN=nobody") {
            return done(id, 0x65, 32, "gone");
        }
        let user = [
            ("objectGUID", vec![USER]),
            ("objectClass", text("user")),
            ("userAccountControl", text("514")),
            ("description", text("d")),
        ];
        [entry_of_bytes(id, "CN=u,CN=Users,DC=example,DC=com", &user), done(id, 0x65, 0, "")].concat()
    })
    .await
}

fn on(fake: &Fake) -> Ldap {
    let options = icf::OperationOptions::default().with_attributes_to_get(["description"]);
    fake.ldap().with("uidAttribute", "objectGUID").with("rs.syncStrategy", "dirsync").using(options)
}

#[tokio::test]
async fn dirsync_tells_objects_and_deletions() {
    let fake = domain().await;
    let ldap = on(&fake);
    let changes = ldap.sync(Value::Bytes(b"MSDS".to_vec())).await.unwrap();
    let kinds: Vec<_> =
        changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value().to_owned())).collect();
    let [user, gone] = [dashed('u'), dashed('d')];
    use SyncDeltaType::{Create, Delete, Update};
    // The group is no account to a server with filters; this one answers every reading with the user.
    assert_eq!(kinds, [(Create, user.clone()), (Delete, gone), (Update, user.clone()), (Update, user)]);
    let object = changes.deltas[0].object.as_ref().unwrap();
    assert_eq!(texts(object, "description"), ["d"]);
    assert_eq!(*changes.deltas[0].token.value(), Value::Bytes(b"MSDS".to_vec()));
    assert_eq!(*changes.deltas[2].token.value(), Value::Bytes(b"MSDS-2".to_vec()));
    assert_eq!(changes.token, Value::Bytes(b"MSDS-3".to_vec()));
    // In base64, as it came.
    assert_eq!(ldap.sync("TVNEUw==").await.unwrap().token, "TVNEUy0z".into());
    assert_eq!(ldap.sync(Value::Null).await.unwrap().token, Value::Bytes(b"MSDS-9".to_vec()));
    assert_eq!(ldap.latest_token().await, Value::Bytes(b"MSDS-9".to_vec()));
}

#[tokio::test]
async fn ldap_092_members_and_flags_are_told_as_events() {
    let fake = domain().await;
    let ldap = on(&fake).of("__DIRSYNC_EVENTS__").using(icf::OperationOptions::default());
    let changes = ldap.sync(Value::Bytes(b"MSDS-2".to_vec())).await.unwrap();
    let told = |delta: &SyncDelta| {
        let object = delta.object.as_ref().unwrap();
        assert_eq!((delta.delta_type, delta.uid.value()), (SyncDeltaType::Update, dashed('u').as_str()));
        assert_eq!(object.name, "CN=u,CN=Users,DC=example,DC=com");
        let shown: Vec<_> =
            object.attributes.iter().map(|a| format!("{}={:?}", a.name, a.values())).collect();
        shown
    };
    let [disabled, added, removed, left] = changes.deltas.as_slice() else { panic!("{changes:?}") };
    let enabled = disabled.object.as_ref().unwrap().attribute(names::ENABLE).unwrap();
    assert_eq!(enabled.single_value(), Some(&false.into()));
    for (delta, name) in [(added, "addedToGroup"), (removed, "removedFromGroup")] {
        let object = delta.object.as_ref().unwrap();
        assert_eq!(texts(object, name), ["CN=g,CN=Users,DC=example,DC=com"]);
        assert_eq!(texts(object, "groupGUID"), [dashed('g')]);
        assert_eq!(told(delta).len(), 2, "{:?}", told(delta));
    }
    let out = left.object.as_ref().unwrap().attribute("outOfScope").unwrap();
    assert_eq!(out.single_value(), Some(&true.into()));
    assert!(disabled.object.as_ref().unwrap().attribute("outOfScope").is_none());
    assert_eq!(changes.token, Value::Bytes(b"MSDS-3".to_vec()));
    let found = ldap.search(None).await.unwrap();
    assert_eq!(failure(found.ended).0, ErrorKind::Connector);
}

#[tokio::test]
async fn a_dirsync_that_does_not_go_on_is_an_error() {
    let fake =
        Fake::start(
            |asked| {
                if holds(asked, FROM_MSDS) { dir_sync_end(asked.id, 1, b"MSDS") } else { root(asked) }
            },
        )
        .await;
    let (kind, text) = failure(on(&fake).sync(Value::Bytes(b"MSDS".to_vec())).await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(text.contains("does not go on"), "{text}");
}

/// A cookie of PingDS and OpenDJ: for each domain the change that each replica had come to.
const FIRST: &str = "dc=example,dc=com:0000018d1a2b3c4d000100000001;";
const SECOND: &str = "dc=example,dc=com:0000018d1a2b3c4d000100000002;";

/// A change log that is read by cookies.
async fn cookies(version: &'static str) -> Fake {
    Fake::start(move |asked| {
        let id = asked.id;
        let end = done(id, 0x65, 0, "");
        if asked.mentions("lastExternalChangelogCookie") {
            return [entry(id, "", &[("lastExternalChangelogCookie", &[SECOND])]), end].concat();
        }
        if asked.mentions("vendorVersion") {
            let version = [version];
            let root = [("vendorVersion", version.as_slice()), ("changeLog", &["cn=changelog"])];
            return [entry(id, "", &root), end].concat();
        }
        if asked.mentions("changeType") {
            // The value of the control is the text of the cookie.
            let from = [b"\x04\x171.3.6.1.4.1.26027.1.5.4\x01\x01\xff\x04\x2f".as_slice(), FIRST.as_bytes()];
            assert!(!asked.mentions("changeNumber>"), "{asked:?}");
            if !holds(asked, &from.concat()) {
                return done(id, 0x65, 53, "a cookie that nobody made");
            }
            let change = |kind: &'static str, dn: &'static str, cookie: &'static str| {
                let (dn, kind, cookie) = ([dn], [kind], [cookie]);
                let attributes = [
                    ("targetDN", dn.as_slice()),
                    ("changeType", &kind),
                    ("targetEntryUUID", &["gone-uuid"]),
                    ("changeLogCookie", &cookie),
                ];
                entry(id, "changeLogCookie=1,cn=changelog", &attributes)
            };
            return [
                change("add", "uid=a,dc=example,dc=com", "dc=example,dc=com:1;"),
                change("delete", "uid=b,dc=example,dc=com", SECOND),
                end,
            ]
            .concat();
        }
        let person = [("objectClass", ["inetOrgPerson"].as_slice()), ("entryUUID", &["the-uuid"])];
        [entry(id, "uid=a,dc=example,dc=com", &person), end].concat()
    })
    .await
}

#[tokio::test]
async fn a_change_log_is_read_by_cookies() {
    use SyncDeltaType::{Create, Delete};
    let fake = cookies("Ping Directory Services 8.0.0").await;
    let ldap = fake.ldap();
    let start = ldap.sync(Value::Null).await.unwrap();
    assert_eq!((start.deltas.len(), start.token), (0, SECOND.into()));
    let changes = ldap.sync(FIRST).await.unwrap();
    let told: Vec<_> = changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect();
    assert_eq!(told, [(Create, "the-uuid"), (Delete, "gone-uuid")]);
    assert_eq!(changes.deltas[0].token, SyncToken::try_new("dc=example,dc=com:1;").unwrap());
    assert_eq!(changes.token, SECOND.into());
    assert_eq!(ldap.latest_token().await, SECOND.into());
    // The number of an earlier version's log is no place in this one.
    let number = ldap.sync("4711").await.unwrap();
    assert_eq!((number.deltas.len(), number.token), (0, SECOND.into()));
    let (kind, text) = failure(ldap.sync("dc=example,dc=com:9;").await);
    assert_eq!(kind, ErrorKind::PermissionDenied);
    assert!(text.contains("clear the stored token"), "{text}");
    // An older version counts, but a stored cookie is one.
    let fake = cookies("Ping Directory Services 7.5.0").await;
    assert_eq!(fake.ldap().sync(FIRST).await.unwrap().token, SECOND.into());
    assert!(failure(fake.ldap().sync(Value::Null).await).1.contains("firstChangeNumber"));
}
