//! No password in any line that is logged.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use icf::{Attribute, GuardedString, OperationOptions, names, option_names};
use tracing_subscriber::fmt::MakeWriter;

use crate::fake::{Fake, done, entry};
use crate::harness::{Ldap, attributes, newcomer, person, secret};
use crate::servers::{Branch, PASSWORD};
use crate::slapd::{SECRET, Slapd};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Creating, acting as a user, and changing one's own password: all that is logged at the finest level, and the errors.
#[tokio::test]
async fn ldap_102_passwords_are_in_no_line_of_the_log() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    // For all threads: what runs beside this test is looked at, too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut said = String::new();
    let server = Slapd::start();
    let ldap = || Ldap::on(&server);
    let password = |clear: &str| Attribute::single(names::PASSWORD, secret(clear));
    ldap().create(newcomer("logged").with(password("N3wcomer-Secret"))).await.unwrap();
    ldap().authenticate("logged", "N3wcomer-Secret").await.unwrap();
    said += &ldap().authenticate("logged", "Wr0ng-Secret").await.unwrap_err().to_string();
    let uid = ldap().uid(&person(1)).await;
    for clear in ["secret-0001", "Wr0ng-Secret"] {
        let options = OperationOptions::default()
            .with(option_names::RUN_AS_USER, "u0001")
            .with(option_names::RUN_WITH_PASSWORD, secret(clear));
        let changed = ldap().using(options).update(&uid, attributes([("mail", "own@example.com")])).await;
        said += &changed.err().map(|error| format!("{error:?}")).unwrap_or_default();
    }
    let branch = Branch::samba("logs").await;
    let ann = branch.enabled("ann").await;
    for current in ["Wr0ng-Secret", PASSWORD] {
        let change = vec![
            Attribute::single(names::PASSWORD, GuardedString::new("An0ther-Secret!")),
            Attribute::single(names::CURRENT_PASSWORD, secret(current)),
        ];
        let changed = branch.ldap.update(&ann, change.into()).await;
        said += &changed.err().map(|error| format!("{error:?}")).unwrap_or_default();
    }
    let logged = lines.0.lock().unwrap().clone();
    let logged = String::from_utf8_lossy(&logged).into_owned() + &said;
    assert!(logged.contains("Opened a connection to the directory."), "{logged}");
    assert!(said.contains("00000056"), "{said}");
    let clear = ["N3wcomer-Secret", "Wr0ng-Secret", "secret-0001", PASSWORD, "An0ther-Secret!", SECRET];
    // In clear, in the list of numbers that Debug makes of bytes, and as Active Directory wants it.
    for clear in clear {
        let wide: Vec<u8> = clear.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let forms = [clear.to_owned(), numbers(clear.as_bytes()), numbers(&wide)];
        assert!(!forms.iter().any(|form| logged.contains(form)), "{clear} was logged");
    }
}

/// Numbers of changes are each domain controller's own, and tokens have no room for its name.
#[tokio::test]
async fn another_domain_controller_is_told_in_the_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone()).finish();
    let _while_this_test_runs = tracing::subscriber::set_default(subscriber);
    let moved = Arc::new(AtomicBool::new(false));
    let is_moved = Arc::clone(&moved);
    let fake = Fake::start(move |asked| {
        let end = done(asked.id, 0x65, 0, "");
        if !asked.mentions("highestCommittedUSN") && asked.mentions("uSNChanged") {
            return end;
        }
        let controller = if is_moved.load(Ordering::SeqCst) { "CN=NTDS,CN=DC2" } else { "CN=NTDS,CN=DC1" };
        let root = [
            ("supportedCapabilities", ["1.2.840.113556.1.4.800"].as_slice()),
            ("highestCommittedUSN", &["70"]),
            ("dsServiceName", &[controller]),
        ];
        [entry(asked.id, "", &root), end].concat()
    })
    .await;
    let ldap = fake.ldap().with("uidAttribute", "objectGUID");
    let logged = || String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    for _ in 0..2 {
        assert_eq!(ldap.sync("70").await.unwrap().token, "70".into());
    }
    assert!(logged().contains("CN=NTDS,CN=DC1") && !logged().contains("Another domain controller"));
    moved.store(true, Ordering::SeqCst);
    ldap.sync("70").await.unwrap();
    let told = logged();
    assert_eq!(told.matches("Another domain controller answers").count(), 1, "{told}");
    assert!(told.contains("CN=NTDS,CN=DC2"), "{told}");
    ldap.sync("70").await.unwrap();
    assert_eq!(logged().matches("Another domain controller answers").count(), 1);
}

fn numbers(bytes: &[u8]) -> String {
    let list = format!("{bytes:?}");
    list.trim_matches(['[', ']']).to_owned()
}
