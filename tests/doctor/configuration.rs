//! Properties and stores, before anything is dialled.

use std::path::Path;

use crate::bench::Bench;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/keystore/tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

#[tokio::test]
async fn a_wrong_store_password() {
    let bench = Bench::dialling("wss://127.0.0.1:1/openicf/0", "http://127.0.0.1:1/token");
    bench.file("trust.p12", fixture("trust.p12"));
    let bench = bench.line("trustStoreFile=trust.p12").line("trustStorePass=s3cret-of-the-store");
    let examined = bench.examine().await;
    examined.stops_at("stores", "store-password").exits_with(2).says("connectorserver.trustStorePass");
}

#[tokio::test]
async fn a_store_that_is_none() {
    let bench = Bench::dialling("wss://127.0.0.1:1/openicf/0", "http://127.0.0.1:1/token");
    bench.file("trust.p12", "not a store");
    let bench = bench.line("trustStoreFile=trust.p12").line("trustStorePass=s3cret-of-the-store");
    bench.examine().await.stops_at("stores", "store").exits_with(2);
}

#[tokio::test]
async fn a_file_that_lacks_the_secret() {
    let bench = Bench::dialling("wss://127.0.0.1:1/openicf/0", "http://127.0.0.1:1/token");
    let examined = bench.line("webSocketConnections=none").examine().await;
    examined.stops_at("properties", "configuration").exits_with(2).says("webSocketConnections");
    examined.says("  -     stores         not reached");
}
