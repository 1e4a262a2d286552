//! Passwords: those that a directory captured in its change log, and that none is ever logged.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use icf::{Attribute, ErrorKind, GuardedBytes, OperationOptions, Value, names, option_names};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::fake::{Fake, done, entry};
use crate::harness::{Ldap, attributes, failure, newcomer, person, secret};
use crate::servers::{Branch, PASSWORD};
use crate::slapd::{SECRET, Slapd};

/// A change log with one change, of a captured password.
async fn capturing(captured: &'static str) -> Fake {
    Fake::start(move |asked| {
        let rest = done(asked.id, 0x65, 0, "");
        if asked.mentions("firstChangeNumber") || asked.mentions("vendorVersion") {
            let root = [
                ("vendorVersion", ["Sun-Directory-Server/11"].as_slice()),
                ("changeLog", &["cn=changelog"]),
                ("firstChangeNumber", &["1"]),
                ("lastChangeNumber", &["1"]),
            ];
            return [entry(asked.id, "", &root), rest].concat();
        }
        if asked.mentions("cn=changelog") {
            let changes = format!("add: captured\ncaptured:: {captured}\n-\n");
            let log = [
                ("changeNumber", ["1"].as_slice()),
                ("targetDn", &["uid=a,dc=example,dc=com"]),
                ("changeType", &["modify"]),
                ("changes", &[changes.as_str()]),
            ];
            return [entry(asked.id, "changeNumber=1,cn=changelog", &log), rest].concat();
        }
        let person = [("objectClass", ["inetOrgPerson"].as_slice()), ("entryUUID", &["the-uuid"])];
        [entry(asked.id, "uid=a,dc=example,dc=com", &person), rest].concat()
    })
    .await
}

#[tokio::test]
async fn ldap_079_a_captured_password_is_delivered() {
    let on = |fake: &Fake| {
        fake.ldap()
            .with("synchronizePasswords", true)
            .with("passwordAttributeToSynchronize", "captured")
            .with("passwordDecryptionKey", GuardedBytes::new(b"0123456789abcdefghijklmn".to_vec().into()))
            .with("passwordDecryptionInitializationVector", GuardedBytes::new(b"12345678".to_vec().into()))
    };
    // What openssl makes of the password "captured-secret" between two magic numbers 132d1403.
    let right = capturing("8+T9E3R9Tm9UYkf+/xV7TOu7S9GDBrEa5MJBdiztdfw=").await;
    let changes = on(&right).sync(Value::Null).await.unwrap();
    let object = changes.deltas[0].object.as_ref().unwrap();
    match object.attribute(names::PASSWORD).unwrap().values() {
        [Value::GuardedString(found)] => assert_eq!(found.reveal().as_str(), "captured-secret"),
        other => panic!("{other:?}"),
    }
    // The same with 132d1404 in front.
    let wrong = capturing("cRoFIbLtbJgsa7egSxfuomBobhlrqBF2hvwY+mZKtPU=").await;
    assert_eq!(failure(on(&wrong).sync(Value::Null).await).0, ErrorKind::Connector);
}

/// All that is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Logged {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn ldap_102_no_password_is_logged() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(writer).finish();
    // Everything of this test happens on this thread.
    let _while_it_runs = tracing::subscriber::set_default(subscriber);
    tracing::info!("begun");

    let server = Slapd::start();
    let ldap = Ldap::on(&server);
    let password = Attribute::single(names::PASSWORD, secret("n3w-secret"));
    ldap.create(newcomer("x").with(password)).await.unwrap();
    ldap.authenticate("x", "n3w-secret").await.unwrap();
    failure(ldap.authenticate("x", "wr0ng-secret").await);
    let uid = ldap.uid(&person(1)).await;
    for password in ["secret-0001", "wr0ng-secret"] {
        let options = OperationOptions::default()
            .with(option_names::RUN_AS_USER, "u0001")
            .with(option_names::RUN_WITH_PASSWORD, secret(password));
        let _one_is_refused =
            ldap.copy().using(options).update(&uid, attributes([("mail", "own@example.com")])).await;
    }

    let branch = Branch::samba("t102").await;
    let uid = branch.enabled("ann").await;
    for current in ["Wr0ng-Horse!", PASSWORD] {
        let change = vec![
            Attribute::single(names::PASSWORD, secret("An0ther-Horse!")),
            Attribute::single(names::CURRENT_PASSWORD, secret(current)),
        ];
        let _one_is_refused = branch.ldap.update(&uid, change.into()).await;
    }

    let text = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
    assert!(text.contains("begun"), "{text}");
    let secrets =
        ["n3w-secret", "wr0ng-secret", "secret-0001", SECRET, PASSWORD, "Wr0ng-Horse!", "An0ther-Horse!"];
    for clear in secrets {
        assert!(!text.contains(clear), "{clear} is in the log");
        let bytes = format!("{:?}", clear.as_bytes());
        assert!(!text.contains(bytes.trim_matches(['[', ']'])), "the bytes of {clear} are in the log");
        let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, clear);
        assert!(!text.contains(base64.trim_end_matches('=')), "{clear} is in the log, in base64");
    }
}
