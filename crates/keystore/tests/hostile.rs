//! Bytes nobody meant as a store give an error, never a panic, whatever they are.

use keystore::{open, trust_anchors};
use proptest::prelude::*;

const STORES: [&[u8]; 8] = [
    include_bytes!("fixtures/keytool.p12"),
    include_bytes!("fixtures/openssl-legacy.p12"),
    include_bytes!("fixtures/trust-open.p12"),
    include_bytes!("fixtures/key.jks"),
    include_bytes!("fixtures/trust.jks"),
    include_bytes!("fixtures/pkcs8.pem"),
    include_bytes!("fixtures/sec1.pem"),
    include_bytes!("fixtures/trust.jceks"),
];

fn try_all(bytes: &[u8]) {
    for password in [None, Some("changeit"), Some("storepass")] {
        let _ = open(bytes, password, Some("keypass"));
        let _ = trust_anchors(bytes, password);
    }
}

/// A JKS file whose content is the given bytes, unsealed: read when no password is given.
fn jks(content: &[u8]) -> Vec<u8> {
    [&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], content, &[0; 20]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        try_all(&bytes);
        try_all(&jks(&bytes));
        try_all(&[b"-----BEGIN PRIVATE KEY-----\n", bytes.as_slice()].concat());
        try_all(&[&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03], bytes.as_slice()].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_stores(which in 0..STORES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = STORES[which].to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        try_all(&bytes);
    }
}

#[test]
fn announced_lengths_are_not_believed() {
    // One entry: a certificate of 4 GiB; a billion entries; a key with a billion certificates.
    let entry = |tag: u8| [&[0, 0, 0, 1, 0, 0, 0, tag], &[0u8; 2][..], &[0; 8]].concat();
    for content in [
        [entry(2).as_slice(), &[0, 5], b"X.509", &[0xff; 4]].concat(),
        vec![0x40, 0, 0, 0],
        [entry(1).as_slice(), &[0, 0, 0, 0], &[0x40, 0, 0, 0]].concat(),
    ] {
        assert!(open(&jks(&content), None, None).is_err());
    }
}
