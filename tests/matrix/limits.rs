//! Jetty with its own limit of 64 KiB a message, and a list of connectors that is longer. (A search result that is longer:
//! `tests/java_dials_us.rs`.)

use serde_json::json;
use tokio::time::{Duration, sleep};

use crate::our_server::OurServer;
use crate::ways::{driver, on_the_runtime};

/// The peer closes the link with 1009. The next attempt, which can only end the same way, waits as after a refusal, 10 s
/// at least.
#[test]
fn b_a_connector_list_beyond_jettys_limit_does_not_close_link_after_link() {
    on_the_runtime(async {
        let opened = driver().await.listen(json!({})).await;
        let url = format!("ws://127.0.0.1:{}/openicf/0", opened["port"]);
        let server = OurServer::dialling_with(icf_reference::registrations(38), &url, "").await;
        let peer = driver().await.peer(&opened);
        let upgrades = async || peer.state().await["upgrades"].as_array().map_or(0, Vec::len);
        while upgrades().await == 0 || server.groups().iter().any(|group| group.usable_links > 0) {
            sleep(Duration::from_millis(50)).await;
        }
        sleep(Duration::from_secs(4)).await;
        assert_eq!(upgrades().await, 1);
        assert_eq!(peer.state().await["sockets"], 0);
    });
}
