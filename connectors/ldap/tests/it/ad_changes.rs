//! Changes of Active Directory, as Samba counts them.

use directories::samba;
use icf::{Attribute, SyncDeltaType, Value, names};

use crate::harness::{Ldap, attributes, list, texts};
use crate::servers::Branch;

#[tokio::test]
async fn ldap_090_changes_come_in_the_order_of_their_numbers() {
    let branch = Branch::samba("t90").await;
    let changed = branch.enabled("changed").await;
    let deleted = branch.enabled("deleted").await;
    let start = branch.ldap.latest_token().await;
    assert!(start.as_str().unwrap().bytes().all(|byte| byte.is_ascii_digit()), "{start:?}");
    let new = branch.enabled("new").await;
    branch.ldap.update(&changed, attributes([("title", "t")])).await.unwrap();
    branch.ldap.delete(&deleted).await.unwrap();
    let changes = branch.ldap.sync(start).await.unwrap();
    let found: Vec<_> = changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect();
    assert_eq!(
        found,
        [
            // Setting the password and enabling are changes of their own, so its number is not that of its creation.
            (SyncDeltaType::Update, new.as_str()),
            (SyncDeltaType::Update, changed.as_str()),
            (SyncDeltaType::Delete, deleted.as_str())
        ]
    );
    let numbers: Vec<i64> =
        changes.deltas.iter().map(|delta| delta.token.value().as_str().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let object = changes.deltas[1].object.as_ref().unwrap();
    assert_eq!(object.name, branch.at("CN=changed"));
    assert!(object.attribute(names::ENABLE).is_some(), "{object:?}");
    assert_eq!(branch.ldap.sync(changes.token.clone()).await.unwrap().deltas.len(), 0);
    // A user that nothing happened to since is new.
    let plain = branch.ldap.create(branch.user("plain")).await.unwrap();
    for token in [changes.token.clone(), Value::Long(changes.token.as_str().unwrap().parse().unwrap())] {
        let later = branch.ldap.sync(token.clone()).await.unwrap();
        assert_eq!(later.deltas.len(), 1);
        assert_eq!(
            (later.deltas[0].delta_type, later.deltas[0].uid.value()),
            (SyncDeltaType::Create, &*plain)
        );
        assert_eq!(later.token.value_type(), token.value_type());
    }
}

#[tokio::test]
async fn ldap_091_what_is_deleted_elsewhere_is_no_change() {
    let (here, elsewhere) = (Branch::samba("t91a").await, Branch::samba("t91b").await);
    let (kept, gone) = (here.enabled("ann").await, elsewhere.enabled("bob").await);
    let both = Ldap::samba().latest_token().await;
    elsewhere.ldap.delete(&gone).await.unwrap();
    here.ldap.delete(&kept).await.unwrap();
    let changes = here.ldap.sync(both).await.unwrap();
    let found: Vec<_> = changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect();
    assert_eq!(found, [(SyncDeltaType::Delete, kept.as_str())]);
    assert!(here.dn.ends_with(samba::DOMAIN));
}

/// The changes of the objects of one test; DirSync tells those of the whole domain.
fn told<'c>(changes: &'c crate::harness::Changes, uid: &str) -> Vec<&'c icf::SyncDelta> {
    changes.deltas.iter().filter(|delta| delta.uid.value() == uid).collect()
}

#[tokio::test]
async fn ldap_092_a_domain_controller_tells_members_and_flags_as_events() {
    let branch = Branch::samba("t92").await;
    let [ann, bob] = [branch.enabled("ann").await, branch.enabled("bob").await];
    let name = branch.login("g");
    let group = attributes([("__NAME__", branch.at("CN=g").as_str()), ("sAMAccountName", &name)]);
    let member = |name: &str| Attribute::single("member", branch.at(&format!("CN={name}")));
    let groups = || Ldap::samba().of("__GROUP__");
    let group = groups().create(group.with(member("ann"))).await.unwrap();
    let events = || Ldap::samba().with("baseContexts", list([branch.dn.as_str()])).of("__DIRSYNC_EVENTS__");
    let start = events().latest_token().await;
    assert!(matches!(&start, Value::Bytes(cookie) if cookie.starts_with(b"MSDS")), "{start:?}");
    groups().add(&group, member("bob")).await.unwrap();
    groups().remove(&group, member("ann")).await.unwrap();
    let disabled = vec![Attribute::single(names::ENABLE, false)];
    branch.ldap.update(&bob, disabled.into()).await.unwrap();
    let changes = events().sync(start).await.unwrap();
    let of_ann = told(&changes, &ann);
    let of_bob = told(&changes, &bob);
    let at = |delta: &icf::SyncDelta, name: &str| texts(delta.object.as_ref().unwrap(), name);
    assert_eq!(of_bob[0].object.as_ref().unwrap().name, branch.at("CN=bob"));
    let [removed] = of_ann.as_slice() else { panic!("{of_ann:?}") };
    assert_eq!(at(removed, "removedFromGroup"), [branch.at("CN=g")]);
    assert_eq!(at(removed, "groupGUID"), [group]);
    let added: Vec<_> = of_bob.iter().flat_map(|delta| at(delta, "addedToGroup")).collect();
    assert_eq!(added, [branch.at("CN=g")]);
    let enabled: Vec<_> = of_bob
        .iter()
        .filter_map(|delta| delta.object.as_ref()?.attribute(names::ENABLE)?.single_value())
        .collect();
    assert_eq!(enabled, [&Value::Boolean(false)]);
    assert!(changes.deltas.iter().all(|delta| delta.delta_type == SyncDeltaType::Update));
    let again = events().sync(changes.token).await.unwrap();
    assert_eq!((told(&again, &ann).len(), told(&again, &bob).len()), (0, 0));
}

#[tokio::test]
async fn a_domain_controller_tells_objects_by_dirsync() {
    use SyncDeltaType::{Create, Delete, Update};
    let branch = Branch::samba("tdirsync").await.with("rs.syncStrategy", "dirsync");
    let [changed, deleted] = [branch.enabled("changed").await, branch.enabled("deleted").await];
    let start = branch.ldap.latest_token().await;
    let new = branch.ldap.create(branch.user("new")).await.unwrap();
    branch.ldap.update(&changed, attributes([("title", "t")])).await.unwrap();
    branch.ldap.delete(&deleted).await.unwrap();
    let changes = branch.ldap.sync(start).await.unwrap();
    let mut found: Vec<_> =
        changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value().to_owned())).collect();
    found.sort_by_key(|(kind, _)| match kind {
        Create => 0,
        Update => 1,
        _ => 2,
    });
    assert_eq!(found, [(Create, new), (Update, changed.clone()), (Delete, deleted)]);
    let object = told(&changes, &changed)[0].object.as_ref().unwrap();
    assert_eq!(texts(object, "title"), ["t"]);
    assert_eq!(texts(object, "sn"), ["changed"], "what was not changed is told too");
    assert_eq!(branch.ldap.sync(changes.token).await.unwrap().deltas.len(), 0);
}
