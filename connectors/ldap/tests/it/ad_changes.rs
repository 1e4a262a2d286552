//! Changes of Active Directory, as Samba counts them.

use directories::samba;
use icf::{SyncDeltaType, Value, names};

use crate::harness::{Ldap, attributes};
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
