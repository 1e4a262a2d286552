//! Directories in memory: a log with `moddn` and the old entries of deletions, and servers by other names.

use directories::unboundid::{SUFFIX, Unboundid};
use icf::SyncDeltaType;

use crate::harness::{Ldap, attributes, newcomer};

fn unboundid() -> Unboundid {
    Unboundid::start("UnboundID Corp.", "UnboundID In-Memory Directory Server")
}

#[tokio::test]
async fn ldap_076_an_entry_that_moves_is_told_with_its_old_name() {
    let server = unboundid();
    let ldap = Ldap::in_memory(&server).with("uidAttribute", "dn");
    let old = ldap.create(newcomer("ann")).await.unwrap();
    let start = ldap.latest_token().await;
    let new = format!("uid=anna,ou=Staff,{SUFFIX}");
    assert_eq!(ldap.update(&old, attributes([("__NAME__", &new)])).await.unwrap(), new);
    let changes = ldap.sync(start).await.unwrap();
    assert_eq!(changes.deltas.len(), 1, "{changes:?}");
    let delta = &changes.deltas[0];
    assert_eq!((delta.delta_type, delta.uid.value()), (SyncDeltaType::Update, new.as_str()));
    assert_eq!(delta.previous_uid.as_ref().unwrap().value(), old);
    assert_eq!(delta.object.as_ref().unwrap().name, new);
}

#[tokio::test]
async fn ldap_077_servers_are_known_by_what_they_say_of_themselves() {
    for (vendor, version, name) in [
        ("", "ForgeRock OpenDJ 4", "OPENDJ"),
        ("", "Sun-Directory-Server/11", "SUN_DSEE"),
        ("International Business Machines (IBM)", "6.4", "IBM"),
        ("Novell, Inc.", "LDAP Agent for Novell eDirectory 9.2", "NOVELL"),
        ("Ping Identity Corporation", "Ping Directory Services 8.0.0", "PINGDS"),
        ("Ping Identity Corporation", "PingDirectory 10.0", "PINGDIRECTORY"),
        ("UnboundID Corp.", "UnboundID Directory Server 5.0", "UNBOUNDID"),
        ("", "", "UNKNOWN"),
    ] {
        let server = Unboundid::start(vendor, version);
        let found = Ldap::in_memory(&server).of("__SERVER_INFO__").search(None).await.unwrap();
        assert_eq!(found.objects[0].uid.value(), name, "{vendor} {version}");
        assert_eq!(found.objects[0].name, name);
    }
}

#[tokio::test]
async fn ldap_078_the_identity_of_what_was_deleted_is_in_the_log() {
    let server = unboundid();
    let ldap = Ldap::in_memory(&server).with("uidAttribute", "employeeNumber");
    let person = newcomer("ann").with(icf::Attribute::single("employeeNumber", "4711"));
    let uid = ldap.create(person).await.unwrap();
    assert_eq!(uid, "4711");
    let start = ldap.latest_token().await;
    ldap.delete(&uid).await.unwrap();
    let changes = ldap.sync(start).await.unwrap();
    let found: Vec<_> = changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect();
    assert_eq!(found, [(SyncDeltaType::Delete, "4711")]);
}
