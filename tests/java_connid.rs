//! Our server with the clients it was not made for: ConnId's remote manager, which midPoint and Syncope use, and
//! OpenICF's old one, over the legacy protocol.

use serde_json::json;

use crate::csv_file::{CsvFile, uids};
use crate::java::Driver;
use crate::our_server::OurServer;

#[path = "support/csv_file.rs"]
mod csv_file;
#[path = "support/java.rs"]
mod java;
#[path = "support/our_server.rs"]
mod our_server;

fn connector_key() -> serde_json::Value {
    json!({
        "bundleName": "org.forgerock.openicf.connectors.csvfile-connector",
        "bundleVersion": "1.5.20.31",
        "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
    })
}

#[tokio::test]
async fn every_client_searches() {
    for (framework, lines) in [
        ("connid-1.6", "connectorserver.legacyProfile=connid"),
        ("connid-1.6", ""),
        ("connid-1.5", ""),
        ("connid-1.4", ""),
        ("openicf", ""),
    ] {
        let server = OurServer::listening(lines).await;
        let driver = Driver::start_legacy(framework).await;
        let peer = driver.connect(server.port(), "changeit").await;
        let connectors = peer.connectors().await;
        assert_eq!(connectors[0]["connectorKey"], connector_key());
        let file = CsvFile::new(connector_key());
        peer.operate(file.operation("test", json!({}))).await.expect("test");
        let found = peer.operate(file.operation("search", json!({}))).await.expect("search");
        assert_eq!(uids(&found), ["alice", "bob", "carol"], "{framework}");
    }
}
