//! Key stores and trust stores: PKCS#12, JKS, PEM.

/// Takes any bytes. The first says which passwords are used.
pub fn run(data: &[u8]) {
    let Some((&choice, store)) = data.split_first() else { return };
    let password = [None, Some("changeit"), Some("storepass"), Some("")][usize::from(choice % 4)];
    let key_password = [None, Some("keypass")][usize::from(choice / 4 % 2)];
    let opened = keystore::open(store, password, key_password);
    if let Err(error) = &opened {
        assert!(!error.to_string().is_empty());
    }
    if keystore::sniff(store).is_none() {
        assert!(opened.is_err(), "a store of no known format was opened");
    }
    let _ = keystore::trust_anchors(store, password);
}
