//! Stores made by keytool and openssl (`fixtures/make.sh`) are read as their makers meant them.

use keystore::{Error, Format, Store, open, sniff, trust_anchors};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name)).as_slice()
    };
}

const CA: &[u8] = fixture!("ca.der");
const STORE: Option<&str> = Some("changeit");

fn aliases(store: &Store) -> Vec<&str> {
    store.keys.iter().map(|entry| entry.alias.as_str()).collect()
}

fn only_anchor(bytes: &[u8], password: Option<&str>) -> CertificateDer<'static> {
    let anchors = trust_anchors(bytes, password).expect("readable");
    assert_eq!(anchors.len(), 1, "{anchors:?}");
    anchors[0].certificate.clone()
}

fn pkcs8(store: &Store) -> &[u8] {
    assert!(matches!(&*store.keys[0].key, PrivateKeyDer::Pkcs8(_)));
    store.keys[0].key.secret_der()
}

#[test]
fn pkcs12_by_keytool_has_key_chain_and_trusted_certificate() {
    for bytes in [fixture!("keytool.p12"), fixture!("keytool-legacy.p12")] {
        let store = open(bytes, STORE, None).expect("readable");
        assert_eq!(aliases(&store), ["leaf"]);
        let chain = &store.keys[0].chain;
        assert_eq!(chain.len(), 2);
        assert_eq!(chain[1].as_ref(), CA);
        assert_eq!(store.certificates.len(), 1);
        assert_eq!(store.certificates[0].alias, "ca");
        assert_eq!(store.certificates[0].certificate.as_ref(), CA);
    }
}

#[test]
fn trust_anchors_include_the_own_certificate_of_a_key_entry_as_in_java() {
    let anchors = trust_anchors(fixture!("keytool.p12"), STORE).expect("readable");
    let names: Vec<_> = anchors.iter().map(|anchor| anchor.alias.as_str()).collect();
    assert_eq!(names, ["ca", "leaf"]);
}

#[test]
fn every_kind_of_trust_store_yields_the_authority() {
    for (bytes, password) in [
        (fixture!("trust.p12"), STORE),
        (fixture!("trust-open.p12"), STORE),
        (fixture!("trust-open.p12"), None),
        (fixture!("secret-key.p12"), STORE),
        (fixture!("openssl-certs.p12"), STORE),
        (fixture!("trust.jks"), STORE),
        (fixture!("trust.jks"), None),
        (fixture!("latin.jks"), Some("pässwörd€")),
        (fixture!("ca.pem"), None),
    ] {
        assert_eq!(only_anchor(bytes, password).as_ref(), CA);
    }
}

#[test]
fn pkcs12_by_openssl_yields_the_same_key_and_chain() {
    let reference = open(fixture!("pkcs8.pem"), None, None).expect("readable");
    for bytes in [fixture!("openssl.p12"), fixture!("openssl-legacy.p12")] {
        let store = open(bytes, STORE, None).expect("readable");
        assert_eq!(aliases(&store), ["leaf"]);
        assert_eq!(store.keys[0].chain, reference.keys[0].chain);
        assert_eq!(pkcs8(&store), pkcs8(&reference));
        assert!(store.certificates.is_empty(), "a chain is not a trust decision");
    }
    for password in [Some(""), None] {
        let store = open(fixture!("openssl-empty.p12"), password, None).expect("readable");
        assert_eq!(pkcs8(&store), pkcs8(&reference));
        assert_eq!(store.keys[0].chain.len(), 1);
    }
}

#[test]
fn jks_key_opens_with_its_own_password() {
    let store = open(fixture!("key.jks"), Some("storepass"), Some("keypass")).expect("readable");
    assert_eq!(aliases(&store), ["leaf"]);
    assert_eq!(store.keys[0].chain.len(), 2);
    assert_eq!(store.keys[0].chain[1].as_ref(), CA);
    let same = open(fixture!("keytool.p12"), STORE, None).expect("readable");
    assert_eq!(pkcs8(&store), pkcs8(&same));
}

#[test]
fn jks_key_password_is_not_needed_to_trust() {
    let anchors = trust_anchors(fixture!("key.jks"), Some("storepass")).expect("readable");
    assert_eq!(anchors.len(), 1);
    assert_eq!(anchors[0].alias, "leaf");
}

#[test]
fn pem_keys_in_all_three_forms() {
    let pkcs8 = open(fixture!("pkcs8.pem"), None, None).expect("readable");
    assert!(matches!(&*pkcs8.keys[0].key, PrivateKeyDer::Pkcs8(_)));
    assert_eq!(pkcs8.keys[0].chain[1].as_ref(), CA);
    let sec1 = open(fixture!("sec1.pem"), None, None).expect("readable");
    assert!(matches!(&*sec1.keys[0].key, PrivateKeyDer::Sec1(_)));
    let pkcs1 = open(fixture!("pkcs1.pem"), None, None).expect("readable");
    assert!(matches!(&*pkcs1.keys[0].key, PrivateKeyDer::Pkcs1(_)));
    assert_eq!(pkcs1.keys[0].chain.len(), 1);
}

#[test]
fn wrong_and_missing_passwords_are_named() {
    for bytes in [
        fixture!("keytool.p12"),
        fixture!("keytool-legacy.p12"),
        fixture!("openssl.p12"),
        fixture!("trust.jks"),
    ] {
        let error = open(bytes, Some("changeme"), None).expect_err("wrong password");
        assert!(matches!(error, Error::WrongPassword { .. }), "{error}");
        assert!(!error.to_string().contains("changeme"));
    }
    let error = open(fixture!("keytool.p12"), None, None).expect_err("no password");
    assert!(matches!(error, Error::PasswordMissing { .. }), "{error}");
    let error = open(fixture!("key.jks"), Some("storepass"), None).expect_err("the key's differs");
    assert!(matches!(&error, Error::WrongKeyPassword { alias } if alias == "leaf"), "{error}");
    let error = open(fixture!("keytool.p12"), Some("\u{1f511}"), None).expect_err("not UCS-2");
    assert!(matches!(error, Error::PasswordCharacters { .. }), "{error}");
}

#[test]
fn what_cannot_be_read_says_how_to_convert_it() {
    for (bytes, remedy) in [
        (fixture!("trust.jceks"), "keytool -importkeystore"),
        (fixture!("ca.der"), "openssl x509 -inform DER"),
        (fixture!("encrypted.pem"), "openssl pkey"),
        (b"just text".as_slice(), "keytool -importkeystore"),
        (b"".as_slice(), "give a PKCS12"),
    ] {
        let error = open(bytes, STORE, None).expect_err("not a store").to_string();
        assert!(error.contains(remedy), "{error}");
    }
    let two = [fixture!("pkcs8.pem"), fixture!("sec1.pem")].concat();
    assert!(matches!(open(&two, None, None), Err(Error::SeveralPemKeys { count: 2 })));
    let huge = vec![0x30; keystore::MAX_STORE_BYTES + 1];
    assert!(matches!(open(&huge, STORE, None), Err(Error::TooLarge { .. })));
}

#[test]
fn formats_are_recognised_by_content_and_by_name() {
    assert_eq!(sniff(fixture!("openssl.p12")), Some(Format::Pkcs12));
    assert_eq!(sniff(fixture!("trust.jks")), Some(Format::Jks));
    assert_eq!(sniff(fixture!("pkcs8.pem")), Some(Format::Pem));
    assert_eq!(sniff(fixture!("ca.der")), None);
    assert_eq!("pkcs12".parse::<Format>().expect("known"), Format::Pkcs12);
    assert_eq!("JKS".parse::<Format>().expect("known"), Format::Jks);
    assert!("BKS".parse::<Format>().is_err());
}

#[test]
fn debug_output_shows_no_key() {
    let store = open(fixture!("keytool.p12"), STORE, None).expect("readable");
    let text = format!("{:?}", store.keys[0]);
    assert_eq!(text, "KeyEntry { alias: \"leaf\", chain: 2, key: \"<secret>\" }");
}
