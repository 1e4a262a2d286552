//! Searches: attributes, bases, scopes, options.

use icf::{
    Attribute, ErrorKind, Filter, ObjectClass, OperationOptions, QualifiedUid, Uid, Value, option_names,
};

use crate::fake::{Fake, done, entry};
use crate::harness::{Ldap, equals, failure, list, named, newcomer, person};
use crate::slapd::{SUFFIX, Slapd};

#[tokio::test]
async fn ldap_006_a_base_context_that_does_not_exist_is_named() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    ldap.test().await.unwrap();
    let missing = format!("ou=Nowhere,{SUFFIX}");
    let ldap = ldap.with("baseContexts", list([SUFFIX, &missing]));
    let (kind, text) = failure(ldap.test().await);
    assert_eq!((kind, text), (ErrorKind::Configuration, format!("Bad Base Context(s): [{missing}]")));
}

/// OpenLDAP has no rule to compare photos with; passwords it can compare, byte for byte.
#[tokio::test]
async fn ldap_034_bytes_are_written_read_and_found() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let bytes: Vec<u8> = (0..=255).chain([0, b'*', b'(', b')', b'\\']).collect();
    let uid = ldap.uid(&person(1)).await;
    for name in ["jpegPhoto", "userPassword"] {
        let written = Attribute::single(name, bytes.clone());
        ldap.update(&uid, vec![written.clone()].into()).await.unwrap();
        let object = ldap.at(&person(1), &[name]).await.unwrap();
        assert_eq!(object.attribute(name).unwrap().values(), [Value::Bytes(bytes.clone())]);
        let found = ldap.rdns(Filter::Equals(written)).await;
        assert_eq!(found.len(), usize::from(name == "userPassword"), "{name}");
    }
    // (jpegPhoto=...), the bytes as they are.
    let fake = Fake::start(|asked| {
        let wanted = b"\xa3\x11\x04\x09jpegPhoto\x04\x04\x00\xff*)";
        let end = done(asked.id, 0x65, 0, "");
        if asked.mentions("vendorName") || asked.mentions("uniqueMember") {
            return end;
        }
        assert!(asked.bytes.windows(wanted.len()).any(|part| part == wanted), "{asked:?}");
        [entry(asked.id, "cn=a,dc=example,dc=com", &[]), end].concat()
    })
    .await;
    let photo = Filter::Equals(Attribute::single("jpegPhoto", b"\x00\xff*)".to_vec()));
    assert_eq!(fake.ldap().with("uidAttribute", "dn").found(photo).await.len(), 1);
}

#[tokio::test]
async fn ldap_038_an_attribute_asked_for_is_there_without_a_value() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let usual = ldap.found(named(&person(1))).await;
    assert!(usual[0].attribute("employeeNumber").is_none() && usual[0].attribute("sn").is_some());
    assert!(usual[0].attribute("entryUUID").is_none(), "what only the connector needs is not shown");
    let ldap = ldap.using(OperationOptions::default().with_attributes_to_get(["employeeNumber"]));
    let asked = ldap.found(named(&person(1))).await;
    assert_eq!(asked[0].attributes, [Attribute::new("employeeNumber", vec![])]);
}

#[tokio::test]
async fn ldap_039_a_password_asked_for_is_empty() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).using(OperationOptions::default().with_attributes_to_get(["__PASSWORD__"]));
    let found = ldap.found(named(&person(1))).await;
    let Some(Value::GuardedString(password)) = found[0].attribute("__PASSWORD__").unwrap().single_value()
    else {
        panic!("{found:?}")
    };
    assert!(password.is_empty());
}

#[tokio::test]
async fn ldap_047_a_search_filter_takes_the_place_of_the_class() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server).with("accountSearchFilter", "uid=u0001");
    let all = ldap.search(None).await.unwrap();
    assert_eq!((all.objects.len(), all.objects[0].name.as_str()), (1, person(1).as_str()));
    let organizations = ldap.of("organization").search(None).await.unwrap().objects;
    assert_eq!(organizations.len(), 2);
}

#[tokio::test]
async fn ldap_048_a_native_filter_can_be_given_as_an_option() {
    let server = Slapd::start();
    let options = OperationOptions::default().with("searchFilter", "(uid=u0001)");
    let found = Ldap::on(&server).using(options).search(None).await.unwrap();
    assert_eq!(found.objects.len(), 1);
}

#[tokio::test]
async fn ldap_049_any_entry_is_found_by_its_name() {
    let server = Slapd::start();
    let found = Ldap::on(&server).of("__ANY__").found(named(&format!("ou=People,{SUFFIX}"))).await;
    assert_eq!(found[0].object_class, ObjectClass::from("__ANY__"));
    assert!(found[0].attributes.is_empty());
}

#[tokio::test]
async fn ldap_050_a_container_and_a_scope_bound_the_search() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let people = ldap.uid(&format!("ou=People,{SUFFIX}")).await;
    let container = QualifiedUid {
        object_class: ObjectClass::from("organizationalUnit"),
        uid: Uid::try_new(people).unwrap(),
    };
    let count = async |scope: &str, class: &str| {
        let options = OperationOptions::default()
            .with(option_names::CONTAINER, Value::QualifiedUid(Box::new(container.clone())))
            .with(option_names::SCOPE, scope);
        let found = Ldap::on(&server).using(options).of(class).search(None).await?;
        found.ended.map(|()| found.objects.len())
    };
    assert_eq!(count("onelevel", "__ACCOUNT__").await.unwrap(), 200);
    assert_eq!(count("subtree", "organizationalUnit").await.unwrap(), 1);
    assert_eq!(count("onelevel", "organizationalUnit").await.unwrap(), 0);
    assert_eq!(count("object", "organizationalUnit").await.unwrap(), 1);
    assert_eq!(failure(count("x", "__ACCOUNT__").await).0, ErrorKind::IllegalArgument);
}

#[tokio::test]
async fn ldap_051_a_size_limit_of_the_server_is_never_a_silent_end() {
    let server = Slapd::start();
    let all = Ldap::on(&server).search(None).await.unwrap();
    all.ended.unwrap();
    assert_eq!(all.objects.len(), 305);
    let user = Ldap::on(&server)
        .with("principal", person(1).as_str())
        .with("credentials", crate::harness::secret("secret-0001"));
    let few = user.search(None).await.unwrap();
    let (kind, text) = failure(few.ended);
    assert_eq!((few.objects.len(), kind), (50, ErrorKind::Connector));
    assert!(text.contains("result 4 (sizeLimitExceeded)"), "{text}");
}

/// A server that is never done with a search for accounts, and with other searches if `lookups` end.
async fn never_done(lookups: bool) -> Fake {
    Fake::start(move |asked| match asked.tag {
        0x63 if asked.mentions("vendorName") => done(asked.id, 0x65, 0, ""),
        0x63 if asked.mentions("uniqueMember") => {
            if lookups {
                done(asked.id, 0x65, 0, "")
            } else {
                Vec::new()
            }
        }
        0x63 => {
            [entry(asked.id, "cn=a,dc=example,dc=com", &[]), entry(asked.id, "cn=b,dc=example,dc=com", &[])]
                .concat()
        }
        _ => Vec::new(),
    })
    .await
}

#[tokio::test]
async fn ldap_059_a_caller_that_stops_gets_no_more() {
    let server = Slapd::start();
    let paged = || Ldap::on(&server).with("useBlocks", true);
    let by_the_caller = OperationOptions::default().with(option_names::PAGE_SIZE, 20);
    let ways = [
        Ldap::on(&server),
        paged().with("usePagedResultControl", true),
        paged(),
        Ldap::on(&server).using(by_the_caller),
    ];
    for ldap in ways {
        let found = ldap.search_at_most(1, None).await.unwrap();
        found.ended.unwrap();
        assert_eq!(found.objects.len(), 1);
    }
    // Two entries, and the server is not done: it is told to stop. With the built-in schema the groups of the first are
    // asked for over another connection meanwhile.
    let fake = never_done(true).await;
    let found = fake.ldap().with("uidAttribute", "dn").search_at_most(1, None).await.unwrap();
    found.ended.unwrap();
    assert_eq!(found.objects.len(), 1);
    let guard = std::time::Instant::now();
    while fake.asked() != [0x63, 0x63, 0x63, 0x50] {
        assert!(guard.elapsed().as_secs() < 10, "{:?}", fake.asked());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// What is looked up for each object has the time limit of the search, also in the hands of a caller that would stop.
#[tokio::test]
async fn a_look_up_that_is_never_answered_ends_in_time() {
    let fake = never_done(false).await;
    let ldap = fake.ldap().with("uidAttribute", "dn").with("rs.readTimeout", 1000);
    let begun = std::time::Instant::now();
    let found = ldap.search_at_most(1, None).await.unwrap();
    assert_eq!(failure(found.ended).0, ErrorKind::OperationTimeout);
    assert!((1..3).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_connection_is_of_use_after_a_search_was_abandoned() {
    use icf::ObjectSink;
    use icf_testkit::Collector;
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let instance = ldap.instance().await;
    let search = instance.search_op().unwrap();
    for most in [1, 5, usize::MAX] {
        let mut collector = Collector::stopping_after(most);
        let mut sink = ObjectSink::new(&mut collector);
        search.search(&crate::harness::cx(), &ldap.class, None, &ldap.options, &mut sink).await.unwrap();
        assert_eq!(collector.items.len(), most.min(305));
    }
}

#[tokio::test]
async fn the_kind_of_server_is_told() {
    let server = Slapd::start();
    let found = Ldap::on(&server).of("__SERVER_INFO__").search(None).await.unwrap();
    assert_eq!((found.objects[0].uid.value(), found.objects[0].name.as_str()), ("OPENLDAP", "OPENLDAP"));
}

#[tokio::test]
async fn hashed_passwords_are_read_as_bytes() {
    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let stored = newcomer("hashed").with(Attribute::single("userPassword", "{PBKDF2-HMAC-SHA256}10:abc"));
    let uid = ldap.create(stored).await.unwrap();
    let ldap = ldap.using(OperationOptions::default().with_attributes_to_get(["userPassword"]));
    let found = ldap.found(equals("__UID__", uid.as_str())).await;
    let expected = Value::Bytes(b"{PBKDF2-HMAC-SHA256}10:abc".to_vec());
    assert_eq!(found[0].attribute("userPassword").unwrap().values(), [expected]);
}
