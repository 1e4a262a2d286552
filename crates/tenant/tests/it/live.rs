//! A tenant over real sockets with connector servers of the tests.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value as Json, json};
use tenant::TenantOptions;

use crate::harness::{Rig, options, reference};
use crate::rcs::Rcs;

pub(crate) const OBJECT: &str = "/openidm/system/t1/account/42";
pub(crate) const ALL: &str = "/openidm/system/t1/account?_queryFilter=true";

/// A tenant over real sockets with `rcs1` and `rcs2` configured, and the group `g` of both.
pub(crate) async fn rig(options: TenantOptions, algorithm: &str) -> Rig {
    let rig = Rig::over_sockets(options).await;
    rig.tenant
        .put_configuration(
            "provisioner.openicf.connectorinfoprovider",
            json!({
                "remoteConnectorClients": [
                    {"name": "rcs1"}, {"name": "rcs2"}, {"name": "off", "enabled": false},
                ],
                "remoteConnectorClientsGroups": [
                    {"name": "g", "algorithm": algorithm, "serversList": [{"name": "rcs1"}, {"name": "rcs2"}]},
                ],
            }),
        )
        .unwrap();
    rig
}

/// The same with a connector server that has `sockets` sockets and runs the system `t1`.
pub(crate) async fn running(sockets: usize) -> (Rig, Rcs) {
    let rig = rig(options(), "failover").await;
    let rcs = Rcs::new(&rig.tenant, "rcs1");
    for _ in 0..sockets {
        rcs.connect(0).await;
    }
    activate(&rig, "rcs1").await;
    rcs.behaviour.take_log();
    (rig, rcs)
}

pub(crate) async fn activate(rig: &Rig, host: &str) {
    let mut reference = reference("1.5.20.11");
    reference["connectorHostRef"] = host.into();
    let put = rig.put_system(json!({"connectorRef": reference})).await;
    assert!(put.status < 300, "{:?}", put.body);
    until(|| async { rig.get(OBJECT).await.status == 200 }, "the system is active").await;
}

pub(crate) async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F, what: &str) {
    for _ in 0..1000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within ten seconds: {what}");
}

pub(crate) async fn control(rig: &Rig, method: Method, path: &str, body: Json) -> Json {
    let got = rig.send_raw(method, &format!("/tenant/{path}"), &[], Some(body)).await;
    assert!(got.status < 300, "{path}: {:?}", got.body);
    got.body
}
