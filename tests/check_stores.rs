//! `rcs check` on files that name trust stores and key stores: it opens them and says what it sees.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

const SERVER: &str = "connectorserver.port=8759\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=\n\
    connectorserver.usessl=true\nconnectorserver.keyStoreFile=store\nconnectorserver.keyStorePass=changeit\n";

const CLIENT: &str = "connectorserver.connectorServerName=rcs1\nconnectorserver.url=wss://h/openicf/0\n\
    connectorserver.tokenEndpoint=https://h/token\nconnectorserver.clientSecret=own\n\
    connectorserver.trustStoreFile=store\nconnectorserver.trustStorePass=changeit\n";

/// Exit status and the findings.
fn check(file: &str, store: &[u8]) -> (i32, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("rcs.properties"), file).unwrap();
    std::fs::write(directory.path().join("store"), store).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rcs"))
        .args(["check", "--config", "rcs.properties"])
        .env_clear()
        .current_dir(&directory)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let findings = printed
        .lines()
        .take_while(|line| !line.is_empty() && *line != "Effective values:")
        .map(str::to_owned)
        .collect();
    (output.status.code().unwrap(), findings)
}

/// A store made by `keytool` or `openssl`.
fn fixture(name: &str) -> Vec<u8> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/keystore/tests/fixtures");
    std::fs::read(directory.join(name)).unwrap()
}

/// A self-signed certificate for the names and the years given, with its key, as PEM.
fn pem(names: &[&str], from: i32, to: i32) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "rcs");
    parameters.not_before = date_time_ymd(from, 1, 1);
    parameters.not_after = date_time_ymd(to, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    (certificate.pem() + &key.serialize_pem()).into_bytes()
}

#[test]
fn a_sound_key_store_is_described() {
    let (status, findings) = check(SERVER, &pem(&["rcs.example.com"], 2020, 4000));
    assert_eq!(
        findings,
        [
            "note: connectorserver.keyStoreFile (rcs.properties:4): shows `key`, CN=rcs, valid from Jan  1 00:00:00 2020 \
          +00:00 to Jan  1 00:00:00 4000 +00:00; nothing needs to be done"
        ]
    );
    assert_eq!(status, 0);
}

#[test]
fn certificates_out_of_time_or_without_a_host_are_warnings() {
    let (status, findings) = check(SERVER, &pem(&["rcs.example.com"], 2020, 2021));
    assert!(findings[0].starts_with(
        "warning: connectorserver.keyStoreFile (rcs.properties:4): shows `key`, CN=rcs, expired from"
    ));
    assert_eq!((status, findings.len()), (0, 1));
    let (_, findings) = check(SERVER, &pem(&["rcs.example.com"], 3990, 4000));
    assert!(findings[0].contains("CN=rcs, not valid yet from"));
    let (_, findings) = check(SERVER, &pem(&[], 2020, 4000));
    assert!(findings[0].starts_with(
        "warning: connectorserver.keyStoreFile (rcs.properties:4): the certificate names no host"
    ));
}

#[test]
fn stores_that_do_not_open_are_errors_of_their_password() {
    let wrong = SERVER.replace("Pass=changeit", "Pass=wrong");
    for name in ["keytool.p12", "keytool-legacy.p12", "key.jks"] {
        let (status, findings) = check(&wrong, &fixture(name));
        assert!(
            findings[0].starts_with("error: connectorserver.keyStorePass (rcs.properties:5): the ")
                && findings[0].ends_with("; set it to the password that the store was made with"),
            "{findings:?}"
        );
        assert!(!findings[0].contains("wrong;"), "the password is not repeated: {findings:?}");
        assert_eq!((status, findings.len()), (2, 1));
    }
    let (status, findings) = check(&SERVER.replace("Pass=changeit", "Pass=storepass"), &fixture("key.jks"));
    assert!(findings[0].starts_with("error: connectorserver.keyPass (not set): the key"), "{findings:?}");
    assert_eq!(status, 2);
    let (status, findings) = check(&CLIENT.replace("Pass=changeit", "Pass=wrong"), &fixture("trust.p12"));
    assert!(
        findings[0].starts_with("error: connectorserver.trustStorePass (rcs.properties:6): "),
        "{findings:?}"
    );
    assert_eq!(status, 2);
}

#[test]
fn what_is_no_store_is_an_error_of_the_file() {
    for (store, part) in [(b"hello".as_slice(), "neither PKCS12, JKS nor PEM"), (b"", "the store is empty")] {
        let (status, findings) = check(SERVER, store);
        assert!(
            findings[0].starts_with("error: connectorserver.keyStoreFile (rcs.properties:4): ")
                && findings[0].contains(part),
            "{findings:?}"
        );
        assert_eq!(status, 2);
    }
    let (status, findings) = check(SERVER, &fixture("ca.pem"));
    assert!(findings[0].contains("the store holds no private key"), "{findings:?}");
    assert_eq!(status, 2);
}

#[test]
fn trust_anchors_are_described() {
    for name in ["trust.p12", "trust.jks", "ca.pem"] {
        let (status, findings) = check(CLIENT, &fixture(name));
        assert!(
            findings[0].starts_with("note: connectorserver.trustStoreFile (rcs.properties:5): trusts `"),
            "{name}: {findings:?}"
        );
        assert_eq!(status, 0);
    }
    let many: Vec<u8> = (0..9).flat_map(|_| pem(&["h"], 2020, 4000)).collect();
    let only_certificates: String = String::from_utf8(many)
        .unwrap()
        .split_inclusive("-----END CERTIFICATE-----\n")
        .filter_map(|part| part.find("-----BEGIN CERTIFICATE").map(|start| part[start..].to_owned()))
        .collect();
    let (_, findings) = check(CLIENT, only_certificates.as_bytes());
    assert_eq!(
        findings,
        [
            "note: connectorserver.trustStoreFile (rcs.properties:5): trusts 9 certificates; nothing needs to be done"
        ]
    );
}
